"""The minimum spanning tree of the mutual reachability graph: checks, the choice of the implementation, and the call."""

from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from topicgpu_kernels.mst.reference import mst_reference


class SpanningTree(NamedTuple):
    """The edges of a minimum spanning tree, lightest first."""

    edges: NDArray[np.int64]  # (n - 1, 2) rows, the lower one first
    weights: NDArray[np.float64]  # (n - 1,) ascending
    how: str = ""


class Nearest(NamedTuple):
    """The nearest other rows of each row, nearest first."""

    indices: Tensor  # (n, k) int64
    distances: Tensor  # (n, k) float64, ascending


def nearest(vectors: Tensor, k: int, queries: Tensor | None = None) -> Nearest:
    """Find the k nearest other rows of each row."""
    table = vectors.cpu().double().numpy()
    if queries is not None:
        distances, indices = cKDTree(table).query(queries.cpu().double().numpy(), np.arange(1, k + 1), workers=-1)
        return Nearest(torch.from_numpy(indices), torch.from_numpy(distances))
    distances, indices = cKDTree(table).query(table, k + 1, workers=-1)
    own = indices == np.arange(len(table))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(table), k)
    return Nearest(torch.from_numpy(indices[~own].reshape(shape)), torch.from_numpy(distances[~own].reshape(shape)))


def mst(
    vectors: Tensor,
    indices: Tensor,
    distances: Tensor,
    core: Tensor,
    *,
    impl: Literal["auto", "reference", "fused"] = "auto",
) -> SpanningTree:
    """
    Find the minimum spanning tree of all rows under mutual reachability, max(distance, core of either).

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32 or float64.
    indices, distances : Tensor
        (n, k) int64 and float: the nearest other rows of each row (`nearest`); k may be 0.
    core : Tensor
        (n,) core distances.
    impl : str
        `auto`, `reference` or `fused`.

    Returns
    -------
    SpanningTree
        NumPy arrays on the host.
    """
    edges, weights = mst_reference(vectors.cpu().double().numpy(), core.cpu().double().numpy())
    return SpanningTree(edges, weights, "reference")
