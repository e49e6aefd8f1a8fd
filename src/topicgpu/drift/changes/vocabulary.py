"""Changes of vocabulary: whether the words of a theme move between two sides, and how far the clearest of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from topicgpu.drift.changes.design import Comparison, Design, Later, of_both_sides
from topicgpu.drift.changes.log_odds import without_each
from topicgpu.drift.changes.rows import NAN, Change
from topicgpu.drift.changes.spoken import SaidBy, Spoken
from topicgpu.drift.changes.term_reach import term_reach
from topicgpu.drift.changes.terms_moved import LEAST_Z, TermMoved, moved_terms
from topicgpu.drift.changes.testing import Outcome, run_test
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints

_LEAST_UNITS = 2  # that say a term of the test: one alone is on one side in every deal
_MOST_DEALS, _MOST_TERMS = 10_000, 500  # of a test; as many more terms as there are fewer deals
_CELLS = 2**16  # of a block of deals by terms, which stays in the processor's cache


class Clearest:
    """
    The statistic: the largest |z| of a log odds, over the terms that most units of the design say.

    Parameters
    ----------
    spoken : Spoken
        What is said of a theme.
    """

    def __init__(self, spoken: Spoken) -> None:
        self.spoken = spoken
        self._rows: Ints | None = None
        self.turned: dict[Comparison, Floats] = {}  # statistics of the rotations that are known

    def said_by(self, rows: Ints) -> SaidBy:
        """Count the terms of some units; the last table is kept."""
        if self._rows is None or not np.array_equal(self._rows, rows):
            self._rows, self._said = rows, self.spoken.said_by(rows)
        return self._said

    def __call__(self, made: Design, later: Later) -> Floats:
        """(p, 1); 0 where no term moved by its own error or none is said by two units, NaN for no unit."""
        if not len(made.rows):
            return np.full((len(later), 1), np.nan)
        return largest_z(self.said_by(made.rows), made, later)[:, None]

    def at(self, made: Design) -> Floats:
        """(1,) of a turn of the circle of all periods, by their terms: these are found once for all comparisons."""
        if not len(made.rows):
            return np.full(1, np.nan)
        return largest_z(self.spoken.all.of(made.rows), made, made.later[None])


def largest_z(said: SaidBy, made: Design, later: Later) -> Floats:
    """
    Find how clearly the clearest term moves.

    Parameters
    ----------
    said : SaidBy
        Of the units of the design.
    made : Design
        The n units.
    later : (p, n) bool
        A row a deal of the periods.

    Returns
    -------
    (p,) float
        0 where no term is said by two units, or none moved by its own error.
    """
    terms = widespread_terms(said, made)
    largest = np.zeros(len(later))
    if len(terms):
        compare = said.log_odds(terms, made)
        step = max(1, _CELLS // len(terms))
        for start in range(0, len(later), step):
            log_odds, variance = compare(later[start : start + step])
            largest[start : start + step] = np.sqrt((log_odds * log_odds / variance).max(axis=1))
    # Less than its own error is no move, however it ranks: a word of nearly every segment has the log odds of how
    # much is said on a side, and no error that is smaller.
    return np.where(largest < LEAST_Z, 0.0, largest)


def widespread_terms(said: SaidBy, made: Design) -> Ints:
    """
    Choose the terms of a test, by nothing that depends on which unit is on which side.

    Parameters
    ----------
    said : SaidBy
        Of the units of a design.
    made : Design
        The more ways there are to deal its periods, the fewer terms are taken: time.

    Returns
    -------
    (w,) int
        Columns of the terms that most units say, then most segments; each is said by at least two units. 500 where
        there are 10,000 deals, and in inverse proportion.
    """
    n_units = said.n_units
    order = np.lexsort((-said.segments.sum(axis=0), -n_units))
    most = _MOST_TERMS * _MOST_DEALS // min(max(made.number, 1), _MOST_DEALS)
    return order[n_units[order] >= _LEAST_UNITS][:most]


def vocabulary_changes(
    clearest: Sequence[Clearest],
    units: Units,
    comparison: Comparison,
    heard: Sequence[int],
    level: float,
    seed: int,
) -> tuple[list[Change], list[TermMoved]]:
    """
    Compare the words of each theme between two sides.

    Parameters
    ----------
    clearest : sequence of Clearest
        One a theme, the same for all comparisons.
    units : Units
        N units.
    comparison : Comparison
        The sides.
    heard : sequence of int
        All periods that can be compared.
    level : float
        Largest p that could ever be called clear.
    seed : int
        Of the run.

    Returns
    -------
    changes : list of Change
        One a theme. `effect` is the log odds of the clearest term of the test, NaN where a side does not speak of the
        theme or no term is said by two units; `reach` gives the gain of a term of median
        frequency that would be found, an estimate.
    moved : list of TermMoved
        Terms gained and lost, by theme, the clearest first.

    Notes
    -----
    A unit takes part from one segment of the theme on: a small one weighs little, and none is left out for its size.
    Terms are found and counted in the units of the comparison alone, except for the turns of the circle of all
    periods, of 24 and more. Where the sides share no stratum, what is described is a difference of all of their
    units. Cost: for 10,000 deals of 80 units by 500 terms a sixth of a second a theme.
    """
    changes, moved = [], []
    for theme, statistic in enumerate(clearest):
        usable = np.isin(np.arange(len(units)), statistic.spoken.unit)
        outcome = run_test(units, comparison, usable, statistic, 1, heard, level, seed, statistic.turned, statistic.at)
        change, terms = _describe(theme, statistic, outcome, units, comparison, level)
        changes.append(change)
        moved += terms
    return changes, moved


def _describe(
    theme: int, statistic: Clearest, outcome: Outcome, units: Units, comparison: Comparison, level: float
) -> tuple[Change, list[TermMoved]]:
    tested, spoken = outcome.design, statistic.spoken
    made = tested if len(tested.rows) else of_both_sides(units, comparison, np.isin(np.arange(len(units)), spoken.unit))
    on_side = [np.isin(units.period[spoken.unit], side) for side in (comparison.earlier, comparison.later)]
    n_from, n_to = (len(np.unique(spoken.source[chosen])) for chosen in on_side)
    change = Change(
        theme=theme,
        kind="vocabulary",
        comparison=comparison,
        unit="log odds",
        effect=NAN,
        n_from=n_from,
        n_to=n_to,
        units_from=int(np.count_nonzero(~tested.later)),
        units_to=int(np.count_nonzero(tested.later)),
        smallest_p=tested.smallest_p,
        p=float(outcome.p[0]),
        p_shift=float(outcome.p_shift[0]),
        why=outcome.why if n_from and n_to else "one side does not speak of it",
    )
    if not n_from or not n_to:
        return change, []
    said = statistic.said_by(made.rows)
    terms = widespread_terms(said, made)
    if not len(terms):
        return change, moved_terms(theme, comparison, said, made, units.ids, None)
    log_odds, variance = (values[0] for values in said.log_odds(terms, made)(made.later[None]))
    first = int(np.argmax(log_odds * log_odds / variance))
    effect = float(log_odds[first])
    by_unit = said.segments[:, [terms[first]]].toarray()[:, 0]
    without = without_each(by_unit, said.exposure, int(said.language[terms[first]]), made)
    known = without[np.isfinite(without)]
    loo_low, loo_high = (float(known.min()), float(known.max())) if len(known) else (NAN, NAN)
    rests_on = _rests_on(effect, without)
    reach = None
    if outcome.turns[0] and outcome.statistics is not None:
        reach = term_reach(said, terms, made, outcome.statistics[:, 0], level)
    change = replace(
        change,
        effect=effect,
        term=said.written[terms[first]],
        loo_low=loo_low,
        loo_high=loo_high,
        reach=reach,
        detectable=NAN if reach else np.inf,
        rests_on=None if rests_on is None else units.ids[made.rows[rests_on]],
    )
    return change, moved_terms(theme, comparison, said, made, units.ids, int(terms[first]))


def _rests_on(effect: float, without: Floats) -> int | None:
    """Find the unit without which less than half of an effect is left, or the other sign."""
    left = np.where(np.isnan(without), np.inf, without * np.sign(effect))
    least = int(np.argmin(left))
    return least if left[least] < abs(effect) / 2 else None
