"""The sources and their segments."""

import hashlib
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property

from topicgpu.errors import ShapeError
from topicgpu.types.columns import Floats, Ints, OptionalStrings, Strings, Texts, check_columns
from topicgpu.types.days import iso_date
from topicgpu.types.display import ColumnTable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Turns(ColumnTable):
    """Who speaks where: one row a stretch of one speaker, one list item or one paragraph of a digest."""

    source_id: Strings
    position: Ints
    start_char: Ints
    end_char: Ints
    kind: Strings  # speech, item (a list's entry: never joined to the next), text (written prose), summary (nobody's)
    speaker: OptionalStrings
    start_s: Floats  # NaN where untimed
    end_s: Floats
    locator: OptionalStrings  # where in the original the words are, if not at these offsets

    def __post_init__(self) -> None:
        check_columns(self, [column.name for column in fields(self)])

    def __len__(self) -> int:
        return len(self.source_id)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dropped(ColumnTable):
    """Stretches of canonical text that are in no segment, each with the reason."""

    source_id: Strings
    start_char: Ints
    end_char: Ints
    n_words: Ints
    reason: Strings

    def __post_init__(self) -> None:
        check_columns(self, [column.name for column in fields(self)])

    def __len__(self) -> int:
        return len(self.source_id)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sources(ColumnTable):
    """One row a source: its canonical text, when and what it is, who speaks, and what was dropped."""

    source_id: Strings
    title: Strings
    date_start: tuple[date | None, ...]  # a month is a range: its first day ...
    date_end: tuple[date | None, ...]  # ... to its last; None where undated
    genre: OptionalStrings
    form: OptionalStrings
    series: OptionalStrings
    languages: tuple[tuple[str, ...], ...]
    path: Strings  # relative to the corpus
    sha256: Strings  # of the file's bytes
    origin: OptionalStrings  # how to get the original, where this is not it
    text: Texts  # canonical; all offsets are code points into it; each access may read a file
    turns: Turns
    dropped: Dropped
    warnings: Strings
    _shown = ("source_id", "title", "dates", "genre", "form", "languages")

    def __post_init__(self) -> None:
        check_columns(self, [c.name for c in fields(self) if c.name not in ("turns", "dropped", "warnings")])
        if len(set(self.source_id)) != len(self.source_id):
            raise ShapeError("Sources.source_id must not repeat an id.")

    def __len__(self) -> int:
        return len(self.source_id)

    @property
    def dates(self) -> OptionalStrings:
        """ISO 8601 date of each source at its own precision: `2026`, `2026-02` or `2026-02-05`."""
        return tuple(iso_date(*pair) for pair in zip(self.date_start, self.date_end, strict=True))


@dataclass(frozen=True, eq=False, repr=False)
class Segments(ColumnTable):
    """The central table: small stretches of one speaker's words on sentence boundaries, in the order of the sources."""

    segment_id: Strings  # source_id:start_char-end_char
    source_id: Strings
    position: Ints  # within the source, from 0
    passage: Ints  # number within the source of the run of segments that stays on one subject; -1: not looked for
    start_char: Ints
    end_char: Ints
    start_s: Floats  # NaN where untimed
    end_s: Floats
    speaker: OptionalStrings
    language: Strings
    date: OptionalStrings  # ISO 8601 at the source's precision
    text: Strings  # exactly the canonical text's slice
    n_tokens: Ints
    n_words: Ints
    _shown = ("segment_id", "date", "speaker", "language", "n_words", "text")

    def __post_init__(self) -> None:
        check_columns(self, [column.name for column in fields(self)])
        if len(set(self.segment_id)) != len(self.segment_id):
            raise ShapeError("Segments.segment_id must not repeat an id.")

    def __len__(self) -> int:
        return len(self.segment_id)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of ids and texts: the identity that every later table is checked against."""
        digest = hashlib.sha256()
        for identifier, text in zip(self.segment_id, self.text, strict=True):
            digest.update(f"{len(identifier)} {len(text)} {identifier}{text}".encode())
        return digest.hexdigest()
