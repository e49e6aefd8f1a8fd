"""What findings are made from: shares, the sources that are compared, and the segments behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topicgpu.drift.findings.phrases import sources_of
from topicgpu.drift.shares.cells import Cells
from topicgpu.drift.shares.counts import SECONDS, SEGMENTS, Counts
from topicgpu.types import Ints, OptionalStrings, Segments, Strings, Themes

_PER_SOURCE = 2
_MAX_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class Side:
    """The sources of one period, or of several in a row, on one side of a comparison."""

    label: str
    rows: tuple[int, ...]
    genres: OptionalStrings
    noun: str  # source, or timed source where only those have shares

    def __str__(self) -> str:
        return sources_of(self.label, self.genres, self.noun)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything that findings are made from."""

    themes: Themes
    segments: Segments
    counts: Counts
    sources: Cells
    periods: Cells
    members: Sequence[Sequence[int]]  # rows of `sources` in each period
    genres: OptionalStrings  # of each row of `sources`
    unit: int

    def primary(self, theme: int) -> Ints:
        """(s,) counted segments of each source with the theme as primary theme."""
        return self.sources.theme_units[SEGMENTS, :, theme].astype(np.int64)

    def name(self, theme: int) -> str:
        """Name of the theme with this index."""
        return self.themes.themes[theme].name

    def side(self, periods: Sequence[int]) -> Side:
        """Gather the sources of neighbouring periods that have shares in the unit."""
        known = self.sources.known[self.unit]
        rows = tuple(row for period in periods for row in self.members[period] if known[row])
        first, last = (self.periods.keys[period] for period in (periods[0], periods[-1]))
        label = first if len(periods) == 1 else f"{first} to {last}"
        noun = "timed source" if self.unit == SECONDS else "source"
        return Side(label, rows, tuple(self.genres[row] for row in rows), noun)

    def present(self, theme: int, side: Side) -> int:
        """Count the sources in which the theme is the primary theme of a segment."""
        return int((self.primary(theme)[list(side.rows)] > 0).sum())

    def near(self, theme: int, side: Side) -> int:
        """Count the segments of a side that have the theme as a further one, or come near to having it."""
        further = self.themes.row[(self.themes.theme == theme) & (self.themes.rank > 1)]
        close = self.themes.near_row[self.themes.near_theme == theme]
        near = np.isin(self.counts.row, np.concatenate([further, close]))
        return int((near & np.isin(self.counts.source, side.rows)).sum())

    def strongest(self, theme: int, rows: Sequence[int]) -> Strings:
        """Segment ids: two of each source, the strongest first, at most 20."""
        strength = np.full(self.themes.n_rows, np.nan)
        chosen = (self.themes.rank == 1) & (self.themes.theme == theme)
        strength[self.themes.row[chosen]] = self.themes.strength[chosen]
        strength = strength[self.counts.row]
        candidates = np.flatnonzero(np.isfinite(strength) & np.isin(self.counts.source, rows))
        ranked = candidates[np.argsort(-strength[candidates], kind="stable")]
        taken: dict[int, list[int]] = {}
        for index in ranked.tolist():
            taken.setdefault(int(self.counts.source[index]), []).append(index)
        rounds = [[found[turn] for found in taken.values() if len(found) > turn] for turn in range(_PER_SOURCE)]
        ids = [self.segments.segment_id[self.counts.row[index]] for turn in rounds for index in turn]
        return tuple(ids[:_MAX_EVIDENCE])
