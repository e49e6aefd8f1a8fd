"""What a person sees while a run goes on: bars on a terminal, plain log lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from topicgpu.job import Event, Listener


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
        yield lambda event: _log(stream, event)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream), transient=False) as bars:
        tasks = {}

        def show(event: Event) -> None:
            if event.kind == "note":
                bars.console.print(event.message)
                return
            if event.stage not in tasks:
                tasks[event.stage] = bars.add_task(event.stage, total=None)
            task = tasks[event.stage]
            if event.kind == "progress":
                bars.update(task, completed=event.done, total=event.total)
            elif event.kind in ("done", "store"):
                total = bars.tasks[task].total or 1
                name = f"{event.stage} (stored)" if event.kind == "store" else event.stage
                bars.update(task, completed=total, total=total, description=name)
                bars.stop_task(task)

        yield show


def _log(stream: TextIO, event: Event) -> None:
    clock = time.strftime("%H:%M:%S")
    if event.kind == "start":
        print(f"{clock} {event.stage} ...", file=stream, flush=True)
    elif event.kind == "done":
        print(f"{clock} {event.stage} done in {event.seconds:.1f} s", file=stream, flush=True)
    elif event.kind == "store":
        print(f"{clock} {event.stage} taken from the run folder", file=stream, flush=True)
    elif event.kind == "note":
        print(f"{clock} {event.message}", file=stream, flush=True)
