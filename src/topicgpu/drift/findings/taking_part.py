"""Which units take part in the test of a comparison, and what the others leave open."""

from collections import Counter

import numpy as np

from topicgpu.drift.changes.design import Comparison, Design, design
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.measured import Figures, Said
from topicgpu.drift.mixes import mix_differs
from topicgpu.drift.units import PLURAL
from topicgpu.types import Strings

_PAIR = 2
NOT_TIME = ": this is not shown to be a change over time."
_CANNOT = "cannot show a change beyond themselves, nor rule out slow wander"


def left_out(evidence: Evidence, comparison: Comparison) -> Said:
    """
    Say how many units take no part in the test of a comparison.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    comparison : Comparison
        The sides.

    Returns
    -------
    str, dict
        A sentence after a space, where there are any.
    """
    out = _designed(evidence, comparison).left_out
    parts, figures = [], dict[str, float]()
    for periods, end in ((comparison.earlier, "from"), (comparison.later, "to")):
        rows = out[np.isin(evidence.units.period[out], periods)]
        if len(rows):
            figures[f"left_out_{end}"] = len(rows)
            parts.append(f"{len(rows):,} {noun(evidence, len(rows))} of {evidence.label(periods)}")
    if not parts:
        return "", {}
    other = (
        "the other side"
        if len(parts) > 1
        else evidence.label(comparison.earlier if "left_out_to" in figures else comparison.later)
    )
    return f" {' and '.join(parts)} took no part in the test: {other} has none of their kind.", figures


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
    made, units = _designed(evidence, comparison), evidence.units
    out = units.period[made.left_out]
    later = int(made.later.sum())
    earlier = len(made.rows) - later
    n_from, n_to = (
        earlier + int(np.isin(out, comparison.earlier).sum()),
        later + int(np.isin(out, comparison.later).sum()),
    )
    figures: Figures = {"units_from": n_from, "units_to": n_to}
    if not len(made.rows):
        sides = [evidence.side(periods) for periods in comparison[1:]]
        unknown = sum(kind is None for side in sides for kind in side.kinds)
        if unknown:
            figures["unknown"] = unknown
            return f" The kind of {unknown:,} of these sources is not given{NOT_TIME}", figures
        return f" No kind of source is on both sides{NOT_TIME}", figures
    if _mixed(evidence, made):
        return f" The {PLURAL[units.kind]} of the two sides mix kinds of source differently{NOT_TIME}", figures
    if not len(made.left_out):
        sides_said = f"{n_from:,} against {n_to:,} {noun(evidence, n_from + n_to)}"
        note = f" {sides_said if n_from + n_to > _PAIR else f'One {units.kind} against one'} {_CANNOT}."
        if mix_differs(*(Counter(evidence.side(side).kinds) for side in comparison[1:])):
            note += " The kinds of source differ as well, which may explain it."
        return note, figures
    return (
        f" Only {earlier:,} against {later:,} of these {n_from + n_to:,} {noun(evidence, n_from + n_to)} are of a kind "
        f"that both sides have, which {_CANNOT}.",
        figures | {"units": n_from + n_to, "comparable_from": earlier, "comparable_to": later},
    )


def comparable(evidence: Evidence, comparison: Comparison) -> bool:
    """
    Tell whether both sides have a unit of one kind, and units of several kinds mix them alike.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    comparison : Comparison
        The sides.

    Returns
    -------
    bool
        False where whatever they differ in may be their kinds.
    """
    made = _designed(evidence, comparison)
    return len(made.rows) > 0 and not _mixed(evidence, made)


def stratified(evidence: Evidence, comparison: Comparison) -> bool:
    """
    Tell whether a test looks inside kinds of source, and not at all sources alike.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    comparison : Comparison
        The sides.

    Returns
    -------
    bool
        True where the units are of several kinds.
    """
    made = _designed(evidence, comparison)
    return len(made.left_out) > 0 or len(np.unique(made.stratum)) > 1


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
    return tuple(evidence.units.ids[row] for row in _designed(evidence, comparison).left_out)


def _designed(evidence: Evidence, comparison: Comparison) -> Design:
    return design(evidence.units, comparison, evidence.units.sources(evidence.known) > 0)


def _mixed(evidence: Evidence, made: Design) -> bool:
    return mix_differs(*(evidence.units.mix(made.rows[made.later == side]) for side in (False, True)))


def noun(evidence: Evidence, n: int) -> str:
    """
    Name units of inference.

    Parameters
    ----------
    evidence : Evidence
        With the units.
    n : int
        How many there are.

    Returns
    -------
    str
        In the singular or plural; a series counts once in every period that it is heard in, and says so.
    """
    kind = evidence.units.kind
    if kind == "series":
        return "series (each once a period)" if n > 1 else "series"
    return kind if n == 1 else PLURAL[kind]
