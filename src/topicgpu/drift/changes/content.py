"""Changes of what is said inside a theme: the energy distance between the segments of two sides."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from topicgpu.drift.changes.design import Comparison, Design, Later
from topicgpu.drift.changes.detection import content_reach
from topicgpu.drift.changes.distance import SideSums, side_sums
from topicgpu.drift.changes.inside import LEAST, MOST, MOST_UNITS, Inside, draw_keys, drawn, inside
from topicgpu.drift.changes.rows import NAN, Change
from topicgpu.drift.changes.separation import studentised_separation
from topicgpu.drift.changes.testing import Statistic, run_test
from topicgpu.drift.shares.counts import Counts
from topicgpu.drift.units import Units
from topicgpu.ops.energy import energy
from topicgpu.types import Floats, Ints, Strings, Vectors

_HALF = 0.5


class ContentChanges(NamedTuple):
    """What was compared, and what was not."""

    changes: list[Change]
    notes: Strings  # sentences: what was drawn, what could not be compared at all


class _Size(NamedTuple):
    """How far two sides lie apart; NaN where that can't be told."""

    effect: float = NAN
    expected: float = NAN
    loo_low: float = NAN
    loo_high: float = NAN
    within: float = NAN
    within_expected: float = NAN
    within_loo_low: float = NAN
    within_loo_high: float = NAN
    rests_on: str | None = None


def content_changes(
    counts: Counts,
    units: Units,
    primary: Ints,
    vectors: Vectors,
    compared: Sequence[Comparison],
    heard: Sequence[int],
    level: float,
    seed: int,
    device: str = "cpu",
) -> ContentChanges:
    """
    Compare what is said inside each theme on two sides.

    Parameters
    ----------
    counts : Counts
        The n counted segments.
    units : Units
        Of inference.
    primary : (n,) int
        Primary theme of each counted segment, -1 where it has none.
    vectors : (N, d) float32
        Of all segments.
    compared : sequence of Comparison
        Pairs of sides.
    heard : sequence of int
        All periods that can be compared.
    level : float
        Largest p that could ever be called clear.
    seed : int
        Of the run.
    device : str
        On which distances are computed.

    Returns
    -------
    ContentChanges
        A row a comparison and theme. `effect` is the energy distance between the sides, each unit one vote, and
        `expected` its mean over all ways to deal the periods out inside strata; `within` is the squared length of
        the move inside strata, which is what is tested, and `within_expected` its mean over the same ways. NaN where
        a side has no unit with 5 segments of the theme.

    Notes
    -----
    Of a theme, at most 64 segments of a unit and 2,000 units are compared; `notes` says how many were left out. Cost:
    m^2 d for the m segments of a theme, once; then arithmetic on a table of its units: p k^2 for p assignments of k
    units. Memory O(k^2) for the theme at hand.
    """
    keys = draw_keys(counts, seed)
    by_theme: list[list[Change]] = []
    n_whole = n_drawn = n_units = n_units_drawn = 0
    for theme in range(counts.columns.n_themes):
        whole = inside(counts, units, primary, theme)
        part = drawn(whole, units, keys, seed)
        n_whole, n_drawn = n_whole + len(whole.of), n_drawn + len(part.of)
        n_units, n_units_drawn = n_units + len(whole.units), n_units_drawn + len(part.units)
        table = unit_distances(part, vectors[counts.row[part.place]], device)
        n_sources = np.bincount(units.of_source[np.unique(part.source)], minlength=len(units))
        turned: dict[Comparison, Floats] = {}
        by_theme.append(
            [
                _change(theme, comparison, units, part.units, table, n_sources, heard, level, seed, turned)
                for comparison in compared
            ]
        )
    changes = [change for rows in zip(*by_theme, strict=True) for change in rows]
    notes = []
    if compared and not n_whole:
        notes.append(
            f"What is said inside themes could not be compared: no {units.kind} has {LEAST} segments of one theme"
            + ("; a coarser drift.unit gathers sources." if units.kind == "source" else ".")
        )
    if n_drawn < n_whole:
        notes.append(
            f"Content was compared on {n_drawn:,} of {n_whole:,} segments: at most {MOST} of a theme and {units.kind}"
            + (f", and {MOST_UNITS:,} units of a theme" if n_units_drawn < n_units else "")
            + ", drawn at random."
        )
    return ContentChanges(changes, tuple(notes))


def unit_distances(part: Inside, vectors: Vectors, device: str = "cpu") -> Floats:
    """
    Average the distances between the segments of each pair of units.

    Parameters
    ----------
    part : Inside
        Whose m segments are in which of k units.
    vectors : (m, d) float32
        Of those segments.
    device : str
        On which they are computed.

    Returns
    -------
    (k, k) float
        Mean Euclidean distances, each source of a unit one vote. A unit with itself: over all its ordered pairs, each
        segment with itself among them.
    """
    if not len(part.units):
        return np.zeros((0, 0))
    rows, weights, groups = (torch.from_numpy(array).to(device) for array in (vectors, part.weight, part.of))
    table: Floats = energy(rows, weights, groups, n_groups=len(part.units)).cpu().numpy()
    return table


def _change(
    theme: int,
    comparison: Comparison,
    units: Units,
    rows: Ints,
    table: Floats,
    n_sources: Ints,
    heard: Sequence[int],
    level: float,
    seed: int,
    turned: dict[Comparison, Floats],
) -> Change:
    place = np.full(len(units), -1)
    place[rows] = np.arange(len(rows))
    test = run_test(units, comparison, place >= 0, _statistic(table, place), 1, heard, level, seed, turned)
    later, earlier = (np.isin(units.period[rows], side) for side in (comparison.later, comparison.earlier))
    own = np.flatnonzero(later | earlier)
    whole, without = side_sums(table[np.ix_(own, own)], later[own], units.stratum[rows[own]])
    names = [units.ids[row] for row in rows[own]]
    size = _measure(whole, without, names, test.why is None) if whole.comparable else _Size()
    why = test.why if whole.comparable else f"a side has no {units.kind} with {LEAST} segments of it"
    reach = None
    if test.turns[0] and test.later is not None and test.statistics is not None:
        made, taking_part = test.design, place[test.design.rows]
        part = table[np.ix_(taking_part, taking_part)]
        reach = content_reach(part, test.later, made.stratum, test.statistics[:, 0], made.smallest_p, level)
    return Change(
        theme=theme,
        kind="content",
        comparison=comparison,
        unit="distance",
        n_from=int(n_sources[rows[earlier]].sum()),
        n_to=int(n_sources[rows[later]].sum()),
        units_from=int((~test.design.later).sum()),
        units_to=int(test.design.later.sum()),
        smallest_p=test.design.smallest_p,
        p=float(test.p[0]),
        p_shift=float(test.p_shift[0]),
        detectable=math.inf if reach is None else NAN,
        why=why,
        reach=reach,
        **size._asdict(),
    )


def _statistic(table: Floats, place: Ints) -> Statistic:
    def statistic(made: Design, later: Later) -> Floats:
        own = place[made.rows]
        return studentised_separation(table[np.ix_(own, own)], later, made.stratum)[:, None]

    return statistic


def _measure(whole: SideSums, without: Sequence[SideSums], names: Sequence[str], tested: bool) -> _Size:
    left = {name: rest for name, rest in zip(names, without, strict=True) if rest.comparable}
    effects = [rest.effect for rest in left.values()]
    inside = {name: rest for name, rest in left.items() if rest.stratified}
    withins = [rest.within for rest in inside.values()]
    # Chance alone gives a distance: what may rest on one unit is what lies beyond it.
    if tested:
        total = whole.within - whole.within_expected
        beyond = {name: rest.within - rest.within_expected for name, rest in inside.items()}
    else:
        total = whole.effect - whole.expected
        beyond = {name: rest.effect - rest.expected for name, rest in left.items()}
    least = min(beyond, key=beyond.__getitem__, default=None)
    rests = whole.stratified and least is not None and total > 0 and beyond[least] < _HALF * total
    return _Size(
        effect=whole.effect,
        expected=whole.expected if whole.stratified else NAN,
        loo_low=min(effects, default=NAN),
        loo_high=max(effects, default=NAN),
        within=whole.within if whole.stratified else NAN,
        within_expected=whole.within_expected if whole.stratified else NAN,
        within_loo_low=min(withins, default=NAN),
        within_loo_high=max(withins, default=NAN),
        rests_on=least if rests else None,
    )
