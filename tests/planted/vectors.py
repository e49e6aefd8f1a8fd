"""Planted vectors: themes that lie close together, and one wide theme with nothing inside it that could part it."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.types import Ints


def planted_vectors(
    sizes: tuple[int, ...], wide: int, seed: int, d: int = 64, spread: float = 0.6
) -> tuple[NDArray[np.float32], Ints]:
    """
    Draw unit rows of themes around directions of their own.

    Parameters
    ----------
    sizes : tuple of int
        Rows of each close theme.
    wide : int
        Rows of the wide one, an isotropic cloud; 0: there is none.
    seed : int
        Of the draws.
    d : int
        Dimension.
    spread : float
        Length of the noise beside a close theme's direction; the wide one's is 1.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Unit rows, and the theme of each; the wide one is the last.
    """
    rng = np.random.default_rng(seed)
    themes = np.repeat(np.arange(len(sizes) + 1), [*sizes, wide])
    length = np.where(themes < len(sizes), spread, 1.0)[:, None]
    middle = rng.normal(size=(len(sizes) + 1, d))
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    rows = middle[themes] + length * rng.normal(size=(len(themes), d)) / np.sqrt(d)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), themes


def graph_of(vectors: NDArray[np.float32], k: int = 30) -> sparse.csr_array:
    """
    Weigh the edges between rows and their nearest ones.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows.
    k : int
        Neighbors of each.

    Returns
    -------
    csr_array
        (n, n), as the stages make it.
    """
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    indices = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return fuzzy_graph(indices, np.maximum(1 - np.take_along_axis(cosines, indices, axis=1), 0))
