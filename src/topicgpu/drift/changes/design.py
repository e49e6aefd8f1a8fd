"""Which units are compared with which, and every way in which their periods could have been dealt out."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.shares.bootstrap import generator
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints, Strings

Later = NDArray[np.bool_]  # (p, n) a row an assignment: True where a unit is dealt to the later side

ALL_UP_TO = 20_000  # assignments, of which all are taken
_DRAWN = 9_999
_KEPT = 16  # tables of assignments: 12 MB each for 10,000 units
_THIRDS = 3
_EQUAL = 1e-9  # relative; equal statistics that were summed in another order


class Comparison(NamedTuple):
    """Two sets of neighbouring periods, the earlier and the later."""

    level: str  # period: one and the next; span: the first third and the last
    earlier: tuple[int, ...]
    later: tuple[int, ...]

    def labels(self, periods: Strings) -> tuple[str, str]:
        """Name both sides."""
        return side_label(periods, self.earlier), side_label(periods, self.later)


def side_label(periods: Strings, side: Sequence[int]) -> str:
    """
    Name one period, or several in a row.

    Parameters
    ----------
    periods : tuple of str
        Names of all periods.
    side : sequence of int
        Indices of neighbouring ones, in the order of time.

    Returns
    -------
    str
        The first and the last with an en dash, which has spaces round it where a name has hyphens or spaces.

    Examples
    --------
    >>> side_label(("2015", "2016"), (0, 1)), side_label(("2015-Q1", "2015-Q2"), (0, 1)), side_label(("2015",), (0,))
    ('2015–2016', '2015-Q1 – 2015-Q2', '2015')
    """
    first, last = periods[side[0]], periods[side[-1]]
    if first == last:
        return first
    return f"{first}–{last}" if (first + last).isalnum() else f"{first} – {last}"


def comparisons(n_periods: int) -> tuple[Comparison, ...]:
    """
    List what is compared.

    Parameters
    ----------
    n_periods : int
        Periods in the order of time, each with a source.

    Returns
    -------
    tuple of Comparison
        Each period and the next; from three periods on also the first third of them and the last.
    """
    adjacent = tuple(Comparison("period", (p,), (p + 1,)) for p in range(n_periods - 1))
    if n_periods < _THIRDS:
        return adjacent
    third = n_periods // _THIRDS
    first, last = tuple(range(third)), tuple(range(n_periods - third, n_periods))
    return (*adjacent, Comparison("span", first, last))


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The n units that take part in one comparison: those of strata that both sides have."""

    rows: Ints  # (n,) rows of Units
    later: NDArray[np.bool_]  # (n,) the side on which each is
    stratum: Ints  # (n,) from 0
    left_out: Ints  # rows of Units on either side whose stratum the other side does not have

    @property
    def number(self) -> int:
        """Ways in which the periods can be dealt out among the units of each stratum."""
        return math.prod(math.comb(*sizes) for sizes in self._sizes())

    @property
    def smallest_p(self) -> float:
        """The p that the clearest change can reach: dealing the sides out the other way round looks as clear."""
        mirrored = all(n == 2 * later for n, later in self._sizes())
        smallest = (1 + (mirrored and self.number > 1)) / self.number
        return smallest if self.number <= ALL_UP_TO else max(smallest, 1 / (_DRAWN + 1))

    def _sizes(self) -> list[tuple[int, int]]:
        inside = [self.later[self.stratum == stratum] for stratum in np.unique(self.stratum)]
        return [(len(later), int(later.sum())) for later in inside]


def design(units: Units, comparison: Comparison, usable: NDArray[np.bool_]) -> Design:
    """
    Choose the units of a comparison.

    Parameters
    ----------
    units : Units
        N units.
    comparison : Comparison
        Two sets of periods.
    usable : (N,) bool
        Units in which what is compared can be measured.

    Returns
    -------
    Design
        Of the n <= N units that take part; of none where no stratum is on both sides.
    """
    earlier, later = (np.isin(units.period, side) & usable for side in (comparison.earlier, comparison.later))
    shared = np.intersect1d(units.stratum[earlier], units.stratum[later])
    either = earlier | later
    part = either & np.isin(units.stratum, shared)
    rows = np.flatnonzero(part)
    return Design(
        rows=rows,
        later=later[rows],
        stratum=np.searchsorted(shared, units.stratum[rows]),
        left_out=np.flatnonzero(either & ~part),
    )


def of_both_sides(units: Units, comparison: Comparison, usable: NDArray[np.bool_]) -> Design:
    """
    Take all units of both sides for one kind: they can be described, and not be tested.

    Parameters
    ----------
    units : Units
        N units.
    comparison : Comparison
        Two sets of periods.
    usable : (N,) bool
        Units in which what is compared can be measured.

    Returns
    -------
    Design
        Of one stratum, with no unit left out.
    """
    rows = np.flatnonzero(usable & np.isin(units.period, (*comparison.earlier, *comparison.later)))
    later = np.isin(units.period[rows], comparison.later)
    return Design(rows, later, np.zeros(len(rows), dtype=np.int64), rows[:0])


def assignments(made: Design, seed: int) -> Later:
    """
    Deal the periods out among the units of each stratum: in every way, or in many drawn ones.

    Parameters
    ----------
    made : Design
        Of n units.
    seed : int
        Of the run; with the sides and strata of the design it decides the draws.

    Returns
    -------
    (p, n) bool
        All ways where there are at most 20,000 of them, else as they are and 9,999 drawn. The first row is how they
        are.

    Notes
    -----
    p n bytes. Two units of one stratum change places, never two of different strata: a change of the mix of genres
    and series is in every row alike. Themes and kinds of drift whose designs look the same share their draws, which
    are kept at a bit each for the last few designs. They are drawn by selection, unit by unit for all assignments at
    once: one of `left` units is taken with the part of them that is still wanted [1]_. Cost: O(p n).

    References
    ----------
    .. [1] C. T. Fan, M. E. Muller, I. Rezucha, "Development of sampling plans by using sequential (item by item)
       selection techniques and digital computers", Journal of the American Statistical Association 57 (1962) 387-402.
    """
    n_drawn = _DRAWN if made.number > ALL_UP_TO else None
    packed = _dealt(made.later.tobytes(), made.stratum.astype(np.int64).tobytes(), seed, n_drawn)
    return np.unpackbits(packed, axis=1, count=len(made.rows)).view(np.bool_)


@lru_cache(maxsize=_KEPT)
def _dealt(sides: bytes, strata: bytes, seed: int, n_drawn: int | None) -> NDArray[np.uint8]:
    later, stratum = np.frombuffer(sides, dtype=np.bool_), np.frombuffer(strata, dtype=np.int64)
    inside = [np.flatnonzero(stratum == each) for each in np.unique(stratum)]
    if n_drawn is None:
        return np.packbits(_every_way(later, inside), axis=1)
    rng = generator(seed, "assignments", sides.hex(), strata.hex())
    return np.packbits(_drawn_ways(later, inside, n_drawn, rng), axis=1)


def _every_way(later: NDArray[np.bool_], inside: Sequence[Ints]) -> Later:
    dealt = np.zeros((1, len(later)), dtype=bool)
    for units in inside:
        ways = list(itertools.combinations(units.tolist(), int(later[units].sum())))
        before = len(dealt)
        dealt = np.repeat(dealt, len(ways), axis=0)
        picks = np.tile(np.array(ways, dtype=np.int64), (before, 1))
        np.put_along_axis(dealt, picks, True, axis=1)
    as_it_is = int(np.flatnonzero((dealt == later).all(axis=1))[0])
    dealt[[0, as_it_is]] = dealt[[as_it_is, 0]]
    return dealt


def _drawn_ways(later: NDArray[np.bool_], inside: Sequence[Ints], n_drawn: int, rng: np.random.Generator) -> Later:
    by_unit = np.empty((len(later), n_drawn + 1), dtype=bool)
    by_unit[:, 0] = later
    for units in inside:
        wanted = np.full(n_drawn, float(later[units].sum()))
        for left, unit in zip(range(len(units), 0, -1), units.tolist(), strict=True):
            taken = np.less(rng.random(n_drawn) * left, wanted, out=by_unit[unit, 1:])
            wanted -= taken
    return by_unit.T


def p_values(statistics: Floats) -> Floats:
    """
    Rank what was observed among what could have been.

    Parameters
    ----------
    statistics : (p, t) float
        Larger is clearer; the first row was observed.

    Returns
    -------
    (t,) float
        Part of the rows that are at least as clear as the first, itself among them: exact where the rows are all
        ways, else the p of a drawn sample with the observed one added [1]_. Rows that are NaN are no part of it: what
        can be told does not depend on which row was observed. NaN where the first row is.

    References
    ----------
    .. [1] B. Phipson, G. K. Smyth, "Permutation p-values should never be zero", Statistical Applications in Genetics
       and Molecular Biology 9 (2010) 39.
    """
    observed = statistics[0]
    slack = _EQUAL * np.abs(np.where(np.isfinite(observed), observed, 0.0))
    reached, told = (statistics >= observed - slack).sum(axis=0), (~np.isnan(statistics)).sum(axis=0)
    p: Floats = np.divide(reached, told, out=np.full(statistics.shape[1], np.nan), where=~np.isnan(observed))
    return p


def rotations(comparison: Comparison, heard: Sequence[int]) -> list[Comparison]:
    """
    Turn the periods of a comparison round the circle of all periods.

    Parameters
    ----------
    comparison : Comparison
        Two sets of periods.
    heard : sequence of int
        All periods that can be compared, in the order of time; those of both sides are among them.

    Returns
    -------
    list of Comparison
        One a period, of sides that may lie across the end of the circle: to be measured, not to be named.
        The first is the comparison itself. Each keeps the order of the periods, and so every slow wander in them: a
        change that wander makes is found in other places of the circle as well. Comparisons of neighbours all turn
        through the same places.
    """
    place = {period: index for index, period in enumerate(heard)}

    def turned(side: tuple[int, ...], shift: int) -> tuple[int, ...]:
        return tuple(heard[(place[period] + shift) % len(heard)] for period in side)

    return [
        Comparison(comparison.level, turned(comparison.earlier, shift), turned(comparison.later, shift))
        for shift in range(len(heard))
    ]
