"""Tables of texts: CSV, TSV, JSON Lines and Parquet, with named columns."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest.dates import DateRange, date_range, find_date
from topicgpu.ingest.documents import Document, Spoken, join_cues
from topicgpu.ingest.readers.json_text import parse_json

_LONGEST_FIELD = 2**31 - 1  # the csv module stops at 131,072 characters unless told
_UNIT_SEPARATOR = "\x1f"
_MOST_ROWS = 50_000_000
_YEAR_DIGITS = 4


class _Row(NamedTuple):
    number: int  # from 1, the header not counted
    place: str  # in the file
    values: Mapping[str, Any]


def read_delimited(text: str, corpus: CorpusSection) -> list[Document]:
    """
    Read CSV or TSV.

    Parameters
    ----------
    text : str
        Decoded file; its first row names the columns.
    corpus : CorpusSection
        Names of the columns.

    Returns
    -------
    list of Document
        One for each source and date.

    Raises
    ------
    CorpusError
        If the column of texts is missing or there twice, a row is broken or a date does not exist.
    """
    return _documents(_delimited_rows(text, corpus), corpus)


def read_json_lines(text: str, corpus: CorpusSection) -> list[Document]:
    """
    Read JSON Lines: an object a line.

    Parameters
    ----------
    text : str
        Decoded file.
    corpus : CorpusSection
        Names of the keys.

    Returns
    -------
    list of Document
        One for each source and date.

    Raises
    ------
    CorpusError
        If a line is no object of JSON, the first one lacks the key of texts or a date does not exist.
    """
    return _documents(_json_rows(text, corpus), corpus)


def read_parquet(raw: bytes, corpus: CorpusSection) -> list[Document]:
    """
    Read Parquet.

    Parameters
    ----------
    raw : bytes
        The file.
    corpus : CorpusSection
        Names of the columns.

    Returns
    -------
    list of Document
        One for each source and date.

    Raises
    ------
    CorpusError
        If the file is damaged, the column of texts is missing or there twice, or a date does not exist.
    """
    import pyarrow

    try:
        return _documents(_parquet_rows(raw, corpus), corpus)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        said = str(error).splitlines() or [type(error).__name__]
        raise CorpusError(f"is damaged or no Parquet file ({said[0]}).") from error


def _delimited_rows(text: str, corpus: CorpusSection) -> Iterator[_Row]:
    csv.field_size_limit(_LONGEST_FIELD)
    head = text[:65536].partition("\n")[0]
    delimiter = max(",\t;|", key=head.count)
    if delimiter not in head:
        delimiter = _UNIT_SEPARATOR  # one column: a comma is part of its text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, line = 0, 1
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_columns(names, corpus)
        line = reader.line_num + 1
        for fields in reader:
            place, line = f"line {line}", reader.line_num + 1
            if not any(map(str.strip, fields)):
                continue
            if len(fields) != len(names):
                raise CorpusError(
                    f"{place}: has {len(fields)} fields, but the header names {len(names)}; put a text that holds "
                    f"{delimiter!r} or a line break into quotation marks."
                )
            number += 1
            yield _Row(number, place, dict(zip(names, fields, strict=True)))
    except csv.Error as error:
        raise CorpusError(f"line {line}: is not valid CSV ({error}); mend the row.") from error


def _json_rows(text: str, corpus: CorpusSection) -> Iterator[_Row]:
    number = 0
    for line, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        number += 1
        values = parse_json(written, line)
        if not isinstance(values, dict):
            raise CorpusError(f"line {line}: holds {type(values).__name__}, not an object with named values.")
        if number == 1:
            _check_columns(list(values), corpus)
        yield _Row(number, f"line {line}", values)


def _parquet_rows(raw: bytes, corpus: CorpusSection) -> Iterator[_Row]:
    import pyarrow
    from pyarrow import parquet

    file = parquet.ParquetFile(pyarrow.BufferReader(raw))
    names = file.schema_arrow.names
    _check_columns(names, corpus)
    if file.metadata.num_rows > _MOST_ROWS:  # a few bytes may say any number of equal rows
        raise CorpusError(f"holds {file.metadata.num_rows:,} rows, over {_MOST_ROWS:,}; split it.")
    wanted = [name for name in _columns(corpus) if name in names]
    rows = (row for batch in file.iter_batches(columns=wanted) for row in batch.to_pylist())
    for number, values in enumerate(rows, start=1):
        yield _Row(number, f"row {number}", values)


def _columns(corpus: CorpusSection) -> tuple[str, ...]:
    return corpus.text_column, corpus.date_column, corpus.source_column, corpus.speaker_column


def _check_columns(names: Sequence[str], corpus: CorpusSection) -> None:
    if corpus.text_column not in names:
        raise CorpusError(
            f"has no column {corpus.text_column!r}, only {', '.join(map(repr, names)) or 'none'}; "
            "set corpus.text_column to the one that holds the texts."
        )
    twice = next((name for name in _columns(corpus) if names.count(name) > 1), None)
    if twice is not None:
        raise CorpusError(f"names the column {twice!r} {names.count(twice)} times; rename all but one.")


def _documents(rows: Iterator[_Row], corpus: CorpusSection) -> list[Document]:
    """Group rows by source and date: a source has one date, and a row is a turn of it."""
    grouped: defaultdict[tuple[str, DateRange | None], list[Spoken]] = defaultdict(list)
    without = []
    for row in rows:
        text, speaker = row.values.get(corpus.text_column), row.values.get(corpus.speaker_column)
        if text is None:
            without.append(row.place)
            continue
        if not isinstance(text, str):
            raise CorpusError(
                f"{row.place}: {corpus.text_column} is {type(text).__name__}, not text; name another column."
            )
        source = row.values.get(corpus.source_column)
        key = ("" if source is None else str(source).strip(), _date(row.values.get(corpus.date_column), row.place))
        said_by = None if speaker is None or not str(speaker).strip() else str(speaker).strip()
        grouped[key].append(Spoken(text, f"row {row.number}", said_by))
    warnings = (f"{without[0]} has no {corpus.text_column} ({len(without)} such rows in all).",) if without else ()
    documents = []
    for (source, day), spoken in grouped.items():
        text, cues = join_cues(spoken, "\n\n")
        if cues:
            part = " ".join(filter(None, [source, day and day.start.isoformat()])) if len(grouped) > 1 else ""
            documents.append(
                Document(text, cues, title=source or None, date=day, part=part, rows=True, warnings=warnings)
            )
            warnings = ()  # once a file
    if not documents:
        raise CorpusError(f"its column {corpus.text_column!r} holds no words; fill it or name another column.")
    return documents


def _date(value: Any, place: str) -> DateRange | None:
    if value is None or not str(value).strip():
        return None
    if isinstance(value, date):  # a datetime is one too
        return date_range(value.year, value.month, value.day)
    written = str(value).strip()
    if len(written) == _YEAR_DIGITS and written.isdigit() and int(written):
        return date_range(int(written))
    found = find_date(written)
    if found is None:
        raise CorpusError(
            f"{place}: {written!r} is no date of the calendar; write it as YYYY-MM-DD, or leave it empty."
        )
    return found
