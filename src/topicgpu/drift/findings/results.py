"""What the comparisons came to, looked up by theme and sides."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.types import ChangeTerms, Family, Move, Presence, Split, Strings

Key = tuple[str, str, str, str]  # theme, level and both sides, as the tables have them


class Term(NamedTuple):
    """A row of `ChangeTerms`."""

    term: str
    log_odds: float
    n_from: int
    n_to: int
    of_from: int
    of_to: int
    only_in: str | None


def key(evidence: Evidence, change: Change) -> Key:
    """
    Name the theme, level and sides of a row as the tables do.

    Parameters
    ----------
    evidence : Evidence
        Themes and periods.
    change : Change
        One row.

    Returns
    -------
    tuple of four str
        Theme id, level, earlier and later side.
    """
    theme_id = evidence.themes.themes[change.theme].theme_id
    return (theme_id, change.comparison.level, *change.comparison.labels(evidence.periods.keys))


@dataclass(frozen=True)
class Results:
    """What the comparisons came to."""

    changes: Sequence[Change]
    presence: Sequence[Presence]  # of every theme, in their order
    splits: Sequence[Split]
    moves: Sequence[Move]
    terms: ChangeTerms
    families: Sequence[Family] = ()
    recorded: Callable[[Comparison], Strings] = lambda _: ()  # how the recording of two sides differs

    @cached_property
    def _grouped(self) -> dict[tuple[int, str], list[Change]]:
        grouped: dict[tuple[int, str], list[Change]] = {}
        for row in self.changes:
            grouped.setdefault((row.theme, row.kind), []).append(row)
        return grouped

    @cached_property
    def splits_of(self) -> Mapping[Key, Sequence[Split]]:
        """Splits of each theme and comparison."""
        grouped: dict[Key, list[Split]] = defaultdict(list)
        for split in self.splits:
            grouped[split.theme_id, split.level, split.from_, split.to].append(split)
        return grouped

    @cached_property
    def moves_of(self) -> Mapping[Key, Move]:
        """The move of each theme and comparison that has one."""
        return {(move.theme_id, move.level, move.from_, move.to): move for move in self.moves}

    @cached_property
    def terms_of(self) -> Mapping[Key, Sequence[Term]]:
        """Terms of each theme and comparison, the clearest first."""
        grouped: dict[Key, list[Term]] = defaultdict(list)
        table = self.terms
        places = zip(table.theme_id, table.level, table.from_, table.to, strict=True)
        counted = (table.n_from, table.n_to, table.of_from, table.of_to)
        numbers = (column.tolist() for column in (table.log_odds, *counted))
        for place, *row in zip(places, table.term, *numbers, table.only_in, strict=True):
            grouped[place].append(Term(*row))
        return grouped

    def of(self, theme: int, kind: str, found: bool = False) -> list[Change]:
        """Rows of a theme and a kind of drift: all, or those that are findings."""
        return [row for row in self._grouped.get((theme, kind), []) if row.found or not found]

    def said(self, theme: int) -> list[Change]:
        """List the findings of what is said of a theme and in which words, content first."""
        return [*self.of(theme, "content", found=True), *self.of(theme, "vocabulary", found=True)]

    def widest(self, theme: int) -> Change | None:
        """Compare the shares of the first periods with those of the last; None with one period."""
        rows = self.of(theme, "prevalence")
        spans = [row for row in rows if row.comparison.level == "span"]
        return spans[0] if spans else rows[0] if rows else None

    def wandering(self, theme: int, kind: str) -> list[Change]:
        """Rows that their q would make findings, were not as large a difference found elsewhere in the periods."""
        limits = {(family.kind, family.level): family.q_limit for family in self.families}
        return [
            row
            for row in self.of(theme, kind)
            if not row.stands and not row.unstable and row.q <= limits.get((kind, row.comparison.level), 0.0)
        ]
