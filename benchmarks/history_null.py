"""
Dates that mean nothing: periods dealt out anew among the units of each stratum, and what is found then.

What does not depend on dates (shares of units, distances inside themes, words of segments) is made once. Each run has
the stage's own designs, statistics, presence and families. Its tests begin with few deals: where not even the smallest
p that these leave possible would make a finding, there is none, and only the others go on to all deals. So a run says
of each test what the stage would say, at a fiftieth of the deals.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

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
from topicgpu.drift.changes.vocabulary import Clearest
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.presence import presences
from topicgpu.drift.units import Units
from topicgpu.types import Embeddings, Floats, Ints, Strings

_FIRST_DEALS = (199, 1_999)
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


def fix(evidence: Evidence, embeddings: Embeddings, stable: NDArray[np.bool_], level: float, seed: int) -> Fixed:
    """Make what a corpus's tests are made from."""
    counts, units = evidence.counts, evidence.units
    carries = counts.carries[:, counts.columns.primary]
    primary = np.where(np.diff(carries.indptr) > 0, np.asarray(carries.argmax(axis=1)).ravel(), -1)
    keys = draw_keys(counts, seed)
    distances = []
    for theme in range(evidence.n_themes):
        part = drawn(inside(counts, units, primary, theme), units, keys, seed)
        distances.append((part.units, unit_distances(part, embeddings.vectors[counts.row[part.place]])))
    shares = np.where(evidence.known[:, None], evidence.sources.share[evidence.unit, :, counts.columns.primary], np.nan)
    spoken = themes_spoken(evidence.segments, counts, units)
    return Fixed(evidence, units.means(shares), distances, spoken, stable, level, seed)


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
    ) -> None:
        self.kind, self.comparison, self.themes, self._statistic = kind, comparison, themes, statistic
        self._made = design(units, comparison, usable)
        self.tested = self._made.smallest_p <= level
        self.p, self.p_shift = np.zeros((2, len(themes)))
        places = rotations(comparison, n_periods) if n_periods >= ROTATED_FROM else []
        self._turned = [design(units, place, usable) for place in places]

    def deal(self, n: int | None, rng: np.random.Generator) -> None:
        """Take n deals more, or all of the stage's."""
        if not self.tested:
            return
        if n is not None and self._made.number > n:
            statistics = self._statistic(self._made, _some(self._made, n, rng))
            reached = np.rint(p_values(statistics) * (n + 1)) - 1
            self.p = np.where(reached > 0, stats.beta.ppf(_SURE, np.maximum(reached, 1), n - reached + 1), 0.0)
            return
        self.p = p_values(self._statistic(self._made, assignments(self._made, int(rng.integers(2**32)))))
        if self._turned:
            turned = [self._statistic(each, each.later[None])[0] for each in self._turned]
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
    n_periods, themes = len(fixed.evidence.periods.keys), range(fixed.evidence.n_themes)
    spoken = [Clearest(own) for own in fixed.spoken]
    rows = np.arange(len(units))
    tests = []
    for comparison in comparisons(n_periods):
        usable = np.isfinite(fixed.shares).all(axis=1)
        by_kind = [("prevalence", list(themes), usable, _amount(fixed.shares))]
        for theme, (own, table) in enumerate(fixed.distances):
            by_kind.append(("content", [theme], np.isin(rows, own), _content(table, own, len(units))))
        for theme, clearest in enumerate(spoken):
            by_kind.append(("vocabulary", [theme], np.isin(rows, clearest.spoken.unit), clearest))
        tests += [
            _Test(kind, comparison, some, units, usable, statistic, fixed.level, n_periods)
            for kind, some, usable, statistic in by_kind
        ]
    return tests


def _some(made: Design, n: int, rng: np.random.Generator) -> Later:
    later = np.tile(made.later, (n + 1, 1))
    for stratum in np.unique(made.stratum):
        among = np.flatnonzero(made.stratum == stratum)
        later[1:, among] = rng.permuted(later[1:, among], axis=1)
    return later


def _amount(shares: Floats) -> Statistic:
    return lambda made, later: differences(made, later, shares[made.rows]).clearness


def _content(table: Floats, own: Ints, n_units: int) -> Statistic:
    place = np.full(n_units, -1)
    place[own] = np.arange(len(own))

    def statistic(made: Design, later: Later) -> Floats:
        rows = place[made.rows]
        return studentised_separation(table[np.ix_(rows, rows)], later, made.stratum)[:, None]

    return statistic
