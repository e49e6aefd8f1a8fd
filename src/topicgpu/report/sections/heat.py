"""Themes by source: a table whose cells are darker the larger the share."""

from typing import Any

from topicgpu.report.columns import columns_of, table_rows
from topicgpu.report.context import Context
from topicgpu.report.wording import count, counted


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
        columns, rows, level, left_out (a sentence on sources or periods that have no column, or None), unit and
        min_words.
    """
    columns = columns_of(context)
    level = columns[0]["level"] if columns else "source"
    return {
        "columns": columns,
        "rows": table_rows(context, columns),
        "level": level,
        "left_out": _left_out(context, columns, level),
        "unit": context.unit,
        "min_words": counted(context.results.config.drift.min_words, "word"),
    }


def _left_out(context: Context, columns: list[dict[str, Any]], level: str) -> str | None:
    n, where = len(context.rows), "in prevalence.parquet"
    if level == "period":
        sentence = f"There are {counted(n, 'source')}, too many to stand side by side: their own shares are {where}."
        more = len(context.periods) - len(columns)
        return f"{sentence} Earlier periods that are there alone: {more}." if more else sentence
    if n > len(columns):
        return f"The {len(columns)} sources with most speech of {count(n)}; the shares of all are {where}."
    return None
