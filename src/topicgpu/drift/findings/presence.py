"""When each theme is there over the periods, and how likely so long a silence at an end is by chance."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.testing import ROTATED_FROM, SHIFT_LEVEL
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.shares.counts import SEGMENTS
from topicgpu.types import Ints, Presence, Strings

_ENDS = 2
_EVEN = 0.5


def presences(evidence: Evidence, level: float) -> tuple[Presence, ...]:
    """
    Say of each theme when it is there, and test the silence at the end where it is longest for its length.

    Parameters
    ----------
    evidence : Evidence
        Who carries what, and the units of inference with their periods and strata.
    level : float
        Largest p that could ever be called clear.

    Returns
    -------
    tuple of t Presence
        A theme is there in a unit where it is the primary theme of one segment at least. It appears where it is
        silent before its first period and not after its last, and fades the other way round; a silence at an end is
        one that is longer than half of those that chance would leave there. It persists where it is in every period,
        returns where it is in all but some in a row, neither the first nor the last, and else comes and goes.
        p is NaN where the units with the theme are so few, or so many, that none of their orders could reach
        `level`; q is NaN and `found` false until the family is known.

    Notes
    -----
    Were the periods dealt out anew inside strata, all k units with the theme would miss the n - m units of the
    silence in a part C(m, k) / C(n, k) of the ways, or, over strata, the product of these. The first period with the
    theme is the statistic, so that this is its exact p; both ends are looked at, so that it is doubled. Themes that
    can't reach the level are left out of the family, as Tarone does for Fisher's exact test [1]_. From 24
    periods with speech on, `p_shift` is the part of their rotations, which keep slow wander, that have as long a
    silence at either end: two of them at least, so that with fewer than 40 periods no silence stands. Cost:
    O(t (n + periods)).

    References
    ----------
    .. [1] R. E. Tarone, "A modified Bonferroni method for discrete data", Biometrics 46 (1990) 515-522.
    """
    there = _there(evidence)
    ordered, usable = _orders(evidence)
    return tuple(_presence(evidence, theme, there[usable, theme], ordered, level) for theme in range(evidence.n_themes))


def can_test(evidence: Evidence, level: float) -> bool:
    """
    Tell whether any theme could be shown to appear or to fade.

    Parameters
    ----------
    evidence : Evidence
        With the units of inference.
    level : float
        Largest p that could ever be called clear.

    Returns
    -------
    bool
        False where even a theme of all units after a silence, and of none in it, would have a p above `level`, or
        lie in periods so few that the rotations of no silence are rare.
    """
    units = _orders(evidence)[0]
    n_spoken = int((units.table.sum(axis=0) > 0).sum())
    if n_spoken >= ROTATED_FROM and SHIFT_LEVEL * n_spoken < _ENDS:
        return False
    after = [units.sizes(slice(first, None)) for first in range(1, units.n_periods)]
    return any(_ENDS * units.chance(inside, inside) <= level for inside in after)


def tested_end(evidence: Evidence, theme: int) -> str:
    """
    Tell which silence the p of a theme is of.

    Parameters
    ----------
    evidence : Evidence
        Who carries what, and the units of inference.
    theme : int
        Index of a theme that is there in a unit at least.

    Returns
    -------
    str
        `appears` or `fades`: the less likely of the two, inside strata.
    """
    units, usable = _orders(evidence)
    ends = _ends(units, _there(evidence)[usable, theme])
    return "appears" if ends.early <= ends.late else "fades"


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """The n usable units, and what there is to hear in each period."""

    period: Ints
    stratum: Ints
    n_periods: int
    table: Ints  # (strata, periods) units in each
    words: tuple[int, ...]  # counted in each period

    def sizes(self, periods: slice) -> Ints:
        sizes: Ints = self.table[:, periods].sum(axis=1)
        return sizes

    def chance(self, inside: Ints, carry: Ints) -> float:
        """Part of the ways in which all units that carry the theme are among the `inside` ones of their strata."""
        total = self.table.sum(axis=1)
        return math.prod(
            math.comb(m, k) / math.comb(n, k)
            for m, k, n in zip(inside.tolist(), carry.tolist(), total.tolist(), strict=True)
        )

    def smallest(self, carry: Ints) -> float:
        """Give the chance of the longest silence, at either end, that leaves room for the units with the theme."""
        found = 1.0
        for table in (self.table, self.table[:, ::-1]):
            inside = np.cumsum(table, axis=1)
            room = int(np.argmax((inside >= carry[:, None]).all(axis=0)))
            found = min(found, self.chance(inside[:, room], carry))
        return found


def _there(evidence: Evidence) -> NDArray[np.bool_]:
    """(n, t) units in which a theme is there."""
    inside = (evidence.units.of_source >= 0) & evidence.known
    there = np.zeros((len(evidence.units), evidence.n_themes), dtype=bool)
    carried = evidence.sources.theme_units[SEGMENTS, :, : evidence.n_themes] > 0
    np.logical_or.at(there, evidence.units.of_source[inside], carried[inside])
    return there


def _orders(evidence: Evidence) -> tuple[_Units, Ints]:
    units = evidence.units
    usable = np.flatnonzero(units.sources(evidence.known))
    period, stratum = units.period[usable], units.stratum[usable]
    table = np.zeros((len(units.strata), len(evidence.periods.keys)), dtype=np.int64)
    np.add.at(table, (stratum, period), 1)
    words = tuple(evidence.n_words(evidence.side([period])) for period in range(table.shape[1]))
    return _Units(period, stratum, table.shape[1], table, words), usable


def _presence(evidence: Evidence, theme: int, there: NDArray[np.bool_], units: _Units, level: float) -> Presence:
    theme_id, nan = evidence.themes.themes[theme].theme_id, float("nan")
    if not there.any():
        kind = "undated" if evidence.primary(theme).any() else "absent"
        return Presence(theme_id, kind, None, None, 0, 0, (), nan, nan, nan, False, ())
    spoken = units.table.sum(axis=0) > 0
    heard, first, last, carry, early, late = _ends(units, there)
    p = min(1.0, _ENDS * min(early, late)) if _ENDS * units.smallest(carry) <= level else nan
    p_shift = nan
    if np.isfinite(p) and spoken.sum() >= ROTATED_FROM:
        p_shift = _rotated(heard[spoken], int((spoken[:first] if early <= late else spoken[last + 1 :]).sum()))
    keys = evidence.periods.keys
    return Presence(
        theme_id=theme_id,
        kind=_kind(units, there, heard & spoken, spoken, first, last),
        first=keys[first],
        last=keys[last],
        words_before=sum(units.words[:first]),
        words_after=sum(units.words[last + 1 :]),
        gap=_silent(keys, heard, spoken, first, last),
        p=p,
        p_shift=p_shift,
        q=nan,
        found=False,
        evidence=evidence.strongest(theme, np.flatnonzero(evidence.units.of_source >= 0).tolist()),
    )


class _Ends(NamedTuple):
    """When a theme is there, and how likely each silence is by chance."""

    heard: NDArray[np.bool_]  # (periods,)
    first: int
    last: int
    carry: Ints  # (strata,) units with the theme
    early: float
    late: float


def _ends(units: _Units, there: NDArray[np.bool_]) -> _Ends:
    heard = np.bincount(units.period[there], minlength=units.n_periods) > 0
    first, last = (int(end) for end in np.flatnonzero(heard)[[0, -1]])
    carry = np.bincount(units.stratum[there], minlength=len(units.table))
    early = units.chance(units.sizes(slice(first, None)), carry)
    late = units.chance(units.sizes(slice(None, last + 1)), carry)
    return _Ends(heard, first, last, carry, early, late)


def _kind(
    units: _Units, there: NDArray[np.bool_], heard: NDArray[np.bool_], spoken: NDArray[np.bool_], first: int, last: int
) -> str:
    # Over all strata: what a reader sees is the order of the talk, whatever can be tested of it.
    total, k = len(there), int(there.sum())
    before, after = int((units.period < first).sum()), int((units.period > last).sum())
    early, late = (
        silent > 0 and math.comb(total - silent, k) / math.comb(total, k) <= _EVEN for silent in (before, after)
    )
    if early or late:
        return "comes and goes" if early and late else "appears" if early else "fades"
    gaps = int((np.diff(heard[spoken].astype(np.int64)) < 0).sum())
    if not (heard[spoken][[0, -1]].all() and gaps <= 1):
        return "comes and goes"
    return "returns" if gaps else "persists"


def _silent(keys: Strings, heard: NDArray[np.bool_], spoken: NDArray[np.bool_], first: int, last: int) -> Strings:
    return tuple(keys[period] for period in range(first, last) if spoken[period] and not heard[period])


def _rotated(heard: NDArray[np.bool_], silence: int) -> float:
    """Part of the rotations that have as long a silence at either end: the data chose the end."""
    longest = np.maximum(_until(heard), np.roll(_until(heard[::-1])[::-1], 1))
    return float((longest >= silence).mean())


def _until(heard: NDArray[np.bool_]) -> Ints:
    """(n,) silent periods from each on, itself included, round the circle."""
    there, place = np.flatnonzero(np.tile(heard, 2)), np.arange(len(heard))
    until: Ints = there[np.searchsorted(there, place)] - place
    return until
