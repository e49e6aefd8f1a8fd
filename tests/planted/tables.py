"""Tables of the pipeline made by hand: a few rows say who says how much about what, and the rest follows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from planted.generator import NO_THEME, Planted
from topicgpu.ops.words import count_words
from topicgpu.types import Dropped, Embeddings, Repeats, Segments, Sources, Theme, Themes, Turns, iso_days


@dataclass(frozen=True)
class Row:
    """One segment: its source, its themes (the first is primary), and what else matters to a count."""

    source: str
    themes: tuple[str, ...] = ()
    words: int = 10
    served: bool = True
    repeats: int | None = None  # row that it says again
    seconds: float | None = None
    speaker: str | None = None
    strength: float = 0.5
    text: str | None = None


class Tables(NamedTuple):
    """What the stage takes, in the order of its arguments."""

    sources: Sources
    segments: Segments
    embeddings: Embeddings
    repeats: Repeats
    themes: Themes


def tables(
    rows: Sequence[Row],
    dates: Mapping[str, str | None],
    genres: Mapping[str, str] | None = None,
    theme_ids: Sequence[str] | None = None,
) -> Tables:
    """
    Make the tables of a corpus.

    Parameters
    ----------
    rows : sequence of Row
        In the order of each source.
    dates : mapping of str to str or None
        Every source, with a year, a month, a day or nothing.
    genres : mapping of str to str, optional
        Kinds of some of the sources.
    theme_ids : sequence of str, optional
        All themes; by default those in the rows.

    Returns
    -------
    Tables
        Aligned to one table of segments.
    """
    segments = _segments(rows, dates)
    ids = sorted({theme for row in rows for theme in row.themes}) if theme_ids is None else list(theme_ids)
    carried = [
        (index, ids.index(theme), rank)
        for index, row in enumerate(rows)
        for rank, theme in enumerate(row.themes, start=1)
    ]
    columns = np.array(carried, dtype=np.int64).reshape(-1, 3).T
    no_rows = np.zeros(0, dtype=np.int64)
    repeats = [(index, row.repeats) for index, row in enumerate(rows) if row.repeats is not None]
    said = np.array(repeats, dtype=np.int64).reshape(-1, 2).T
    return Tables(
        sources=_sources(dates, genres or {}),
        segments=segments,
        embeddings=Embeddings(
            np.ones((len(rows), 1), dtype=np.float32),
            np.array([row.served for row in rows], dtype=bool),
            encoder="hand",
            revision="0",
            languages=("en",),
            rows=segments.fingerprint,
        ),
        repeats=Repeats(
            said[0], said[1], ("exact",) * len(repeats), np.ones(len(repeats)), len(rows), segments.fingerprint
        ),
        themes=Themes(
            tuple(Theme(i, i.capitalize(), "guided", None, (), 0, ()) for i in ids),
            columns[0],
            columns[1],
            np.array([rows[index].strength for index in columns[0]], dtype=np.float32),
            columns[2],
            no_rows,
            no_rows,
            np.zeros(0, dtype=np.float32),
            len(rows),
            segments.fingerprint,
        ),
    )


def planted_tables(planted: Planted) -> Tables:
    """
    Make the tables of a planted corpus as a stage that errs nowhere would: a paragraph a segment, true themes.

    Parameters
    ----------
    planted : Planted
        The corpus and its truth.

    Returns
    -------
    Tables
        With every planted theme.
    """
    rows = []
    for source, text in planted.texts.items():
        start = 0
        for paragraph in text.split("\n\n"):
            if paragraph:
                theme = planted.theme_of(source, start, start + len(paragraph))
                rows.append(Row(source, () if theme == NO_THEME else (theme,), words=count_words(paragraph)))
            start += len(paragraph) + 2
    dates = {source: str(year) for source, year in planted.years.items()}
    return tables(rows, dates, theme_ids=sorted(planted.truth))


def _segments(rows: Sequence[Row], dates: Mapping[str, str | None]) -> Segments:
    seen: Counter[str] = Counter()
    position: list[int] = []
    for row in rows:
        position.append(seen[row.source])
        seen[row.source] += 1
    starts = np.array(position, dtype=np.int64) * 100
    seconds = np.array([np.nan if row.seconds is None else row.seconds for row in rows], dtype=np.float64)
    return Segments(
        segment_id=tuple(f"{row.source}:{start}-{start + 100}" for row, start in zip(rows, starts, strict=True)),
        source_id=tuple(row.source for row in rows),
        position=np.array(position, dtype=np.int64),
        passage=np.zeros(len(rows), dtype=np.int64),
        start_char=starts,
        end_char=starts + 100,
        start_s=np.zeros(len(rows)) + 0 * seconds,
        end_s=seconds,
        speaker=tuple(row.speaker for row in rows),
        language=tuple("en" if row.served else "zh" for row in rows),
        date=tuple(dates[row.source] for row in rows),
        text=tuple(f"segment {index}" if row.text is None else row.text for index, row in enumerate(rows)),
        n_tokens=np.array([row.words for row in rows], dtype=np.int64),
        n_words=np.array([row.words for row in rows], dtype=np.int64),
    )


def _sources(dates: Mapping[str, str | None], genres: Mapping[str, str]) -> Sources:
    ids = tuple(dates)
    ranges = [(None, None) if text is None else iso_days(text) for text in dates.values()]
    nothing = np.array([], dtype=np.int64)
    return Sources(
        source_id=ids,
        title=ids,
        date_start=tuple(start for start, _ in ranges),
        date_end=tuple(end for _, end in ranges),
        genre=tuple(genres.get(source) for source in ids),
        form=(None,) * len(ids),
        series=(None,) * len(ids),
        languages=(("en",),) * len(ids),
        path=ids,
        sha256=ids,
        origin=(None,) * len(ids),
        text=("",) * len(ids),
        turns=Turns((), nothing, nothing, nothing, (), (), nothing * 1.0, nothing * 1.0, ()),
        dropped=Dropped((), nothing, nothing, nothing, ()),
        warnings=(),
    )
