"""A run that is killed at any moment goes on from there, and ends as if nothing had happened."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import topicgpu
from topicgpu.stages import STAGES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning"),
]

NAMES = [stage.name for stage in STAGES]


def results(folder: Path) -> dict[str, bytes]:
    """Every result; the manifest and the report hold times of day, and the rest must be the same to the byte."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert {"manifest.json", "report.html", ".lock"} <= set(files)
    return {
        name: path.read_bytes() for name, path in files.items() if name not in ("manifest.json", "report.html", ".lock")
    }


@pytest.fixture
def undisturbed(small_config: Path, tmp_path: Path) -> dict[str, bytes]:
    topicgpu.run(small_config, tmp_path / "undisturbed")
    return results(tmp_path / "undisturbed")


def test_killed_after_every_stage(small_config: Path, tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "topicgpu.cli", "run", str(small_config), "--out", str(out)]
    finished: list[str] = []
    while len(finished) < len(NAMES):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
            assert child.stderr is not None
            log = []
            for line in child.stderr:
                log.append(line)
                if " done in " in line:
                    child.kill()  # the next stage may get done before it dies
                    break
        assert [line.split()[1] for line in log if "taken from the run folder" in line] == finished
        assert log[-1].split()[1] == NAMES[len(finished)]
        finished = list(topicgpu.Run(out).manifest["stages"])
    run = topicgpu.run(small_config, out)
    assert {record["status"] for record in run.manifest["stages"].values()} == {"store"}
    assert results(out) == undisturbed


@pytest.mark.parametrize("renames", [1, 4, 9])
def test_killed_while_it_writes(
    small_config: Path, tmp_path: Path, undisturbed: dict[str, bytes], renames: int
) -> None:
    """Killed before the given rename, when the temporary file is whole and the file itself is not there."""
    program = f"""
import os, signal, sys
from pathlib import Path
rename, left = Path.replace, {renames}
def replace(self, target):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
Path.replace = replace
from topicgpu.cli import main
sys.exit(main(sys.argv[1:]))
"""
    out = tmp_path / "run"
    command = [sys.executable, "-c", program, "run", str(small_config), "--out", str(out)]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    assert list(out.rglob("*.tmp"))
    run = topicgpu.run(small_config, out)
    assert run.report().is_file()
    assert results(out) == undisturbed  # and so no temporary file either


def test_killed_while_it_reads(small_config: Path, tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """Killed at the second file, when the text of the first one is kept already."""
    program = """
import os, signal, sys
from topicgpu.ingest import source
read, left = source.read_file, 2
def read_file(*arguments):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(*arguments)
source.read_file = read_file
from topicgpu.cli import main
sys.exit(main(sys.argv[1:]))
"""
    out, before = tmp_path / "run", sorted(tmp_path.iterdir())
    command = [sys.executable, "-c", program, "run", str(small_config), "--out", str(out)]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    assert sorted(tmp_path.iterdir()) == before
    topicgpu.run(small_config, out)
    assert results(out) == undisturbed


def test_a_killed_change_leaves_no_report_of_before(small_config: Path, tmp_path: Path) -> None:
    """The report of the old settings must not stand beside tables of the new ones once the manifest names these."""
    out = tmp_path / "run"
    topicgpu.run(small_config, out)
    changed = ["--set", "themes.n_exemplars=1"]
    command = [sys.executable, "-m", "topicgpu.cli", "run", str(small_config), "--out", str(out), *changed]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert any(re.search("themes done in", line) for line in child.stderr)
        child.kill()
    assert child.returncode == -signal.SIGKILL
    if "drift" not in topicgpu.Run(out).manifest["stages"]:
        assert not (out / "report.html").exists()
        assert not (out / "drift.json").exists()
    run = topicgpu.run(small_config, out, set=["themes.n_exemplars=1"])
    assert all(len(theme.exemplars) == 1 for theme in run.themes.themes)
    assert run.report().is_file()
