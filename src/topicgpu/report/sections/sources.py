"""The sources: what each is, how much of it was read, and what was left out and why."""

from typing import Any

from topicgpu.report.context import Context
from topicgpu.report.source_rows import MAX_LISTED
from topicgpu.report.wording import count

MAX_ENTRIES = 40  # sources with an entry each; more are the rows of a table


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
        sources (a row each of those that are listed), compact (whether they stand in a table), n_sources (all of them,
        worded), and n_left.
    """
    listed = [row for row in context.rows if row["anchor"]]
    return {
        "sources": listed,
        "compact": len(listed) > MAX_ENTRIES,
        "n_sources": count(len(context.rows)),
        "n_listed": MAX_LISTED,
        "n_left": len(context.rows) - len(listed),
    }
