"""One test for every kind of drift: is what was observed clearer than what dealing out the periods gives."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.design import (
    ALL_UP_TO,
    Comparison,
    Design,
    Later,
    assignments,
    design,
    p_values,
    rotations,
)
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
    why: str | None  # it was not tested


def run_test(
    units: Units,
    comparison: Comparison,
    usable: NDArray[np.bool_],
    statistic: Statistic,
    n_themes: int,
    n_periods: int,
    level: float,
    seed: int,
    turned: dict[Comparison, Floats] | None = None,
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
    n_periods : int
        All periods; from 24 on the rotations are ranked as well.
    level : float
        Largest p that could ever be called clear.
    seed : int
        Of the run.
    turned : dict of Comparison to (t,) float, optional
        Statistics of the rotations that are known; those that are not are added. One for each statistic: its
        comparisons share most of their rotations.

    Returns
    -------
    Outcome
        Not tested where no p of the design can reach `level`; all assignments are then still there to describe by,
        if there are at most 20,000.

    Notes
    -----
    Cost: 10,000 or fewer assignments by the statistic, and n_periods rotations.
    """
    made = design(units, comparison, usable)
    nothing = np.full(n_themes, np.nan)
    n = len(made.rows)
    if made.smallest_p > level:
        why = _why(units, made)
        later = assignments(made, seed) if n and made.number <= ALL_UP_TO else None
        return Outcome(made, later, None if later is None else statistic(made, later), nothing, nothing, why)
    later = assignments(made, seed)
    statistics = statistic(made, later)
    p_shift = nothing
    if n_periods >= ROTATED_FROM:
        turned = {} if turned is None else turned
        places = rotations(comparison, n_periods)
        for place in places:
            if place not in turned:
                there = design(units, place, usable)
                turned[place] = statistic(there, there.later[None])[0]
        p_shift = p_values(np.stack([turned[place] for place in places]))
    return Outcome(made, later, statistics, p_values(statistics), p_shift, None)


def _why(units: Units, made: Design) -> str:
    n, n_later = len(made.rows), int(made.later.sum())
    if not n:
        return "no kind of source is on both sides"
    noun = PLURAL[units.kind] if n > 2 else units.kind
    same = " of kinds that both sides have" if len(made.left_out) else ""
    return f"{n - n_later} against {n_later} {noun}{same} cannot show a change beyond themselves"
