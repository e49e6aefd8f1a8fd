"""The sources: what each is, how much of it was read, and what was left out and why."""

from typing import Any

from topicgpu.report.context import Context


def view(context: Context) -> dict[str, Any]:
    """
    Gather the sources.

    Parameters
    ----------
    context : Context
        Of the run.

    Returns
    -------
    dict
        sources, a row each.
    """
    return {"sources": context.rows}
