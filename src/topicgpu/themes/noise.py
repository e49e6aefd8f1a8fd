"""How surely a row is about its discovered theme, and which theme is nearest to one that has none."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.types import Floats, Ints


def strengths_in(
    theme_of: Ints, depth: NDArray[np.float32], vectors: NDArray[np.float32], counted: NDArray[np.bool_]
) -> Floats:
    """
    Measure how surely each row is about its theme.

    Parameters
    ----------
    theme_of : ndarray of int64, shape (n,)
        Themes from 0; -1: none.
    depth : ndarray of float32, shape (n,)
        Strength of each row in its group; of communities, the share of its edge weight that stays inside.
    vectors : ndarray of float32, shape (n, d)
        Unit rows.
    counted : ndarray of bool, shape (n,)
        Rows that the themes' means are made of.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]: depth times the cosine with the mean of the theme's other rows; 0 without a theme.

    Notes
    -----
    The graph knows a row between two groups, the mean one that is like nothing: each misses what the other finds
    (`benchmarks/noise.py`). O(n d).
    """
    inside = np.flatnonzero(theme_of >= 0)
    sums = _sums(theme_of, vectors, counted)
    others = sums[theme_of[inside]] - vectors[inside] * counted[inside, None]
    norms = np.maximum(np.linalg.norm(others, axis=1), np.finfo(np.float32).tiny)
    strengths = np.zeros(len(theme_of))
    strengths[inside] = depth[inside] * np.clip((others * vectors[inside]).sum(axis=1) / norms, 0, 1)
    return strengths


def nearest_themes(
    rows: Ints, theme_of: Ints, depth: NDArray[np.float32], vectors: NDArray[np.float32], counted: NDArray[np.bool_]
) -> tuple[Ints, Floats]:
    """
    Find the theme whose mean is nearest, for rows that have none.

    Parameters
    ----------
    rows : ndarray of int64, shape (m,)
        Rows of noise.
    theme_of, depth, vectors, counted : ndarray
        As `strengths_in` takes them, with at least one theme.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Themes (m,), and strengths (m,) measured as those of other rows are: they stay low, and are 0 for rows that lie
        in no group. O(m t d).
    """
    sums = _sums(theme_of, vectors, counted)
    means = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    cosines = vectors[rows] @ means.T
    themes = cosines.argmax(axis=1)
    return themes.astype(np.int64), depth[rows] * np.clip(cosines[np.arange(len(rows)), themes], 0, 1)


def _sums(theme_of: Ints, vectors: NDArray[np.float32], counted: NDArray[np.bool_]) -> Floats:
    rows = np.flatnonzero((theme_of >= 0) & counted)
    shape = (int(theme_of.max(initial=-1)) + 1, len(theme_of))
    members = sparse.csr_array((np.ones(len(rows)), (theme_of[rows], rows)), shape=shape)
    sums: Floats = members @ vectors
    return sums
