"""The three tests of drift, put to a replication."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from planted.replications import Case
from topicgpu.drift.changes.design import Design, Later, comparisons
from topicgpu.drift.changes.families import judge
from topicgpu.drift.changes.prevalence import prevalence_changes
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.changes.separation import studentised_separation
from topicgpu.drift.changes.spoken import SaidBy
from topicgpu.drift.changes.studentised import differences
from topicgpu.drift.changes.testing import Outcome, Statistic, run_test
from topicgpu.drift.changes.vocabulary import Clearest
from topicgpu.types import Floats, Ints

KINDS = ("prevalence", "content", "vocabulary")
LEVEL = 0.05


def p_of(kind: str, case: Case, seed: int) -> tuple[float, float]:
    """Give p and, where the periods suffice, the p of the circular shift; NaN where there is none."""
    outcome = _TESTS[kind](case, seed)
    return float(outcome.p[0]), float(outcome.p_shift[0])


def changes_of_shares(case: Case, seed: int) -> list[Change]:
    """Give the changes of all themes' shares in all comparisons of the periods."""
    periods = tuple(f"{number:02d}" for number in range(case.n_periods))
    number = case.segments.sum(axis=1)
    return [
        change
        for comparison in comparisons(case.n_periods)
        for change in prevalence_changes(
            case.shares, number, case.units, comparison, periods, range(case.n_periods), "words", LEVEL, seed
        )
    ]


def judged(changes: Sequence[Change]) -> list[Change]:
    """Say which are findings."""
    n_themes = 1 + max(change.theme for change in changes)
    names = tuple(f"{theme:02d}" for theme in range(n_themes))
    return judge(changes, (), np.ones(n_themes, dtype=bool), names, LEVEL)[0]


def _prevalence(case: Case, seed: int) -> Outcome:
    share = case.shares[:, [case.theme]]

    def statistic(made: Design, later: Later) -> Floats:
        return differences(made, later, share[made.rows]).clearness

    return _run(case, np.isfinite(share[:, 0]), statistic, seed)


def _content(case: Case, seed: int) -> Outcome:
    def statistic(made: Design, later: Later) -> Floats:
        table = case.distances[np.ix_(made.rows, made.rows)]
        return studentised_separation(table, later, made.stratum)[:, None]

    return _run(case, case.usable, statistic, seed)


@dataclass(frozen=True)
class _Counted:
    """Terms that are counted already, in the place of segments that are split into words."""

    case: Case

    @property
    def all(self) -> SaidBy:
        terms = csc_array(self.case.terms)
        nameless = ("",) * terms.shape[1]
        language = np.zeros(terms.shape[1], dtype=np.int64)
        return SaidBy(nameless, nameless, nameless, terms, self.case.exposure[:, None], language)

    def said_by(self, rows: Ints) -> SaidBy:
        return self.all.of(rows)


def _vocabulary(case: Case, seed: int) -> Outcome:
    return _run(case, case.exposure > 0, Clearest(_Counted(case)), seed)


def _run(case: Case, usable: NDArray[np.bool_], statistic: Statistic, seed: int) -> Outcome:
    return run_test(case.units, case.comparison, usable, statistic, 1, range(case.n_periods), LEVEL, seed)


_TESTS = {"prevalence": _prevalence, "content": _content, "vocabulary": _vocabulary}
