"""The findings: each with its figures, how sure it is, and the words that show it."""

from typing import Any

from topicgpu.report.charts.of_themes import theme_charts
from topicgpu.report.context import Context
from topicgpu.report.finding_figures import figures_of
from topicgpu.types import Finding

MAX_QUOTES = 4
_TONES = {"differs": "apart", "persists": "still", "absent": "still"}
_WORDS = {
    "differs": "between kinds of source, not shown over time",
    "persists": "much the same on both sides",
}
_SHAKY = "the theme is unstable"


def view(context: Context) -> dict[str, Any]:
    """
    Gather the findings.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        findings, n_findings_left, charts (SVG by the theme's anchor), why_none (where there is no finding, the first
        of what could not be decided), instruments and gates.

    Raises
    ------
    MisalignedError
        If a finding names a segment that is not there.
    """
    drift, limit = context.drift, context.results.config.report.max_findings
    shown = drift.findings[:limit]
    heard = {finding.theme_id for finding in shown if finding.kind != "absent"}
    return {
        "findings": [_finding(number, finding, context) for number, finding in enumerate(shown, start=1)],
        "n_findings_left": max(0, len(drift.findings) - limit),
        "charts": theme_charts(context, heard),
        "why_none": drift.undecided[0] if drift.undecided and not drift.findings else None,
        "instruments": list(drift.instruments),
        "gates": [{"gate": gate.gate, "outcome": gate.outcome, "reason": gate.reason} for gate in drift.gates],
    }


def _unit(one: str, context: Context) -> dict[str, str | None]:
    """Name what a finding rests on: a source by its title, a date or series as it is."""
    source = context.row_of.get(one) if context.results.config.drift.unit == "source" else None
    return {"name": source["title"] if source else one, "anchor": source["anchor"] if source else None}


def _finding(number: int, finding: Finding, context: Context) -> dict[str, Any]:
    # What a finding rests on is quoted first: without it, less than half would be left.
    source_of, row = context.segments.source_id, context.quotes.row
    first = sorted(finding.evidence, key=lambda segment_id: source_of[row(segment_id)] not in finding.rests_on)
    evidence = context.quotes.varied(first, MAX_QUOTES)
    unstable = any(theme.unstable for theme in context.themes if theme.theme_id == finding.theme_id)
    tone = "shaky" if unstable else _TONES.get(finding.kind, "moves")
    return {
        "number": number,
        "headline": finding.headline,
        "sentence": finding.sentence,
        "kind": finding.kind,
        "tone": tone,
        "words": _SHAKY if unstable else _WORDS.get(finding.kind),
        "theme": context.refs[finding.theme_id],
        "figures": figures_of(finding, context.drift, context.unit, context.results.config.drift.unit),
        "rests_on": [_unit(one, context) for one in finding.rests_on],
        "also_changes": list(finding.also_changes),
        "quote": evidence[0] if evidence else None,
        "more": evidence[1:],
    }
