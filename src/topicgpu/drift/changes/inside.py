"""What is said inside one theme, unit by unit: whose segments are compared, and how much each of them counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.shares.bootstrap import generator
from topicgpu.drift.shares.counts import Counts
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints, Strings

LEAST = 5  # segments of a theme: with fewer, a unit is left out
MOST = 64  # segments of a theme and unit
MOST_UNITS = 2_000  # of a theme


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """The counted primary segments of one theme in the k units that have enough of them."""

    units: Ints  # (k,) rows of Units, ascending
    of: Ints  # (m,) index into `units` of each segment
    place: Ints  # (m,) which of the counted segments it is
    source: Ints  # (m,) index into Counts.source_ids

    @property
    def weight(self) -> Floats:
        """(m,) vote of each segment: those of a unit add to 1, and its sources have equal parts of it."""
        _, group, sizes = np.unique(self.source, return_inverse=True, return_counts=True)
        vote = 1.0 / sizes[group]  # a source is in one unit
        weight: Floats = vote / np.bincount(self.of, vote, minlength=len(self.units))[self.of]
        return weight

    def where(self, unit: NDArray[np.bool_], segment: NDArray[np.bool_] | None = None) -> "Inside":
        """Keep some of the k units and of the m segments."""
        kept = unit[self.of] if segment is None else unit[self.of] & segment
        number = np.cumsum(unit) - 1
        return Inside(self.units[unit], number[self.of[kept]], self.place[kept], self.source[kept])


def inside(counts: Counts, units: Units, primary: Ints, theme: int) -> Inside:
    """
    Find what is said inside a theme.

    Parameters
    ----------
    counts : Counts
        The n counted segments.
    units : Units
        Of inference.
    primary : (n,) int
        Primary theme of each.
    theme : int
        Which theme.

    Returns
    -------
    Inside
        Of the units with at least 5 of its segments. For sources as units that leaves out the sources with fewer;
        of a date or a series all sources speak together, each with one vote, however few their segments are.
    """
    place = np.flatnonzero((primary == theme) & (units.of_source[counts.source] >= 0))
    unit = units.of_source[counts.source[place]]
    enough = np.bincount(unit, minlength=len(units)) >= LEAST
    place, unit = place[enough[unit]], unit[enough[unit]]
    order = np.lexsort((place, unit))
    rows, of = np.unique(unit[order], return_inverse=True)
    return Inside(rows, of, place[order], counts.source[place[order]])


def draw_keys(counts: Counts, seed: int) -> Floats:
    """
    Give each counted segment the number by which it is drawn.

    Parameters
    ----------
    counts : Counts
        The n counted segments.
    seed : int
        Of the run.

    Returns
    -------
    (n,) float
        In [0, 1); decided by the seed, the source's id and the place in it: another source changes none.
    """
    keys = np.empty(len(counts.row))
    for source in np.unique(counts.source).tolist():
        span = counts.span(source)
        keys[span] = generator(seed, "content", counts.source_ids[source]).random(span.stop - span.start)
    return keys


def drawn(
    whole: Inside, units: Units, keys: Floats, seed: int, most: int = MOST, most_units: int = MOST_UNITS
) -> Inside:
    """
    Cut a theme to what can be compared pair by pair.

    Parameters
    ----------
    whole : Inside
        All of the theme.
    units : Units
        Of inference.
    keys : (n,) float
        From `draw_keys`.
    seed : int
        Of the run.
    most : int
        Segments of a unit, drawn from its sources by turns.
    most_units : int
        Units, drawn from the strata of the periods by turns: a small period loses none before a large one does.

    Returns
    -------
    Inside
        At most `most` segments of each of at most `most_units` units.
    """
    kept = np.ones(len(whole.units), dtype=bool)
    if len(kept) > most_units:
        key = _unit_keys(tuple(units.ids[row] for row in whole.units), seed)
        cell = units.period[whole.units] * len(units.strata) + units.stratum[whole.units]
        turn = _turns(cell, key)
        kept[np.lexsort((key, turn))[most_units:]] = False
    key = keys[whole.place]
    by_source = _turns(whole.source, key)
    order = np.lexsort((key, by_source, whole.of))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(whole.of, whole.of)[order]
    return whole.where(kept, rank < most)


def _unit_keys(ids: Strings, seed: int) -> Floats:
    return np.array([generator(seed, "content unit", name).random() for name in ids])


def _turns(group: Ints, key: Floats) -> Ints:
    """Give each member its place in the order of its group by key, from 0."""
    order = np.lexsort((key, group))
    turn = np.empty(len(group), dtype=np.int64)
    turn[order] = np.arange(len(group)) - np.searchsorted(group[order], group[order])
    return turn
