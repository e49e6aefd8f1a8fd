"""How clearly two sides lie apart, by a table of distances between units: no vector is read again for a permutation."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.design import Later
from topicgpu.types import Floats, Ints

_CHUNK = 1024  # assignments at a time: scratch that stays in the cache
_ALIKE = 1e-6  # of the mean distance: equal segments come out at most that far apart
_FLOOR = 1e-12  # of all dispersion: sides without any of their own stay comparable


def within_strata(later: NDArray[np.bool_], stratum: Ints) -> Floats:
    """
    Take from the side of each unit the mean of its stratum.

    Parameters
    ----------
    later : (..., k) bool
        On which side each unit is.
    stratum : (k,) int
        From 0.

    Returns
    -------
    (..., k) float
        The regressor of what lies between the sides inside strata; 0 in a stratum that one side does not have.
    """
    member = _members(stratum)
    side: Floats = later - (later @ member / member.sum(axis=0)) @ member.T
    return side


def side_votes(later: NDArray[np.bool_]) -> Floats:
    """
    Weigh the units for the difference of two sides, one vote each.

    Parameters
    ----------
    later : (..., k) bool
        On which side each unit is; each side has some.

    Returns
    -------
    (..., k) float
        The later side's add to 1, the earlier side's to -1.
    """
    n_later = later.sum(axis=-1, keepdims=True)
    weights: Floats = np.where(later, 1.0 / n_later, -1.0 / (later.shape[-1] - n_later))
    return weights


def gram_within(table: Floats, stratum: Ints) -> Floats:
    """
    Turn distances between units into inner products around the mean of each stratum.

    Parameters
    ----------
    table : (n, n) float
        Mean distances between the segments of two units.
    stratum : (n,) int
        From 0.

    Returns
    -------
    (n, n) float
        Gower's matrix: units are points of the space of the distance, whose squares are 2 T_ij - T_ii - T_jj.
    """
    member = _members(stratum)
    sizes = member.sum(axis=0)
    centred = table - member @ ((member.T @ table) / sizes[:, None])
    gram: Floats = ((centred @ member) / sizes) @ member.T - centred
    return gram


def studentised_separation(table: Floats, later: Later, stratum: Ints) -> Floats:
    """
    Compare what lies between two sides inside strata with what its own dispersion would give.

    Parameters
    ----------
    table : (n, n) float
        Mean distances between the segments of two units.
    later : (p, n) bool
        A row an assignment.
    stratum : (n,) int
        From 0.

    Returns
    -------
    (p,) float
        Squared length of the coefficient of the side over the trace of its variance, in the regression of the units
        on strata and side, as points of the space of the distance; 0 where all units are alike, NaN for no units.

    Notes
    -----
    The variance is HC2, which for one stratum is that of Welch [1]_: sides of other dispersion, or whose units have
    fewer segments and so are noisier, do not pass for sides that lie apart, as they do for a ratio of sums of squares
    where they are also of other size [2]_. A unit that its own coefficient explains wholly (one against many) has no
    residual; the mean residual variance stands in. Distances are centred inside strata [3]_, so that all assignments
    are one matrix product: O(p n^2) time, O(n^2 + p) memory.

    References
    ----------
    .. [1] A. V. Alekseyenko, "Multivariate Welch t-test on distances", Bioinformatics 32 (2016) 3552-3558.
    .. [2] M. J. Anderson, D. C. I. Walsh, "PERMANOVA, ANOSIM, and the Mantel test in the face of heterogeneous
       dispersions", Ecological Monographs 83 (2013) 557-574.
    .. [3] J. C. Gower, "Some distance properties of latent root and vector methods used in multivariate analysis",
       Biometrika 53 (1966) 325-338.
    """
    if len(stratum) == 0:
        return np.full(len(later), np.nan)
    moved, error = separation_and_error(table, later, stratum)
    return np.divide(moved, error, out=np.zeros_like(moved), where=error > 0)


def separation_and_error(table: Floats, later: Later, stratum: Ints) -> tuple[Floats, Floats]:
    """
    Give what `studentised_separation` is the ratio of.

    Parameters
    ----------
    table : (n, n) float
        Mean distances between the segments of two units, n at least 1.
    later : (p, n) bool
        A row an assignment.
    stratum : (n,) int
        From 0.

    Returns
    -------
    moved, error : (p,) float
        Squared length of the coefficient of the side, and the trace of its variance; both 0 where all are alike.
    """
    n = len(stratum)
    member = _members(stratum)
    sizes = member.sum(axis=0)
    gram = gram_within(table, stratum)
    own = np.diagonal(gram)
    if own.sum() <= _ALIKE * n * table.mean():
        return np.zeros(len(later)), np.zeros(len(later))
    mean = later[0] - within_strata(later[0], stratum)
    spread = ((later[0] - mean) ** 2).sum()
    freedom = max(n - len(sizes) - 1, 1)
    moved, error = np.empty((2, len(later)))
    for start in range(0, len(later), _CHUNK):
        side = later[start : start + _CHUNK] - mean
        squares = side**2
        along = side @ gram
        length = (along * side).sum(axis=1)
        residual = own - 2 * side * along / spread + squares * (length / spread**2)[:, None]
        unexplained = 1 - (member @ (1 / sizes)) - squares / spread
        stand_in = residual.sum(axis=1, keepdims=True) / freedom
        variance = np.divide(residual, unexplained, out=stand_in + 0 * residual, where=unexplained > _FLOOR)
        moved[start : start + _CHUNK] = length / spread**2
        error[start : start + _CHUNK] = np.maximum((squares * variance).sum(axis=1), _FLOOR * own.sum()) / spread**2
    return moved, error


def _members(stratum: Ints) -> Floats:
    numbers, place = np.unique(stratum, return_inverse=True)
    member: Floats = np.eye(len(numbers))[place]
    return member
