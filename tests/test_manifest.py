"""What a run remembers, and the keys that make it compute again."""

import json
import re
import time
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import topicgpu
from topicgpu import manifest
from topicgpu.manifest import (
    Record,
    digest,
    hash_code,
    hide_paths,
    library_versions,
    manifest_of,
    measured,
)
from topicgpu.store import hash_file


def test_a_digest_is_of_values_and_not_of_their_order_in_a_dict():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert len({digest(data) for data in ({"a": 1}, {"a": 2}, {"a": "1"}, {"b": 1}, [1, 2], [2, 1], None)}) == 7


def test_a_record_is_sealed_by_the_bytes_of_its_files(tmp_path):
    (tmp_path / "a").write_text("one")
    (tmp_path / "b").write_text("two")
    first, again, other = Record("k"), Record("k"), Record("k")
    first.seal(tmp_path, ["a", "b"])
    again.seal(tmp_path, ["a", "b"])
    assert first.files == {"a": hash_file(tmp_path / "a"), "b": hash_file(tmp_path / "b")}
    assert first.fingerprint == again.fingerprint
    (tmp_path / "b").write_text("three")
    other.seal(tmp_path, ["a", "b"])
    assert other.fingerprint != first.fingerprint


def test_changed_source_changes_the_code_hash(tmp_path, monkeypatch):
    kernels = tmp_path / "kernels"
    for path in (tmp_path / "stage/part.py", tmp_path / "stage/style.css", tmp_path / "alone.py", kernels / "op.py"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("before")
    monkeypatch.setattr(manifest, "_ROOT", tmp_path)
    monkeypatch.setattr(manifest, "_kernels_root", lambda: kernels)
    before = hash_code(["stage", "alone"])
    assert hash_code(["alone", "stage"]) == before
    assert hash_code(["alone"]) != before
    for path in ("stage/part.py", "stage/style.css", "alone.py", "kernels/op.py"):
        (tmp_path / path).write_text("after")
        assert hash_code(["stage", "alone"]) != before
        (tmp_path / path).write_text("before")
    (tmp_path / "stage/notes.txt").write_text("not code")
    (tmp_path / "other.py").write_text("of another stage")
    assert hash_code(["stage", "alone"]) == before


def test_every_stage_has_code_that_can_be_hashed_and_libraries_that_are_declared():
    from topicgpu.stages import STAGES

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    required = list(project["dependencies"])
    for extra in ("documents", "evoc", "cuda12", "cuda13"):
        required += extras[extra]
    declared = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in required}
    for stage in STAGES:
        assert len(hash_code([*stage.code, "ops"])) == 64
        assert set(stage.libraries) <= declared, "a misspelt library would never be installed"


def test_versions_are_those_installed():
    versions = library_versions(["numpy", "no-such-library"])
    assert versions == {"numpy": metadata.version("numpy"), "no-such-library": "not installed"}


def test_a_manifest_gathers_files_facts_versions_and_warnings():
    records = {
        "ingest": Record("k1", files={"a": "1", "b": "2"}, warnings=["odd"], versions={"numpy": "2"}),
        "segment": Record("k2", files={"b": "3"}, facts={"n_segments": 5}, versions={"torch": "9"}, status="store"),
    }
    made = manifest_of(records, {"name": "run"})
    assert made["schema"] == 2
    assert made["topicgpu_version"] == topicgpu.__version__
    assert (made["name"], made["n_segments"]) == ("run", 5)
    assert made["files"] == {"a": "1", "b": "3"}  # as last written
    assert made["warnings"] == [{"stage": "ingest", "message": "odd"}]
    assert {"python", "numpy", "torch"} == set(made["versions"])
    assert list(made["stages"]) == ["ingest", "segment"]
    back = {name: Record(**record) for name, record in json.loads(json.dumps(made))["stages"].items()}
    assert back == records


def test_time_and_memory_are_measured():
    record = Record("k")
    with measured(record):
        kept = bytearray(50 << 20)
        time.sleep(0.01)
    assert record.seconds >= 0.01
    assert record.peak_memory_bytes > len(kept)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_fingerprint_does_not_depend_on_the_order_of_names(tmp_path, order):
    for name in order:
        (tmp_path / name).write_text(name)
    record = Record("k")
    record.seal(tmp_path, order)
    assert record.fingerprint == digest({"a": hash_file(tmp_path / "a"), "b": hash_file(tmp_path / "b")})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/data/call.txt has no date.", "call.txt has no date."),
        ("'/data' is a folder", "'data' is a folder"),
        ("file:///data/call.txt", "file://call.txt"),
        ("/database/call.txt", "/database/call.txt"),
        ("https://host/data/call.txt", "https://host/data/call.txt"),
        ("../data/call.txt", "../data/call.txt"),
        ("/srv/ana/notes and /srv/ana", "~/notes and ~"),
        ("/srv/anabel", "/srv/anabel"),
    ],
)
def test_folders_of_the_machine_are_hidden_where_a_path_of_them_stands(monkeypatch, text, shown):
    monkeypatch.setenv("HOME", "/srv/ana")
    assert hide_paths({"warnings": [text]}, [Path("/data")]) == {"warnings": [shown]}
