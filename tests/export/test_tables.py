"""CSV and Parquet: every table, cells that no spreadsheet runs, the joined table, what is withheld."""

import csv
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from export.conftest import HOSTILE, write_run
from topicgpu.export.csv import csv_cell
from topicgpu.report.withheld import withhold_columns
from topicgpu.store import SCHEMAS


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-5 degrees", "'-5 degrees"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("a = b", "a = b"),
        ("", ""),
        ("nul\0l", "nul\N{REPLACEMENT CHARACTER}l"),
        (["=a", "b"], "'=a; b"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (np.float32(-0.1), "-0.1"),
        (np.int64(-3), "-3"),
        (math.nan, ""),
        (np.float64("nan"), ""),
        (math.inf, "inf"),
        (None, ""),
        (True, "true"),
        (np.False_, "false"),
        (date(2026, 2, 5), "2026-02-05"),
    ],
)
def test_a_cell_is_shown_and_never_run(value, cell):
    assert csv_cell(value) == cell


def test_every_table_of_the_run_is_there_in_both_formats(harbour_run):
    expected = {name.removesuffix(".parquet") for name in SCHEMAS if name in harbour_run.manifest["files"]}
    expected |= {"themes", "findings", "families", "splits", "moves", "presence", "gates", "joined"}
    for to in ("csv", "parquet"):
        folder = harbour_run.export(to)
        assert {path.stem for path in folder.glob(f"*.{to}")} == expected


def test_parquet_is_exact(harbour_run):
    folder = harbour_run.export("parquet")
    for name in SCHEMAS:
        assert pq.read_table(folder / name).equals(pq.read_table(harbour_run.folder / name)), name


def test_csv_says_the_same_as_parquet(harbour_run):
    tables, exact = harbour_run.export("csv"), harbour_run.export("parquet")
    for path in exact.glob("*.parquet"):
        table = pq.read_table(path)
        written = rows(tables / f"{path.stem}.csv")
        assert len(written) == table.num_rows, path.name
        assert list(written[0] if written else table.column_names) == table.column_names, path.name
    changes = rows(tables / "drift.csv")
    effects = pq.read_table(exact / "drift.parquet").column("effect").to_pylist()
    assert [float(row["effect"]) for row in changes] == effects
    assert any(effect < 0 for effect in effects)
    texts = [row["text"] for row in rows(tables / "segments.csv")]
    assert texts == list(harbour_run.segments.text)
    assert HOSTILE in texts


def test_the_joined_table_has_source_theme_and_place_beside_each_segment(harbour_run):
    table = pd.read_parquet(harbour_run.export("parquet") / "joined.parquet").set_index("segment_id")
    first = table.loc["call:0-54"]
    assert first[["title", "date", "genre", "period", "theme_id", "theme", "strength"]].tolist() == [
        *("Harbour company, half-year call", "2021-03-09", "earnings call", "2021"),
        *("cranes", "Cranes and boxes", 0.5),
    ]
    assert (first.x, first.y) == (1.0, 0.0)
    assert first.text == "The cranes moved more boxes than in any spring before."
    last = table.iloc[-1]
    assert last[["theme_id", "theme", "strength", "x", "y"]].isna().all()  # of no theme, and not on the map
    assert last.period == "2022"
    assert table[table.source_id == "letter"].period.isna().all()  # it has no date
    assert table.repeats_id.notna().sum() == 1


def test_a_run_that_stopped_early_gives_what_it_has(tmp_path):
    run = write_run(tmp_path / "run", until="repeats")
    folder = run.export("csv")
    names = {path.stem for path in folder.glob("*.csv")}
    assert names == {"sources", "turns", "dropped", "segments", "repeats", "joined"}
    assert rows(folder / "joined.csv")[0]["theme_id"] == ""


@pytest.mark.parametrize("to", ["csv", "parquet", "embedding-atlas", "datamapplot"])
def test_no_text_where_the_report_has_none(tmp_path, to):
    run = write_run(tmp_path / "run", text=False)
    folder = run.export(to)
    for path in folder.rglob("*"):
        if path.suffix == ".csv":
            assert "text" not in rows(path)[0] if rows(path) else True
        if path.suffix == ".parquet" and path.stem != "labels":
            assert "text" not in pq.read_schema(path).names
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"moved more boxes" not in everything


def test_no_name_of_a_speaker_where_they_are_anonymous(tmp_path):
    run = write_run(tmp_path / "run", speakers="anonymous")
    folder = run.export("csv")
    assert not [path.name for path in folder.rglob("*") if "Ana" in path.read_text(encoding="utf-8")]
    assert {row["speaker"] for row in rows(folder / "turns.csv")} == {"Speaker 1", ""}
    assert {row["speaker"] for row in rows(folder / "joined.csv")} == {"Speaker 1", ""}


@pytest.mark.parametrize("to", ["csv", "parquet", "embedding-atlas", "datamapplot", "svg"])
def test_no_path_of_the_machine_is_in_an_export(tmp_path, to):
    folder = write_run(tmp_path / "run").export(to)
    for path in folder.rglob("*"):
        if path.is_file():
            assert str(tmp_path).encode() not in path.read_bytes(), path.name


def test_a_series_with_a_name_in_it_is_hidden_where_it_is_the_unit(tmp_path):
    results = write_run(tmp_path / "run", speakers="anonymous").results()
    name = next(name for name in results.segments.speaker if name and len(name.split()) > 1)
    by_series = results.config.drift.model_copy(update={"unit": "series"})
    columns = {"by": ["series"], "only_from": [[name]], "only_to": [[]], "rests_on": [name], "only_in": [name]}
    hidden = withhold_columns(columns, replace(results, config=results.config.model_copy(update={"drift": by_series})))
    assert name not in str(hidden)
    assert withhold_columns(columns, results)["rests_on"] == [name]  # the id of a source
