"""How far groups of the same rows agree: the overlap of each pair of them, and how much of each is found again."""

import numpy as np

from topicgpu.errors import ShapeError
from topicgpu.types import Floats, Ints


def overlaps(groups: Ints, others: Ints) -> Floats:
    """
    Measure the overlap of each group of one partition with each of another.

    Parameters
    ----------
    groups, others : ndarray of int64, shape (n,)
        Groups of the same rows, from 0; -1: in none.

    Returns
    -------
    ndarray of float64, shape (g, h)
        Jaccard's index: rows in both over rows in either, each row counted for the partitions that it has a group in.
        Where a number up to the largest is used by no row, its overlaps are 0.

    Raises
    ------
    ShapeError
        If the two are not of the same rows.

    Notes
    -----
    Time O(n), memory O(n + g h).
    """
    if groups.shape != others.shape:
        raise ShapeError(f"overlaps needs two groups of each row; got {groups.shape} and {others.shape}.")
    g, h = int(groups.max(initial=-1)) + 1, int(others.max(initial=-1)) + 1
    both = (groups >= 0) & (others >= 0)
    shared = np.bincount(groups[both] * h + others[both], minlength=g * h).reshape(g, h)
    either = np.bincount(groups[groups >= 0], minlength=g)[:, None] + np.bincount(others[others >= 0], minlength=h)
    index: Floats = shared / np.maximum(either - shared, 1)
    return index


def found_again(groups: Ints, others: Ints) -> Floats:
    """
    Measure how much of each group another partition finds again.

    Parameters
    ----------
    groups, others : ndarray of int64, shape (n,)
        As `overlaps` takes them.

    Returns
    -------
    ndarray of float64, shape (g,)
        Each group's largest overlap, in [0, 1].

    References
    ----------
    .. [1] C. Hennig, Cluster-wise assessment of cluster stability, Computational Statistics and Data Analysis 52, 2007:
       the mean of this over samples of the rows says how stable a group is.
    """
    best: Floats = overlaps(groups, others).max(axis=1, initial=0.0)
    return best
