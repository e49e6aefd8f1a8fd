"""One file of a corpus to the sources that it holds: their rows, texts, turns, and what was dropped."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from topicgpu.config import CorpusSection, IngestSection
from topicgpu.errors import CorpusError
from topicgpu.ingest.catalog import CATALOG, SourceEntry
from topicgpu.ingest.dates import DateRange, find_date, overlaps
from topicgpu.ingest.documents import Document
from topicgpu.ingest.masks import Redaction
from topicgpu.ingest.readers import read_file
from topicgpu.ingest.redact import check_names, redact
from topicgpu.ingest.turns import Drop, Reading, Turn, cut_at_cues, read_turns
from topicgpu.ops.languages import language_of
from topicgpu.ops.words import count_words
from topicgpu.types import Dropped, Sources, Turns, iso_date

_MIN_LANGUAGE_SHARE = 0.1
# Enough to tell a language, little enough to be in one; paragraphs may change it.
_STRETCH = re.compile(r"(?:[^\n]|\n(?!\n)){1,500}")


class _Source(NamedTuple):
    entry: SourceEntry
    document: Document
    reading: Reading
    dates: tuple[tuple[str, DateRange], ...]  # who says so, and which; the first is used
    masked: Counter[str]  # name of a pattern to its matches

    @property
    def date(self) -> DateRange | None:
        return self.dates[0][1] if self.dates else None

    @property
    def title(self) -> str:
        return self.entry.title or self.document.title or self.reading.title or Path(self.entry.file).stem


class FileRead(NamedTuple):
    """What a file came to."""

    sources: Sources  # a row for each source in it
    failed: tuple[str, ...]  # why parts of it, or all of it, can't be read
    masked: tuple[Counter[str], ...]  # of each source: name of a pattern to its matches


def read_source(
    folder: Path, corpus: CorpusSection, section: IngestSection, keep_going: bool, entry: SourceEntry
) -> FileRead:
    """
    Read one file.

    Parameters
    ----------
    folder : Path
        That its name is relative to.
    corpus : CorpusSection
        Names of the columns of tables.
    section : IngestSection
        What is masked.
    keep_going : bool
        Whether to say what can't be read instead of raising.
    entry : SourceEntry
        The file, and what is known of it beforehand.

    Returns
    -------
    FileRead
        Nothing in it that a pattern matches.

    Raises
    ------
    CorpusError
        If a part of it can't be read; not with `keep_going`.
    ConfigError
        If a pattern can't be used on it.

    Notes
    -----
    Linear in the file, which is in memory as a whole.
    """
    failed: list[CorpusError] = []
    try:
        sources = _read(folder, entry, corpus, section, failed if keep_going else None)
    except CorpusError as error:
        if not keep_going:
            raise
        failed.append(error)
        sources = []
    warnings = [warning for source in sources for warning in _doubts(source)]
    reasons = map(Redaction(section, entry.id).mask, map(str, failed))  # they may quote the file
    return FileRead(_table(sources, warnings), tuple(reasons), tuple(source.masked for source in sources))


def _read(
    folder: Path, entry: SourceEntry, corpus: CorpusSection, section: IngestSection, failed: list[CorpusError] | None
) -> list[_Source]:
    documents = read_file(folder / entry.file, corpus, failed)
    parts = [document.part for document in documents]
    ids = _ids_of_parts(entry.id, parts)
    check_names(section, [*parts, *ids], of=f"a part of {entry.file}")
    keep = corpus.summaries == "keep"
    return [_source(entry.model_copy(update={"id": i}), d, section, keep) for i, d in zip(ids, documents, strict=True)]


def _source(entry: SourceEntry, document: Document, section: IngestSection, keep_summaries: bool) -> _Source:
    # The head as white space of the same length, so that every offset stays.
    reading = read_turns(" " * document.head + document.text[document.head :], keep_summaries, document.cues)
    if document.head:
        reading.dropped.insert(0, Drop(0, document.head, "front matter"))
    if document.cues:
        reading = cut_at_cues(reading, document.cues, document.rows)
    said = [
        ("its rows say", document.date if document.rows else None),
        (f"{CATALOG} says", entry.date),
        ("the file name says", find_date(Path(entry.file).stem) or find_date(Path(document.part).stem)),
        ("the file itself says", None if document.rows else document.date),
        *(("its first lines say", found) for found in reading.dates),
    ]
    redaction = Redaction(section, entry.id)
    if section.redact:
        entry, document, reading = redact(entry, document, reading, redaction)
    dates = tuple((who, found) for who, found in said if found is not None)
    return _Source(entry, document, reading, dates, redaction.matches)


def _ids_of_parts(source_id: str, parts: Sequence[str]) -> list[str]:
    if len(parts) == 1:
        return [source_id]
    slugs = [re.sub(r"[^\w.-]+", "-", part).strip("-.")[:80] or "part" for part in parts]
    times = Counter(slugs)
    return [
        f"{source_id}.{slug}" if times[slug] == 1 else f"{source_id}.{slug}.{number}"
        for number, slug in enumerate(slugs, start=1)
    ]


def _doubts(source: _Source) -> list[str]:
    entry, reading = source.entry, source.reading
    doubts = []
    if not source.dates:
        doubts.append(f"{entry.id} has no date and stays out of statements about time; give it one in {CATALOG}.")
    else:
        (given, used), *others = source.dates
        clash = next(((who, found) for who, found in others if not overlaps(found, used)), None)
        if clash:
            doubts.append(
                f"{entry.id}: {clash[0]} {iso_date(*clash[1])}, but {given} {iso_date(*used)}, which is used."
            )
    doubts.extend(f"{entry.id}: {warning}" for warning in source.document.warnings)
    if not reading.turns:
        doubts.append(f"{entry.id} holds no speech: all of its words were dropped, for the reasons in dropped.parquet.")
    return doubts


def _languages(source: _Source) -> tuple[str, ...]:
    if source.entry.language:
        return source.entry.language
    if source.document.language:
        return (source.document.language,)
    words: Counter[str] = Counter()
    for turn in source.reading.turns:
        for stretch in _STRETCH.findall(source.document.text, turn.start, turn.end):
            words[language_of(stretch)] += count_words(stretch)
    known = {language: n for language, n in words.most_common() if language != "und"}
    return tuple(lang for lang, n in known.items() if n >= _MIN_LANGUAGE_SHARE * words.total()) or ("und",)


def _table(sources: Sequence[_Source], warnings: Sequence[str]) -> Sources:
    entries = [source.entry for source in sources]
    starts: list[date | None] = [source.date.start if source.date else None for source in sources]
    ends: list[date | None] = [source.date.end if source.date else None for source in sources]
    return Sources(
        source_id=tuple(entry.id for entry in entries),
        title=tuple(source.title for source in sources),
        date_start=tuple(starts),
        date_end=tuple(ends),
        genre=tuple(entry.genre for entry in entries),
        form=tuple(entry.form for entry in entries),
        series=tuple(entry.series for entry in entries),
        languages=tuple(_languages(source) for source in sources),
        path=tuple(entry.file for entry in entries),
        sha256=tuple(source.document.sha256 for source in sources),
        origin=tuple(entry.origin for entry in entries),
        text=tuple(source.document.text for source in sources),
        turns=_turns([(source.entry.id, i, turn) for source in sources for i, turn in enumerate(source.reading.turns)]),
        dropped=_dropped([(source, drop) for source in sources for drop in source.reading.dropped]),
        warnings=tuple(warnings),
    )


def _turns(rows: Sequence[tuple[str, int, Turn]]) -> Turns:
    return Turns(
        source_id=tuple(source_id for source_id, _, _ in rows),
        position=np.array([position for _, position, _ in rows], dtype=np.int64),
        start_char=np.array([turn.start for _, _, turn in rows], dtype=np.int64),
        end_char=np.array([turn.end for _, _, turn in rows], dtype=np.int64),
        kind=tuple(turn.kind for _, _, turn in rows),
        speaker=tuple(turn.speaker for _, _, turn in rows),
        start_s=np.array([np.nan if turn.start_s is None else turn.start_s for _, _, turn in rows], dtype=np.float64),
        end_s=np.array([np.nan if turn.end_s is None else turn.end_s for _, _, turn in rows], dtype=np.float64),
        locator=tuple(turn.locator for _, _, turn in rows),
    )


def _dropped(rows: Sequence[tuple[_Source, Drop]]) -> Dropped:
    return Dropped(
        source_id=tuple(source.entry.id for source, _ in rows),
        start_char=np.array([drop.start for _, drop in rows], dtype=np.int64),
        end_char=np.array([drop.end for _, drop in rows], dtype=np.int64),
        n_words=np.array([count_words(source.document.text[drop.start : drop.end]) for source, drop in rows], np.int64),
        reason=tuple(drop.reason for _, drop in rows),
    )
