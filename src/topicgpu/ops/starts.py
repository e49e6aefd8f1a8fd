"""Where a layout starts from: the slowest modes of its graph, the principal axes of its rows, or chance."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import ArpackError, eigsh
from threadpoolctl import threadpool_limits

from topicgpu.errors import NumericalError, ShapeError

Places = NDArray[np.float32]
WAYS = ("spectral", "pca", "random")
SPAN = 10.0  # of each axis, as umap-learn has it
_NOISE = 1e-3  # rows in one place must part, and nothing else may move
_DENSE = 100  # vertices up to which all modes are computed
_TOLERANCE = 1e-6  # of an eigenvalue; the gaps between them are some 1e-4
_RESTARTS = 500  # of Lanczos's method; graphs of neighbors need tens


class Start(NamedTuple):
    """Places to start from."""

    places: Places  # (n, c)
    how: str  # `spectral`, `principal axes` or `random`, and why not as asked for


def start(
    way: str, graph: sparse.csr_array, vectors: NDArray[np.floating] | None, n_components: int, seed: int
) -> Start:
    """
    Place vertices before any force has moved them.

    Parameters
    ----------
    way : str
        `spectral`, `pca` or `random`.
    graph : csr_array
        (n, n) symmetric weights.
    vectors : ndarray or None
        (n, d) rows that the graph is of. None: `pca` and whatever falls back to it are `random`.
    n_components : int
        Axes.
    seed : int
        Of all that is drawn, from 0 to 2^64 - 1.

    Returns
    -------
    Start
        (n, n_components) float32, each axis from 0 to 10, with a thousandth of noise.

    Raises
    ------
    ShapeError
        If `way` is none of these, or there are no axes.

    Notes
    -----
    A row's noise depends on the seed and its number alone. Linear algebra runs on one thread, so that the bits do not
    depend on their number.
    """
    random = np.random.Generator(np.random.Philox(key=seed))
    shape = (graph.shape[0], n_components)
    noise = random.normal(scale=_NOISE, size=shape)
    if way not in WAYS:
        raise ShapeError(f"init = {way!r} must be one of {', '.join(WAYS)}, or places.")
    if n_components < 1:
        raise ShapeError(f"n_components = {n_components} must be 1 or more.")
    why = "" if way == "random" else "there are no vectors"
    places, how = None, "random"
    with threadpool_limits(limits=1, user_api="blas"):
        if way == "spectral":
            try:
                places, how = spectral(graph, vectors, n_components, random), "spectral"
            except ArpackError:
                why = f"the modes of the graph were not found in {_RESTARTS} restarts"
        if places is None and way != "random" and vectors is not None:
            places, how = _padded(principal_axes(vectors, n_components), n_components), "principal axes"
    if places is None:
        places = random.uniform(size=shape)
    said = how if how == "spectral" or way == "random" or (way, how) == ("pca", "principal axes") else f"{how}: {why}"
    return Start((spanned(places) + noise).astype(np.float32), said)


def given(places: ArrayLike, shape: tuple[int, int], seed: int) -> Start:
    """
    Start from places that are there.

    Parameters
    ----------
    places : array_like
        (n, c) finite.
    shape : tuple of (int, int)
        Wanted.
    seed : int
        Of the noise.

    Returns
    -------
    Start
        As `start` gives it.

    Raises
    ------
    ShapeError
        If there are more or fewer places.
    NumericalError
        If a place is not finite.
    """
    table = np.asarray(places, dtype=np.float64)
    if table.shape != shape:
        raise ShapeError(f"init must have a place for each row, shape {shape}; got {table.shape}.")
    if not np.isfinite(table).all():
        raise NumericalError(f"init must be finite; row {int(np.argmin(np.isfinite(table).all(axis=1)))} is not.")
    noise = np.random.Generator(np.random.Philox(key=seed)).normal(scale=_NOISE, size=shape)
    return Start((spanned(table) + noise).astype(np.float32), "given places")


def spanned(places: NDArray[np.floating]) -> NDArray[np.float64]:
    """
    Stretch each axis from 0 to 10.

    Parameters
    ----------
    places : ndarray
        (n, c).

    Returns
    -------
    ndarray
        (n, c) float64; an axis on which all are equal is 0.
    """
    places = places.astype(np.float64)
    low = places.min(axis=0, initial=np.inf)
    width = places.max(axis=0, initial=-np.inf) - low
    stretched: NDArray[np.float64] = np.divide(SPAN * (places - low), width, out=np.zeros_like(places), where=width > 0)
    return stretched


def principal_axes(vectors: NDArray[np.floating], n_components: int) -> Places:
    """
    Project rows onto the directions in which they vary most.

    Parameters
    ----------
    vectors : ndarray
        (m, d) float32.
    n_components : int
        Directions; no more than d are there.

    Returns
    -------
    ndarray
        (m, min(n_components, d)) float32, centred. Each axis points where its largest coefficient is positive.

    Notes
    -----
    O(m d^2 + d^3), in float64.
    """
    centred = vectors.astype(np.float64) - (vectors.mean(axis=0, dtype=np.float64) if len(vectors) else 0.0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :n_components]
    return np.asarray(centred @ _directed(axes), dtype=np.float32)


def spectral(
    graph: sparse.csr_array,
    vectors: NDArray[np.floating] | None,
    n_components: int,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    """
    Place the vertices of each component by its slowest modes, and the components apart.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric weights.
    vectors : ndarray or None
        (n, d), which say in what direction a component lies. None: in any.
    n_components : int
        Axes.
    random : Generator
        Of what is drawn.

    Returns
    -------
    ndarray
        (n, n_components): a component of m vertices fills a cube with a side in proportion to m^(1 / n_components).
        The largest is in the middle, and each other one lies beside it.

    Raises
    ------
    ArpackError
        If the modes of a component do not converge.

    Notes
    -----
    Modes are the eigenvectors of the normalized Laplacian with the smallest eigenvalues above 0 (Belkin and Niyogi,
    2003): Lanczos's method, some tens of products with the graph. A component of up to 100 vertices takes O(m^3).

    References
    ----------
    Belkin and Niyogi (2003), Laplacian eigenmaps for dimensionality reduction and data representation, Neural
    Computation 15.
    """
    n = graph.shape[0]
    if not n:
        return np.empty((0, n_components))
    count, component = connected_components(graph, directed=False)
    members = np.split(np.argsort(component, kind="stable"), np.cumsum(np.bincount(component, minlength=count))[:-1])
    sizes = np.array([len(rows) for rows in members])
    sides = (sizes / n) ** (1 / n_components)
    middles = np.zeros((count, n_components))
    if count > 1:
        largest = sizes.argmax()
        outward = random.normal(size=(count, n_components))
        if vectors is not None:
            means = np.stack([vectors[rows].mean(axis=0, dtype=np.float64) for rows in members])
            seen = _padded(principal_axes(means, n_components), n_components)
            outward = seen - seen[largest] + 1e-6 * outward * np.abs(seen).max(initial=1e-6)
        outward /= np.abs(outward).max(axis=1, keepdims=True)  # cubes touch where one coordinate is far enough
        middles = outward * (sides + sides[largest])[:, None]
        middles[largest] = 0
    places = np.empty((n, n_components))
    for rows, middle, side in zip(members, middles, sides, strict=True):
        own = graph if count == 1 else graph[rows][:, rows]
        places[rows] = middle + side * (spanned(_modes(own, n_components, random)) / SPAN - 0.5)
    return places


def _modes(graph: sparse.csr_array, n_components: int, random: np.random.Generator) -> NDArray[np.float64]:
    n = graph.shape[0]
    if n < 3:
        return random.uniform(size=(n, n_components))
    scale = 1 / np.sqrt(np.asarray(graph.sum(axis=1), dtype=np.float64))
    normal = sparse.diags_array(scale) @ graph.astype(np.float64) @ sparse.diags_array(scale)
    if n <= max(_DENSE, n_components + 2):
        modes = np.linalg.eigh(normal.toarray())[1]
    else:
        first = random.normal(size=n)
        modes = eigsh(normal, n_components + 1, which="LA", v0=first, tol=_TOLERANCE, maxiter=_RESTARTS)[1]
    modes = modes[:, ::-1][:, 1 : n_components + 1] * scale[:, None]
    return _padded(_directed(modes), n_components)


def _directed(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Point each column where its largest entry is positive: solvers leave the sign open."""
    largest = np.abs(axes).argmax(axis=0)
    return axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1, 1)


def _padded(places: NDArray[np.floating], n_components: int) -> NDArray[np.float64]:
    return np.pad(places.astype(np.float64), ((0, 0), (0, n_components - places.shape[1])))
