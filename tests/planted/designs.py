"""Units of inference made by hand: how many of each stratum are on which side."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.design import Comparison, Design
from topicgpu.drift.units import Kind, Units

PERIODS = ("2024", "2025")
BOTH = Comparison("period", (0,), (1,))


def units_of(sizes: Sequence[tuple[int, int]]) -> Units:
    """
    Make units of one source each.

    Parameters
    ----------
    sizes : sequence of (int, int)
        Units of each stratum in the first period and in the second.

    Returns
    -------
    Units
        In the order of the periods, then of the strata.
    """
    stratum = [s for period in (0, 1) for s, size in enumerate(sizes) for _ in range(size[period])]
    period = [period for period in (0, 1) for size in sizes for _ in range(size[period])]
    return units_in(period, stratum)


def units_in(period: Sequence[int], stratum: Sequence[int] | None = None) -> Units:
    """
    Make units of one source each.

    Parameters
    ----------
    period : sequence of int
        Of each unit.
    stratum : sequence of int, optional
        Of each; by default all are of one.

    Returns
    -------
    Units
        In the order given.
    """
    n = len(period)
    kinds = np.zeros(n, dtype=np.int64) if stratum is None else np.array(stratum, dtype=np.int64)
    return Units(
        kind="source",
        ids=tuple(f"s{i:04d}" for i in range(n)),
        period=np.array(period, dtype=np.int64),
        stratum=kinds,
        strata=tuple(Kind(f"kind {i}", None) for i in range(int(kinds.max(initial=0)) + 1)),
        of_source=np.arange(n),
    )


def design_of(later: Sequence[int], stratum: Sequence[int] | None = None) -> Design:
    """
    Make a design without units.

    Parameters
    ----------
    later : sequence of int
        1 where a unit is on the later side.
    stratum : sequence of int, optional
        Of each; by default all are of one.

    Returns
    -------
    Design
        Nothing is left out of it.
    """
    side: NDArray[np.bool_] = np.array(later, dtype=bool)
    kinds = np.zeros(len(side), dtype=np.int64) if stratum is None else np.array(stratum, dtype=np.int64)
    return Design(np.arange(len(side)), side, kinds, np.zeros(0, dtype=np.int64))
