"""What findings are made from: shares, the sources that are compared, and the segments behind them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.design import side_label
from topicgpu.drift.findings.phrases import sources_of
from topicgpu.drift.shares.cells import Cells
from topicgpu.drift.shares.counts import SECONDS, SEGMENTS, WORDS, Counts
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints, OptionalStrings, Segments, Sources, Strings, Themes

_PER_SOURCE = 2
_MAX_EVIDENCE = 20
_DIGEST = re.compile(r"\bdigest\b", re.IGNORECASE)  # written about the speech, not taken from it


@dataclass(frozen=True, slots=True)
class Side:
    """The sources of one period, or of several in a row, on one side of a comparison."""

    label: str
    periods: tuple[int, ...]
    rows: tuple[int, ...]
    kinds: OptionalStrings
    noun: str  # source, or timed source where only those have shares

    def __str__(self) -> str:
        return sources_of(self.label, self.kinds, self.noun)


def source_kinds(sources: Sources, source_ids: Sequence[str]) -> OptionalStrings:
    """
    Name the kind of each source: its genre, and whether it is a digest.

    Parameters
    ----------
    sources : Sources
        All sources.
    source_ids : sequence of s str
        Which, in the order wanted.

    Returns
    -------
    (s,) tuple of str or None
        None where nothing is known of a source.
    """
    place = {source: row for row, source in enumerate(sources.source_id)}
    return tuple(_kind(sources.genre[place[source]], sources.form[place[source]]) for source in source_ids)


def _kind(genre: str | None, form: str | None) -> str | None:
    digest = [form is not None and _DIGEST.search(form) is not None, genre is not None and _DIGEST.search(genre)]
    if not digest[0] or digest[1]:
        return genre
    return "digest" if genre is None else f"{genre} as a digest"


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything that findings are made from, but for what the comparisons came to."""

    themes: Themes
    segments: Segments
    counts: Counts
    sources: Cells
    periods: Cells
    members: Sequence[Sequence[int]]  # rows of `sources` in each period
    kinds: OptionalStrings  # of each row of `sources`
    units: Units
    unit: int
    named: bool = False  # the config names the periods

    @property
    def n_themes(self) -> int:
        """Number of themes, t."""
        return self.counts.columns.n_themes

    @property
    def known(self) -> NDArray[np.bool_]:
        """(s,) sources that have shares in the unit."""
        known: NDArray[np.bool_] = self.sources.known[self.unit]
        return known

    @property
    def heard(self) -> tuple[int, ...]:
        """Periods that have shares in the unit, in the order of time: what is compared."""
        return self.units.heard(self.known)

    def primary(self, theme: int) -> Ints:
        """(s,) counted segments of each source with the theme as primary theme."""
        return self.sources.theme_units[SEGMENTS, :, theme].astype(np.int64)

    def name(self, theme: int) -> str:
        """Name of the theme with this index."""
        return self.themes.themes[theme].name

    def side(self, periods: Iterable[int]) -> Side:
        """Gather the sources of neighbouring periods that have shares in the unit."""
        chosen, known = tuple(periods), self.known
        rows = tuple(row for period in chosen for row in self.members[period] if known[row])
        noun = "timed source" if self.unit == SECONDS else "source"
        return Side(self.label(chosen), chosen, rows, tuple(self.kinds[row] for row in rows), noun)

    def label(self, periods: Sequence[int]) -> str:
        """Name neighbouring periods in a sentence: in quotation marks where the config gave them their names."""
        keys = self.periods.keys
        return side_label(tuple(f"“{key}”" for key in keys) if self.named else keys, periods)

    def present(self, theme: int, side: Side) -> int:
        """Count the sources in which the theme is the primary theme of a segment."""
        return int((self.primary(theme)[list(side.rows)] > 0).sum())

    def shares(self, theme: int, side: Side) -> Floats:
        """(k,) share of the theme, as primary theme, in each source of a side."""
        shares: Floats = self.sources.share[self.unit, list(side.rows), theme]
        return shares

    def n_words(self, side: Side) -> int:
        """Count the words of a side that were read."""
        return int(self.sources.total_units[WORDS, list(side.rows)].sum())

    def near(self, theme: int, side: Side) -> int:
        """Count the segments of a side that have the theme as a further one, or come near to having it."""
        return int((self._near(theme) & np.isin(self.counts.source, side.rows)).sum())

    def near_shares(self, theme: int, side: Side) -> Floats:
        """(k,) part of each source of a side that such segments take."""
        weights = np.where(self._near(theme), self.counts.units[self.unit], 0.0)
        near = np.bincount(self.counts.source, weights, minlength=len(self.sources.keys))
        rows = list(side.rows)
        shares: Floats = near[rows] / self.sources.total_units[self.unit, rows]
        return shares

    def _near(self, theme: int) -> NDArray[np.bool_]:
        further = self.themes.row[(self.themes.theme == theme) & (self.themes.rank > 1)]
        close = self.themes.near_row[self.themes.near_theme == theme]
        return np.isin(self.counts.row, np.concatenate([further, close]))

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
