"""What the processes of test_workers.py are given to do: they import this module."""

import os
import signal
import time
from pathlib import Path

from topicgpu.errors import CorpusError
from topicgpu.ingest.catalog import SourceEntry


def pause_first(entry: SourceEntry) -> str:
    time.sleep(0.3 if entry.id == "s0" else 0)
    return entry.file


def fail_at_two(entry: SourceEntry) -> str:
    if entry.id == "s2":
        raise CorpusError(f"{entry.file}: is empty.")
    return entry.id


def break_at_two(entry: SourceEntry) -> float:
    return 1 / (2 - int(entry.id[1:]))


def die_at_two(entry: SourceEntry) -> str:
    if entry.id == "s2":
        os.kill(os.getpid(), signal.SIGKILL)
    return entry.id


def sleep_at_two(entry: SourceEntry) -> int:
    """Say which process this is, then hang."""
    Path(entry.file).write_text(str(os.getpid()))
    time.sleep(600 if entry.id == "s2" else 0)
    return os.getpid()
