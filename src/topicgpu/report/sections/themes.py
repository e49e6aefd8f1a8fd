"""A page for each theme: what it is, who says it, how much of it is where, and how it moved."""

from typing import Any

from topicgpu.report.context import Context
from topicgpu.report.sections.heat import columns_of
from topicgpu.report.sections.levels import families_of, parts_of
from topicgpu.report.wording import counted, percent
from topicgpu.types import Theme

MAX_QUOTES = 4


def view(context: Context) -> dict[str, Any]:
    """
    Gather the themes.

    Parameters
    ----------
    context : Context
        With themes.

    Returns
    -------
    dict
        themes and families.
    """
    shown: list[dict[str, Any]] = []
    if context.results.drift is not None:
        columns = columns_of(context)
        periods = [{"level": "period", "key": period, "label": period} for period in context.periods]
        shown = columns if columns and columns[0]["level"] == "period" else columns + periods
    return {
        "themes": [_card(theme, shown, context) | parts_of(theme, context) for theme in context.themes],
        "families": families_of(context),
    }


def _card(theme: Theme, shown: list[dict[str, Any]], context: Context) -> dict[str, Any]:
    return {
        **context.refs[theme.theme_id],
        "theme_id": theme.theme_id,
        "kind": theme.kind,
        "description": theme.description,
        "keywords": [keyword.term for keyword in theme.keywords],
        "size": counted(theme.size, "segment"),
        "stability": None if theme.stability is None else percent(theme.stability),
        "unstable": theme.unstable,
        "found_again": None if theme.found_again is None else percent(theme.found_again),
        "shares": [
            {**column, "cell": context.shares.cell(theme.theme_id, column["level"], column["key"])} for column in shown
        ],
        "changes": context.changes.get(theme.theme_id),
        "quotes": context.quotes.varied(theme.exemplars, MAX_QUOTES),
    }
