"""Tables of texts: grouped by source and date, each row a turn; broken ones named by line."""

import io
import json
from datetime import date, datetime, timedelta, timezone

import pyarrow
import pytest
from pyarrow import parquet

from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest.readers.rows import read_delimited, read_json_lines, read_parquet

ROWS = [
    {"text": "We bake bread.", "date": "2024-03-01", "source": "bakers", "speaker": "Ann"},
    {"text": "We sell\nit.", "date": "2024-03-01", "source": "bakers", "speaker": "Ben"},
    {"text": "Soil is wet.", "date": "2025", "source": "growers", "speaker": ""},
    {"text": "", "date": "", "source": "", "speaker": ""},
]
DEFAULT = CorpusSection()


def as_csv(rows, delimiter=","):
    quoted = [delimiter.join(f'"{value}"' for value in row.values()) for row in rows]
    return "\r\n".join([delimiter.join(rows[0]), *quoted]) + "\r\n"


def as_lines(rows):
    return "\n".join(map(json.dumps, rows)) + "\n\n"


def as_parquet(rows):
    file = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file.getvalue()


READERS = [
    (read_delimited, as_csv),
    (read_delimited, lambda rows: as_csv(rows, "\t")),
    (read_json_lines, as_lines),
    (read_parquet, as_parquet),
]


@pytest.mark.parametrize(("read", "write"), READERS)
def test_rows_become_documents_by_source_and_date(read, write):
    bakers, growers = read(write(ROWS), DEFAULT)
    assert bakers.text == "We bake bread.\n\nWe sell\nit."
    assert [(cue.locator, cue.speaker) for cue in bakers.cues] == [("row 1", "Ann"), ("row 2", "Ben")]
    assert (bakers.title, bakers.part, bakers.rows) == ("bakers", "bakers 2024-03-01", True)
    assert bakers.date == (date(2024, 3, 1), date(2024, 3, 1))
    assert growers.date == (date(2025, 1, 1), date(2025, 12, 31))
    assert [(cue.locator, cue.speaker) for cue in growers.cues] == [("row 3", None)]


def test_columns_have_the_names_that_the_configuration_gives():
    corpus = CorpusSection(text_column="body", date_column="day")
    (document,) = read_json_lines('{"body": "Bread.", "day": "2024-01-31"}', corpus)
    assert (document.text, document.date, document.part) == ("Bread.", (date(2024, 1, 31),) * 2, "")


@pytest.mark.parametrize("hours", [-8, 0, 9])
def test_a_time_with_a_zone_is_of_the_day_that_it_has_there(hours):
    time = datetime(2024, 2, 29, 23, 30, tzinfo=timezone(timedelta(hours=hours)))
    (document,) = read_parquet(as_parquet([{"text": "Bread.", "date": time}]), DEFAULT)
    assert document.date == (date(2024, 2, 29),) * 2


def test_parquet_dates_may_be_dates():
    (document,) = read_parquet(as_parquet([{"text": "Bread.", "date": date(2024, 2, 29)}]), DEFAULT)
    assert document.date == (date(2024, 2, 29),) * 2


def test_a_field_may_be_longer_than_the_csv_module_likes():
    (document,) = read_delimited("text\n" + "bread " * 50_000, DEFAULT)
    assert len(document.text) == 299_999


@pytest.mark.parametrize(
    ("read", "raw", "sentence"),
    [
        (
            read_delimited,
            "body,day\nBread,2024\n",
            "has no column 'text', only 'body', 'day'; set corpus.text_column",
        ),
        (read_json_lines, '{"body": 1}', "has no column 'text', only 'body'; set corpus.text_column"),
        (read_parquet, as_parquet([{"body": "x"}]), "has no column 'text', only 'body'"),
        (
            read_delimited,
            "text,date\nBread.,2024-01-01\nSoil.,2024-02-30\n",
            "line 3: '2024-02-30' is no date of the",
        ),
        (read_json_lines, '{"text": "a", "date": "soon"}', "line 1: 'soon' is no date of the calendar"),
        (read_json_lines, '{"text": "a"}\n{"text": "b', "line 2, column 10: is not valid JSON"),
        (read_json_lines, '{"text": "a"}\n[1]', "line 2: holds list, not an object"),
        (read_json_lines, '{"text": 4}', "line 1: text is int, not text"),
        (read_delimited, 'text\n"open\nand on', "line 2: is not valid CSV"),
        (read_delimited, "text\n\n", "its column 'text' holds no words"),
        (read_parquet, b"PAR1 broken", "is damaged or no Parquet file"),
    ],
)
def test_what_is_wrong_is_one_sentence(read, raw, sentence):
    with pytest.raises(CorpusError) as caught:
        read(raw, DEFAULT)
    assert str(caught.value).startswith(sentence)


def test_rows_without_a_text_are_counted_in_a_warning():
    lines = '{"text": "Bread."}\n{"body": "Soil."}\n{"text": null}\n'
    (document,) = read_json_lines(lines, DEFAULT)
    assert document.text == "Bread."
    assert document.warnings == ("line 2 has no text (2 such rows in all).",)


def test_a_table_of_one_column_may_hold_commas_and_quotes():
    (document,) = read_delimited('text\nBread, and butter.\n"Soil, ""wet""\nand cold."\n', DEFAULT)
    assert document.text == 'Bread, and butter.\n\nSoil, "wet"\nand cold.'
