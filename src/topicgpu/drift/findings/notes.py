"""What stands beside a change: how sure it is, what it rests on, and what a change of mix makes of it."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.measured import Figures, Said
from topicgpu.drift.findings.phrases import points, quoted, small
from topicgpu.types import Split

MIXED = {"genre": "genres", "series": "series", "speaker": "speakers", "language": "languages"}
NOT_RULED_OUT = "slow wander not ruled out"
_MOST = 0.5  # of what there is to explain
_LITTLE = 0.1  # of an explanation, below which a part of it is not said
_KINDS_NAMED = 2


class Lead(NamedTuple):
    """The size of a change that its sentence leads with: what was tested, or what is described."""

    column: str  # of Changes
    value: float
    low: float
    high: float
    loo_low: float
    loo_high: float

    def figures(self) -> Figures:
        """Name its figures as the columns of Changes, the interval and range where there are any."""
        ends = {"low": self.low, "high": self.high, "loo_low": self.loo_low, "loo_high": self.loo_high}
        prefix = "within_" if self.column == "within" else ""
        return {self.column: self.value} | {
            prefix + name: value for name, value in ends.items() if math.isfinite(value)
        }


def lead(change: Change) -> Lead:
    """
    Choose the size of a change that its sentence leads with.

    Parameters
    ----------
    change : Change
        One row.

    Returns
    -------
    Lead
        The change inside kinds of source where that is what was tested, else the effect.
    """
    if change.status == "tested" and math.isfinite(change.within):
        inner = change.within_low, change.within_high, change.within_loo_low, change.within_loo_high
        return Lead("within", change.within, *inner)
    return Lead("effect", change.effect, change.low, change.high, change.loo_low, change.loo_high)


def leads_inside(change: Change) -> bool:
    """
    Tell whether a sentence leads with the change inside kinds of source, and says the plain one after it.

    Parameters
    ----------
    change : Change
        Of prevalence.

    Returns
    -------
    bool
        False where both round to the same points.
    """
    return points(lead(change).value) != points(change.effect)


def certainty(change: Change, unit: str, rounded: Callable[[float], str]) -> Said:
    """
    State how sure a change is.

    Parameters
    ----------
    change : Change
        One row.
    unit : str
        Kind of the units of inference.
    rounded : callable
        How its size is written.

    Returns
    -------
    str, dict
        What there is of interval, range with any one unit left out, q, and whether slow wander was ruled out; and the
        figures in it, with the size itself.
    """
    size, parts = lead(change), []
    if math.isfinite(size.low + size.high):
        parts.append(f"95% interval {rounded(size.low)} to {rounded(size.high)}")
    if math.isfinite(size.loo_low + size.loo_high):
        parts.append(f"{rounded(size.loo_low)} to {rounded(size.loo_high)} with any one {unit} left out")
    tested, figures = surety(change.q, math.isfinite(change.p_shift))
    return "; ".join(parts + tested), size.figures() | figures


def surety(q: float, rotated: bool) -> tuple[list[str], Figures]:
    """
    State the q of a finding, and whether slow wander was ruled out.

    Parameters
    ----------
    q : float
        NaN where nothing was tested.
    rotated : bool
        Whether the rotations of the periods were looked at.

    Returns
    -------
    list of str, dict
        Nothing where nothing was tested.
    """
    if not math.isfinite(q):
        return [], {}
    return [f"q {small(q)}", *([] if rotated else [NOT_RULED_OUT])], {"q": q}


def rests(rests_on: str | None, unit: str) -> str:
    """
    Say that a statement rests on one unit.

    Parameters
    ----------
    rests_on : str or None
        The unit without which less than half is left.
    unit : str
        Kind of the units of inference.

    Returns
    -------
    str
        A sentence after a space; empty where there is no such unit.
    """
    return f" It rests on one {unit} ({rests_on})." if rests_on is not None else ""


def makes(splits: Sequence[Split], total: float, kinds: Sequence[str] = ("genre", "series")) -> Said:
    """
    Say what another mix of sources makes of a change.

    Parameters
    ----------
    splits : sequence of Split
        Of the change.
    total : float
        What there is to explain: the part that is not the change inside kinds, or all of it.
    kinds : sequence of str
        Divisions to look at.

    Returns
    -------
    str, dict
        The division that explains most, where it makes more than half of `total`; else nothing.
    """
    pieces = []
    for split in splits:
        whole = sum(part for part in (split.mix, split.unsplit) if math.isfinite(part))
        if split.by in kinds and whole * total > 0 and abs(whole) > _MOST * abs(total):
            pieces.append((abs(whole), split))
    if not pieces:
        return "", {}
    whole, split = max(pieces, key=lambda piece: piece[0])
    noun, said, figures = MIXED[split.by], [], dict[str, float]()
    if abs(split.mix) > _LITTLE * whole:
        said.append(f"another mix of {noun} makes {points(split.mix)} points")
        figures["mix"] = split.mix
    if abs(split.unsplit) > _LITTLE * whole:
        alone = quoted(split.only_to + split.only_from, _KINDS_NAMED)
        said.append(f"{noun} that one side alone has ({alone}) make {points(split.unsplit)} points")
        figures["unsplit"] = split.unsplit
    return " and ".join(said), figures
