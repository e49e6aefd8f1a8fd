"""Log odds of terms between two sides, with an informative prior and an error that knows how units vary."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.design import Design, Later
from topicgpu.types import Floats, Ints

Singles = NDArray[np.float32]

_WITHIN = 0.05  # correlation of two segments of one unit: its segments never count as more than twenty
_BITS = 23  # of a column's sum that its values are rounded to: float32 adds them exactly, in any order


class LogOdds:
    """
    How much likelier terms are in the segments of the later side than of the earlier one.

    Parameters
    ----------
    segments : (n, v) float
        Segments of each unit that say each term.
    exposure : (n, l) float
        All segments of each unit, by language.
    language : (v,) int
        Column of `exposure` that holds a term's language.
    made : Design
        The n units. Every deal of its periods has as many units of a stratum on each side as this one.

    Notes
    -----
    A unit's n segments count as n / (1 + (n - 1) 0.05), Kish's effective size [2]_. Both sides are weighed to the
    same mix of strata. The prior is informative [1]_: on each side one more unit of mean size, which speaks as both
    sides together do (the strength of unit information [3]_), so that odds are never zero. The variance of a side's
    logit is what its units' departures from its mean say, and never less than the binomial one.

    References
    ----------
    .. [1] B. Monroe, M. Colaresi, K. Quinn, "Fightin' words: lexical feature selection and evaluation for identifying
       the content of political conflict", Political Analysis 16 (2008) 372-403.
    .. [2] L. Kish, "Survey sampling", Wiley 1965, section 5.4.
    .. [3] R. Kass, L. Wasserman, "A reference Bayesian test for nested hypotheses and its relationship to the Schwarz
       criterion", Journal of the American Statistical Association 90 (1995) 928-934.
    """

    def __init__(self, segments: Floats, exposure: Floats, language: Ints, made: Design) -> None:
        counted = _counted(exposure)
        said, size = segments * counted, exposure * counted
        self._v = segments.shape[1]
        self._language = language if exposure.shape[1] > 1 else language[:1]  # of one language: a column for all terms
        strength = size.sum(axis=0) / np.maximum(np.count_nonzero(size, axis=0), 1)
        self._strength = strength[self._language].astype(np.float32)
        # Half a segment more that says a term, and half a one that does not: no term is in none or in all.
        rate = (said.sum(axis=0) + 0.5) / (size.sum(axis=0) + 1)[language]
        self._prior = self._strength * rate.astype(np.float32)
        weight_later, weight_earlier = _weights(made)
        self._later = _moments(said, size, language, weight_later)
        same = np.array_equal(weight_later, weight_earlier)
        self._earlier = self._later if same else _moments(said, size, language, weight_earlier)

    def __call__(self, later: Later) -> tuple[Singles, Singles]:
        """
        Compare the sides.

        Parameters
        ----------
        later : (p, n) bool
            A row a deal of the periods.

        Returns
        -------
        log_odds, variance : (p, v) float32
            Later over earlier; the same up to the sign where the sides change places.
        """
        sides = later.astype(np.float32)
        sums = sides @ self._later
        rest = sums if self._earlier is self._later else sides @ self._earlier
        odds_later, variance_later = self._side(sums)
        odds_earlier, variance_earlier = self._side(self._earlier.sum(axis=0) - rest)
        return np.log(odds_later) - np.log(odds_earlier), variance_later + variance_earlier

    def _side(self, sums: Singles) -> tuple[Singles, Singles]:
        v = self._v
        said, squares, products = (sums[:, part * v : (part + 1) * v] for part in range(3))
        sizes = sums[:, 3 * v :].reshape(len(sums), 3, -1)
        size, size_squares, n_units = (sizes[:, part, self._language] for part in range(3))
        size = size + self._strength
        # One unit does not say how units vary.
        correction = n_units / np.maximum(n_units - 1, 1) * (n_units > 1)
        with_term = said + self._prior
        without = size - with_term
        rate = with_term / size
        binomial = size / (with_term * without)
        departures = (rate * size_squares - 2 * products) * rate + squares
        return with_term / without, binomial * np.maximum(departures * binomial * correction, 1)


def without_each(segments: Floats, exposure: Floats, language: int, made: Design) -> Floats:
    """
    Give the log odds of one term with each unit left out in turn.

    Parameters
    ----------
    segments : (n,) float
        Segments of each unit that say the term.
    exposure : (n, l) float
        All segments of each unit, by language.
    language : int
        Column of `exposure` that holds the term's language.
    made : Design
        The n units.

    Returns
    -------
    (n,) float
        As `LogOdds` has them of the units that are left; NaN where these share no stratum.

    Notes
    -----
    Without a unit, only its own stratum weighs otherwise: cost O(n).
    """
    values = np.stack([segments, exposure[:, language]]) * _counted(exposure)[:, 0]
    said, size = values
    left = values.sum(axis=1, keepdims=True) - values
    spoke = size > 0
    strength = left[1] / np.maximum(np.count_nonzero(spoke) - spoke, 1)
    prior = strength * (left[0] + 0.5) / (left[1] + 1)
    cell = (made.later.astype(np.int64), made.stratum)
    shape = (2, int(made.stratum.max(initial=-1)) + 1)
    number, said_in, size_in = np.zeros((3, *shape))
    for table, of_unit in ((number, np.ones(len(said))), (said_in, said), (size_in, size)):
        np.add.at(table, cell, of_unit)
    own = cell[0] == np.arange(2)[:, None]  # (2, n) the side that a unit is missing from
    rest = number[:, made.stratum] - own
    weight, weight_left = _of_stratum(number), _of_stratum(rest)
    total = weight.sum() - weight[made.stratum] + weight_left
    odds = np.full((2, len(said)), np.nan)
    for side in (0, 1):
        n_side = number[side].sum() - own[side]
        scale = np.divide(n_side, total, out=np.full(len(said), np.nan), where=total > 0)
        sums = []
        for table, of_unit in ((said_in, said), (size_in, size)):
            mean = weight * table[side] / np.maximum(number[side], 1)
            mean_left = weight_left * (table[side, made.stratum] - own[side] * of_unit) / np.maximum(rest[side], 1)
            sums.append(scale * (mean.sum() - mean[made.stratum] + mean_left))
        odds[side] = (sums[0] + prior) / (sums[1] + strength - sums[0] - prior)
    log_odds: Floats = np.log(odds[1]) - np.log(odds[0])
    return log_odds


def _counted(exposure: Floats) -> Floats:
    """(n, 1) what a segment of each unit counts."""
    counted: Floats = 1 / (1 + (np.maximum(exposure.sum(axis=1, keepdims=True), 1) - 1) * _WITHIN)
    return counted


def _of_stratum(number: Floats) -> Floats:
    """Weigh strata by the precision of a difference inside them, by their units of either side."""
    precision: Floats = number[0] * number[1] / np.maximum(number[0] + number[1], 1)
    return precision


def _weights(made: Design) -> tuple[Floats, Floats]:
    """
    Weigh units so that both sides have the same mix of strata: that of least variance where units vary alike.

    With one stratum all weigh 1; on each side the weights add to its number of units.
    """
    n_strata = int(made.stratum.max(initial=-1)) + 1
    n_later = np.bincount(made.stratum, made.later, n_strata)
    n_earlier = np.bincount(made.stratum, ~made.later, n_strata)
    of_stratum = _of_stratum(np.stack([n_earlier, n_later]))
    total = of_stratum.sum()
    later, earlier = (
        (of_stratum / np.maximum(number, 1) * number.sum() / total)[made.stratum] for number in (n_later, n_earlier)
    )
    return later, earlier


def _moments(said: Floats, size: Floats, language: Ints, weight: Floats) -> Singles:
    """Columns whose sums over the units of a side give its shares and how its units depart from them."""
    said, size = said * weight[:, None], size * weight[:, None]
    columns = np.hstack([said, said**2, said * size[:, language], size, size**2, size > 0])
    grain = np.exp2(np.ceil(np.log2(np.maximum(columns.sum(axis=0), 1))) - _BITS)
    rounded: Singles = (np.round(columns / grain) * grain).astype(np.float32)
    return rounded
