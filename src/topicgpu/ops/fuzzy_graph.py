"""UMAP's weighted graph of neighbors: what the map is laid out by, and what communities are found in."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from topicgpu.types import Ints

_LEAST_BANDWIDTH = 1e-3  # of a row's mean distance, as umap-learn has it
_TOLERANCE = 1e-7  # of the sum of a row's weights
_STEPS = 32  # most rows need six
_TINY = 1e-12


def fuzzy_graph(indices: Ints, distances: NDArray[np.float32], device: str = "cpu") -> sparse.csr_array:
    """
    Weigh each row's neighbors by its own scale, and join the two directions of an edge.

    Parameters
    ----------
    indices : ndarray
        (n, k) rows of the neighbors; -1 where a row takes no part.
    distances : ndarray
        (n, k) ascending, infinite where a row takes no part.
    device : str
        Where the weights are computed.

    Returns
    -------
    csr_array
        (n, n) float32, symmetric, weights in (0, 1], sorted indices; rows that take no part are empty.

    Notes
    -----
    O(n k). The nearest neighbor of a row that is not at its very place has weight 1, and so has all that is
    nearer; a bandwidth is found for which the weights of a row add to log2(k + 1). An edge seen from both ends weighs
    a + b - a b, the probability that at least one of the two is there. Equal to umap-learn's graph of the same
    neighbors, who counts a row as its own first one (n_neighbors = k + 1), to 1e-5.

    References
    ----------
    McInnes, Healy and Melville (2018), UMAP: Uniform Manifold Approximation and Projection, arXiv:1802.03426,
    section 3.1 and algorithms 2 and 3.
    """
    n, k = indices.shape
    part = np.flatnonzero((indices >= 0).all(axis=1)) if k else np.empty(0, dtype=np.int64)
    if not len(part):
        return sparse.csr_array(sparse.coo_array((n, n), dtype=np.float32))
    weights = np.zeros((n, k), dtype=np.float32)
    weights[part] = memberships(distances[part], device)
    # On the host: SciPy transposes in linear time, where torch would have to sort all edges.
    columns = np.where(indices >= 0, indices, 0).reshape(-1)
    directed = sparse.csr_array((weights.reshape(-1), columns, np.arange(n + 1) * k), shape=(n, n))
    backward = directed.T.tocsr()
    graph = sparse.csr_array(directed + backward - directed.multiply(backward))
    graph.eliminate_zeros()
    graph.sort_indices()
    return graph


def memberships(distances: NDArray[np.float32], device: str = "cpu") -> NDArray[np.float32]:
    """
    Weigh the neighbors of each row by the row's own scale.

    Parameters
    ----------
    distances : ndarray
        (m, k) ascending and finite.
    device : str
        Where the weights are computed.

    Returns
    -------
    ndarray
        (m, k) float32 in [0, 1]: exp(-(d - nearest) / bandwidth), at most 1.

    Notes
    -----
    The bandwidths by Newton's method on their logarithms.
    """
    return _weights(torch.from_numpy(np.ascontiguousarray(distances)).to(device)).cpu().numpy()


def _weights(distances: Tensor) -> Tensor:
    k = distances.shape[1]
    nearest = torch.where(distances > 0, distances, torch.inf).amin(dim=1, keepdim=True)
    nearest = torch.where(nearest.isfinite(), nearest, 0)
    beyond = (distances - nearest).clamp_(min=0).double()
    # The sum of the weights grows with the bandwidth, from their number at no distance to k: the search starts between.
    least = beyond.mean(dim=1, keepdim=True).clamp_(min=_TINY) * _LEAST_BANDWIDTH
    bandwidth = least / _LEAST_BANDWIDTH
    for _ in range(_STEPS):
        ratio = beyond / bandwidth
        weight = (-ratio).exp_()
        excess = weight.sum(dim=1, keepdim=True) - float(np.log2(k + 1))
        if not (excess.abs() >= _TOLERANCE).any():
            break
        slope = ratio.mul_(weight).sum(dim=1, keepdim=True).clamp_(min=_TINY)
        bandwidth = torch.maximum(bandwidth * (-excess / slope).clamp_(-1, 1).exp_(), least)
    mean = distances.double().sum(dim=1, keepdim=True) / (k + 1)
    mean = torch.where(nearest > 0, mean, mean.mean())
    bandwidth = torch.maximum(bandwidth, _LEAST_BANDWIDTH * mean)
    return (-beyond / bandwidth).exp_().float()
