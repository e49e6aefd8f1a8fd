"""Files read by several processes: the same result, the same sentences, and no process left behind."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest

from ingest import tasks
from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest import ingest
from topicgpu.ingest.catalog import SourceEntry
from topicgpu.ingest.corpus import _n_workers
from topicgpu.ingest.workers import read_in_order


def entries(n: int, folder: Path | None = None) -> list[SourceEntry]:
    return [SourceEntry(id=f"s{i}", file=str(folder / f"{i}.txt") if folder else f"{i}.txt") for i in range(n)]


def test_in_this_process_nothing_is_read_ahead():
    read = []
    with read_in_order(lambda entry: read.append(entry.id), entries(3), 1) as results:
        next(results)
        assert read == ["s0"]


def test_a_process_must_have_enough_to_read(tmp_path, monkeypatch):
    monkeypatch.setattr("topicgpu.ingest.corpus._n_cores", lambda: 3)
    for number, size in enumerate((5_000_000, 2_000_000, 2_000_000, 10_000_000)):
        (tmp_path / f"{number}.txt").touch()
        os.truncate(tmp_path / f"{number}.txt", size)
    assert [_n_workers(tmp_path, entries(2), wanted) for wanted in (0, 1, 8)] == [1, 1, 2]
    assert [_n_workers(tmp_path, entries(4), wanted) for wanted in (0, 1, 8)] == [3, 1, 4]
    assert _n_workers(tmp_path, entries(9)[8:], 0) == 0  # the file is missing: reading says so


@pytest.mark.slow
def test_results_come_in_order():
    with read_in_order(tasks.pause_first, entries(9), 3) as results:
        assert list(results) == [f"{number}.txt" for number in range(9)]


@pytest.mark.slow
def test_an_error_comes_when_its_turn_comes():
    with read_in_order(tasks.fail_at_two, entries(5), 2) as results:
        assert [next(results), next(results)] == ["s0", "s1"]
        with pytest.raises(CorpusError, match=r"^2\.txt: is empty\.$"):
            next(results)


@pytest.mark.slow
def test_a_defect_says_where_it_was():
    with read_in_order(tasks.break_at_two, entries(5), 2) as results:
        assert [next(results), next(results)] == [0.5, 1]
        with pytest.raises(ZeroDivisionError) as caught:
            next(results)
    assert "in break_at_two" in "".join(caught.value.__notes__)


@pytest.mark.slow
def test_a_process_that_dies_is_told_with_its_file():
    with read_in_order(tasks.die_at_two, entries(5), 2) as results:
        assert [next(results), next(results)] == ["s0", "s1"]
        with pytest.raises(
            CorpusError, match=r"^2\.txt: the process that was reading it ended with code -9; if memory"
        ):
            next(results)


def corpus(folder: Path) -> Path:
    for number in range(7):
        words = (
            f"Ann: The mill number {number} turned.\n\nBob: So it did.\n\nAnn: And we were glad of it.\n\nBob: Yes.\n"
        )
        (folder / f"{number}.txt").write_text(words * (1 + number % 3))
    (folder / "captions.srt").write_text("1\n00:00:01,000 --> 00:00:02,500\nWe bake bread in the morning.\n")
    (folder / "table.csv").write_text("text,source\nThe mill turned.,a\nSo it did.,b\n")
    return folder


def same(one: object, two: object) -> None:
    for column in fields(one):
        values, others = getattr(one, column.name), getattr(two, column.name)
        if is_dataclass(values):
            same(values, others)
        elif isinstance(values, np.ndarray):
            np.testing.assert_array_equal(values, others)
            assert values.dtype == others.dtype
        else:
            assert values == others


@pytest.mark.slow
def test_the_result_is_the_same_however_many_read(tmp_path):
    folder = corpus(tmp_path)
    (folder / "4.txt").write_text(" ")
    (folder / "6.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    results = []
    for workers in (1, 2, 3):
        left_out: list[dict[str, str]] = []
        results.append((ingest(CorpusSection(path=folder, workers=workers), left_out), left_out))
        with pytest.raises(CorpusError, match=r"4\.txt: is empty"):
            ingest(CorpusSection(path=folder, workers=workers))
    (sources, left_out), *others = results
    assert sources.source_id == ("0", "1", "2", "3", "5", "captions", "table.a", "table.b")
    assert [row["source_id"] for row in left_out] == ["4", "6"]
    for other, other_left_out in others:
        same(sources, other)
        assert left_out == other_left_out


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_reader_that_is_stopped_takes_its_processes_along(tmp_path, number):
    program = f"""
import signal
import sys
from pathlib import Path
from ingest import tasks
from topicgpu.ingest.catalog import SourceEntry
from topicgpu.ingest.workers import read_in_order
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background inherit that it is ignored
entries = [SourceEntry(id=f"s{{i}}", file=str(Path({str(tmp_path)!r}, f"{{i}}.txt"))) for i in range(4)]
with read_in_order(tasks.sleep_at_two, entries, 2) as results:
    for result in results:
        print(result, flush=True)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        pids = {int(parent.stdout.readline()) for _ in range(2)}
        while not (tmp_path / "2.txt").exists():
            time.sleep(0.05)
        parent.send_signal(number)
        try:
            assert parent.wait(timeout=20) == -number
        finally:
            parent.kill()
    if number == signal.SIGKILL:  # who is at work ends after its file; here nobody waits for that
        sleeper = int((tmp_path / "2.txt").read_text())
        pids -= {sleeper}
        os.kill(sleeper, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, pids))


@pytest.mark.slow
def test_a_script_without_a_guard_runs_once(tmp_path):
    """Where processes import the caller's main module, each of them would run it again."""
    (tmp_path / "texts").mkdir()
    corpus(tmp_path / "texts")
    script = tmp_path / "script.py"
    script.write_text(
        "from topicgpu.config import CorpusSection\nfrom topicgpu.ingest import ingest\nprint('once')\n"
        f"print(len(ingest(CorpusSection(path={str(tmp_path / 'texts')!r}, workers=2))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["once", "10"]
    assert done.stderr == ""
