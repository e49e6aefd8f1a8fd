"""What stands beside a change: how sure it is, what it rests on, and what else changed."""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.design import Comparison, design
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.phrases import points, small
from topicgpu.drift.mixes import mix_differs
from topicgpu.drift.units import PLURAL
from topicgpu.types import Split, Strings

Figures = dict[str, float]
Said = tuple[str, Figures]

_MIXED = {"genre": "genres", "series": "series", "speaker": "speakers", "language": "languages"}
_MOST = 0.5


def certainty(change: Change, unit: str, rounded: Callable[[float], str]) -> Said:
    """
    State how sure a change is, in brackets.

    Parameters
    ----------
    change : Change
        One row.
    unit : str
        Kind of the units of inference.
    rounded : callable
        How its effect is written.

    Returns
    -------
    str, dict
        ` (...)` with what there is of interval, range with any one unit left out, q, and whether slow wander was
        ruled out; and the figures in it.
    """
    parts: list[str] = []
    figures: Figures = {}
    if math.isfinite(change.low + change.high):
        parts.append(f"95% interval {rounded(change.low)} to {rounded(change.high)}")
        figures |= {"low": change.low, "high": change.high}
    if math.isfinite(change.loo_low + change.loo_high):
        parts.append(f"{rounded(change.loo_low)} to {rounded(change.loo_high)} with any one {unit} left out")
        figures |= {"loo_low": change.loo_low, "loo_high": change.loo_high}
    tested, figures_tested = surety(change.q, math.isfinite(change.p_shift))
    parts += tested
    return (f" ({'; '.join(parts)})" if parts else ""), figures | figures_tested


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
    return [f"q {small(q)}", *([] if rotated else ["slow wander not ruled out"])], {"q": q}


def rests(change: Change, unit: str) -> str:
    """
    Say that a change rests on one unit.

    Parameters
    ----------
    change : Change
        One row.
    unit : str
        Kind of the units of inference.

    Returns
    -------
    str
        A sentence after a space; empty where the change does not.
    """
    return f" It rests on one {unit} ({change.rests_on})." if change.rests_on is not None else ""


def mix(evidence: Evidence, change: Change, splits: Sequence[Split]) -> Said:
    """
    Say how far a tested change of share is one of the kinds of source.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    change : Change
        One row.
    splits : sequence of Split
        All; those of this row are looked at, but not the one by source.

    Returns
    -------
    str, dict
        A sentence where mix makes up more than half of the change, another where units of kinds that one side alone
        has took no part in the test.
    """
    theme_id = evidence.themes.themes[change.theme].theme_id
    key = (theme_id, change.comparison.level, *change.comparison.labels(evidence.periods.keys))
    own = [
        split
        for split in splits
        if (split.theme_id, split.level, split.from_, split.to) == key
        and split.by in _MIXED
        and split.mix * split.total > 0
        and abs(split.mix) > _MOST * abs(split.total)
    ]
    sentence, figures = "", dict[str, float]()
    if own:
        most = max(own, key=lambda split: abs(split.mix))
        sentence = f" The {_MIXED[most.by]} differ as well: their mix makes up {points(most.mix)} of these points."
        figures["mix"] = most.mix
    left_out = len(left_out_units(evidence, change.comparison))
    if left_out:
        unit = evidence.units.kind if left_out == 1 else PLURAL[evidence.units.kind]
        sentence += f" The test is without {left_out} {unit} of a kind that one side alone has."
        figures["left_out"] = left_out
    return sentence, figures


def beyond(evidence: Evidence, comparison: Comparison) -> Said:
    """
    Say why a comparison can't be tested.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    comparison : Comparison
        The sides.

    Returns
    -------
    str, dict
        A sentence after a space.
    """
    units, kind = evidence.units, PLURAL[evidence.units.kind]
    usable = _usable(evidence)
    made = design(units, comparison, usable)
    n_from, n_to = (int((np.isin(units.period, side) & usable).sum()) for side in comparison[1:])
    figures: Figures = {"units_from": n_from, "units_to": n_to}
    if not len(made.rows):
        return " No kind of source is on both sides, so that a change of kinds can't be told from one of time.", figures
    later = int(made.later.sum())
    if not len(made.left_out):
        sides = f"{n_from} against {n_to} {kind}" if n_from + n_to > 2 else f"One {units.kind} against one"
        note = f" {sides} cannot show a change beyond themselves."
        if mix_differs(*(Counter(evidence.side(side).kinds) for side in comparison[1:])):
            note += " The kinds of source differ as well, which may explain it."
        return note, figures
    earlier = len(made.rows) - later
    return (
        f" Only {earlier} against {later} of these {n_from + n_to} {kind} are of a kind that both sides have, "
        "which cannot show a change beyond themselves.",
        figures | {"units": n_from + n_to, "comparable_from": earlier, "comparable_to": later},
    )


def left_out_units(evidence: Evidence, comparison: Comparison) -> Strings:
    """
    List the units of both sides that take no part in a test, since the other side has none of their kind.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    comparison : Comparison
        The sides.

    Returns
    -------
    tuple of str
        Their ids.
    """
    made = design(evidence.units, comparison, _usable(evidence))
    return tuple(evidence.units.ids[row] for row in made.left_out)


def _usable(evidence: Evidence) -> NDArray[np.bool_]:
    usable = np.zeros(len(evidence.units), dtype=bool)
    usable[evidence.units.of_source[(evidence.units.of_source >= 0) & evidence.known]] = True
    return usable
