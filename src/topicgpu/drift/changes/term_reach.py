"""How much a term has to gain before a test of vocabulary finds it."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from topicgpu.drift.changes.design import Design
from topicgpu.drift.changes.log_odds import LogOdds, Singles
from topicgpu.drift.changes.power import POWER
from topicgpu.drift.changes.spoken import SaidBy
from topicgpu.types import Floats, Ints

_GAINS = np.arange(1, 161) / 20  # in log odds, among which one is looked for
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class TermReach:
    """Called with the p that has to be reached, the gain in log odds that a term of median frequency needs for it."""

    z: Singles  # expected of each gain
    top: Floats  # (k,) largest statistics of all deals, falling
    n_deals: int
    smallest_p: float

    def __call__(self, p: float) -> float:
        """Give the gain that is found with power 0.8, an estimate; infinity where none up to 8 is found so often."""
        if p < self.smallest_p * (1 - _ROUNDING):
            return math.inf
        place = math.floor(p * self.n_deals + _ROUNDING)  # of the largest statistic that does not reach p
        needed = self.top[min(place, len(self.top) - 1)] + ndtri(POWER)
        enough = np.flatnonzero(self.z >= needed)
        return float(_GAINS[enough[0]]) if len(enough) else math.inf


def term_reach(said: SaidBy, terms: Ints, made: Design, statistics: Floats, level: float) -> TermReach:
    """
    Foresee the z of a term of median frequency for each gain that it might make.

    Parameters
    ----------
    said : SaidBy
        Of the n units of the design.
    terms : (w,) int
        Columns of the terms of the test, at least one.
    made : Design
        Who is on which side.
    statistics : (a,) float
        Largest |z| of each deal of the periods.
    level : float
        Largest p that is asked for.

    Returns
    -------
    TermReach
        The term has to pass what the clearest term reaches by chance, and to spare what a normal error takes one time
        in five. Its units vary as much as the effective size of their segments supposes.
    """
    share = np.median(said.segments.sum(axis=0)[terms] / said.exposure.sum(axis=0)[said.language[terms]])
    exposure = said.exposure.sum(axis=1, keepdims=True)
    edge = 0.5 / exposure.sum()  # half a segment, so that a term of all segments has odds
    expected = exposure * expit(logit(np.clip(share, edge, 1 - edge)) + made.later[:, None] * _GAINS)
    compare = LogOdds(expected, exposure, np.zeros(len(_GAINS), dtype=np.int64), made)
    log_odds, variance = (values[0] for values in compare(made.later[None]))
    by_chance = np.sort(statistics)[::-1]
    top = by_chance[: math.ceil(level * len(by_chance)) + 1]
    return TermReach(log_odds / np.sqrt(variance), top, len(by_chance), made.smallest_p)
