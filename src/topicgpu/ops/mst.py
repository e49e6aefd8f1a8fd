"""The minimum spanning tree of mutual reachability: checks, the choice of the implementation, and the call."""

from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from topicgpu.errors import DTypeError, NumericalError, ShapeError
from topicgpu.ops.checks import check_count, check_finite
from topicgpu.ops.gpu import cupy_implementation, cupy_problem, reason
from topicgpu_kernels.cuda import launcher
from topicgpu_kernels.launch import Source
from topicgpu_kernels.mst.fused import mst_fused
from topicgpu_kernels.mst.near import near_by_tiles, near_by_tree
from topicgpu_kernels.mst.reference import MOST_DIMENSIONS, Graph, mst_reference
from topicgpu_kernels.mst.tiles import rounding

SOURCE = Source("topicgpu_kernels.mst")


class SpanningTree(NamedTuple):
    """The edges of a minimum spanning tree, lightest first."""

    edges: NDArray[np.int64]  # (n - 1, 2) rows, the lower one first
    weights: NDArray[np.float64]  # (n - 1,) ascending
    how: str = ""  # by what, and why not by the fused kernels


class Nearest(NamedTuple):
    """The nearest other rows of each row, nearest first; ties by the lower row."""

    indices: Tensor  # (n, k) int64
    distances: Tensor  # (n, k) float64, Euclidean


def nearest(vectors: Tensor, k: int) -> Nearest:
    """
    Find the k nearest other rows of each row by Euclidean distance, exact in float64.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32 or float64.
    k : int
        From 0 to n - 1.

    Returns
    -------
    Nearest
        On the device of the vectors.

    Raises
    ------
    ShapeError
        If `vectors` has not two axes or no column, or `k` is out of range.
    DTypeError
        If `vectors` is of another type.
    NumericalError
        If a row is not finite.

    Notes
    -----
    Up to ten dimensions by a k-d tree on the host, O(n log n); beyond them 2 n^2 d FLOP in float64. Equal rows cost
    no more than others.
    """
    _check_vectors(vectors)
    check_count("k", k, 0, max(len(vectors) - 1, 0), f"vectors has {len(vectors)} rows, self excluded")
    if not k:
        empty = torch.empty((len(vectors), 0), device=vectors.device)
        return Nearest(empty.long(), empty.double())
    few = vectors.shape[1] <= MOST_DIMENSIONS
    indices, distances = near_by_tree(vectors.cpu().numpy(), k) if few else near_by_tiles(vectors, k)
    return Nearest(torch.from_numpy(indices).to(vectors.device), torch.from_numpy(distances).to(vectors.device))


def mst(
    vectors: Tensor,
    indices: Tensor,
    distances: Tensor,
    core: Tensor,
    *,
    impl: Literal["auto", "reference", "fused"] = "auto",
) -> SpanningTree:
    """
    Find the minimum spanning tree of all rows, where an edge weighs max(distance, core distance of either end).

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32 or float64.
    indices, distances : Tensor
        (n, k) int64 and floats: nearest other rows and their Euclidean distances, ascending (`nearest`). They save
        work, and the tree does not depend on k, which may be 0.
    core : Tensor
        (n,) floats: mostly the distance to the min_samples-th of the others. Not negative.
    impl : str
        `auto` takes the kernels where they can run, and the reference otherwise.

    Returns
    -------
    SpanningTree
        Of the complete graph, not only of the neighbors'. Edges are compared by weight, then distance, lower row and
        other row, in float64: one tree is minimal in this order, and either implementation finds it.

    Raises
    ------
    ShapeError
        If the tables do not fit together, or `impl` is none of these.
    DTypeError
        If `vectors` or `indices` is of another type.
    NumericalError
        If a vector, a distance or a core distance is not finite, or one of these is negative.
    DeviceError
        If `impl="fused"` and the device can't run it.
    MissingExtraError
        If `impl="fused"` and CuPy is not installed.

    Notes
    -----
    O(n k log n), and exact searches among the rows of other components where the lists don't reach them.

    References
    ----------
    Boruvka (1926), O jistem problemu minimalnim; Campello, Moulavi and Sander (2013), Density-based clustering based on
    hierarchical density estimates, PAKDD; March, Ram and Gray (2010), Fast Euclidean minimum spanning tree, KDD.
    """
    _check_vectors(vectors)
    _check_lists(vectors, indices, distances, core)
    if impl not in ("auto", "reference", "fused"):
        raise ShapeError(f"impl = {impl!r} must be one of auto, reference, fused.")
    problem = cupy_problem(vectors.device)
    if impl == "fused" and problem is not None:
        raise problem
    graph = Graph(
        vectors.cpu().numpy(),
        indices.cpu().numpy(),
        core.double().cpu().numpy(),
        _reach(vectors, distances, core.double()).cpu().numpy(),
    )
    if problem is None and impl != "reference":
        how = mst_implementation(vectors.device)
        tree = mst_fused(graph, vectors.device, launcher(SOURCE, vectors.device))
    else:
        how = f"reference (scipy): {reason(problem) if problem and impl == 'auto' else 'asked for'}"
        tree = mst_reference(graph, vectors.device)
    return SpanningTree(np.stack(tree.ends, axis=1), tree.weight, how)


def mst_implementation(device: str | torch.device) -> str:
    """
    Say what `impl="auto"` runs on a device, and why.

    Parameters
    ----------
    device : str or torch.device
        As of the tensors.

    Returns
    -------
    str
        For the manifest and `topicgpu doctor`.
    """
    return cupy_implementation(device, "scipy")


def _reach(vectors: Tensor, distances: Tensor, core: Tensor) -> Tensor:
    """Bound the weights of edges to rows that are not listed: the last distance, less what rounding may have added."""
    n, k = distances.shape
    if k == n - 1:
        return torch.full_like(core, torch.inf)
    last = distances[:, -1].double() if k else torch.zeros_like(core)
    off = rounding(vectors, torch.finfo(distances.dtype).eps)
    return torch.maximum((last.square() - off).clamp(min=0).sqrt(), core)


def _check_vectors(vectors: Tensor) -> None:
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise ShapeError(f"vectors must have shape (rows, columns), one column or more; got {tuple(vectors.shape)}.")
    if vectors.dtype not in (torch.float32, torch.float64):
        raise DTypeError(f"vectors must be float32 or float64; got {vectors.dtype}; convert them with .float().")
    check_finite("vectors", vectors)


def _check_lists(vectors: Tensor, indices: Tensor, distances: Tensor, core: Tensor) -> None:
    n = len(vectors)
    if indices.ndim != 2 or indices.shape != distances.shape or len(indices) != n:
        got = f"{tuple(indices.shape)} and {tuple(distances.shape)}"
        raise ShapeError(f"indices and distances must have shape ({n}, k), as vectors has {n} rows; got {got}.")
    if core.shape != (n,):
        raise ShapeError(f"core must have shape ({n},), as vectors has {n} rows; got {tuple(core.shape)}.")
    if indices.dtype != torch.int64:
        raise DTypeError(f"indices must be int64; got {indices.dtype}; convert them with .long().")
    if indices.numel() and not 0 <= int(indices.min()) <= int(indices.max()) < n:
        raise ShapeError(f"indices must be from 0 to {n - 1}; got {int(indices.min())} to {int(indices.max())}.")
    check_finite("distances", distances)
    check_finite("core", core[:, None])
    for name, values in (("distances", distances), ("core", core)):
        if values.numel() and values.min() < 0:
            raise NumericalError(f"{name} must not be negative; got {values.min().item():g}; pass plain distances.")
