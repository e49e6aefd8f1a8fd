"""What counts: the units of served, unrepeated speech of each source, and which themes each segment carries."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.config import Unit
from topicgpu.errors import MisalignedError
from topicgpu.types import Embeddings, Floats, Ints, OptionalStrings, Repeats, Segments, Sources, Strings, Themes

UNITS: Strings = get_args(Unit)
WORDS, SEGMENTS, SECONDS = (UNITS.index(unit) for unit in ("words", "segments", "seconds"))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The order of the K = 2t + 1 columns: t themes as primary, no theme, t themes at any rank."""

    theme_ids: Strings

    @property
    def n_themes(self) -> int:
        """Number of themes, t."""
        return len(self.theme_ids)

    @property
    def primary(self) -> slice:
        """Columns of the themes as primary theme."""
        return slice(0, self.n_themes)

    @property
    def any(self) -> slice:
        """Columns of the themes at any rank."""
        return slice(self.n_themes + 1, 2 * self.n_themes + 1)

    @property
    def labels(self) -> tuple[OptionalStrings, Strings]:
        """Theme id (None = no theme) and measure of each column."""
        return (
            (*self.theme_ids, None, *self.theme_ids),
            ("primary",) * (self.n_themes + 1) + ("any",) * self.n_themes,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """The n counted segments, sorted by source id and by position: no result depends on the order of the sources."""

    source_ids: Strings  # sorted; every source, also those with nothing counted
    columns: Columns
    row: Ints  # (n,) row in Segments
    source: Ints  # (n,) index into source_ids
    units: Floats  # (3, n) words, segments and seconds of each; seconds NaN where untimed
    carries: sparse.csr_array  # (n, K) 1.0 where a segment belongs to a column

    def span(self, source: int) -> slice:
        """Slice of the counted segments of the source with this index."""
        start, stop = np.searchsorted(self.source, [source, source + 1])
        return slice(int(start), int(stop))

    def indicators(self, span: slice) -> NDArray[np.float64]:
        """(m, K) table of the columns for a stretch of counted segments."""
        ends = self.carries.indptr[span.start : span.stop + 1]
        table: Floats = np.zeros((span.stop - span.start, self.carries.shape[1]))
        rows = np.repeat(np.arange(len(table)), np.diff(ends))
        table[rows, self.carries.indices[ends[0] : ends[-1]]] = 1.0
        return table

    def sums(self, group: Ints, n_groups: int) -> tuple[Floats, Floats]:
        """
        Add up the units of each group of counted segments.

        Parameters
        ----------
        group : (n,) int
            Group of each counted segment; negative: in none.
        n_groups : int
            Number of groups.

        Returns
        -------
        theme_units : (3, n_groups, K) float
            Units of each column. Seconds are NaN where a segment in it is untimed.
        total_units : (3, n_groups) float
            Units of all segments.
        """
        inside = group >= 0
        carries = self.carries[inside]
        places = (group[inside], np.arange(len(carries.indptr) - 1))
        tables = [
            sparse.csr_array((weights[inside], places), shape=(n_groups, carries.shape[0])) for weights in self.units
        ]
        return (
            np.stack([(table @ carries).toarray() for table in tables]),
            np.stack([np.bincount(group[inside], weights[inside], minlength=n_groups) for weights in self.units]),
        )


def count_units(
    sources: Sources, segments: Segments, embeddings: Embeddings, repeats: Repeats, themes: Themes
) -> Counts:
    """
    Find the speech that counts: in a language that the encoder serves, and said for the first time.

    Parameters
    ----------
    sources : Sources
        All sources.
    segments : Segments
        N rows.
    embeddings : Embeddings
        Its `served` mask is used, not its vectors.
    repeats : Repeats
        The rows left out as said before.
    themes : Themes
        Who carries what.

    Returns
    -------
    Counts
        Of the n <= N segments that count.

    Raises
    ------
    MisalignedError
        If a segment names a source that is not there.
    """
    source_ids = tuple(sorted(sources.source_id))
    place = {source: index for index, source in enumerate(source_ids)}
    unknown = next((source for source in segments.source_id if source not in place), None)
    if unknown is not None:
        raise MisalignedError(
            f"A segment belongs to source {unknown!r}, which is not among the {len(place)} sources; "
            "run the segment stage again."
        )
    source = np.array([place[s] for s in segments.source_id], dtype=np.int64)
    counted = np.flatnonzero(embeddings.served & ~repeats.mask)
    row = counted[np.lexsort((segments.position[counted], source[counted]))]
    return Counts(
        source_ids=source_ids,
        columns=Columns(tuple(theme.theme_id for theme in themes.themes)),
        row=row,
        source=source[row],
        units=_units(segments)[:, row],
        carries=_carries(themes)[row],
    )


def _units(segments: Segments) -> Floats:
    seconds = segments.end_s - segments.start_s
    seconds = np.where(np.isfinite(seconds) & (seconds >= 0), seconds, np.nan)
    return np.stack([segments.n_words.astype(np.float64), np.ones(len(segments)), seconds])


def _carries(themes: Themes) -> sparse.csr_array:
    n_themes = len(themes.themes)
    primary = themes.primary
    rows = np.concatenate([np.arange(themes.n_rows), themes.row])
    columns = np.concatenate([np.where(primary < 0, n_themes, primary), themes.theme + n_themes + 1])
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(themes.n_rows, 2 * n_themes + 1))
