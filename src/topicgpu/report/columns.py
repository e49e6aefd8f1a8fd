"""What stands side by side in tables and charts of shares: sources, or periods where there are many sources."""

from typing import Any

from topicgpu.report.context import Context
from topicgpu.report.wording import counted

MAX_COLUMNS = 40  # sources side by side; more are shown by period
MAX_PERIODS = 120  # periods side by side: the latest


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
        level, key and label: the sources in the order of time, or the periods where there are too many sources, or the
        sources with most speech where there are too many and no periods.
    """
    rows = context.rows
    if len(rows) <= MAX_COLUMNS:
        return source_columns(context, rows)
    if context.periods:
        return period_columns(context)
    shares = context.shares
    largest = sorted(rows, key=lambda row: -shares.counted("source", row["source_id"]))[:MAX_COLUMNS]
    return source_columns(context, largest)


def source_columns(context: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Make a column of each source.

    Parameters
    ----------
    context : Context
        With drift.
    rows : list of dict
        The sources, among `context.rows`.

    Returns
    -------
    list of dict
        In the order of time, undated ones last: level, key, label, amount (units counted), and all that is known of
        the source.
    """
    ordered = sorted(rows, key=lambda row: row["days"] or (float("inf"), float("inf")))
    return [
        {
            "level": "source",
            "key": row["source_id"],
            "label": row["title"],
            "amount": counted(context.shares.counted("source", row["source_id"]), context.unit.removesuffix("s")),
            **row,
        }
        for row in ordered
    ]


def period_columns(context: Context) -> list[dict[str, Any]]:
    """
    Make a column of each period.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    list of dict
        The latest `MAX_PERIODS`, in the order of time: level, key, label, and amount (its sources).
    """
    shares = context.shares
    return [
        {
            "level": "period",
            "key": period,
            "label": period,
            "amount": counted(shares.sources("period", period), "source"),
        }
        for period in context.periods[-MAX_PERIODS:]
    ]


def table_rows(context: Context, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Look up the shares of all themes in all columns.

    Parameters
    ----------
    context : Context
        With drift.
    columns : list of dict
        With level and key.

    Returns
    -------
    list of dict
        theme (its reference), number (its place), and cells (None where there is no share); the last row is speech
        with no theme.
    """
    none = {"anchor": None, "name": "no theme", "slot": None}
    keyed = [(theme.theme_id, context.refs[theme.theme_id], place) for place, theme in enumerate(context.themes)]
    cell = context.shares.cell
    return [
        {
            "theme": ref,
            "number": number,
            "cells": [cell(theme_id, column["level"], column["key"]) for column in columns],
        }
        for theme_id, ref, number in [*keyed, (None, none, None)]
    ]
