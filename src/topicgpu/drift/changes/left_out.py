"""What is left of a change when one unit is left out."""

from typing import NamedTuple

import numpy as np

from topicgpu.drift.changes.design import Design
from topicgpu.types import Floats, Ints

_LEFT = 0.5  # part of a change that rests on more than one unit
_ROUNDING = 1e-12


class LeaveOneOut(NamedTuple):
    """What is left of each of t changes when one of n units is left out."""

    low: Floats  # (t,) least change; NaN where without any unit there is none
    high: Floats
    rests_on: Ints  # (t,) unit without which less than half is left, or the sign turns; -1: none


def leave_one_out(made: Design, shares: Floats) -> LeaveOneOut:
    """
    Leave out each unit of a design in turn.

    Parameters
    ----------
    made : Design
        Of n units.
    shares : (n, t) float
        Of these units.

    Returns
    -------
    LeaveOneOut
        Of the difference between the sides inside strata, as `studentised.differences` has it. A unit without which no
        stratum is on both sides is not left out: without it there is no change, and the change rests on it; on the
        last one where there are several such.

    Notes
    -----
    The difference is the mean of those of the strata, weighted by n m / (n + m) units of either side; without a unit,
    only its own stratum has another difference and weighs otherwise. Cost: O(n t).
    """
    n_themes = shares.shape[1]
    if not len(made.rows):
        return LeaveOneOut(np.full(n_themes, np.nan), np.full(n_themes, np.nan), np.full(n_themes, -1))
    own, stratum = made.later.astype(np.int64), made.stratum
    number, total = np.zeros((2, stratum.max() + 1)), np.zeros((2, stratum.max() + 1, n_themes))
    np.add.at(number, (own, stratum), 1.0)
    np.add.at(total, (own, stratum), shares)
    mean = total / number[:, :, None]
    weight = _weight(number[0], number[1])
    moved = weight[:, None] * (mean[1] - mean[0])
    size = moved.sum(axis=0) / weight.sum()

    rest, other = number[own, stratum] - 1, number[1 - own, stratum]
    weight_left = _weight(rest, other)
    mean_left = (total[own, stratum] - shares) / np.maximum(rest, 1)[:, None]
    towards = np.where(made.later, 1.0, -1.0)[:, None]
    moved_left = weight_left[:, None] * towards * (mean_left - mean[1 - own, stratum])
    elsewhere = weight.sum() - weight if len(weight) > 1 else np.zeros(1)  # exactly nothing beside the only stratum
    others = elsewhere[stratum] + weight_left
    gone = moved.sum(axis=0) - moved[stratum] + moved_left
    without = np.divide(gone, others[:, None], out=np.full_like(gone, np.nan), where=others[:, None] > 0)

    alone = np.isnan(without).all(axis=1)
    part = np.where(alone[:, None], -np.inf, without * np.sign(size))
    rests = (np.abs(size) > _ROUNDING) & (part.min(axis=0) < _LEFT * np.abs(size))
    low, high = np.full((2, n_themes), np.nan)
    if not alone.all():
        low, high = without[~alone].min(axis=0), without[~alone].max(axis=0)
    last_least = len(part) - 1 - part[::-1].argmin(axis=0)
    return LeaveOneOut(low, high, np.where(rests, last_least, -1))


def _weight(one: Floats, other: Floats) -> Floats:
    weight: Floats = one * other / np.maximum(one + other, 1)
    return weight
