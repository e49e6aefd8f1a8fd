"""The segment table: what scripts fill, and what is said where none run."""

from typing import Any

from topicgpu.report.context import Context
from topicgpu.report.wording import counted


def view(context: Context) -> dict[str, Any]:
    """
    Gather what stands around the segment table; its rows are packed data.

    Parameters
    ----------
    context : Context
        Of the run.

    Returns
    -------
    dict
        segments, and whether the page has their texts.
    """
    return {"segments": counted(len(context.segments), "segment"), "texts": context.results.config.report.text}
