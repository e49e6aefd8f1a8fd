"""How fast a stage goes and how long it will take, by a clock that the test turns; and what is shown of it."""

import io
import re

import pytest

from topicgpu import progress
from topicgpu.job import Event
from topicgpu.progress import Pace, watch


def at(done: int, total: int = 0, tokens: int = 0) -> Event:
    return Event("progress", "embed", done, total, tokens)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_pace_is_counted_from_the_first_report_on(clock: Clock) -> None:
    pace = Pace(clock)
    assert pace.text(at(500, 1500, 20_000)) == ""  # what was done before it may have come from the cache
    clock.now += 10
    assert pace.text(at(810, 1500, 68_000)) == "31 segments/s, 4,800 tokens/s, 22 s left"
    clock.now += 10
    assert pace.text(at(1500, 1500, 90_000)) == "50 segments/s, 3,500 tokens/s, 0 s left"


@pytest.mark.parametrize(
    ("total", "left"),
    [
        (10 + 10 + 89, "89 s"),
        (10 + 10 + 90, "2 min"),
        (10 + 10 + 120, "2 min"),
        (10 + 10 + 5399, "90 min"),
        (10 + 10 + 5400, "1.5 h"),
        (10 + 10 + 360_000, "100.0 h"),
    ],
)
def test_the_time_left_is_worded_for_people(clock: Clock, total: int, left: str) -> None:
    pace = Pace(clock)
    pace.text(at(10, total))
    clock.now += 10
    assert pace.text(at(20, total)) == f"1 segments/s, {left} left"


def test_where_the_end_is_not_known_no_time_is_left(clock: Clock) -> None:
    pace = Pace(clock)
    pace.text(at(0))
    clock.now += 2
    assert pace.text(at(2000, 0, 100_000)) == "1,000 segments/s, 50,000 tokens/s"


def test_without_progress_there_is_no_pace(clock: Clock) -> None:
    pace = Pace(clock)
    pace.text(at(10, 20))
    assert pace.text(at(15, 20)) == ""  # no time has passed
    clock.now += 5
    assert pace.text(at(10, 20)) == ""
    assert pace.text(at(5, 20)) == ""  # another pass over the same texts


def test_lines_come_with_stages_and_then_not_too_often(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(progress.time, "monotonic", clock)
    monkeypatch.setattr(progress, "Pace", lambda: Pace(clock))
    stream = io.StringIO()
    with watch(stream) as listener:
        listener(Event("start", "embed"))
        for done in range(0, 3000, 100):  # one a second
            listener(at(done, 3000, 50 * done))
            clock.now += 1
        listener(at(3000, 0, 50 * 3000))
        listener(Event("done", "embed", seconds=30.04))
        listener(Event("store", "repeats"))
        listener(Event("note", "repeats", message="The vector cache was over 1 bytes."))
    lines = stream.getvalue().splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)
    assert [line.partition(" ")[2] for line in lines] == [
        "embed ...",
        "embed: 1,000 of 3,000 segments, 100 segments/s, 5,000 tokens/s, 20 s left",
        "embed: 2,000 of 3,000 segments, 100 segments/s, 5,000 tokens/s, 10 s left",
        "embed: 3,000 segments, 100 segments/s, 5,000 tokens/s",
        "embed done in 30.0 s",
        "repeats taken from the run folder",
        "The vector cache was over 1 bytes.",
    ]


def test_a_terminal_gets_the_pace_beside_the_bar(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(progress, "Pace", lambda: Pace(clock))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    stream = Terminal()
    with watch(stream) as listener:
        listener(Event("start", "embed"))
        listener(at(0, 300))
        clock.now += 10
        listener(at(100, 300, 4000))
        listener(Event("note", "embed", message="Something to know."))
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    assert "Something to know." in shown
    assert re.search(r"100/300 \d:\d\d:\d\d 10 segments/s, 400 tokens/s, 20 s left", shown)
