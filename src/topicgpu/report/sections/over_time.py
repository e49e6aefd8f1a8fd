"""Shares over time: which marks each theme's chart has, and what it leaves out."""

from collections.abc import Collection, Sequence
from typing import Any

from topicgpu.report.charts.small_multiples import shape_glyphs, time_charts
from topicgpu.report.context import Context
from topicgpu.report.shares import Shares
from topicgpu.report.wording import counted
from topicgpu.types import Drift, Theme

MAX_CHARTS = 40


def view(context: Context) -> dict[str, Any]:
    """
    Gather the marks of each theme's chart, and draw them.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        time (kinds of source, days of the dated ones, charts, and what is not drawn), charts (SVG by anchor), glyphs,
        unit and min_words.
    """
    time = _time(context)
    return {
        "time": time,
        "charts": time_charts(time, context.unit),
        "glyphs": shape_glyphs(time["kinds"]),
        "n_themes": len(context.themes),
        "unit": context.unit,
        "min_words": counted(context.results.config.drift.min_words, "word"),
    }


def theme_charts(context: Context, theme_ids: Collection[str]) -> dict[str, str]:
    """
    Draw the charts of a few themes.

    Parameters
    ----------
    context : Context
        With drift.
    theme_ids : collection of str
        Which.

    Returns
    -------
    dict of str to str
        SVG element by the theme's anchor, with axes that these themes share; none where no source has a date.
    """
    themes = [theme for theme in context.themes if theme.theme_id in theme_ids]
    return time_charts(_charted(context, themes), context.unit)


def _time(context: Context) -> dict[str, Any]:
    rows, shares = context.rows, context.shares
    dated = [row for row in rows if row["days"] is not None]
    largest = sorted(context.themes, key=lambda theme: -theme.size)[:MAX_CHARTS]
    kept = {theme.theme_id for theme in largest}
    time = _charted(context, [theme for theme in context.themes if theme.theme_id in kept])
    return time | {
        "n_left": len(context.themes) - len(time["charts"]) if dated else 0,
        "undated": [row["title"] for row in rows if row["days"] is None],
        "uncounted": [row["title"] for row in dated if not shares.has("source", row["source_id"])],
        "n_periods": len(context.periods),
    }


def _charted(context: Context, themes: Sequence[Theme]) -> dict[str, Any]:
    drift, shares, changes = context.drift, context.shares, context.changes
    dated = [row for row in context.rows if row["days"] is not None]
    charts = [
        {
            "theme": context.refs[theme.theme_id],
            "change": changes[theme.theme_id]["widest"] if theme.theme_id in changes else None,
            "unstable": theme.unstable,
            "marks": _marks(theme.theme_id, dated, shares),
            "periods": _means(theme.theme_id, dated, drift, shares),
        }
        for theme in themes
    ]
    return {
        "kinds": list(dict.fromkeys(row["genre"] for row in dated)),
        "days": [row["days"] for row in dated],
        "charts": charts if dated else [],
    }


def _marks(theme_id: str, dated: list[dict[str, Any]], shares: Shares) -> list[dict[str, Any]]:
    marks = []
    for row in dated:
        cell = shares.cell(theme_id, "source", row["source_id"])
        if cell is not None:
            interval = f"95% interval {cell['interval']}" if cell["interval"] else cell["no_interval"]
            label = f"{row['title']}, {row['date']}: {cell['percent']} ({interval}; {cell['units']}"
            label += ", thin)" if cell["thin"] else ")"
            marks.append({**cell, "days": row["days"], "kind": row["genre"], "label": label})
    return marks


def _means(theme_id: str, dated: list[dict[str, Any]], drift: Drift, shares: Shares) -> list[dict[str, Any]]:
    means = []
    for period in drift.periods:
        cell = shares.cell(theme_id, "period", period)
        days = [row["days"] for row in dated if drift.period_of.get(row["source_id"]) == period]
        if cell is not None and days:
            interval = f"95% interval {cell['interval']}" if cell["interval"] else cell["no_interval"]
            label = f"{period}, mean of {counted(cell['n_sources'], 'source')}: {cell['percent']} ({interval})"
            start, end = min(start for start, _ in days), max(end for _, end in days)
            means.append({**cell, "days": (start, end), "label": label})
    return means
