"""UMAP's weighted graph of neighbors: what the map is laid out by, and what communities are found in."""

import numpy as np
from scipy import sparse

from topicgpu.types import Floats, Ints

_HALVINGS = 32  # of the bandwidth's bracket: below float32's resolution of the distances


def fuzzy_graph(indices: Ints, distances: np.typing.NDArray[np.float32]) -> sparse.csr_array:
    """
    Weigh each row's neighbors by its own scale, and join the two directions of an edge.

    Parameters
    ----------
    indices : ndarray
        (n, k) rows of the neighbors; -1 where a row takes no part.
    distances : ndarray
        (n, k) ascending, infinite where a row takes no part.

    Returns
    -------
    csr_array
        (n, n) float64, symmetric, weights in (0, 1], sorted indices; rows that take no part are empty.

    Notes
    -----
    O(n k). The nearest neighbor of a row has weight 1; a bandwidth is found for which the weights of a row add to
    log2(k). An edge seen from both ends weighs a + b - a b, the probability that at least one of the two is there.

    References
    ----------
    McInnes, Healy and Melville (2018), UMAP: Uniform Manifold Approximation and Projection, arXiv:1802.03426,
    section 3.1 and algorithms 2 and 3.
    """
    n, k = indices.shape
    part = np.flatnonzero((indices >= 0).all(axis=1)) if k else np.empty(0, dtype=np.int64)
    weights = _weights(distances[part].astype(np.float64)) if len(part) else np.empty((0, k))
    edges = (weights.ravel(), (np.repeat(part, k), indices[part].ravel()))
    directed = sparse.coo_array(edges, shape=(n, n)).tocsr()
    backward = directed.T.tocsr()
    graph = sparse.csr_array(directed + backward - directed.multiply(backward))
    graph.eliminate_zeros()
    graph.sort_indices()
    return graph


def _weights(distances: Floats) -> Floats:
    """(m, k) exp(-(d - nearest) / bandwidth), the bandwidths by bisection."""
    beyond = distances - distances[:, :1]
    target = np.log2(max(distances.shape[1], 2))
    # The bracket ends where each weight is nearly 1; a row of equal distances stays there.
    low = np.zeros((len(distances), 1))
    high = beyond.max(axis=1, keepdims=True) * len(beyond[0]) + np.finfo(np.float32).eps
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_wide = np.exp(-beyond / middle).sum(axis=1, keepdims=True) > target
        low, high = np.where(too_wide, low, middle), np.where(too_wide, middle, high)
    weights: Floats = np.exp(-beyond / high)
    return weights
