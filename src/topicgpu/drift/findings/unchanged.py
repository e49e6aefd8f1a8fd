"""What the design could have shown of the themes that no change was found of."""

from collections.abc import Sequence

import numpy as np

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.notes import beyond, left_out_units
from topicgpu.drift.findings.phrases import listed
from topicgpu.drift.findings.sentences import Results
from topicgpu.drift.units import PLURAL
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
        return [*sentences, f"No change of share could be tested.{beyond(evidence, rows[0].comparison)[0]}"]
    changed = {finding.theme_id for finding in findings if finding.kind in _AMOUNTS}
    quiet = [
        row
        for row in rows
        if row.status == "tested" and not row.unstable and evidence.themes.themes[row.theme].theme_id not in changed
    ]
    return [*sentences, *_detectable(evidence, quiet), *_left_out(evidence, rows[0])]


def _detectable(evidence: Evidence, rows: Sequence[Change]) -> list[str]:
    never = [row for row in rows if np.isinf(row.detectable)]
    could = sorted((row for row in rows if np.isfinite(row.detectable)), key=lambda row: row.detectable)
    sentences = []
    if could:
        low, high = (f"{100 * row.detectable:.1f}" for row in (could[0], could[-1]))
        size = f"{low} points" if low == high else f"{low} points for some and {high} for others"
        sentences.append(
            f"No change of share was found {_between(evidence, could)}; one of less than {size} could not have been."
        )
    if never:
        sentences.append(f"No change of share of any size could have been found {_between(evidence, never)}.")
    return sentences


def _between(evidence: Evidence, rows: Sequence[Change]) -> str:
    earlier, later = rows[0].comparison.labels(evidence.periods.keys)
    names = [f"“{evidence.name(row.theme)}”" for row in sorted(rows, key=lambda row: row.theme)]
    return f"between {earlier} and {later} for {listed(names, _NAMED)}"


def _left_out(evidence: Evidence, row: Change) -> list[str]:
    ids = left_out_units(evidence, row.comparison)
    if not ids:
        return []
    earlier, later = row.comparison.labels(evidence.periods.keys)
    noun = evidence.units.kind if len(ids) == 1 else PLURAL[evidence.units.kind]
    return [
        f"In no test of {earlier} against {later}, since the other side has none of their kind: {noun} "
        f"{listed(ids, _NAMED)}."
    ]
