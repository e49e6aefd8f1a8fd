"""What HDBSCAN asks of its settings and its rows: one sentence with the name, the value, the limit and the fix."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import InputError

_WORDS = {"metric": ("euclidean", "precomputed"), "cluster_selection_method": ("eom", "leaf")}
_LEAST: dict[str, tuple[Any, float]] = {
    "min_cluster_size": (Integral, 2),
    "min_samples": (Integral, 1),
    "max_cluster_size": (Integral, 0),
    "cluster_selection_epsilon": (Real, 0),
    "cluster_selection_persistence": (Real, 0),
    "cluster_selection_epsilon_max": (Real, 0),
}


def check_selection(model: Any) -> None:
    """
    Raise unless the settings of an HDBSCAN are possible.

    Parameters
    ----------
    model : HDBSCAN
        Any.

    Raises
    ------
    InputError
        If one is none of its values.
    """
    for name, words in _WORDS.items():
        if getattr(model, name) not in words:
            raise InputError(f"{name} must be {' or '.join(words)}; got {getattr(model, name)!r}.")
    for name, (kind, least) in _LEAST.items():
        value = getattr(model, name)
        if value is None and name == "min_samples":
            continue
        if not isinstance(value, kind) or not value >= least:
            what = f"a whole number from {least} on" if kind is Integral else "a number from 0 on"
            raise InputError(f"{name} must be {what}; got {value!r}.")
    alpha: Any = model.alpha
    if not isinstance(alpha, (int, float, np.number)) or not 0 < alpha < np.inf:
        raise InputError(f"alpha must be a number above 0; got {alpha!r}.")
    if model.cluster_selection_epsilon_max < model.cluster_selection_epsilon:
        raise InputError(
            f"cluster_selection_epsilon_max ({model.cluster_selection_epsilon_max}) must be at least "
            f"cluster_selection_epsilon ({model.cluster_selection_epsilon})."
        )
    if model.prediction_data and model.metric == "precomputed":
        raise InputError('prediction_data needs rows, and metric="precomputed" has none; leave one of the two out.')


def check_finite_rows(rows: NDArray[Any]) -> None:
    """
    Raise unless every row is finite.

    Parameters
    ----------
    rows : ndarray
        (n, d) float.

    Raises
    ------
    InputError
        Names the first row that is not.
    """
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise InputError(
            f"X must be finite: row {bad[0]} holds NaN or inf, one of {len(bad)} such rows; leave them out, since they "
            "lie at no distance from any other."
        )


def check_distances(distances: NDArray[Any]) -> None:
    """
    Raise unless a matrix is one of distances.

    Parameters
    ----------
    distances : ndarray
        (n, n) finite.

    Raises
    ------
    InputError
        If it is not square, symmetric to 1e-6 of its largest entry, 0 on the diagonal and nowhere negative.
    """
    n, m = distances.shape
    if n != m:
        raise InputError(f'X must be square with metric="precomputed": a distance for each two rows; got {n} x {m}.')
    if (distances < 0).any():
        raise InputError(f"X must hold no negative distance; the least is {distances.min():g}.")
    if np.diagonal(distances).any():
        raise InputError(f"X must be 0 on the diagonal; the largest there is {np.diagonal(distances).max():g}.")
    apart = np.abs(distances - distances.T).max(initial=0)
    if apart > 1e-6 * distances.max(initial=0):
        raise InputError(f"X must be symmetric; two entries for the same rows differ by {apart:g}.")
