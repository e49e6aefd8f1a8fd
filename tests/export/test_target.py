"""Where exports go, what they never replace, and the one sentence of each refusal."""

import json
from pathlib import Path

import pytest

from export.conftest import write_run
from topicgpu.api import Run
from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.export import FORMATS, formats
from topicgpu.store import write_text


def test_an_export_goes_into_the_run_folder_unless_it_is_told(harbour_run, tmp_path):
    assert harbour_run.export("csv") == harbour_run.folder / "export/csv"
    assert harbour_run.export("csv", tmp_path / "a/b") == tmp_path / "a/b"
    about = json.loads((tmp_path / "a/b/export.json").read_text())
    assert (about["format"], about["run"], about["text"]) == ("csv", "harbour", True)
    assert sorted(about["files"]) == sorted(
        path.name for path in (tmp_path / "a/b").iterdir() if path.name != "export.json"
    )


def test_an_export_of_the_same_run_is_replaced_whole(harbour_run, tmp_path):
    out = tmp_path / "out"
    harbour_run.export("csv", out)
    harbour_run.export("parquet", out)
    assert not list(out.glob("*.csv"))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_export_that_cannot_be_put_in_place_leaves_the_earlier_one(harbour_run, tmp_path, monkeypatch):
    out = harbour_run.export("csv", tmp_path / "out")
    before, rename = sorted(path.name for path in out.iterdir()), Path.rename

    def full(self, target):
        if self.name.endswith(".part"):
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        harbour_run.export("parquet", out)
    assert sorted(path.name for path in out.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def test_an_empty_folder_is_taken(harbour_run, tmp_path):
    (tmp_path / "empty").mkdir()
    assert (harbour_run.export("csv", tmp_path / "empty") / "joined.csv").is_file()


def test_the_folder_where_one_stands_is_taken_where_it_is_empty(harbour_run, tmp_path, monkeypatch):
    run, here = harbour_run.folder.resolve(), tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    Run(run).export("csv", ".")
    assert (here / "joined.csv").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {"here", "run"}


def test_nothing_else_is_replaced(harbour_run, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").write_text("mine")
    with pytest.raises(RunFolderError, match=r"out: is there and is no export of this run; choose another place"):
        harbour_run.export("csv", out)
    with pytest.raises(RunFolderError, match="is a file, and an export is a folder"):
        harbour_run.export("csv", out / "letter.txt")
    with pytest.raises(RunFolderError, match="is there and is no export of this run"):
        harbour_run.export("csv", harbour_run.folder)
    assert [path.name for path in out.iterdir()] == ["letter.txt"]
    (tmp_path / "elsewhere").mkdir()
    other = write_run(tmp_path / "elsewhere/run")
    other.export("csv", tmp_path / "theirs")
    with pytest.raises(RunFolderError, match="is there and is no export of this run"):
        harbour_run.export("csv", tmp_path / "theirs")


def test_a_file_of_your_own_in_an_export_is_kept(harbour_run, tmp_path):
    out = harbour_run.export("csv", tmp_path / "out")
    (out / "notes.txt").write_text("mine")
    with pytest.raises(RunFolderError, match=r"out: holds notes\.txt, which no export wrote"):
        harbour_run.export("csv", out)
    assert (out / "notes.txt").read_text() == "mine"


def test_an_export_that_fails_leaves_what_was_there(harbour_run, tmp_path, monkeypatch):
    out = harbour_run.export("csv", tmp_path / "out")
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def broken(_run, folder):
        write_text(folder / "half.csv", "x")
        raise KeyboardInterrupt

    monkeypatch.setitem(formats.FORMATS, "csv", FORMATS["csv"]._replace(write=broken))
    with pytest.raises(KeyboardInterrupt):
        harbour_run.export("csv", out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_place_that_cannot_be_written_is_one_sentence(harbour_run, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunFolderError, match=r"file/out: can't be written \(Not a directory\)"):
        harbour_run.export("csv", tmp_path / "file/out")


def test_an_unknown_format_names_the_known_ones(harbour_run):
    with pytest.raises(ConfigError, match=r"--to xls: no such format; the formats are csv, parquet, .*datamapplot\.$"):
        harbour_run.export("xls")
    assert not (harbour_run.folder / "export").exists()


@pytest.mark.parametrize(("to", "until", "lacks"), [
    ("svg", "themes", "drift"),
    ("png", "themes", "drift"),
    ("bertopic", "cluster", "themes"),
    ("embedding-atlas", "neighbors", "map"),
    ("datamapplot", "cluster", "themes"),
])  # fmt: skip
def test_a_run_that_did_not_go_far_enough_says_what_is_missing(tmp_path, to, until, lacks):
    run = write_run(tmp_path / "run", until=until)
    command = f"topicgpu run {tmp_path.resolve()}/harbour.toml --out {run.folder}"
    with pytest.raises(RunFolderError) as error:
        run.export(to)
    assert str(error.value) == (
        f"{run.folder}: has no {lacks} yet, which --to {to} needs; compute {lacks} first: {command}."
    )


def test_a_run_without_repeats_exports_nothing(tmp_path):
    run = write_run(tmp_path / "run", until="segment")
    with pytest.raises(RunFolderError, match="stage repeats is not finished"):
        run.export("csv")
