"""The nearest rows by Euclidean distance: by k-d tree in few dimensions, by products in many."""

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from topicgpu_kernels.mst.edges import Floats, Rows, Vectors, spans
from topicgpu_kernels.mst.tiles import Tiles

_SPARE = 4  # more than are asked for, since products can't tell what is nearly as near


def near_by_tree(vectors: Vectors, k: int, workers: int = -1) -> tuple[Rows, Floats]:
    """
    Find the k nearest other rows by a tree over the rows that differ.

    Parameters
    ----------
    vectors : ndarray
        (n, d) float32 or float64, finite, few columns.
    k : int
        From 0 to n - 1.
    workers : int
        Threads.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Rows (n, k) and distances (n, k) from differences in float64, ascending, ties by the lower row.

    Notes
    -----
    O(n log n + n k), however many rows are equal.
    """
    member = np.lexsort(vectors.T)  # equal rows side by side, the lower first
    rows = vectors[member]
    opens = np.append(True, (rows[1:] != rows[:-1]).any(axis=1))
    start, group = np.flatnonzero(opens), np.empty(len(rows), dtype=np.int64)
    places, size, group[member] = rows[start], np.diff(start, append=len(rows)), np.cumsum(opens) - 1
    asked = min(k + 1, len(places))
    _, near = cKDTree(places).query(places, list(range(1, asked + 1)), workers=workers)
    # Members of the nearest place, then of the next: the first k + 1 of them.
    ends = size[near].cumsum(axis=1)
    found = np.empty((len(places), k + 1), dtype=np.int64)
    for slot in range(k + 1):
        which = (ends <= slot).sum(axis=1)[:, None]
        at = np.take_along_axis(near, which, axis=1)
        before = np.take_along_axis(ends, which, axis=1) - size[at]
        found[:, slot] = member[start[at] + slot - before][:, 0]
    return _ranked(vectors, found[group], k)


def near_by_tiles(vectors: Tensor, k: int) -> tuple[Rows, Floats]:
    """
    Find the k nearest other rows by products of all pairs.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32 or float64, finite.
    k : int
        From 0 to n - 1.

    Returns
    -------
    tuple of (ndarray, ndarray)
        As of `near_by_tree`; a row that is left out is nearer than the last by no more than `Tiles.off` in squares.

    Notes
    -----
    2 n^2 d FLOP in float64; memory for one tile.
    """
    rows = torch.arange(len(vectors), device=vectors.device)
    count = min(k + 1 + _SPARE, len(vectors))
    found = [squares.topk(count, dim=1, largest=False).indices for _, squares in Tiles(vectors)(rows)]
    table = torch.cat(found).cpu().numpy() if found else np.empty((0, count), dtype=np.int64)
    return _ranked(vectors.cpu().numpy(), table, k)


def _ranked(vectors: Vectors, found: Rows, k: int) -> tuple[Rows, Floats]:
    """Keep the k nearest others of those found."""
    n, count = found.shape
    rows = np.repeat(np.arange(n), count)
    distances = spans(vectors, rows, found.reshape(-1)).reshape(n, count)
    distances[found == np.arange(n)[:, None]] = np.inf  # a row is none of its own neighbors
    order = np.lexsort((found, distances), axis=1)[:, :k]
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(distances, order, axis=1)
