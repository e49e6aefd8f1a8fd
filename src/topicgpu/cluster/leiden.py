"""The Leiden algorithm, by graspologic-native: groups with more weight inside than chance would put there."""

import numpy as np
from scipy import sparse

from topicgpu.types import Ints

# Full cycles of the search. More of them find partitions that depend less on the seed; on many rows one is near enough.
_MOST_CYCLES = 10
_ROWS_AND_CYCLES = 100_000


def leiden(graph: sparse.csr_array, resolution: float, seed: int, iterations: int = 0) -> Ints:
    """
    Divide a graph so that the modularity of the partition is high.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric, sorted indices, at least one edge. An edge from a row to itself is not seen.
    resolution : float
        Weight of what chance would put inside a group; higher gives more, smaller groups.
    seed : int
        Of the search.
    iterations : int
        Full cycles of the search; 0: ten up to 10,000 rows, then fewer, one from 50,000.

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
    from graspologic_native import leiden_csr

    _, found = leiden_csr(
        graph.indptr.astype(np.int64, copy=False),
        graph.indices.astype(np.int32, copy=False),
        graph.data.astype(np.float64, copy=False),
        graph.shape[0],
        resolution=resolution,
        iterations=iterations or min(max(_ROWS_AND_CYCLES // graph.shape[0], 1), _MOST_CYCLES),
        seed=seed,
    )
    labels = np.full(graph.shape[0], -1, dtype=np.int64)
    rows = np.fromiter(found.keys(), dtype=np.int64, count=len(found))
    labels[rows] = np.fromiter(found.values(), dtype=np.int64, count=len(found))
    alone = np.flatnonzero(labels < 0)
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(len(alone))
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
