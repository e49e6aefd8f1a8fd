"""Ids of discovered themes over whole runs: again, with another source, killed, and taken from another run."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import topicgpu
from topicgpu.artifacts import THEME_IDS
from topicgpu.cli import main
from topicgpu.errors import RunFolderError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")

FIXED = ["cluster.resolution=2", "themes.min_segments=3", "themes.guided=[]"]


def themes_of(run: topicgpu.Run) -> dict[str, set[str]]:
    """Id to the segments whose primary theme it is."""
    primary, names = run.themes.primary, [theme.theme_id for theme in run.themes.themes]
    found: dict[str, set[str]] = {name: set() for name in names}
    for segment_id, theme in zip(run.segments.segment_id, primary, strict=True):
        if theme >= 0:
            found[names[theme]].add(segment_id)
    return found


def add_source(corpus: Path) -> None:
    text = " ".join(f"The ship is to sail in the wind of the harbour and the {word} of it." for word in ("tax", "law"))
    (corpus / "ships.txt").write_text(f"{text} " * 12 + "\n", encoding="utf-8")
    with (corpus / "sources.toml").open("a", encoding="utf-8") as catalog:
        catalog.write('\n[[source]]\nid = "ships"\nfile = "ships.txt"\ntitle = "Ships"\ndate = 2023-01-01\n')


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.suffix in (".parquet", ".safetensors") or path.name == "themes.json"
    }


@pytest.mark.slow
def test_a_new_folder_counts_from_one_and_the_same_inputs_give_the_same_bytes(
    small_config: Path, tmp_path: Path
) -> None:
    first = topicgpu.run(small_config, tmp_path / "run", set=FIXED)
    before = files(tmp_path / "run")
    assert len(first.themes.themes) >= 3
    assert [theme.theme_id for theme in first.themes.themes] == [
        f"d{number + 1}" for number in range(len(first.themes.themes))
    ]
    topicgpu.run(small_config, tmp_path / "run", set=FIXED, use_store=False)
    assert files(tmp_path / "run") == before
    topicgpu.run(small_config, tmp_path / "other", set=FIXED)
    assert files(tmp_path / "other") == before


def test_ids_survive_an_added_source(small_config: Path, small_corpus: Path, tmp_path: Path) -> None:
    before = themes_of(topicgpu.run(small_config, tmp_path / "run", set=FIXED))
    add_source(small_corpus)
    run = topicgpu.run(small_config, tmp_path / "run", set=FIXED)
    kept = {theme.theme_id: theme.kept_from for theme in run.themes.themes if theme.kept_from is not None}
    assert kept
    assert set(kept) <= set(before)
    for theme_id in kept:
        now = {segment_id for segment_id in themes_of(run)[theme_id] if not segment_id.startswith("ships:")}
        assert len(now & before[theme_id]) >= len(now | before[theme_id]) / 2
    assert run.manifest["theme_ids"]["kept"] >= len(kept)
    assert run.manifest["theme_ids"]["update"] is None


def test_edits_and_their_members_survive_another_run(small_config: Path, tmp_path: Path) -> None:
    first = topicgpu.run(small_config, tmp_path / "run", set=FIXED)
    alone = themes_of(first)
    edits = ['themes.merge=[{into="d1",from=["d2"]}]', 'themes.hide=["d3"]', 'themes.rename={d1="Ours"}']
    for changes in (edits, [*edits, "themes.n_keywords=3"]):
        run = topicgpu.run(small_config, tmp_path / "run", set=[*FIXED, *changes])
        now = themes_of(run)
        assert now.pop("d1") == alone["d1"] | alone["d2"]
        assert now == {theme_id: rows for theme_id, rows in alone.items() if theme_id not in ("d1", "d2", "d3")}
        assert {theme.theme_id: theme.name for theme in run.themes.themes}["d1"] == "Ours"
        assert not [warning for warning in run.manifest["warnings"] if warning["stage"] == "themes"]
        assert run.report().is_file()
    assert themes_of(topicgpu.run(small_config, tmp_path / "run", set=FIXED)) == alone


def test_an_id_that_is_not_there_is_one_warning(small_config: Path, tmp_path: Path) -> None:
    run = topicgpu.run(small_config, tmp_path / "run", set=[*FIXED, 'themes.hide=["d99"]'])
    (warning,) = [warning["message"] for warning in run.manifest["warnings"] if warning["stage"] == "themes"]
    assert warning.startswith("themes.hide names 'd99', which no theme has; the themes are d1 (")


def test_ids_are_taken_from_another_run_which_is_only_read(
    small_config: Path, small_corpus: Path, tmp_path: Path
) -> None:
    last = topicgpu.run(small_config, tmp_path / "last", set=[*FIXED, "cluster.resolution=4"])
    last = topicgpu.run(small_config, tmp_path / "last", set=FIXED)  # so that its ids are not just 1, 2, 3
    before, ids = files(tmp_path / "last"), themes_of(last)
    assert list(ids) != [f"d{number + 1}" for number in range(len(ids))]
    run = topicgpu.run(small_config, tmp_path / "run", set=FIXED, update=tmp_path / "last")
    assert themes_of(run) == ids
    assert files(tmp_path / "last") == before
    assert run.manifest["theme_ids"] == {
        "update": "../last",
        "kept": len(ids),
        "new": 0,
        "retired": len(last.themes.ids.retired),
    }
    assert {theme.kept_from for theme in run.themes.themes} == {1.0}
    # What this folder found itself is kept as well, with or without the other run.
    add_source(small_corpus)
    changed = topicgpu.run(small_config, tmp_path / "run", set=FIXED, update=tmp_path / "last")
    assert {theme.theme_id for theme in changed.themes.ids.known} >= {theme.theme_id for theme in run.themes.ids.known}
    assert themes_of(topicgpu.run(small_config, tmp_path / "run", set=FIXED)) == themes_of(changed)


@pytest.mark.slow
def test_another_run_that_has_changed_is_matched_again(small_config: Path, tmp_path: Path) -> None:
    topicgpu.run(small_config, tmp_path / "last", set=FIXED)
    topicgpu.run(small_config, tmp_path / "run", set=FIXED, update=tmp_path / "last")
    last = topicgpu.run(small_config, tmp_path / "last", set=[*FIXED, "cluster.resolution=4"])
    run = topicgpu.run(small_config, tmp_path / "run", set=[*FIXED, "cluster.resolution=4"], update=tmp_path / "last")
    assert themes_of(run) == themes_of(last)


@pytest.mark.slow
def test_two_runs_that_each_found_something_new_take_no_id_from_each_other(small_config: Path, tmp_path: Path) -> None:
    coarse, middle, fine = ([*FIXED, f"cluster.resolution={resolution}"] for resolution in (1, 2, 4))
    first = themes_of(topicgpu.run(small_config, tmp_path / "last", set=coarse))
    before = themes_of(topicgpu.run(small_config, tmp_path / "run", set=fine, update=tmp_path / "last"))
    theirs = themes_of(topicgpu.run(small_config, tmp_path / "last", set=middle))
    assert any(not before[theme_id] & theirs[theme_id] for theme_id in (set(before) & set(theirs)) - set(first))
    run = topicgpu.run(small_config, tmp_path / "run", set=fine, update=tmp_path / "last")
    assert run.manifest["stages"]["themes"]["status"] == "computed"
    assert themes_of(run) == before
    assert len(run.themes.ids.known) > len(before)


def test_a_run_that_cannot_be_followed_is_one_sentence_before_anything_is_written(
    small_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main(["run", str(small_config), "--out", str(out), "--update", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err == (
        f"topicgpu: {tmp_path}/nowhere: is not a run folder (no manifest.json); make one with: topicgpu run CONFIG.\n"
    )
    assert main(["run", str(small_config), "--out", str(tmp_path / "half"), "--until", "segment"]) == 0
    with pytest.raises(RunFolderError, match="half: its stage themes is not finished; finish that run first: topicgpu"):
        topicgpu.run(small_config, out, update=tmp_path / "half")
    assert not out.exists()


@pytest.mark.slow
def test_ids_survive_a_kill_between_the_old_themes_and_the_new_ones(
    small_config: Path, small_corpus: Path, tmp_path: Path
) -> None:
    changes = [word for change in FIXED for word in ("--set", change)]

    def command(out: str) -> list[str]:
        return [sys.executable, "-m", "topicgpu.cli", "run", str(small_config), "--out", str(tmp_path / out), *changes]

    for out in ("run", "undisturbed"):
        subprocess.run(command(out), check=True, capture_output=True)
    add_source(small_corpus)
    subprocess.run(command("undisturbed"), check=True, capture_output=True)
    with subprocess.Popen(command("run"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert any("ingest done in" in line for line in child.stderr)
        child.kill()
    assert child.returncode == -signal.SIGKILL
    assert not (tmp_path / "run/themes.json").exists()
    assert (tmp_path / "run" / THEME_IDS).exists()
    subprocess.run(command("run"), check=True, capture_output=True)
    assert any(theme.kept_from is not None for theme in topicgpu.Run(tmp_path / "run").themes.themes)
    assert files(tmp_path / "run") == files(tmp_path / "undisturbed")


@pytest.mark.slow
@pytest.mark.parametrize("file", ["themes.json", "assignments.parquet", THEME_IDS, "manifest.json"])
def test_ids_survive_a_kill_while_the_new_themes_are_written(
    small_config: Path, small_corpus: Path, tmp_path: Path, file: str
) -> None:
    """Killed right after the given file of the themes stage got its new content."""
    program = f"""
import os, signal, sys
from pathlib import Path
rename, themes = Path.replace, False
def replace(self, target):
    global themes
    themes = themes or target.name == "themes.json"
    done = rename(self, target)
    if themes and target.name == {file!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
Path.replace = replace
from topicgpu.cli import main
sys.exit(main(sys.argv[1:]))
"""
    for out in ("run", "undisturbed"):
        topicgpu.run(small_config, tmp_path / out, set=FIXED)
    add_source(small_corpus)
    topicgpu.run(small_config, tmp_path / "undisturbed", set=FIXED)
    changes = [word for change in FIXED for word in ("--set", change)]
    command = [sys.executable, "-c", program, "run", str(small_config), "--out", str(tmp_path / "run"), *changes]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    topicgpu.run(small_config, tmp_path / "run", set=FIXED)
    assert files(tmp_path / "run") == files(tmp_path / "undisturbed")
