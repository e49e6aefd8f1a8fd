"""The findings: each with its figures, how sure it is, and the words that show it."""

from typing import Any

from topicgpu.errors import MisalignedError
from topicgpu.report.context import Context
from topicgpu.report.shares import status
from topicgpu.types import Finding

MAX_QUOTES = 4


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
        findings, n_findings_left, instruments and gates.

    Raises
    ------
    MisalignedError
        If a finding names a theme or a segment that is not there.
    """
    drift, limit = context.drift, context.results.config.report.max_findings
    return {
        "findings": [_finding(finding, context) for finding in drift.findings[:limit]],
        "n_findings_left": max(0, len(drift.findings) - limit),
        "instruments": list(drift.instruments),
        "gates": [{"gate": gate.gate, "outcome": gate.outcome, "reason": gate.reason} for gate in drift.gates],
    }


def _finding(finding: Finding, context: Context) -> dict[str, Any]:
    if finding.theme_id not in context.refs:
        raise MisalignedError(
            f"a finding names the theme {finding.theme_id!r}, which is not among the {len(context.refs)} themes of "
            "this run; run the drift stage again."
        )
    evidence = context.quotes.varied(finding.evidence, MAX_QUOTES)
    return {
        "sentence": finding.sentence,
        "kind": finding.kind,
        "theme": context.refs[finding.theme_id],
        "status": status(finding.status),
        "quote": evidence[0] if evidence else None,
        "more": evidence[1:],
    }
