"""What could not be decided, and every warning of the run."""

from collections.abc import Mapping, Sequence
from typing import Any

from topicgpu.report.context import Context


def undecided(context: Context) -> dict[str, Any]:
    """
    Gather what could not be decided.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        undecided: sentences.
    """
    return {"undecided": list(context.drift.undecided)}


def warnings(context: Context) -> dict[str, Any]:
    """
    Gather the warnings.

    Parameters
    ----------
    context : Context
        With a manifest.

    Returns
    -------
    dict
        warnings (stage and message of each), and by_stage: the messages of each stage, in the order of the stages.
    """
    found = warnings_of(context.results.manifest, context.sources.warnings)
    by_stage: dict[str, list[str]] = {}
    for warning in found:
        by_stage.setdefault(warning["stage"] or "run", []).append(warning["message"])
    return {"warnings": found, "by_stage": by_stage}


def warnings_of(manifest: Mapping[str, Any], source_warnings: Sequence[str]) -> list[dict[str, Any]]:
    """
    List every warning once.

    Parameters
    ----------
    manifest : mapping
        Of the run.
    source_warnings : sequence of str
        Of reading the sources; listed where the manifest has not got them.

    Returns
    -------
    list of dict
        stage and message.
    """
    found = [{"stage": w.get("stage"), "message": w["message"]} for w in manifest.get("warnings", [])]
    known = {warning["message"] for warning in found}
    return found + [{"stage": "ingest", "message": text} for text in source_warnings if text not in known]
