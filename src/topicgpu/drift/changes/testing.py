"""One test for every kind of drift: is what was observed clearer than what dealing out the periods gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.circle import rotations
from topicgpu.drift.changes.design import (
    ALL_UP_TO,
    Comparison,
    Design,
    Later,
    assignments,
    design,
    p_values,
)
from topicgpu.drift.mixes import mix_differs
from topicgpu.drift.units import PLURAL, Units
from topicgpu.types import Floats

ROTATED_FROM = 24  # periods
SHIFT_LEVEL = 0.05  # largest p among the rotations of what stands; with fewer than 40 periods the smallest or none


class Statistic(Protocol):
    """How clear a change looks: larger is clearer; NaN where it can't be told."""

    def __call__(self, made: Design, later: Later) -> Floats:
        """Give (p, t) values for p assignments of the n units of a design, and t themes."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a test came to, for t themes that share a design."""

    design: Design
    later: Later | None  # (a, n) assignments, the observed one first; None where too many to describe by, and untested
    statistics: Floats | None  # (a, t) of them
    p: Floats  # (t,) NaN: not tested
    p_shift: Floats  # (t,) NaN: fewer than 24 periods
    turns: NDArray[np.bool_]  # (t,) false where so few rotations can be told that none could be rare among them
    why: str | None  # it was not tested


def run_test(
    units: Units,
    comparison: Comparison,
    usable: NDArray[np.bool_],
    statistic: Statistic,
    n_themes: int,
    heard: Sequence[int],
    level: float,
    seed: int,
    turned: dict[Comparison, Floats] | None = None,
    at: Callable[[Design], Floats] | None = None,
) -> Outcome:
    """
    Compare two sides by a permutation test, where their design allows one.

    Parameters
    ----------
    units : Units
        N units.
    comparison : Comparison
        The sides.
    usable : (N,) bool
        Units in which what is compared can be measured.
    statistic : Statistic
        Of the kind of drift.
    n_themes : int
        Columns t of the statistic.
    heard : sequence of int
        All periods that can be compared; from 24 on the rotations are ranked as well.
    level : float
        Largest p that could ever be called clear.
    seed : int
        Of the run.
    turned : dict of Comparison to (t,) float, optional
        Statistics of the rotations that are known; those that are not are added. One for each statistic: its
        comparisons share most of their rotations.
    at : callable, optional
        Gives the (t,) statistic of a rotation, where it is not that of any other design.

    Returns
    -------
    Outcome
        Not tested where no p of the design can reach `level`, or where units of several kinds mix them differently on
        the two sides: dealing these out anew would not keep the mix. All assignments are then still there to describe
        by, if there are at most 20,000.

    Notes
    -----
    Cost: 10,000 or fewer assignments by the statistic, and a rotation for each period.
    """
    made = design(units, comparison, usable)
    nothing = np.full(n_themes, np.nan)
    n = len(made.rows)
    why = _why(units, made, level)
    if why is not None:
        later = assignments(made, seed) if n and made.number <= ALL_UP_TO else None
        described = None if later is None else statistic(made, later)
        return Outcome(made, later, described, nothing, nothing, np.zeros(n_themes, dtype=bool), why)
    later = assignments(made, seed)
    statistics = statistic(made, later)
    p_shift, turns = nothing, np.ones(n_themes, dtype=bool)
    if len(heard) >= ROTATED_FROM:
        turned = {} if turned is None else turned
        places = rotations(comparison, heard)
        for place in places:
            if place not in turned:
                there = design(units, place, usable)
                turned[place] = statistic(there, there.later[None])[0] if at is None else at(there)
        circle = np.stack([turned[place] for place in places])
        p_shift = p_values(circle)
        turns = (~np.isnan(circle)).sum(axis=0) * SHIFT_LEVEL >= 1
    return Outcome(made, later, statistics, p_values(statistics), p_shift, turns, None)


def _why(units: Units, made: Design, level: float) -> str | None:
    if made.smallest_p <= level:
        mixed = mix_differs(*(units.mix(made.rows[made.later == side]) for side in (False, True)))
        return f"the {PLURAL[units.kind]} of the two sides mix kinds of source differently" if mixed else None
    n, n_later = len(made.rows), int(made.later.sum())
    if not n:
        return "no kind of source is on both sides"
    noun = PLURAL[units.kind] if n > 2 else units.kind
    same = " of kinds that both sides have" if len(made.left_out) else ""
    return f"{n - n_later} against {n_later} {noun}{same} cannot show a change beyond themselves"
