"""A run folder of an older development version: one sentence that names file, column and the verb that mends it."""

import json

import pytest

from export.conftest import write_run
from topicgpu.cli import main
from topicgpu.errors import RunFolderError
from topicgpu.store import SCHEMAS, read_table, write_table


@pytest.mark.parametrize(
    ("name", "column", "part", "verb"),
    [
        ("sources.parquet", "origin", "sources", "ingest"),
        ("turns.parquet", "locator", "sources", "ingest"),
        ("segments.parquet", "passage", "segments", "segment"),
        ("repeats.parquet", "similarity", "repeats", "embed"),
        ("map.parquet", "x", "map", "embed"),
        ("clusters.parquet", "strength", "clusters", "embed"),
        ("assignments.parquet", "rank", "themes", "themes"),
        ("prevalence.parquet", "n_blocks", "drift", "drift"),
        ("drift.parquet", "within", "drift", "drift"),
        ("drift-terms.parquet", "of_from", "drift", "drift"),
    ],
)
def test_a_table_without_a_column_names_it_and_the_stage(tmp_path, name, column, part, verb):
    run = write_run(tmp_path / "run")
    columns, metadata = read_table(run.folder / name)
    write_table(run.folder / name, {key: value for key, value in columns.items() if key != column}, metadata)
    with pytest.raises(RunFolderError) as error:
        getattr(run, part)
    assert str(error.value) == (
        f"{run.folder / name}: has no column {column!r}, since another version of topicgpu wrote it; run that stage "
        f"again: topicgpu {verb} {run.folder}."
    )


@pytest.mark.parametrize(
    ("name", "key", "part"),
    [("drift.json", "instruments", "drift"), ("themes.json", "stability", "themes"), ("drift.json", "status", "drift")],
)
def test_json_without_a_key_does_so_too(tmp_path, name, key, part):
    run = write_run(tmp_path / "run")
    path = run.folder / name
    data = json.loads(path.read_text(encoding="utf-8"))
    for row in data if isinstance(data, list) else [data, *data["findings"]]:
        row.pop(key, None)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(RunFolderError, match=rf"{name}: has no key '{key}' of a \w+, since .* topicgpu {part} "):
        getattr(run, part)


def test_a_verb_that_loads_it_ends_with_exit_code_2(tmp_path, capsys):
    run = write_run(tmp_path / "run")
    path = run.folder / "drift-terms.parquet"
    columns, metadata = read_table(path)
    write_table(path, {key: value for key, value in columns.items() if key != "of_from"}, metadata)
    assert main(["export", str(run.folder), "--to", "parquet"]) == 2
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith(
        f"topicgpu: {path}: has no column 'of_from', since another version of topicgpu wrote it;"
    )


def test_every_table_has_a_verb_that_writes_it_again(tmp_path):
    from topicgpu.artifacts import _WRITTEN_BY

    assert set(SCHEMAS) <= {name for names in _WRITTEN_BY.values() for name in names}
