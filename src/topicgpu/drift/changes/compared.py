"""Every comparison of every theme: how much is said, what, and in which words; and what a change is made of."""

from dataclasses import dataclass

import numpy as np

from topicgpu.config import DriftSection
from topicgpu.drift.changes.content import content_changes
from topicgpu.drift.changes.design import Comparison, comparisons
from topicgpu.drift.changes.mix import speech_by, splits
from topicgpu.drift.changes.moves import moves
from topicgpu.drift.changes.prevalence import prevalence_changes
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.changes.spoken import themes_spoken
from topicgpu.drift.changes.terms_moved import TermMoved, terms_table
from topicgpu.drift.changes.vocabulary import Clearest, vocabulary_changes
from topicgpu.drift.shares.cells import Cells
from topicgpu.drift.shares.counts import SEGMENTS, UNITS, Counts
from topicgpu.drift.units import Units
from topicgpu.types import ChangeTerms, Move, OptionalStrings, Segments, Sources, Split, Strings, Themes, Vectors


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What the comparisons came to, before it is known which of them are findings."""

    changes: tuple[Change, ...]  # by kind, then comparison, then theme
    terms: ChangeTerms
    moves: tuple[Move, ...]
    splits: tuple[Split, ...]
    notes: Strings  # sentences: what was drawn, and what could not be compared


def compare(
    sources: Sources,
    segments: Segments,
    vectors: Vectors,
    counts: Counts,
    by_source: Cells,
    units: Units,
    themes: Themes,
    periods: Strings,
    config: DriftSection,
    seed: int,
    device: str,
) -> Compared:
    """
    Compare each period with the next, and the first third of them with the last.

    Parameters
    ----------
    sources : Sources
        S rows, with genre and series.
    segments : Segments
        N rows.
    vectors : (N, d) float32
        Of the segments.
    counts : Counts
        Those that count.
    by_source : Cells
        Shares of the sources.
    units : Units
        What is one observation.
    themes : Themes
        T themes, with their subthemes.
    periods : tuple of str
        In the order of time.
    config : DriftSection
        Unit of the shares, and the level.
    seed : int
        Of the run.
    device : str
        On which distances are computed.

    Returns
    -------
    Compared
        One row a kind, comparison and theme.

    Notes
    -----
    Cost: that of 10,000 assignments for each comparison, and of the pairwise distances inside each theme, once.
    """
    unit, columns = UNITS.index(config.shares_of), counts.columns
    heard = units.heard(by_source.known[unit])
    pairs = [_named(pair, heard) for pair in comparisons(len(heard))]
    shares, n_segments = by_source.share[unit, :, columns.primary], by_source.total_units[SEGMENTS]
    amount: list[Change] = []
    words: list[Change] = []
    moved: list[TermMoved] = []
    clearest = [Clearest(spoken) for spoken in themes_spoken(segments, counts, units)]
    for pair in pairs:
        amount += prevalence_changes(
            shares, n_segments, units, pair, periods, heard, UNITS[unit], level=config.level, seed=seed
        )
        changes, terms = vocabulary_changes(clearest, units, pair, heard, level=config.level, seed=seed)
        words += changes
        moved += terms
    primary = themes.primary[counts.row]
    content = content_changes(
        counts, units, primary, vectors, pairs, heard, level=config.level, seed=seed, device=device
    )
    divided = [speech_by(counts, by, labels, unit) for by, labels in _divisions(sources, segments, counts)]
    return Compared(
        changes=(*amount, *content.changes, *words),
        terms=terms_table(moved, columns.theme_ids, periods),
        moves=moves(counts, units, segments, vectors, themes, pairs, periods),
        splits=tuple(
            split
            for speech in divided
            for pair in pairs
            for split in splits(speech, units, pair, columns.theme_ids, periods)
        ),
        notes=content.notes,
    )


def _named(pair: Comparison, heard: tuple[int, ...]) -> Comparison:
    """Take the periods that have shares as neighbours, whatever lies between them."""
    earlier, later = (tuple(heard[period] for period in side) for side in (pair.earlier, pair.later))
    return Comparison(pair.level, earlier, later)


def _divisions(sources: Sources, segments: Segments, counts: Counts) -> list[tuple[str, OptionalStrings]]:
    """Kinds that speech is divided into, and the kind of each counted segment."""
    place = {source: row for row, source in enumerate(sources.source_id)}
    of_source = np.array([place[source] for source in counts.source_ids], dtype=np.int64)
    row = of_source[counts.source].tolist()
    return [
        ("genre", tuple(sources.genre[each] for each in row)),
        ("series", tuple(sources.series[each] for each in row)),
        ("speaker", tuple(segments.speaker[each] for each in counts.row.tolist())),
        ("language", tuple(segments.language[each] for each in counts.row.tolist())),
    ]
