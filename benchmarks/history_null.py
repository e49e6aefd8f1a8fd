"""
Dates that mean nothing: periods dealt out anew among the units of each stratum, and what is found then.

What does not depend on dates (shares of units, distances inside themes, words of segments) is made once. Each run has
the stage's own designs, statistics, presence and families. Its tests begin with few deals: where not even the smallest
p that these leave possible would make a finding, there is none, and only the others go on to all of the stage's deals.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

import topicgpu
from topicgpu.config import Config
from topicgpu.drift.changes.content import unit_distances
from topicgpu.drift.changes.design import (
    Comparison,
    Design,
    Later,
    assignments,
    comparisons,
    design,
    p_values,
    rotations,
)
from topicgpu.drift.changes.families import judge
from topicgpu.drift.changes.inside import draw_keys, drawn, inside
from topicgpu.drift.changes.rows import NAN, Change
from topicgpu.drift.changes.separation import studentised_separation
from topicgpu.drift.changes.spoken import Spoken, themes_spoken
from topicgpu.drift.changes.studentised import differences
from topicgpu.drift.changes.testing import ROTATED_FROM, Statistic
from topicgpu.drift.changes.vocabulary import Clearest, largest_z
from topicgpu.drift.findings.evidence import Evidence, source_kinds
from topicgpu.drift.findings.presence import presences
from topicgpu.drift.periods import assign_periods
from topicgpu.drift.shares.cells import period_cells, source_cells
from topicgpu.drift.shares.counts import UNITS, count_units
from topicgpu.drift.units import Units, inference_units
from topicgpu.types import Floats, Ints, Strings

_FIRST_DEALS = (49, 499)
_SURE = 1e-6  # chance that a test's p is below what its first deals leave possible


@dataclass(frozen=True)
class Fixed:
    """A corpus: all of it that stays when its dates are dealt out anew."""

    evidence: Evidence
    shares: Floats  # (units, themes); NaN where a unit says nothing that counts
    distances: Sequence[tuple[Ints, Floats]]  # of each theme: rows of units, and their table
    spoken: Sequence[Spoken]
    stable: NDArray[np.bool_]
    level: float
    seed: int

    @property
    def theme_ids(self) -> Strings:
        """Of the themes, in order."""
        return self.evidence.counts.columns.theme_ids


def fix(run: topicgpu.Run, config: Config) -> Fixed:
    """
    Make what a corpus's tests are made from.

    Parameters
    ----------
    run : topicgpu.Run
        Finished at least to its themes.
    config : Config
        Of the run.

    Returns
    -------
    Fixed
        In memory; nothing of it knows which unit is of which period.
    """
    sources, segments, themes, drift = run.sources, run.segments, run.themes, config.drift
    counts = count_units(sources, segments, run.embeddings, run.repeats, themes)
    cells = source_cells(counts, config.seed)
    counted = {counts.source_ids[index] for index in np.unique(counts.source)}
    calendar = assign_periods(sources, counted, drift.period, drift.periods)
    members = [
        [row for row, source in enumerate(counts.source_ids) if calendar.period_of.get(source) == period]
        for period in calendar.periods
    ]
    units, unit = inference_units(sources, calendar, drift.unit), UNITS.index(drift.shares_of)
    kinds = source_kinds(sources, counts.source_ids)
    periods = period_cells(cells, calendar.periods, members, config.seed)
    primary, keys, distances = themes.primary[counts.row], draw_keys(counts, config.seed), []
    for theme in range(counts.columns.n_themes):
        part = drawn(inside(counts, units, primary, theme), units, keys, config.seed)
        distances.append((part.units, unit_distances(part, run.embeddings.vectors[counts.row[part.place]])))
    known = cells.known[unit]
    return Fixed(
        evidence=Evidence(themes, segments, counts, cells, periods, members, kinds, units, unit),
        shares=units.means(np.where(known[:, None], cells.share[unit, :, counts.columns.primary], np.nan)),
        distances=distances,
        spoken=themes_spoken(segments, counts, units),
        stable=np.array([not theme.unstable for theme in themes.themes], dtype=bool),
        level=drift.level,
        seed=config.seed,
    )


def null_run(fixed: Fixed, number: int) -> dict[str, int]:
    """
    Deal the dates out anew and count what is found.

    Parameters
    ----------
    fixed : Fixed
        The corpus.
    number : int
        Of the run: decides the deal.

    Returns
    -------
    dict of str to int
        Findings by kind and level, those of presence among them; empty where nothing is found.
    """
    rng = np.random.default_rng([fixed.seed, number])
    evidence = replace(fixed.evidence, units=dealt(fixed.evidence.units, rng))
    presence = presences(evidence, fixed.level)
    tests = _tests(fixed, evidence.units)
    asked = list(range(len(tests)))
    for n in (*_FIRST_DEALS, None):
        for index in asked:
            tests[index].deal(n, rng)
        changes, found_presence, _ = judge(
            [change for test in tests for change in test.changes()],
            presence,
            fixed.stable,
            fixed.theme_ids,
            fixed.level,
        )
        rows = np.cumsum([0, *(len(test.themes) for test in tests)])
        asked = [index for index in asked if any(c.found for c in changes[rows[index] : rows[index + 1]])]
        if not asked:
            break
    found = Counter(f"{change.kind}, {change.comparison.level}" for change in changes if change.found)
    found["presence"] += sum(each.found for each in found_presence)
    return {key: number for key, number in sorted(found.items()) if number}


def dealt(units: Units, rng: np.random.Generator) -> Units:
    """Give the periods of the units of each stratum to each other."""
    period = units.period.copy()
    for stratum in np.unique(units.stratum):
        among = np.flatnonzero(units.stratum == stratum)
        period[among] = rng.permutation(period[among])
    return replace(units, period=period)


class _Test:
    """A kind of drift between two sides, for themes that share a design; `p` is the least that may be true so far."""

    def __init__(
        self,
        kind: str,
        comparison: Comparison,
        themes: Sequence[int],
        units: Units,
        usable: NDArray[np.bool_],
        statistic: Statistic,
        level: float,
        n_periods: int,
        first: Statistic | None = None,
        at: Callable[[Design], Floats] | None = None,
    ) -> None:
        self.kind, self.comparison, self.themes = kind, comparison, themes
        self._statistic, self._first, self._at = statistic, first or statistic, at
        self._made = design(units, comparison, usable)
        self.tested = self._made.smallest_p <= level
        self.p, self.p_shift = np.zeros((2, len(themes)))
        places = rotations(comparison, range(n_periods)) if n_periods >= ROTATED_FROM else []
        self._turned = [design(units, place, usable) for place in places]

    def deal(self, n: int | None, rng: np.random.Generator) -> None:
        """Take n deals more, or all of the stage's."""
        if not self.tested:
            return
        if n is not None and self._made.number > n:
            statistics = self._first(self._made, _some(self._made, n, rng))
            reached = np.rint(p_values(statistics) * (n + 1)) - 1
            self.p = np.where(reached > 0, stats.beta.ppf(_SURE, np.maximum(reached, 1), n - reached + 1), 0.0)
            return
        self.p = p_values(self._statistic(self._made, assignments(self._made, int(rng.integers(2**32)))))
        if self._turned:
            at = self._at or (lambda made: self._statistic(made, made.later[None])[0])
            turned = [at(each) for each in self._turned]
            self.p_shift = p_values(np.stack(turned))

    def changes(self) -> list[Change]:
        """Give `judge` a row a theme."""
        sizes = [int(np.count_nonzero(side)) for side in (~self._made.later, self._made.later)]
        known = {"n_from": 0, "n_to": 0, "units_from": sizes[0], "units_to": sizes[1]}
        return [
            Change(
                theme=theme,
                kind=self.kind,
                comparison=self.comparison,
                unit="",
                effect=NAN,
                smallest_p=self._made.smallest_p,
                p=float(self.p[column]) if self.tested else NAN,
                p_shift=float(self.p_shift[column]) if self.tested and self._turned else NAN,
                why=None if self.tested else "described",
                **known,
            )
            for column, theme in enumerate(self.themes)
        ]


def _tests(fixed: Fixed, units: Units) -> list[_Test]:
    n_periods, rows = len(fixed.evidence.periods.keys), np.arange(len(units))
    measured = np.isfinite(fixed.shares).all(axis=1)
    steady = np.flatnonzero(fixed.stable).tolist()  # no other theme is in a family
    tests = []
    for comparison in comparisons(n_periods):
        amount = _amount(fixed.shares[:, steady])
        tests.append(_Test("prevalence", comparison, steady, units, measured, amount, fixed.level, n_periods))
        for theme in steady:
            own, table = fixed.distances[theme]
            content, usable = _content(table, own, len(units)), np.isin(rows, own)
            tests.append(_Test("content", comparison, [theme], units, usable, content, fixed.level, n_periods))
            spoken = fixed.spoken[theme]
            usable, exact, nearly = np.isin(rows, spoken.unit), Clearest(spoken), _nearly(spoken)
            words = _Test(
                "vocabulary", comparison, [theme], units, usable, exact, fixed.level, n_periods, nearly, exact.at
            )
            tests.append(words)
    return tests


def _some(made: Design, n: int, rng: np.random.Generator) -> Later:
    later = np.tile(made.later, (n + 1, 1))
    for stratum in np.unique(made.stratum):
        among = np.flatnonzero(made.stratum == stratum)
        later[1:, among] = rng.permuted(later[1:, among], axis=1)
    return later


def _amount(shares: Floats) -> Statistic:
    return lambda made, later: differences(made, later, shares[made.rows]).clearness


def _nearly(spoken: Spoken) -> Statistic:
    """Take the terms of all units, found once: which ones those of two periods have depends little on the others."""
    return lambda made, later: largest_z(spoken.all.of(made.rows), made, later)[:, None]


def _content(table: Floats, own: Ints, n_units: int) -> Statistic:
    place = np.full(n_units, -1)
    place[own] = np.arange(len(own))

    def statistic(made: Design, later: Later) -> Floats:
        rows = place[made.rows]
        return studentised_separation(table[np.ix_(rows, rows)], later, made.stratum)[:, None]

    return statistic
