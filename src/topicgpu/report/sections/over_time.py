"""Shares over time: the views in which they are drawn, and the table of what these draw."""

from collections.abc import Mapping
from typing import Any

from topicgpu.report.charts.compare import comparison, vega_bundle
from topicgpu.report.charts.marks import shape_glyphs
from topicgpu.report.charts.small_multiples import small_multiples
from topicgpu.report.charts.stacked import stacked
from topicgpu.report.charts.svg import inline
from topicgpu.report.columns import MAX_COLUMNS, period_columns, source_columns, table_rows
from topicgpu.report.context import Context
from topicgpu.report.data import pack
from topicgpu.report.shares_over_time import time_of
from topicgpu.report.wording import counted


def view(context: Context) -> dict[str, Any]:
    """
    Gather the marks of each theme, and draw them.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        time (as `time_of` gives it), charts (SVG by anchor), stack (SVG or None), glyphs, table (columns and rows:
        numbers that the table of themes does not show, or None), compare (whether the reader can set up a chart), unit
        and min_words.
    """
    time = time_of(context)
    charts = {anchor: inline(*picture) for anchor, picture in small_multiples(time, context.unit).items()}
    stack = stacked(time, context.unit)
    return {
        "time": time,
        "charts": charts,
        "stack": stack and inline(*stack),
        "glyphs": shape_glyphs(time["kinds"]),
        "table": _table(context),
        "compare": bool(charts) and context.results.config.report.interactive,
        "n_themes": len(context.themes),
        "unit": context.unit,
        "min_words": counted(context.results.config.drift.min_words, "word"),
    }


def chart_islands(context: Context, view: Mapping[str, Any]) -> dict[str, str]:
    """
    Pack what the chart needs that the reader sets up.

    Parameters
    ----------
    context : Context
        Of the run.
    view : mapping
        As the function `view` gives it.

    Returns
    -------
    dict of str to str
        charts (specification and numbers) and vega (the script that draws it). Nothing where there is no such chart.
    """
    if not view["compare"]:
        return {}
    numbers = {context.refs[theme.theme_id]["anchor"]: number for number, theme in enumerate(context.themes)}
    return {"charts": pack(comparison(view["time"], numbers)), "vega": pack(vega_bundle())}


def _table(context: Context) -> dict[str, Any] | None:
    """Put the numbers that are drawn and stand in no other table into one."""
    sources = source_columns(context, context.rows) if len(context.rows) <= MAX_COLUMNS else []
    periods = period_columns(context)
    columns = [*sources, *periods] if "table" not in context.drawn else periods if sources else []
    return {"columns": columns, "rows": table_rows(context, columns)} if columns else None
