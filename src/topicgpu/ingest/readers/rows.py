"""Tables of texts: CSV, TSV, JSON Lines and Parquet, with named columns."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest.dates import DateRange, date_range, find_date
from topicgpu.ingest.documents import Document, Spoken, join_cues

_LONGEST_FIELD = 2**31 - 1  # the csv module stops at 131,072 characters unless told
_YEAR_DIGITS = 4


class _Row(NamedTuple):
    number: int  # from 1, the header not counted
    line: int | None  # where it begins in the file
    values: Mapping[str, Any]


def read_delimited(text: str, sha256: str, path: str, corpus: CorpusSection) -> list[Document]:
    """
    Read CSV or TSV.

    Parameters
    ----------
    text : str
        Decoded file; its first row names the columns.
    sha256 : str
        Of its bytes.
    path : str
        Named in errors.
    corpus : CorpusSection
        Names of the columns.

    Returns
    -------
    list of Document
        One for each source and date.

    Raises
    ------
    CorpusError
        If the column of texts is missing, a row is broken or a date does not exist.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    head = text[:65536].partition("\n")[0]
    delimiter = max(",\t;|", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

    def rows() -> Iterator[_Row]:
        try:
            _check_columns(reader.fieldnames or (), path, corpus)
            line = reader.line_num + 1
            for number, values in enumerate(reader, start=1):
                yield _Row(number, line, values)
                line = reader.line_num + 1
        except csv.Error as error:
            raise CorpusError(f"{path}: line {reader.line_num}: is not valid CSV ({error}); mend the row.") from error

    return _documents(rows(), sha256, path, corpus)


def read_json_lines(text: str, sha256: str, path: str, corpus: CorpusSection) -> list[Document]:
    """
    Read JSON Lines: an object a line.

    Parameters
    ----------
    text : str
        Decoded file.
    sha256 : str
        Of its bytes.
    path : str
        Named in errors.
    corpus : CorpusSection
        Names of the keys.

    Returns
    -------
    list of Document
        One for each source and date.

    Raises
    ------
    CorpusError
        If a line is no object of JSON, no line has the key of texts or a date does not exist.
    """

    def rows() -> Iterator[_Row]:
        number = 0
        for line, written in enumerate(text.split("\n"), start=1):
            if not written.strip():
                continue
            number += 1
            try:
                values = json.loads(written)
            except (json.JSONDecodeError, RecursionError) as error:
                raise CorpusError(
                    f"{path}: line {line}: is not valid JSON ({error}); the file may be cut off."
                ) from error
            if not isinstance(values, dict):
                raise CorpusError(
                    f"{path}: line {line}: holds {type(values).__name__}, not an object with named values."
                )
            if number == 1:
                _check_columns(list(values), path, corpus)
            yield _Row(number, line, values)

    return _documents(rows(), sha256, path, corpus)


def read_parquet(raw: bytes, sha256: str, path: str, corpus: CorpusSection) -> list[Document]:
    """
    Read Parquet.

    Parameters
    ----------
    raw : bytes
        The file.
    sha256 : str
        Of its bytes.
    path : str
        Named in errors.
    corpus : CorpusSection
        Names of the columns.

    Returns
    -------
    list of Document
        One for each source and date.

    Raises
    ------
    CorpusError
        If the file is damaged, the column of texts is missing or a date does not exist.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(raw))
        names = file.schema_arrow.names
        _check_columns(names, path, corpus)
        wanted = [name for name in _columns(corpus) if name in names]
        rows = (row for batch in file.iter_batches(columns=wanted) for row in batch.to_pylist())
        return _documents((_Row(n, None, row) for n, row in enumerate(rows, start=1)), sha256, path, corpus)
    except (pyarrow.ArrowException, OSError) as error:
        raise CorpusError(f"{path}: is damaged or no Parquet file ({str(error).splitlines()[0]}).") from error


def _columns(corpus: CorpusSection) -> tuple[str, ...]:
    return corpus.text_column, corpus.date_column, corpus.source_column, corpus.speaker_column


def _check_columns(names: Any, path: str, corpus: CorpusSection) -> None:
    if corpus.text_column not in names:
        raise CorpusError(
            f"{path}: has no column {corpus.text_column!r}, only {', '.join(map(repr, names)) or 'none'}; "
            "set corpus.text_column to the one that holds the texts."
        )


def _documents(rows: Iterator[_Row], sha256: str, path: str, corpus: CorpusSection) -> list[Document]:
    """Group rows by source and date: a source has one date, and a row is a turn of it."""
    grouped: defaultdict[tuple[str, DateRange | None], list[Spoken]] = defaultdict(list)
    for row in rows:
        where = f"{path}: " + (f"line {row.line}" if row.line else f"row {row.number}")
        text, speaker = row.values.get(corpus.text_column), row.values.get(corpus.speaker_column)
        if text is None:
            continue
        if not isinstance(text, str):
            raise CorpusError(f"{where}: {corpus.text_column} is {type(text).__name__}, not text; name another column.")
        source = row.values.get(corpus.source_column)
        key = ("" if source is None else str(source).strip(), _date(row.values.get(corpus.date_column), where))
        said_by = None if speaker is None or not str(speaker).strip() else str(speaker).strip()
        grouped[key].append(Spoken(text, f"row {row.number}", said_by))
    documents = []
    for (source, day), spoken in grouped.items():
        text, cues = join_cues(spoken, "\n\n")
        if cues:
            part = " ".join(filter(None, [source, day and day.start.isoformat()])) if len(grouped) > 1 else ""
            documents.append(Document(text, sha256, cues, title=source or None, date=day, part=part, rows=True))
    if not documents:
        raise CorpusError(f"{path}: its column {corpus.text_column!r} holds no words; fill it or name another column.")
    return documents


def _date(value: Any, where: str) -> DateRange | None:
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
            f"{where}: {written!r} is no date of the calendar; write it as YYYY-MM-DD, or leave it empty."
        )
    return found
