"""Themes by source: a table whose cells are darker the larger the share."""

from typing import Any

from topicgpu.report.context import Context
from topicgpu.report.wording import counted

MAX_COLUMNS = 40  # sources side by side in a table; more are shown by period


def view(context: Context) -> dict[str, Any]:
    """
    Gather the shares of each theme in each source, or period where there are many sources.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        columns, rows, unit and min_words.
    """
    shares, columns = context.shares, columns_of(context)
    none = {"anchor": None, "name": "no theme", "slot": None}
    keyed = [(theme.theme_id, context.refs[theme.theme_id]) for theme in context.themes]
    return {
        "columns": columns,
        "rows": [
            {"theme": ref, "cells": [shares.cell(theme_id, column["level"], column["key"]) for column in columns]}
            for theme_id, ref in [*keyed, (None, none)]
        ],
        "unit": context.unit,
        "min_words": counted(context.results.config.drift.min_words, "word"),
    }


def columns_of(context: Context) -> list[dict[str, Any]]:
    """
    Choose what stands side by side.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    list of dict
        level, key and label: the sources in the order of time, or the periods where there are too many sources.
    """
    if len(context.rows) > MAX_COLUMNS and context.periods:
        return [{"level": "period", "key": period, "label": period} for period in context.periods]
    ordered = sorted(context.rows, key=lambda row: row["days"] or (float("inf"), float("inf")))
    return [{"level": "source", "key": row["source_id"], "label": row["title"], **row} for row in ordered]
