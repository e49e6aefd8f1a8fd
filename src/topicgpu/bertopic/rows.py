"""Neighbors of bare rows: by cosine where these are unit vectors, by distance otherwise."""

import numpy as np
import torch

from topicgpu.config import NeighborsSection
from topicgpu.model.found import no_repeats
from topicgpu.model.known import same_as
from topicgpu.neighbors import find_neighbors, n_neighbors
from topicgpu.ops.mst import nearest
from topicgpu.ops.nearest_to import nearest_to
from topicgpu.ops.topk import topk
from topicgpu.types import Embeddings, Ints, Neighbors, Vectors

_SAFE = 64 * float(np.finfo(np.float32).eps)  # rounding of a product, as a share of the largest squared length


def known(rows: Vectors, old: Vectors) -> Ints:
    """
    Find rows of a fit, byte for byte.

    Parameters
    ----------
    rows : ndarray of float32, shape (q, d)
        What is looked for.
    old : ndarray of float32, shape (n, d)
        Of the fit.

    Returns
    -------
    ndarray of int64, shape (q,)
        Place of each; -1: none.
    """
    return same_as([row.tobytes() for row in rows], [row.tobytes() for row in old])


def embeddings(vectors: Vectors) -> Embeddings:
    """
    Take rows as embeddings that all take part.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Rows.

    Returns
    -------
    Embeddings
        n rows.
    """
    return Embeddings(vectors, np.ones(len(vectors), dtype=bool), "given", "", (), "rows")


def cosine_neighbors(vectors: Vectors, k: int, seed: int, device: str) -> Neighbors:
    """
    Find the neighbors of unit vectors, as in a run.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows.
    k : int
        Neighbors of each; 0: as in a run.
    seed : int
        Of the search.
    device : str
        Where it runs.

    Returns
    -------
    Neighbors
        (n, min(k, n - 1)).
    """
    repeats = no_repeats(len(vectors), "rows")
    return find_neighbors(embeddings(vectors), repeats, NeighborsSection(k=k), device, seed)


def euclidean_neighbors(rows: Vectors, k: int, _seed: int, device: str) -> Neighbors:
    """
    Find the neighbors of any rows by distance; exact.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, d)
        Rows around zero, so that the products lose little.
    k : int
        Neighbors of each; 0: as many as in a run.
    _seed : int
        Not used.
    device : str
        Where it runs.

    Returns
    -------
    Neighbors
        (n, min(k, n - 1)).

    Notes
    -----
    The nearest row has the largest x y - y y / 2, which is a product of rows with one more column. n^2 d FLOP. Where
    neighbors are nearer than what such a product rounds away, as in groups far apart, the search is in float64.
    """
    k = n_neighbors(k, len(rows))
    if k < 1:
        empty = np.zeros((len(rows), 0))
        return Neighbors(empty.astype(np.int64), empty.astype(np.float32), "euclidean", True, None, "rows")
    queries, base = (torch.from_numpy(part).to(device) for part in (as_queries(rows), as_base(rows)))
    indices, distances = _by_distance(rows, rows, topk(queries, base, k, exclude_self=True).indices.cpu().numpy())
    if _rounded_away(distances, rows, rows):
        indices, distances = (table.cpu().numpy() for table in nearest(torch.tensor(rows, device=device), k))
    return Neighbors(indices, distances.astype(np.float32), "euclidean", True, None, "rows")


def euclidean_nearest(rows: Vectors, old: Vectors, k: int, device: str) -> tuple[Ints, Vectors]:
    """
    Find the rows of a fit that are nearest to new ones by distance; exact.

    Parameters
    ----------
    rows : ndarray of float32, shape (q, d)
        New ones.
    old : ndarray of float32, shape (n, d)
        Of the fit, around zero.
    k : int
        From 1 to n.
    device : str
        Where it is computed.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Rows of the fit (q, k), nearest first, and their distances in float32.

    Notes
    -----
    As `euclidean_neighbors`; q n d FLOP.
    """
    queries, base = (torch.from_numpy(part).to(device) for part in (as_queries(rows), as_base(old)))
    indices, distances = _by_distance(rows, old, topk(queries, base, k).indices.cpu().numpy())
    if _rounded_away(distances, rows, old):
        found = nearest_to(torch.tensor(rows, device=device), torch.tensor(old, device=device), k)
        indices, distances = (table.cpu().numpy() for table in found)
    return indices, distances.astype(np.float32)


def _by_distance(rows: Vectors, base: Vectors, indices: Ints) -> tuple[Ints, Vectors]:
    """Order what products found by differences: the products were rounded."""
    distances = np.linalg.norm(rows[:, None] - base[indices], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(indices, order, axis=1), np.take_along_axis(distances, order, axis=1)


def _rounded_away(distances: Vectors, rows: Vectors, base: Vectors) -> bool:
    """Whether the last of the neighbors may not be one. Where it is at no distance, all are at the row's very place."""
    longest = max(float(np.square(part, dtype=np.float64).sum(axis=1).max()) for part in (rows, base))
    last = distances[:, -1].astype(np.float64) ** 2
    return bool(((last > 0) & (last < _SAFE * longest)).any())


def as_queries(rows: Vectors) -> Vectors:
    """
    Give rows that look for the nearest of `as_base` the column for their product.

    Parameters
    ----------
    rows : ndarray of float32, shape (q, d)
        Rows.

    Returns
    -------
    ndarray of float32, shape (q, d + 1)
        With ones.
    """
    return np.column_stack([rows, np.ones(len(rows), dtype=np.float32)])


def as_base(rows: Vectors) -> Vectors:
    """
    Give rows the column by which the largest product is the nearest row.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, d)
        Rows.

    Returns
    -------
    ndarray of float32, shape (n, d + 1)
        With minus half of their squared lengths.
    """
    return np.column_stack([rows, -(rows**2).sum(axis=1) / 2])
