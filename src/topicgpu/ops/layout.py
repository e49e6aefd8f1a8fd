"""UMAP's force layout of a weighted graph: checks, the choice of the implementation, and the call."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import curve_fit

from topicgpu.errors import NumericalError, ShapeError
from topicgpu.ops.checks import check_count, check_finite
from topicgpu.ops.gpu import cupy_implementation, cupy_problem
from topicgpu_kernels.layout.plan import MOST_COMPONENTS as MOST_COMPONENTS
from topicgpu_kernels.layout.plan import source
from topicgpu_kernels.layout.problem import prepare
from topicgpu_kernels.layout.reference import layout_reference

MIN_ROWS = 16  # fewer rows than this have no neighborhoods to keep: their principal axes say as much

_MOST_SPREAD = 10  # a layout is some 25 spreads wide, and forces are tabulated to a distance of 256
_ROWS_OF_THREADS = 100_000  # fewer rows are laid out by one thread
_MOST = 2**31 - 1  # vertices and edges, which the kernel counts in 32 bits


def layout(
    graph: sparse.csr_array,
    start: NDArray[np.float32],
    *,
    n_epochs: int,
    a: float,
    b: float,
    seed: int,
    learning_rate: float = 1.0,
    repulsion_strength: float = 1.0,
    negative_sample_rate: int = 5,
    impl: Literal["auto", "reference", "fused"] = "auto",
    device: str | torch.device = "cpu",
    fixed: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """
    Move vertices until those that heavy edges join are near, and others are not.

    Parameters
    ----------
    graph : csr_array
        (n, n) weights, 0 or more; row i holds what vertex i is drawn to. (n, m) with `fixed`.
    start : ndarray
        (n, c) float32, c from 1 to 32; vertices in one place without an edge between them stay together, so it should
        have none (`topicgpu.ops.starts`).
    n_epochs : int
        Passes over all edges (`epochs`).
    a, b : float
        Of the similarity 1 / (1 + a d^(2 b)) of two places (`curve`).
    seed : int
        Of the draws, from 0 to 2^64 - 1.
    learning_rate : float
        Of the first epoch; it falls to zero in equal steps.
    repulsion_strength : float
        Weight of repulsion against attraction.
    negative_sample_rate : int
        Vertices that repel for one that attracts.
    impl : str
        `auto` takes the CUDA kernel where it can run, and the reference otherwise.
    device : str or torch.device
        Where it is computed.
    fixed : ndarray, optional
        (m, c) float32: places that attract and repel, and stay. None: the vertices themselves.

    Returns
    -------
    ndarray
        (n, c) float32; the same bits for one seed whatever the number of threads, and on the GPU as by the reference.

    Raises
    ------
    ShapeError
        If the tables do not fit together, or a setting is out of range.
    NumericalError
        If weights or places are not finite, or weights are negative.
    DeviceError
        If `impl="fused"` and the device can't run it.
    MissingExtraError
        If `impl="fused"` and CuPy is not installed.

    Notes
    -----
    O(n_epochs (edges + 32 n) c). The method, and what it changes in umap-learn's, is in the kernel's README.

    References
    ----------
    McInnes, Healy and Melville (2018), UMAP: Uniform Manifold Approximation and Projection, arXiv:1802.03426.
    """
    device = torch.device(device)
    if impl not in ("auto", "reference", "fused"):
        raise ShapeError(f"impl = {impl!r} must be one of auto, reference, fused.")
    problem = cupy_problem(device)
    if impl == "fused" and problem:
        raise problem
    check_count("n_epochs", n_epochs, 0, _MOST, "a whole number of passes")
    check_count("seed", seed, 0, 2**64 - 1, "64 bits")
    for name, value, limit in (("a", a, 0), ("b", b, 0)):
        if not (isfinite(value) and value > limit):
            raise ShapeError(f"{name} = {value} must be finite and above 0; take both from curve(spread, min_dist).")
    amounts = {"learning_rate": learning_rate, "repulsion_strength": repulsion_strength}
    for name, value in (amounts | {"negative_sample_rate": negative_sample_rate}).items():
        if not (isfinite(value) and value >= 0):
            raise ShapeError(f"{name} = {value} must be finite, 0 or more.")
    places = _places("start", start, device)
    still = None if fixed is None else _places("fixed", fixed, device)
    edges = _edges(graph, places, still)
    if not len(places) or not n_epochs:
        return np.array(start, dtype=np.float32)
    prepared = prepare(
        edges.indptr,
        edges.indices,
        edges.data.astype(np.float32, copy=False),
        a=a,
        b=b,
        n_epochs=n_epochs,
        learning_rate=learning_rate,
        repulsion=negative_sample_rate * repulsion_strength,
        seed=seed,
        device=device,
    )
    if problem or impl == "reference":
        with _few_threads(len(places), device):
            moved = layout_reference(prepared, places, still)
    else:
        from topicgpu_kernels.cuda import launcher
        from topicgpu_kernels.layout.fused import layout_fused

        moved = layout_fused(prepared, places, launcher(source(places.shape[1]), device), still)
    check_finite("the layout", moved)
    return np.asarray(moved.cpu().numpy())


@contextmanager
def _few_threads(n: int, device: torch.device) -> Iterator[None]:
    """Let one thread run many short operations: two wait for each other, for long where another process has a core."""
    before = torch.get_num_threads()
    if n < _ROWS_OF_THREADS and device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def layout_implementation(device: str | torch.device) -> str:
    """
    Say what `impl="auto"` runs on a device, and why.

    Parameters
    ----------
    device : str or torch.device
        As of the call.

    Returns
    -------
    str
        For the manifest and `topicgpu doctor`.
    """
    return cupy_implementation(device, "torch")


def epochs(n: int) -> int:
    """
    Choose the number of passes as umap-learn does.

    Parameters
    ----------
    n : int
        Vertices.

    Returns
    -------
    int
        500 up to 10,000 vertices, else 200.
    """
    return 500 if n <= 10_000 else 200


def curve(spread: float = 1.0, min_dist: float = 0.1) -> tuple[float, float]:
    """
    Fit the similarity of places to one that is 1 up to a distance and then falls exponentially.

    Parameters
    ----------
    spread : float
        Scale of the fall, above 0.
    min_dist : float
        Up to where it is 1, from 0 to `spread`.

    Returns
    -------
    tuple of (float, float)
        a and b of 1 / (1 + a d^(2 b)), by least squares at 300 distances up to three times `spread`.

    Raises
    ------
    ShapeError
        If a value is out of range.

    References
    ----------
    McInnes, Healy and Melville (2018), arXiv:1802.03426, section 4.2.
    """
    if not 0 < spread <= _MOST_SPREAD:
        raise ShapeError(
            f"spread = {spread} must be above 0, up to {_MOST_SPREAD}; divide it and min_dist by one number."
        )
    if not 0 <= min_dist <= spread:
        raise ShapeError(f"min_dist = {min_dist} must be from 0 to spread = {spread}.")
    distances = np.linspace(0, 3, 300)  # in spreads: the search starts from 1 whatever the scale
    wanted = np.exp(-np.maximum(distances - min_dist / spread, 0))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), distances, wanted)
    return float(a * spread ** (-2 * b)), float(b)


def _places(name: str, places: NDArray[np.float32], device: torch.device) -> torch.Tensor:
    table = np.asarray(places)
    if table.ndim != 2 or not 1 <= table.shape[1] <= MOST_COMPONENTS:
        raise ShapeError(f"{name} must have shape (rows, 1 to {MOST_COMPONENTS} columns); got {table.shape}.")
    tensor = torch.from_numpy(np.array(table, dtype=np.float32, order="C")).to(device)
    check_finite(name, tensor)
    return tensor


def _edges(graph: sparse.csr_array, places: torch.Tensor, still: torch.Tensor | None) -> sparse.csr_array:
    """Each edge once, and none without weight; the graph that was given stays as it is."""
    edges = sparse.csr_array(graph)
    wanted = (len(places), len(places if still is None else still))
    if edges.shape != wanted:
        raise ShapeError(f"graph must have shape {wanted}, as the places have it; got {edges.shape}.")
    if still is not None and still.shape[1] != places.shape[1]:
        raise ShapeError(f"start and fixed must have as many columns; got {places.shape[1]} and {still.shape[1]}.")
    if still is not None and len(places) and not len(still):
        raise ShapeError("fixed must have at least one row; it has none.")
    check_count("the number of edges", edges.nnz, 0, _MOST, "32-bit offsets")
    if not (np.isfinite(edges.data) & (edges.data >= 0)).all():
        raise NumericalError("graph must have weights that are finite, 0 or more; mend them where they are computed.")
    if not edges.has_canonical_format or (edges.data == 0).any():
        edges = edges.copy()
        edges.sum_duplicates()
        edges.eliminate_zeros()
    return edges
