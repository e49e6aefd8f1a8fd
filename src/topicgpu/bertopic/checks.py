"""What HDBSCAN and UMAP ask of settings and rows: one sentence with the name, the value, the limit and the fix."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import InputError
from topicgpu.ops.layout import MOST_COMPONENTS

MOST = 1e15  # of a coordinate, where squares have to fit into float32
_WORDS = {"metric": ("euclidean", "precomputed"), "cluster_selection_method": ("eom", "leaf")}
_NUMBERS: dict[Any, tuple[str, ...]] = {
    Integral: ("n_neighbors", "n_components", "n_epochs"),
    Real: ("learning_rate", "min_dist", "spread", "repulsion_strength", "negative_sample_rate", "a", "b"),
}
_MAY_BE_NONE = ("n_epochs", "a", "b")
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
        if not isinstance(value, kind) or isinstance(value, bool) or not value >= least:
            what = f"a whole number from {least} on" if kind is Integral else "a number from 0 on"
            raise InputError(f"{name} must be {what}; got {value!r}.")
    if not isinstance(model.allow_single_cluster, (bool, Integral)):
        raise InputError(f"allow_single_cluster must be True or False; got {model.allow_single_cluster!r}.")
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


def check_layout(model: Any) -> None:
    """
    Raise unless the settings of a UMAP are numbers where they have to be; their ranges are checked where they are used.

    Parameters
    ----------
    model : UMAP
        Any.

    Raises
    ------
    InputError
        If one is none, or there are too many axes.
    """
    for kind, names in _NUMBERS.items():
        for name in names:
            value = getattr(model, name)
            if value is None and name in _MAY_BE_NONE:
                continue
            if not isinstance(value, kind) or isinstance(value, bool):
                what = "a whole number" if kind is Integral else "a number"
                raise InputError(f"{name} must be {what}; got {value!r}.")
    if not 1 <= model.n_components <= MOST_COMPONENTS:
        raise InputError(f"n_components = {model.n_components} must be from 1 to {MOST_COMPONENTS}.")


def seed_of(random_state: Any) -> int:
    """
    Turn what scikit-learn takes for chance into a seed.

    Parameters
    ----------
    random_state : int, RandomState or None
        None: 0.

    Returns
    -------
    int
        From 0 to 2^64 - 1.

    Raises
    ------
    InputError
        If it is none of these.
    """
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if random_state is not None and not isinstance(random_state, Integral):
        raise InputError(f"random_state must be a whole number, a RandomState or None; got {random_state!r}.")
    seed = 0 if random_state is None else int(random_state)
    if not 0 <= seed < 2**64:
        raise InputError(f"random_state = {seed} must be from 0 to 2^64 - 1.")
    return seed


def check_largest(table: NDArray[Any], most: float) -> None:
    """
    Raise if a number is so large that its square is not held.

    Parameters
    ----------
    table : ndarray
        (n, d) finite.
    most : float
        What is allowed.

    Raises
    ------
    InputError
        With the largest.
    """
    largest = float(np.abs(table).max(initial=0))
    if largest > most:
        raise InputError(
            f"X must be within {most:g} of its mean (distances: of 0), so that squares fit; one is {largest:g} away; "
            "scale it down."
        )


def check_not_tiny(table: NDArray[Any], least: float) -> None:
    """
    Raise if all numbers are so small that their squares are not held.

    Parameters
    ----------
    table : ndarray
        (n, d) finite.
    least : float
        What the largest must reach, unless all are 0.

    Raises
    ------
    InputError
        With the largest.
    """
    largest = float(np.abs(table).max(initial=0))
    if 0 < largest < least:
        raise InputError(
            f"X must have a number of {least:g} or more, so that squares are held (largest: {largest:g}); scale it up."
        )


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
