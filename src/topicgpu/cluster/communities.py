"""Communities of the neighbor graph: groups with more weight inside than chance would put there."""

import numpy as np
from scipy import sparse

from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.types import Floats, Ints, Neighbors

_ITERATIONS = 2  # full Leiden cycles; more changed scores by less than another seed does


def find_communities(neighbors: Neighbors, resolution: float, seed: int) -> tuple[Ints, Floats]:
    """
    Divide the graph of neighbors by the Leiden algorithm.

    Parameters
    ----------
    neighbors : Neighbors
        (n, k).
    resolution : float
        Weight of what chance would put inside a group; higher gives more, smaller groups.
    seed : int
        Of the search.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Labels (n,), -1 for rows that take no part, and strengths (n,) in [0, 1]: the share of a row's edge weight that
        stays inside its group.

    Notes
    -----
    Close to linear in the n k edges. Modularity looks for groups of a size that grows with the root of the number of
    edges, which is why one resolution serves few rows as well as many.

    References
    ----------
    Traag, Waltman and van Eck (2019), From Louvain to Leiden: guaranteeing well-connected communities, Scientific
    Reports 9, 5233.
    """
    graph = fuzzy_graph(neighbors.indices, neighbors.distances)
    labels = np.full(len(neighbors), -1, dtype=np.int64)
    if graph.nnz == 0:
        return labels, np.zeros(len(neighbors))
    from graspologic_native import leiden_csr

    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data,
        len(neighbors),
        resolution=resolution,
        iterations=_ITERATIONS,
        seed=seed,
    )
    rows = np.fromiter(found.keys(), dtype=np.int64, count=len(found))
    labels[rows] = np.fromiter(found.values(), dtype=np.int64, count=len(found))
    labels[np.diff(graph.indptr) == 0] = -1
    return labels, _share_inside(graph, labels)


def _share_inside(graph: sparse.csr_array, labels: Ints) -> Floats:
    edges = graph.tocoo()
    source, target = edges.coords
    inside = np.bincount(source, edges.data * (labels[source] == labels[target]), minlength=len(labels))
    total = np.bincount(source, edges.data, minlength=len(labels))
    share: Floats = np.divide(inside, total, out=np.zeros(len(labels)), where=total > 0)
    return share
