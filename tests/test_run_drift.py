"""What Python users read of a run's drift: tables by kind, theme and level, findings with their quotes."""

from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift
from topicgpu.errors import InputError
from topicgpu.run_drift import RunDrift
from topicgpu.store import SCHEMAS
from topicgpu.types import Drift, Finding


@pytest.fixture
def made():
    dates = {"a": "2024-02", "b": "2024", "c": "2025-03-01", "d": "2026"}
    rows = [Row(source, (theme,), speaker="Ann") for source in dates for theme in ("x", "y") for _ in range(3)]
    return tables([*rows, Row("d", ("x",)), *(Row("a", ("z",)) for _ in range(4))], dates)


@pytest.fixture
def read(made):
    run = SimpleNamespace(sources=made.sources, segments=made.segments, themes=made.themes)
    return RunDrift.of(drift(*made, DriftSection(), 0), run)


def test_it_is_the_result_of_the_stage(read):
    assert isinstance(read, Drift)
    assert read.periods == ("2024", "2025", "2026")
    assert "run=" not in repr(read)


def test_the_table_has_the_columns_of_the_file_and_the_name_of_the_theme(read):
    table = read.table()
    assert list(table.columns) == ["name", *SCHEMAS["drift.parquet"]]
    assert len(table) == len(read.changes)
    assert (table["name"] == table["theme_id"].str.capitalize()).all()
    np.testing.assert_array_equal(table["effect"], read.changes.effect)


def test_rows_are_chosen_by_kind_theme_and_level(read):
    table = read.table(kind="prevalence", theme="x", level="span")
    assert (table["from"].tolist(), table["to"].tolist()) == (["2024"], ["2026"])
    assert read.table(level="period")["to"].unique().tolist() == ["2025", "2026"]
    assert list(table.index) == [0]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"kind": "size"}, "kind = 'size' must be one of prevalence, content, vocabulary."),
        ({"theme": "X"}, "theme = 'X' must be one of x, y, z."),
        ({"level": "source"}, "level = 'source' must be one of period, span."),
    ],
)
def test_what_is_not_there_is_named_with_what_is(read, chosen, words):
    with pytest.raises(InputError, match="must be one of") as caught:
        read.table(**chosen)
    assert str(caught.value) == words


def test_an_empty_table_keeps_its_columns():
    made = tables([Row("a", ("x",))], {"a": "2024"})
    run = SimpleNamespace(sources=made.sources, segments=made.segments, themes=made.themes)
    table = RunDrift.of(drift(*made, DriftSection(), 0), run).table(theme="x")
    assert (len(table), list(table.columns)) == (0, ["name", *SCHEMAS["drift.parquet"]])


def test_a_finding_has_the_words_of_its_evidence_and_where_they_stand(read, made):
    segments = made.segments
    finding = Finding(
        "rises", "x", "“X” rises", "It rises.", {"share_to": 0.5}, segments.segment_id[21:23], "described"
    )
    columns = {column.name: getattr(read, column.name) for column in fields(Drift)} | {"findings": (finding,)}
    quoted = RunDrift.of(Drift(**columns), read.run).finding(0)
    assert (quoted.theme, quoted.headline) == ("X", "“X” rises")
    assert (quoted.sentence, quoted.figures) == ("It rises.", {"share_to": 0.5})
    quote = quoted.quotes[0]
    assert (quote.text, quote.source_id, quote.date, quote.speaker) == ("segment 21", "d", "2026", "Ann")
    assert quote.segment_id == f"d:{quote.start_char}-{quote.end_char}"
    assert str(quoted).splitlines() == [
        "“X” rises (described)",
        "It rises.",
        "  Ann, d, 2026, characters 300 to 400:",
        "    segment 21",
        "  Ann, d, 2026, characters 400 to 500:",
        "    segment 22",
    ]


@pytest.mark.parametrize("i", [-1, 99])
def test_a_number_of_no_finding_is_told_with_how_many_there_are(read, i):
    with pytest.raises(InputError, match=f"i = {i} is the number of no finding: there are"):
        read.finding(i)
