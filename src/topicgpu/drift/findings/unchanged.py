"""What the design could have shown of the themes that no change was found of."""

import math
from collections.abc import Sequence

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.changes.testing import ROTATED_FROM
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.notes import lead
from topicgpu.drift.findings.phrases import listed, points, small
from topicgpu.drift.findings.results import Results
from topicgpu.drift.findings.taking_part import NOT_TIME, beyond, comparable, left_out_units, noun, stratified
from topicgpu.types import Finding

_NAMED = 5
_AMOUNTS = frozenset({"appears", "fades", "returns", "rises", "falls"})


def unchanged(evidence: Evidence, results: Results, findings: Sequence[Finding]) -> list[str]:
    """
    Say of the comparison of the first periods with the last what it can't show, and of which themes.

    Parameters
    ----------
    evidence : Evidence
        Themes, sources and units.
    results : Results
        The comparisons.
    findings : sequence of Finding
        What was found; the other themes are those spoken of.

    Returns
    -------
    list of str
        Whole sentences; none where nothing is compared.
    """
    rows = [row for theme in range(evidence.n_themes) if (row := results.widest(theme)) is not None]
    unstable = [f"“{theme.name}”" for theme in evidence.themes.themes if theme.unstable]
    sentences = []
    if unstable:
        sentences.append(
            f"Kept out of the findings, since other seeds and samples find too little of it again: {listed(unstable)}."
        )
    if not rows:
        return sentences
    if all(row.status == "described" for row in rows):
        why = beyond(evidence, rows[0].comparison)[0].replace(NOT_TIME, ".")
        sentences += [f"No change of share could be tested.{why}", *_wander(evidence, results)]
        named = comparable(evidence, rows[0].comparison)
        return [*sentences, *(_left_out(evidence, results, rows[0]) if named else [])]
    changed = {finding.theme_id for finding in findings if finding.kind in _AMOUNTS}
    quiet = [
        row
        for row in rows
        if row.status == "tested"
        and not row.unstable
        and evidence.themes.themes[row.theme].theme_id not in changed
        and not results.wandering(row.theme, "prevalence")
    ]
    return [
        *sentences,
        *_wander(evidence, results),
        *_detectable(evidence, quiet),
        *_left_out(evidence, results, rows[0]),
    ]


def _wander(evidence: Evidence, results: Results) -> list[str]:
    """Name the changes that only the rotations of the periods stopped: they are not "no change"."""
    clearest = []
    for theme in range(evidence.n_themes):
        for kind in ("prevalence", "content", "vocabulary"):
            if (rows := results.wandering(theme, kind)) and not results.of(theme, kind, found=True):
                clearest.append(min(rows, key=lambda row: (row.p, -abs(row.effect))))
    sentences = []
    for row in clearest[:_NAMED]:
        name = f"“{evidence.name(row.theme)}”"
        earlier, later = (evidence.label(side) for side in row.comparison[1:])
        moved = {
            "prevalence": f"The share of {name} changed by {points(lead(row).value)} points",
            "content": f"What is said of {name} moved",
            "vocabulary": f"The words of {name} moved",
        }[row.kind]
        sentences.append(
            f"{moved} between {earlier} and {later} (q {small(row.q)}), but as large a difference lies elsewhere in "
            f"these {len(evidence.heard)} periods (p {small(row.p_shift)}): slow wander can't be told from it."
        )
    others = [f"“{evidence.name(row.theme)}”" for row in clearest[_NAMED:]]
    return [*sentences, f"The same holds for {listed(list(dict.fromkeys(others)))}."] if others else sentences


def _detectable(evidence: Evidence, rows: Sequence[Change]) -> list[str]:
    never = [row for row in rows if math.isinf(row.detectable)]
    rest = [row for row in rows if not math.isinf(row.detectable)]
    could = [row for row in rest if math.isfinite(row.detectable)] if len(evidence.heard) < ROTATED_FROM else []
    unknown = [row for row in rest if row not in could]
    sentences = []
    if could:
        low, high = (f"{100 * end(row.detectable for row in could):.1f}" for end in (min, max))
        size = f"one of {low} points" if low == high else f"one of {low} points for some and of {high} for others"
        inside = "inside the kinds of source that both sides have, " * stratified(evidence, could[0].comparison)
        sentences.append(
            f"No change of share was found {_between(evidence, could)}: {inside}this design finds {size} four times in "
            "five."
        )
    if unknown:
        sentences.append(
            f"No change of share was found {_between(evidence, unknown)}; how large it would have to be is not known."
        )
    if never:
        sentences.append(f"No change of share of any size could be found {_between(evidence, never)}.")
    return sentences


def _between(evidence: Evidence, rows: Sequence[Change]) -> str:
    earlier, later = (evidence.label(side) for side in rows[0].comparison[1:])
    names = [f"“{evidence.name(row.theme)}”" for row in sorted(rows, key=lambda row: row.theme)]
    return f"between {earlier} and {later} for {listed(names, _NAMED)}"


def _left_out(evidence: Evidence, results: Results, widest: Change) -> list[str]:
    """Name the units without a counterpart: of the widest comparison, then of the others."""
    first = left_out_units(evidence, widest.comparison)
    rest = dict.fromkeys(row.comparison for row in results.changes if row.comparison != widest.comparison)
    others = sorted({unit for pair in rest for unit in left_out_units(evidence, pair)})
    sentences = []
    if first:
        earlier, later = (evidence.label(side) for side in widest.comparison[1:])
        sentences.append(
            f"In no test of {earlier} against {later}, since the other side has none of their kind: "
            f"{noun(evidence, len(first))} {listed(first, _NAMED)}."
        )
    if others:
        sentences.append(
            f"For the same reason left out between neighbouring periods: {noun(evidence, len(others))} "
            f"{listed(others, _NAMED)}."
            if first
            else "Left out between neighbouring periods, since the other one has none of their kind: "
            f"{noun(evidence, len(others))} {listed(others, _NAMED)}."
        )
    return sentences
