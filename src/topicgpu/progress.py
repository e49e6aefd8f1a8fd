"""What a person sees while a run goes on: bars on a terminal, plain log lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from topicgpu.job import Event, Listener

_LOG_EVERY_S = 10.0


@contextmanager
def watch(stream: TextIO) -> Iterator[Listener]:
    """
    Show a run's events.

    Parameters
    ----------
    stream : file
        Where; bars if it is a terminal.

    Yields
    ------
    callable
        Takes each event.
    """
    if not stream.isatty():
        yield _Log(stream).show
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=Console(file=stream), transient=False) as bars:
        tasks = {}
        paces: dict[str, Pace] = {}

        def show(event: Event) -> None:
            if event.kind == "note":
                bars.console.print(event.message)
                return
            if event.stage not in tasks:
                tasks[event.stage] = bars.add_task(event.stage, total=None, pace="")
            task = tasks[event.stage]
            if event.kind == "progress":
                pace = paces.setdefault(event.stage, Pace())
                bars.update(task, completed=event.done, total=event.total or None, pace=pace.text(event))
            elif event.kind in ("done", "store"):
                total = bars.tasks[task].total or 1
                name = f"{event.stage} (stored)" if event.kind == "store" else event.stage
                bars.update(task, completed=total, total=total, description=name, pace="")
                bars.stop_task(task)

        yield show


class Pace:
    """How fast a stage goes, from its first report on: `31 segments/s, 4,800 tokens/s, 2 min left`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[float, Event] | None = None

    def text(self, event: Event) -> str:
        """
        Word the pace so far.

        Parameters
        ----------
        event : Event
            Of kind progress.

        Returns
        -------
        str
            Empty at the first report, and without the time left where the end is not known.
        """
        now = self._clock()
        if self._first is None:
            self._first = now, event
        started, first = self._first
        seconds, done = now - started, event.done - first.done
        if seconds <= 0 or done <= 0:
            return ""
        parts = [f"{done / seconds:,.0f} {event.unit}/s"]
        if event.tokens > first.tokens:
            parts.append(f"{(event.tokens - first.tokens) / seconds:,.0f} tokens/s")
        if event.total:
            parts.append(f"{_span((event.total - event.done) * seconds / done)} left")
        return ", ".join(parts)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class _Log:
    """Plain lines: each stage's start and end, and how a long one gets on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._paces: dict[str, Pace] = {}
        self._last = time.monotonic()

    def show(self, event: Event) -> None:
        text = self._text(event)
        if text:
            self._last = time.monotonic()
            print(f"{time.strftime('%H:%M:%S')} {text}", file=self._stream, flush=True)

    def _text(self, event: Event) -> str:
        if event.kind == "start":
            return f"{event.stage} ..."
        if event.kind == "done":
            return f"{event.stage} done in {event.seconds:.1f} s"
        if event.kind == "store":
            return f"{event.stage} taken from the run folder"
        if event.kind == "note":
            return event.message
        pace = self._paces.setdefault(event.stage, Pace()).text(event)
        if not pace or time.monotonic() - self._last < _LOG_EVERY_S:
            return ""
        of = f" of {event.total:,}" if event.total else ""
        return f"{event.stage}: {event.done:,}{of} {event.unit}, {pace}"
