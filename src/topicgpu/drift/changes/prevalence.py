"""Drift of how much is said: changes of mean share between two sides."""

from typing import NamedTuple

import numpy as np

from topicgpu.drift.changes.design import Comparison, Design, Later
from topicgpu.drift.changes.power import Reach
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.changes.studentised import differences, weights
from topicgpu.drift.changes.testing import run_test
from topicgpu.drift.shares.intervals import between_sources
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints, Strings

_LEFT = 0.5  # part of an effect that rests on more than one unit
_ROUNDING = 1e-12


def prevalence_changes(
    shares: Floats,
    n_segments: Floats,
    units: Units,
    comparison: Comparison,
    periods: Strings,
    unit: str,
    level: float,
    seed: int,
) -> list[Change]:
    """
    Compare the mean shares of each theme on two sides.

    Parameters
    ----------
    shares : (s, t) float
        Of the sources, as primary theme, in the order of their ids; NaN where nothing of a source is counted.
    n_segments : (s,) float
        Counted segments of each.
    units : Units
        Units of inference.
    comparison : Comparison
        The sides.
    periods : tuple of str
        Names of all periods.
    unit : str
        What the shares are of: words, segments or seconds.
    level : float
        Largest p that could ever be called clear.
    seed : int
        Of the run.

    Returns
    -------
    list of t Change
        Empty where a side has no unit with a share. `effect` is the difference of the mean shares of all units,
        `within` that inside the strata of both sides: this is tested, studentised, and `detectable` is of it. `ratio`
        has half a segment added to both means, as the share that it is of the mean unit: a segment is the least that
        can carry a theme. The interval joins those of both sides' means, and is there from 5 units a side on.

    Notes
    -----
    Cost: that of 10,000 assignments by the n units of both sides and t themes.
    """
    of_unit = units.means(shares)
    usable, known = (np.isfinite(table.sum(axis=1)) for table in (of_unit, shares))
    sides = [usable & np.isin(units.period, side) for side in (comparison.earlier, comparison.later)]
    if not (sides[0].any() and sides[1].any()):
        return []
    names = comparison.labels(periods)

    def clearness(made: Design, later: Later) -> Floats:
        return differences(made, later, of_unit[made.rows]).clearness

    outcome = run_test(
        units,
        comparison,
        usable,
        clearness,
        n_themes=shares.shape[1],
        n_periods=len(periods),
        level=level,
        seed=seed,
    )
    made = outcome.design
    within, error = (table[0] for table in differences(made, made.later[None], of_unit[made.rows]))
    df = weights(made).df if len(made.rows) else 0.0
    before, after = (of_unit[side] for side in sides)
    value_from, value_to = before.mean(axis=0), after.mean(axis=0)
    low, high = interval(before, after, seed, names)
    alone = leave_one_out(before, after)
    ids = [units.ids[row] for side in sides for row in np.flatnonzero(side)]
    counted = units.sources(known)
    half = units.means(np.divide(0.5, n_segments, out=np.full(len(n_segments), np.nan), where=n_segments > 0)[:, None])
    added = half[sides[0] | sides[1]].mean()
    return [
        Change(
            theme=theme,
            kind="prevalence",
            comparison=comparison,
            unit=unit,
            effect=float(value_to[theme] - value_from[theme]),
            n_from=int(counted[sides[0]].sum()),
            n_to=int(counted[sides[1]].sum()),
            units_from=int((~made.later).sum()),
            units_to=int(made.later.sum()),
            smallest_p=made.smallest_p,
            low=float(low[theme]),
            high=float(high[theme]),
            loo_low=float(alone.low[theme]),
            loo_high=float(alone.high[theme]),
            value_from=float(value_from[theme]),
            value_to=float(value_to[theme]),
            ratio=float((value_to[theme] + added) / (value_from[theme] + added)),
            within=float(within[theme]),
            p=float(outcome.p[theme]),
            p_shift=float(outcome.p_shift[theme]),
            rests_on=None if alone.rests_on[theme] < 0 else ids[alone.rests_on[theme]],
            why=outcome.why,
            reach=Reach(float(error[theme]), df, made.smallest_p, largest=1.0),
        )
        for theme in range(shares.shape[1])
    ]


def interval(before: Floats, after: Floats, seed: int, names: tuple[str, str]) -> tuple[Floats, Floats]:
    """
    Give the difference of two mean shares an interval.

    Parameters
    ----------
    before : (k, t) float
        Shares of the units of one side.
    after : (m, t) float
        Of the other.
    seed : int
        Of the run.
    names : (str, str)
        Of the sides; with the seed, decide the draws of their intervals.

    Returns
    -------
    low, high : (t,) float
        95 % interval inside [-1, 1], never a point; NaN where a side has fewer than 5 units.

    Notes
    -----
    The distances from the means to the ends of their own intervals are squared and added, each side's with the end
    that makes the difference smaller or larger [1]_ [2]_. On simulated shares, many of them 0, it covers as often as
    Welch's interval does (0.92 to 0.99 of the time, 0.95 is meant), and it stays where shares can be.

    References
    ----------
    .. [1] R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of
       eleven methods", Statistics in Medicine 17 (1998) 873-890, method 10.
    .. [2] G. Y. Zou, A. Donner, "Construction of confidence limits about effect measures: a general approach",
       Statistics in Medicine 27 (2008) 1693-1702.
    """
    one, other = between_sources(before, seed, names[0]), between_sources(after, seed, names[1])
    mean_one, mean_other = before.mean(axis=0), after.mean(axis=0)
    effect = mean_other - mean_one
    low = effect - np.hypot(mean_other - other.low, one.high - mean_one)
    high = effect + np.hypot(other.high - mean_other, mean_one - one.low)
    return low, high


class LeaveOneOut(NamedTuple):
    """What is left of each of t effects when one unit is left out."""

    low: Floats  # (t,) least effect; NaN where both sides have one unit
    high: Floats
    rests_on: (
        Ints  # (t,) unit without which less than half is left, or the sign turns, counted over both sides; -1: none
    )


def leave_one_out(before: Floats, after: Floats) -> LeaveOneOut:
    """
    Leave out each unit in turn.

    Parameters
    ----------
    before : (k, t) float
        Shares of the units of one side, k >= 1.
    after : (m, t) float
        Of the other, m >= 1.

    Returns
    -------
    LeaveOneOut
        A side's only unit is not left out: without it there is no effect, and the effect rests on it; on the later
        one where both sides have one.

    Notes
    -----
    Cost: O((k + m) t).
    """
    means = before.mean(axis=0), after.mean(axis=0)
    effect = means[1] - means[0]
    left = []
    for side, (shares, sign) in enumerate(((before, -1), (after, 1))):
        k = len(shares)
        without = (shares.sum(axis=0) - shares) / (k - 1) if k > 1 else np.full_like(shares, np.nan)
        left.append(sign * (without - means[1 - side]))
    table = np.concatenate(left)
    alone = np.isnan(table).all(axis=1)
    part = np.where(alone[:, None], -np.inf, table * np.sign(effect))
    rests = (np.abs(effect) > _ROUNDING) & (part.min(axis=0) < _LEFT * np.abs(effect))
    low, high = np.full((2, len(effect)), np.nan)
    if not alone.all():
        low, high = table[~alone].min(axis=0), table[~alone].max(axis=0)
    last_least = len(part) - 1 - part[::-1].argmin(axis=0)
    return LeaveOneOut(low, high, np.where(rests, last_least, -1))
