"""Files of a run folder: whole or not at all, read back as they were written, the same bytes for the same data."""

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planted.tables import Row, tables
from topicgpu import artifacts
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change, changes_table
from topicgpu.errors import MisalignedError, RunFolderError
from topicgpu.store import (
    SCHEMAS,
    from_columns,
    hash_file,
    read_arrays,
    read_json,
    read_table,
    read_text,
    table_columns,
    write_arrays,
    write_file,
    write_json,
    write_table,
    write_text,
)
from topicgpu.types import (
    Changes,
    ChangeTerms,
    Clusters,
    Drift,
    Dropped,
    Family,
    Finding,
    GateResult,
    Keyword,
    Levels,
    Map,
    Move,
    Neighbors,
    Presence,
    Prevalence,
    Segments,
    Split,
    Theme,
    Themes,
    Turns,
)

ODD = 'tab\t nul\x00 bell\x07 return\r\n line\u2028 bom\ufeff 太空 e\u0301 🚀 nbsp\xa0 quote" back\\'


def test_a_writer_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "new" / "table.txt"

    def fail(temporary):
        temporary.write_text("half")
        raise KeyError("broken")

    with pytest.raises(KeyError):
        write_file(path, fail)
    assert list(path.parent.iterdir()) == []
    write_text(path, "whole")
    with pytest.raises(KeyError):
        write_file(path, fail)
    assert read_text(path) == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "x.json"
    with pytest.raises(RunFolderError) as caught:
        write_json(path, {})
    assert str(caught.value) == f"{path}: can't be written (File exists); free or choose another place."


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_is_read_back_as_written(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.txt"
    write_text(path, text)
    assert read_text(path) == text


def test_text_keeps_every_control_character(tmp_path):
    write_text(tmp_path / "odd.txt", ODD)
    assert read_text(tmp_path / "odd.txt") == ODD
    assert (tmp_path / "odd.txt").read_bytes() == ODD.encode("utf-8")


def test_json_has_null_for_what_is_not_finite(tmp_path):
    data = {"a": [1, 2.5, math.nan, np.float32("inf"), np.float64(-np.inf)], 3: (np.int64(4), None, True, ODD)}
    write_json(tmp_path / "x.json", data)
    assert read_json(tmp_path / "x.json") == {"a": [1, 2.5, None, None, None], "3": [4, None, True, ODD]}
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=pytest.fail)
    assert "太空" in text


def test_missing_and_damaged_files_are_named(tmp_path):
    for name, read in (("a.json", read_json), ("segments.parquet", read_table), ("a.safetensors", read_arrays)):
        path = tmp_path / name
        with pytest.raises(RunFolderError) as caught:
            read(path)
        assert str(caught.value) == f"{path}: no such file; the folder is not a finished run."
        path.write_bytes(b"\xff not what it should be")
        with pytest.raises(RunFolderError, match=r": is damaged \(.*\); delete the run folder and run again\.$"):
            read(path)


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-20])


def test_files_cut_short_are_damaged(tmp_path):
    write_table(tmp_path / "near.parquet", {"segment_id": ["a"], "theme_id": ["b"], "strength": [0.5]}, {})
    write_arrays(tmp_path / "x.safetensors", {"v": np.ones(100)}, {})
    for path, read in ((tmp_path / "near.parquet", read_table), (tmp_path / "x.safetensors", read_arrays)):
        cut_short(path)
        with pytest.raises(RunFolderError, match="is damaged"):
            read(path)


def test_tables_keep_missing_values_and_odd_text(tmp_path):
    path = tmp_path / "turns.parquet"
    turns = Turns(
        source_id=("太空", ODD),
        position=np.array([0, 2**53 + 1]),
        start_char=np.array([0, 5]),
        end_char=np.array([5, 9]),
        kind=("speech", "item"),
        speaker=(None, ODD),
        start_s=np.array([math.nan, 0.1]),
        end_s=np.array([math.nan, 1e-300]),
        locator=("", None),
    )
    write_table(path, table_columns(turns), {"rows": ODD})
    columns, metadata = read_table(path)
    back = from_columns(Turns, columns)
    assert metadata == {"rows": ODD}
    assert (back.source_id, back.speaker, back.locator) == (turns.source_id, turns.speaker, turns.locator)
    assert back.position.tolist() == turns.position.tolist()
    np.testing.assert_array_equal(back.start_s, turns.start_s)
    np.testing.assert_array_equal(back.end_s, turns.end_s)
    assert pq.read_table(path).column("start_s").null_count == 1  # null and not NaN for other programs


def test_empty_tables_keep_their_types(tmp_path):
    nothing = np.array([], dtype=np.int64)
    write_table(tmp_path / "dropped.parquet", table_columns(Dropped((), nothing, nothing, nothing, ())), {})
    back = from_columns(Dropped, read_table(tmp_path / "dropped.parquet")[0])
    assert len(back) == 0
    assert back.start_char.dtype == np.int64


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("turns", Turns),
        ("dropped", Dropped),
        ("segments", Segments),
        ("prevalence", Prevalence),
        ("drift", Changes),
        ("drift-terms", ChangeTerms),
    ],
)
def test_schemas_hold_every_column_of_their_type(name, kind):
    columns = [field.rstrip("_") for field in kind.__dataclass_fields__]
    assert list(SCHEMAS[f"{name}.parquet"]) == columns


def test_written_columns_have_the_types_of_the_schema(tmp_path):
    made = [{pa.string(): "x", pa.date32(): date(2026, 1, 1), pa.bool_(): True}, {}]
    for name, schema in SCHEMAS.items():
        columns = {
            column: [made[0].get(kind, ["en"] if pa.types.is_list(kind) else 1)] for column, kind in schema.items()
        }
        write_table(tmp_path / name, columns, {})
        written = pq.read_schema(tmp_path / name)
        assert dict(zip(written.names, written.types, strict=True)) == schema
        assert list(written.names) == list(schema)


def test_a_column_is_absent_until_it_is_filled(tmp_path):
    write_table(tmp_path / "sources.parquet", {"source_id": ["a"], "not_in_the_schema": [1]}, {})
    assert list(read_table(tmp_path / "sources.parquet")[0]) == ["source_id"]


def test_arrays_are_read_back_as_written(tmp_path):
    arrays = {
        "t": np.arange(12.0).reshape(3, 4).T,
        "mask": np.array([True, False]),
        "none": np.zeros((0, 5), np.float32),
    }
    write_arrays(tmp_path / "x.safetensors", arrays, {"rows": ODD})
    back, metadata = read_arrays(tmp_path / "x.safetensors")
    assert metadata == {"rows": ODD}
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype


def test_the_same_data_make_the_same_bytes(tmp_path):
    arrays = {"b": np.arange(1000.0), "a": np.ones(3, dtype=np.float32)}
    metadata = {name: name * 3 for name in "qwertyuiop"}
    columns = {"segment_id": [f"s{row}" for row in range(500)], "theme_id": ["t"] * 500, "strength": np.arange(500.0)}
    hashes = set()
    for folder in ("one", "two", "three"):
        write_arrays(tmp_path / folder / "x.safetensors", arrays, metadata)
        write_table(tmp_path / folder / "near.parquet", columns, metadata)
        write_json(tmp_path / folder / "x.json", metadata)
        hashes.add(tuple(hash_file(tmp_path / folder / name) for name in ("x.safetensors", "near.parquet", "x.json")))
    assert len(hashes) == 1


@pytest.fixture
def made():
    rows = [Row("a", ("x", "y"), speaker="Ann", seconds=3.5), Row("a", served=False), Row("太空", ("y",), repeats=0)]
    return tables(rows, {"a": "2024-05", "太空": None}, {"a": "talk"})


def same_columns(one, two):
    for name, values in table_columns(one).items():
        other = table_columns(two)[name]
        if isinstance(values, np.ndarray):
            np.testing.assert_array_equal(other, values, err_msg=name)
        elif name not in ("turns", "dropped", "ids"):  # tables themselves
            assert (tuple(other) if name == "text" else other) == values, name


def test_sources_and_segments_round_trip(tmp_path, made):
    assert artifacts.save_sources(tmp_path, made.sources)[3:] == ["texts/0000.txt", "texts/0001.txt"]
    artifacts.save_segments(tmp_path, made.segments, made.sources)
    same_columns(made.sources, artifacts.load_sources(tmp_path))
    back = artifacts.load_segments(tmp_path)
    same_columns(made.segments, back)
    assert back.fingerprint == made.segments.fingerprint
    assert read_table(tmp_path / "sources.parquet")[0]["n_segments"].tolist() == [2, 1]


def test_embeddings_repeats_and_clusters_round_trip(tmp_path, made):
    artifacts.save_embeddings(tmp_path, made.embeddings)
    artifacts.save_repeats(tmp_path, made.repeats, made.segments)
    clusters = Clusters(np.array([0, -1, 0]), np.array([1, 0, 0.5], dtype=np.float32), "hand", made.themes.rows)
    artifacts.save_clusters(tmp_path, clusters, made.segments)
    same_columns(made.embeddings, artifacts.load_embeddings(tmp_path))
    same_columns(made.repeats, artifacts.load_repeats(tmp_path, made.segments))
    same_columns(clusters, artifacts.load_clusters(tmp_path))
    assert artifacts.load_clusters(tmp_path).levels is None
    levels = Levels(np.array([[0, 1, 2], [0, 1, 0]]), (4.0, 1.0), 1)
    artifacts.save_clusters(tmp_path, replace(clusters, levels=levels), made.segments)
    back = artifacts.load_clusters(tmp_path).levels
    assert back is not None
    np.testing.assert_array_equal(back.groups, levels.groups)
    assert (back.resolutions, back.chosen) == (levels.resolutions, levels.chosen)


def test_neighbors_and_map_round_trip_with_rows_that_take_no_part(tmp_path, made):
    distances = np.array([[0.1], [np.inf], [0.1]], dtype=np.float32)
    for recall in (None, 0.97):
        neighbors = Neighbors(np.array([[2], [-1], [0]]), distances, "cosine", recall is None, recall, made.themes.rows)
        artifacts.save_neighbors(tmp_path, neighbors)
        same_columns(neighbors, artifacts.load_neighbors(tmp_path))
    map_ = Map(np.array([[1, 2], [np.nan, np.nan], [3, 4]], dtype=np.float32), "umap", made.themes.rows)
    artifacts.save_map(tmp_path, map_, made.segments)
    assert len(read_table(tmp_path / "map.parquet")[0]["x"]) == 2
    same_columns(map_, artifacts.load_map(tmp_path, made.segments))


def test_themes_and_drift_round_trip(tmp_path, made):
    themes = (
        Theme(
            "x",
            "Ex 太空",
            "guided",
            "what it is",
            (Keyword("word", 0.25), Keyword("two words", 0.125)),
            1,
            ("a:0-100",),
        ),
        Theme("y", "Y", "discovered", None, (), 1, (), parent_id="x", stability=0.5),
    )
    near = {"near_row": np.array([1]), "near_theme": np.array([0]), "near_strength": np.array([0.1], dtype=np.float32)}
    old = {name: getattr(made.themes, name) for name in ("row", "theme", "strength", "rank", "n_rows", "rows")}
    full = Themes(themes=themes, **old, **near)
    artifacts.save_themes(tmp_path, full, made.segments)
    again = artifacts.load_themes(tmp_path, made.segments)
    same_columns(full, again)
    same_columns(full.ids, again.ids)
    one, nan = np.array([0.5]), np.array([math.nan])
    whole = np.array([3])
    shares = Prevalence(
        (None,),
        ("source",),
        ("a",),
        ("words",),
        ("any",),
        one,
        nan,
        nan,
        (None,),
        one,
        one,
        whole,
        nan,
        np.array([True]),
    )
    change = Change(
        0, "prevalence", Comparison("period", (0,), (1,)), "words", 0.1, 2, 1, 2, 1, 1 / 3, detectable=np.inf, why="few"
    )
    changes = changes_table([change], ("x",), ("2023", "2024"))
    finding = Finding("appears", "x", "“Ex” appears", "“Ex” appears.", {"share": 0.5}, ("a:0-100",), "described")
    finding = replace(finding, from_="2023", to="2024", rests_on=("a",), also_changes=("the form of the transcripts",))
    drift = Drift(
        shares,
        changes,
        (finding,),
        ("2024",),
        {"a": "2024"},
        {"x": {"2024": 0.5}},
        ("Why not.",),
        full.rows,
        families=(Family("prevalence", "period", 3, 0.02, True, 0.05),),
        splits=(Split("x", "period", "2023", "2024", "genre", 0.1, np.nan, 0.1, ("call",), (), 1, 0, 0.0),),
        moves=(Move("x", "period", "2023", "2024", ("a:0-100",), (), ("d2",), ()),),
        presence=(Presence("x", "appears", "2024", "2024", 100, 0, (), np.nan, np.nan, np.nan, False, ("a:0-100",)),),
        instruments=("Forms differ.",),
        gates=(GateResult("a gate", "passed", "within 5 points", ()),),
    )
    artifacts.save_drift(tmp_path, drift)
    back = artifacts.load_drift(tmp_path)
    same_columns(shares, back.prevalence)
    same_columns(changes, back.changes)
    same_columns(drift.terms, back.terms)
    for name in ("findings", "families", "moves", "gates", "periods", "period_of", "pooled", "undecided", "rows"):
        assert getattr(back, name) == getattr(drift, name)
    for name in ("splits", "presence"):
        assert str(getattr(back, name)) == str(getattr(drift, name))  # NaN is not equal to itself
    assert back.instruments == drift.instruments


def test_a_table_of_other_segments_is_refused(tmp_path, made):
    artifacts.save_themes(tmp_path, made.themes, made.segments)
    other = tables([Row("b")], {"b": "2024"}).segments
    with pytest.raises(MisalignedError, match=r"^segment a:0-100 of a table is not in segments\.parquet; run again\.$"):
        artifacts.load_themes(tmp_path, other)


def test_nothing_is_left_beside_the_files(tmp_path, made):
    artifacts.save_sources(tmp_path, made.sources)
    assert sorted(path.name for path in Path(tmp_path).iterdir()) == [
        "dropped.parquet",
        "sources.parquet",
        "texts",
        "turns.parquet",
    ]
