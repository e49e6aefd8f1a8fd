"""How far two sides lie apart by a table of distances between units: no vector is read again, whatever is tried."""

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


def separation(table: Floats, contrast: Floats) -> Floats:
    """
    Measure a contrast between units.

    Parameters
    ----------
    table : (k, k) float
        Mean distances between the segments of two units.
    contrast : (..., k) float
        Weights that add to 0.

    Returns
    -------
    (...) float
        -c'Tc, the squared length of sum c_i P_i, where P_i is the unit's distribution as a point of the space of the
        distance [1]_. For weights 1 / m on one side and -1 / n on the other it is the energy distance of both.

    References
    ----------
    .. [1] G. J. Székely, M. L. Rizzo, "Energy statistics: a class of statistics based on distances", Journal of
       Statistical Planning and Inference 143 (2013) 1249-1272.
    """
    length: Floats = -((contrast @ table) * contrast).sum(axis=-1)
    return length


def sides(later: NDArray[np.bool_]) -> Floats:
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


def expected_separation(table: Floats, later: NDArray[np.bool_], stratum: Ints) -> float:
    """
    Average the energy distance of two sides over all ways to deal the periods out inside strata.

    Parameters
    ----------
    table : (k, k) float
        Mean distances between the segments of two units.
    later : (k,) bool
        On which side each unit is.
    stratum : (k,) int
        From 0.

    Returns
    -------
    float
        What the mix of strata and chance give. Units of a stratum that one side does not have keep their side.

    Notes
    -----
    Exact, and O(k^2): dealing without replacement has a known mean and covariance. Each unit is also compared with
    itself, and so the distance is above 0 where nothing moved; this is by how much.
    """
    mean = later - within_strata(later, stratum)
    scale = 1.0 / later.sum() + 1.0 / (~later).sum()
    total = float(separation(table, mean * scale - 1.0 / (~later).sum()))
    for number in np.unique(stratum):
        own = np.flatnonzero(stratum == number)
        share = mean[own[0]]
        if 0 < share < 1:
            part = table[np.ix_(own, own)]
            dispersion = part.sum() / len(own) - np.trace(part)
            total += scale**2 * share * (1 - share) * dispersion * len(own) / (len(own) - 1)
    return total


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
    n = len(stratum)
    if n == 0:
        return np.full(len(later), np.nan)
    member = _members(stratum)
    sizes = member.sum(axis=0)
    centred = table - member @ ((member.T @ table) / sizes[:, None])
    gram = ((centred @ member) / sizes) @ member.T - centred
    own = np.diagonal(gram)
    if own.sum() <= _ALIKE * n * table.mean():
        return np.zeros(len(later))
    mean = later[0] - within_strata(later[0], stratum)
    spread = ((later[0] - mean) ** 2).sum()
    freedom = max(n - len(sizes) - 1, 1)
    result = np.empty(len(later))
    for start in range(0, len(later), _CHUNK):
        side = later[start : start + _CHUNK] - mean
        squares = side**2
        along = side @ gram
        length = (along * side).sum(axis=1)
        residual = own - 2 * side * along / spread + squares * (length / spread**2)[:, None]
        unexplained = 1 - (member @ (1 / sizes)) - squares / spread
        stand_in = residual.sum(axis=1, keepdims=True) / freedom
        variance = np.divide(residual, unexplained, out=stand_in + 0 * residual, where=unexplained > _FLOOR)
        result[start : start + _CHUNK] = length / np.maximum((squares * variance).sum(axis=1), _FLOOR * own.sum())
    return result


def _members(stratum: Ints) -> Floats:
    numbers, place = np.unique(stratum, return_inverse=True)
    member: Floats = np.eye(len(numbers))[place]
    return member
