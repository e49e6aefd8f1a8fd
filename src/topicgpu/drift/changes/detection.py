"""How far apart two sides would have to lie for a test of content to see it."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from topicgpu.drift.changes.design import Later
from topicgpu.drift.changes.power import POWER
from topicgpu.drift.changes.separation import gram_within, separation_and_error
from topicgpu.types import Floats, Ints

_SAMPLE = 400  # assignments that stand for the noise of the move
_ROUNDING = 1e-9
_LEAST = 1e-3  # of the longest move that is tried


@dataclass(frozen=True, slots=True, eq=False)
class ContentReach:
    """What one theme's test can see: called with the p that it has to reach, the distance that reaches it."""

    number: int  # of assignments
    smallest_p: float
    falling: Floats  # largest statistics of the others
    moved: Floats  # (a,) squared lengths of the move in some assignments, where there is none
    error: Floats  # (a,) with their estimated noise
    directions: float  # in which the noise lies

    def __call__(self, p: float) -> float:
        """
        Give the distance inside strata that a test finds with power 0.8.

        Parameters
        ----------
        p : float
            Largest p that is called clear.

        Returns
        -------
        float
            In the unit of `within`, noise included; infinity where no distance is found so often, NaN where all units
            are alike.

        Notes
        -----
        A move of length r in a direction of its own adds r^2 to the squared length, and to its noise 4 r^2 times the
        part of it in that direction, for which the mean over all directions stands in. The other assignments stand for
        units that did not move; where they did, it is an upper bound. Simulated power at what is given here: 0.83 to
        0.89, for 4 against 4 to 30 against 30 units.
        """
        others = math.floor(p * self.number + _ROUNDING) - round(self.smallest_p * self.number)
        if others < 0:
            return math.inf
        noise = float(self.error.mean())
        if not noise > 0:
            return math.nan
        critical = float(self.falling[min(others, len(self.falling) - 1)])
        short = critical * self.error - self.moved
        wobble = 2 * math.sqrt(noise / self.directions)

        def lacking(length: float) -> float:
            return float(special.ndtr((length**2 - short) / (wobble * length)).mean()) - POWER

        high = math.sqrt(max(float(short.max()), 0.0)) + 2 * wobble  # found in all but one case in forty
        low = _LEAST * high
        if lacking(low) >= 0:
            return noise
        return noise + float(optimize.brentq(lacking, low, high)) ** 2


def content_reach(
    table: Floats, later: Later, stratum: Ints, statistics: Floats, smallest_p: float, level: float
) -> ContentReach:
    """
    Say what a test can see from what it made.

    Parameters
    ----------
    table : (n, n) float
        Mean distances between the segments of two units.
    later : (p, n) bool
        Assignments, the observed one first.
    stratum : (n,) int
        From 0.
    statistics : (p,) float
        Of the assignments.
    smallest_p : float
        That the design can give.
    level : float
        Largest p that is ever asked for.

    Returns
    -------
    ContentReach
        A function of the p to reach.
    """
    moved, error = separation_and_error(table, later[1 :: max(1, len(later) // _SAMPLE)], stratum)
    gram = gram_within(table, stratum)
    squares = float((gram**2).sum())
    return ContentReach(
        number=len(later),
        smallest_p=smallest_p,
        falling=-np.sort(-statistics[1:])[: math.floor(level * len(later)) + 1],
        moved=moved,
        error=error,
        directions=float(np.trace(gram)) ** 2 / squares if squares > 0 else 1.0,
    )
