"""How much a theme is talked of on two sides: rises, falls, differs or persists, a sentence each."""

import math
from collections.abc import Sequence

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings import notes, taking_part
from topicgpu.drift.findings.evidence import Evidence, Side
from topicgpu.drift.findings.measured import Figures, Said, amounts, nearly
from topicgpu.drift.findings.phrases import points
from topicgpu.types import Split

_DIFFERS = "differs with the kind of source"


def moves(
    evidence: Evidence, change: Change, steps: Sequence[Change], splits: Sequence[Split], mirror: int | None
) -> tuple[str, Figures, Side, Side]:
    """
    Word that a theme rises or falls, or that kinds of source differ in it.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    change : Change
        Of prevalence.
    steps : sequence of Change
        Of one period to the next, inside those of `change`, that are findings as well; in the order of time.
    splits : sequence of Split
        Of the change: what is mix, and what is not.
    mirror : int, optional
        Index of a theme that moves by as much the other way.

    Returns
    -------
    str, dict, Side, Side
        The sentence, its figures, and both sides. It leads with what was tested: where that is the change inside kinds
        of source and not that of all sources, the latter is said after it.
    """
    size = notes.lead(change)
    said, figures, first, last = _sides(evidence, change)
    sure, stated = notes.certainty(change, evidence.units.kind, points)
    figures |= stated | {"effect": change.effect}
    verb = "rises" if size.value > 0 else "falls"
    if not taking_part.comparable(evidence, change.comparison):
        verb = _DIFFERS
    head, beside = f"“{evidence.name(change.theme)}” {verb}", f" ({sure})" if sure else ""
    if not notes.leads_inside(change):
        sentence = f"{head}: from {said}, {points(size.value)} points{beside}."
        note, figures_note = notes.makes(splits, change.effect, tuple(notes.MIXED)) if change.found else ("", {})
        sentence += f" Of these, {note}." if note else ""
    else:
        note, figures_note = notes.makes(splits, change.effect - size.value)
        sentence = (
            f"{head} inside the kinds of source that both sides have: {points(size.value)} points{beside}. "
            f"Over all sources it goes from {said}, {points(change.effect)} points{f': {note}' if note else ''}."
        )
    figures |= figures_note
    if steps:
        values = [notes.lead(step).value for step in steps]
        sides = [" to ".join(evidence.label(side) for side in step.comparison[1:]) for step in steps]
        listed = [f"{points(value)} points from {pair}" for value, pair in zip(values, sides, strict=True)]
        sentence += f" The steps that are clear by themselves: {'; '.join(listed)}."
        figures |= {f"step_{number}": value for number, value in enumerate(values, start=1)}
    sentence += notes.rests(change.rests_on, evidence.units.kind)
    note, figures_note = (taking_part.left_out if change.found else taking_part.beyond)(evidence, change.comparison)
    if mirror is not None:
        note += f" “{evidence.name(mirror)}” moves by as much the other way."
    return sentence + note, figures | figures_note, first, last


def differs(evidence: Evidence, change: Change, splits: Sequence[Split]) -> Said | None:
    """
    Word that a theme takes more of one side since other kinds of source speak on it.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    change : Change
        Of prevalence, not a finding.
    splits : sequence of Split
        Of the change.

    Returns
    -------
    (str, dict) or None
        The sentence and its figures; None where the mix makes up no more than half of the change.
    """
    note, figures_note = notes.makes(splits, change.effect)
    if not note:
        return None
    said, figures, *_ = _sides(evidence, change)
    sentence = (
        f"“{evidence.name(change.theme)}” {_DIFFERS}: from {said}, {points(change.effect)} points, of which "
        f"{note}: this is not shown to be a change over time."
    )
    return sentence, figures | figures_note | {"effect": change.effect}


def persists(evidence: Evidence, change: Change, rotated: bool) -> Said:
    """
    Word that a theme stays as it is.

    Parameters
    ----------
    evidence : Evidence
        Sources.
    change : Change
        Of prevalence, not a finding.
    rotated : bool
        Whether the rotations of the periods were looked at.

    Returns
    -------
    str, dict
        The sentence and its figures.
    """
    first, last = (evidence.side(side) for side in change.comparison[1:])
    (before, figures), (after, figures_after) = amounts(
        evidence, change.theme, (first, last), (change.value_from, change.value_to)
    )
    figures |= figures_after | {"effect": change.effect}
    present, n_sources = figures["with_from"] + figures["with_to"], len(first.rows) + len(last.rows)
    figures |= {"sources": n_sources, "sources_with": present}
    each = "each" if present == n_sources else f"{present:,.0f}"
    beside = f"{points(change.effect)} points"
    if math.isfinite(change.loo_low + change.loo_high):
        figures |= {"loo_low": change.loo_low, "loo_high": change.loo_high}
        ends = f"{points(change.loo_low)} to {points(change.loo_high)}"
        beside += f"; {ends} with any one {evidence.units.kind} left out"
    sentence = (
        f"“{evidence.name(change.theme)}” persists: {before} in {first} and {after} in {last}, "
        f"in {each} of these {n_sources:,} sources ({beside})."
    )
    shown, figures_shown = detects(evidence, change, rotated)
    return f"{sentence} {shown}", figures | figures_shown


def detects(evidence: Evidence, change: Change, rotated: bool) -> Said:
    """
    Say which change a design finds.

    Parameters
    ----------
    evidence : Evidence
        Units and their kinds.
    change : Change
        Of prevalence.
    rotated : bool
        Whether the rotations of the periods were looked at: then a change has a second condition to meet, whose power
        is not known.

    Returns
    -------
    str, dict
        A sentence and its figures.
    """
    if change.status == "described" or math.isinf(change.detectable):
        return "This design finds no change of any size.", {}
    if rotated or math.isnan(change.detectable):
        return "How large a change would have to be to be found is not known.", {}
    where = (
        "Inside the kinds of source that both sides have, this"
        if (taking_part.stratified(evidence, change.comparison))
        else "This"
    )
    return (
        f"{where} design finds a change of {100 * change.detectable:.1f} points four times in five.",
        {"detectable": change.detectable},
    )


def _sides(evidence: Evidence, change: Change) -> tuple[str, Figures, Side, Side]:
    theme = change.theme
    first, last = (evidence.side(side) for side in change.comparison[1:])
    shares = change.value_from, change.value_to
    (before, figures), (after, figures_after) = amounts(evidence, theme, (first, last), shares)
    figures |= figures_after
    figures |= {"near_from": evidence.near(theme, first), "near_to": evidence.near(theme, last)}
    said = (
        f"{before} in {first}{_none_but_near(evidence, theme, first)} to "
        f"{after} in {last}{_none_but_near(evidence, theme, last)}"
    )
    return said, figures, first, last


def _none_but_near(evidence: Evidence, theme: int, side: Side) -> str:
    return "" if evidence.present(theme, side) else nearly(evidence, theme, side)
