"""The difference between two sides inside kinds of source, over its own standard error."""

from typing import NamedTuple

import numpy as np

from topicgpu.drift.changes.design import Design, Later
from topicgpu.types import Floats, Ints

_VALUES = 1 << 22  # of one stretch of assignments, as float64: 32 MiB
_ROUNDING = 1e-12  # relative; what is left of equal shares when their mean is taken away
_SMALLEST = 1e-10  # part of the variance without a change; below it the error is what rounding left


class Weights(NamedTuple):
    """What a unit of each stratum counts for in the error, on either side."""

    side: Floats  # (k, 2) its side minus the mean side of its stratum: earlier, later
    squares: Floats  # (k, 2) weight of its squared residual
    moved: float  # sum of the squared sides
    df: float  # degrees of freedom of the error; 0 where nothing is left to take it from


def weights(made: Design) -> Weights:
    """
    Weigh the residuals of a design by HC2.

    Parameters
    ----------
    made : Design
        Of n units in k strata, at least one on each side of each.

    Returns
    -------
    Weights
        The same for every assignment of the design.

    Notes
    -----
    The regression of shares on strata and side has the leverage h = 1 / n_s + z^2 / sum z^2, with z the side minus its
    mean in the stratum; HC2 weighs a squared residual by z^2 / (1 - h) [1]_, which for one stratum is Welch's error.
    A unit that is alone on its side of the only stratum has h = 1 and no residual: the mean residual variance of the
    others stands in. The degrees of freedom are Satterthwaite's for units of equal spread [2]_.

    References
    ----------
    .. [1] J. G. MacKinnon, H. White, "Some heteroskedasticity-consistent covariance matrix estimators with improved
       finite sample properties", Journal of Econometrics 29 (1985) 305-325.
    .. [2] R. M. Bell, D. F. McCaffrey, "Bias reduction in standard errors for linear regression with multi-stage
       samples", Survey Methodology 28 (2002) 169-181.
    """
    k = int(made.stratum.max(initial=-1)) + 1
    later = np.bincount(made.stratum, made.later, k)
    size = np.bincount(made.stratum, minlength=k).astype(np.float64)
    number = np.stack([size - later, later], axis=1)
    side = np.stack([-later / size, 1 - later / size], axis=1)
    moved = float((number * side**2).sum())
    left = len(made.rows) - k - 1
    if left <= 0:
        return Weights(side, np.zeros_like(side), moved, 0.0)
    leverage = 1 / size[:, None] + side**2 / moved
    alone = leverage > 1 - _ROUNDING
    squares = np.divide(side**2, 1 - leverage, out=np.zeros_like(side), where=~alone)
    squares += (side[alone] ** 2).sum() / left
    squares[alone] = 0.0
    return Weights(side, squares, moved, _satterthwaite(number, size, side, squares, leverage, moved))


def _satterthwaite(
    number: Floats, size: Floats, side: Floats, squares: Floats, leverage: Floats, moved: float
) -> float:
    # The error is e' W e with e = (I - H) y: its trace, squared, over the trace of the square of W (I - H).
    trace = (number * squares * (1 - leverage)).sum()
    own = (number * squares**2 * (1 - 2 * leverage)).sum()
    inside = (number * squares).sum(axis=1) ** 2 / size**2
    across = 2 * (number * squares * side).sum(axis=1) ** 2 / (size * moved)
    between = (number * squares * side**2).sum() ** 2 / moved**2
    return float(trace**2 / (own + (inside + across).sum() + between))


class Differences(NamedTuple):
    """Of p assignments and t themes."""

    size: Floats  # (p, t) later minus earlier, inside strata
    error: Floats  # (p, t) its standard error; 0 for a theme without spread, NaN where nothing is left to take it from

    @property
    def clearness(self) -> Floats:
        """(p, t) size over error, without its sign; 0 for a theme without spread."""
        spread = self.error != 0  # NaN goes on as NaN
        clear: Floats = np.divide(np.abs(self.size), self.error, out=np.zeros_like(self.size), where=spread)
        return clear


def differences(made: Design, later: Later, shares: Floats) -> Differences:
    """
    Measure the difference between the sides inside strata, for each way of dealing out the periods.

    Parameters
    ----------
    made : Design
        Of n units; none: everything is NaN.
    later : (p, n) bool
        Assignments of that design.
    shares : (n, t) float
        Of the design's units.

    Returns
    -------
    Differences
        The coefficient of the side in a regression on strata and side: the differences inside the strata, weighted by
        n m / (n + m) units; and its HC2 error.

    Notes
    -----
    Studentised, a permutation test of a difference of means holds its level, as the numbers of units grow, also where
    the spread of the two sides differs [1]_ [2]_ [3]_. Sides, weights and their sums are the same for all assignments,
    so that three matrix products are all there is to do. Cost: O(p n t), 32 MiB and O(p t).

    References
    ----------
    .. [1] A. Janssen, "Studentized permutation tests for non-i.i.d. hypotheses and the generalized Behrens-Fisher
       problem", Statistics & Probability Letters 36 (1997) 9-21.
    .. [2] E. Chung, J. P. Romano, "Exact and asymptotically robust permutation tests", Annals of Statistics 41 (2013)
       484-507.
    .. [3] C. J. DiCiccio, J. P. Romano, "Robust permutation tests for correlation and regression coefficients",
       Journal of the American Statistical Association 112 (2017) 1211-1220.
    """
    n_themes = shares.shape[1]
    if not len(made.rows):
        return Differences(*np.full((2, len(later), n_themes), np.nan))
    weight = weights(made)
    x = _centred(shares, made.stratum)
    crossed = weight.squares * weight.side
    per_unit = [(w[:, 1] - w[:, 0])[made.stratum, None] for w in (weight.squares, crossed)]
    table = np.concatenate([x, per_unit[0] * x**2, per_unit[1] * x], axis=1)
    earlier = (weight.squares[made.stratum, 0][:, None] * x**2).sum(axis=0)
    number = np.stack([np.bincount(made.stratum, side) for side in (~made.later, made.later)], axis=1)
    steepness = (number * crossed * weight.side).sum()
    spread = (x**2).sum(axis=0)
    smallest = _SMALLEST * weight.squares.max() * spread
    size, error = np.empty((2, len(later), n_themes))
    step = max(1, _VALUES // len(made.rows))
    for start in range(0, len(later), step):
        rows = slice(start, start + step)
        summed, squared, slanted = np.split(later[rows].astype(np.float64) @ table, 3, axis=1)
        size[rows] = summed / weight.moved
        total = earlier + squared - 2 * size[rows] * slanted + size[rows] ** 2 * steepness
        error[rows] = np.sqrt(np.maximum(total, smallest)) / weight.moved
    return Differences(size, error if weight.df else np.where(spread > 0, np.nan, error))


def _centred(shares: Floats, stratum: Ints) -> Floats:
    mean = np.stack([shares[stratum == each].mean(axis=0) for each in range(stratum.max() + 1)])
    x: Floats = shares - mean[stratum]
    x[np.abs(x) <= _ROUNDING * np.abs(shares).max(axis=0, initial=0.0)] = 0.0
    return x
