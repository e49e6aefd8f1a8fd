"""The Leiden algorithm: groups with more weight inside than chance would put there."""

import numpy as np
from scipy import sparse

from topicgpu.cluster.cugraph import cugraph_leiden, has_cugraph
from topicgpu.types import Ints

# Full cycles of the search. More of them make few rows depend less on the seed, and many rows take longer.
_MOST_CYCLES = 10
_ROWS_AND_CYCLES = 80_000


def leiden(graph: sparse.csr_array, resolution: float, seed: int, cycles: int = 0, device: str = "cpu") -> Ints:
    """
    Divide a graph so that the modularity of the partition is high.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric, sorted indices. An edge from a row to itself is not seen.
    resolution : float
        Weight of what chance would put inside a group; higher gives more, smaller groups.
    seed : int
        Of the search.
    cycles : int
        Of the search; 0: ten up to 8,000 rows, then fewer, one from 40,001.
    device : str
        A CUDA device takes cuGraph's search where that is installed, and cycles until it finds nothing better.

    Returns
    -------
    ndarray of int64, shape (n,)
        Groups from 0; a row without edges is a group of its own.

    Notes
    -----
    Close to linear in the edges, on one core: one seed gives one partition in every process.

    References
    ----------
    Traag, Waltman and van Eck (2019), From Louvain to Leiden: guaranteeing well-connected communities, Scientific
    Reports 9, 5233.
    """
    if not graph.nnz:
        return np.arange(graph.shape[0], dtype=np.int64)
    if has_cugraph(device):
        labels = cugraph_leiden(graph, resolution, seed)
    else:
        cycles = cycles or min(max(_ROWS_AND_CYCLES // graph.shape[0], 1), _MOST_CYCLES)
        labels = _on_the_host(graph, resolution, seed, cycles)
    alone = np.flatnonzero(labels < 0)
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(len(alone))
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _on_the_host(graph: sparse.csr_array, resolution: float, seed: int, cycles: int) -> Ints:
    from graspologic_native import leiden_csr

    _, found = leiden_csr(
        graph.indptr.astype(np.int64, copy=False),
        graph.indices.astype(np.int32, copy=False),
        graph.data.astype(np.float64, copy=False),
        graph.shape[0],
        resolution=resolution,
        iterations=cycles,
        seed=seed,
    )
    labels = np.full(graph.shape[0], -1, dtype=np.int64)
    rows = np.fromiter(found.keys(), dtype=np.int64, count=len(found))
    labels[rows] = np.fromiter(found.values(), dtype=np.int64, count=len(found))
    return labels
