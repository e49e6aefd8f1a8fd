"""The tests' planted drift, which is no part of the package, within reach of the benchmarks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topicgpu.drift.changes import design

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from planted.replications import (
    Case,
    Effect,
    Null,
    mean_distances,
    planted_case,
    units_of,
)
from planted.three_tests import KINDS, LEVEL, changes_of_shares, judged, p_of

__all__ = [
    "KINDS",
    "DRAWN",
    "LEVEL",
    "Case",
    "Effect",
    "Null",
    "changes_of_shares",
    "fewer_drawn",
    "judged",
    "mean_distances",
    "planted_case",
    "p_of",
    "units_of",
]

DRAWN = 999  # assignments of a test, where there are more: much less time, and the same rate of rejections


@contextmanager
def fewer_drawn() -> Iterator[None]:
    """Draw fewer assignments for a while."""
    usual = design.ALL_UP_TO, design._DRAWN
    design.ALL_UP_TO = design._DRAWN = DRAWN
    try:
        yield
    finally:
        design.ALL_UP_TO, design._DRAWN = usual
