"""Shares over time: which marks each theme's chart has, and what it leaves out."""

from typing import Any

from topicgpu.report.charts.small_multiples import shape_glyphs, time_charts
from topicgpu.report.context import Context
from topicgpu.report.shares import Shares
from topicgpu.report.wording import counted
from topicgpu.types import Drift

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


def _time(context: Context) -> dict[str, Any]:
    themes, refs, rows = context.themes, context.refs, context.rows
    drift, shares, changes = context.drift, context.shares, context.changes
    dated = [row for row in rows if row["days"] is not None]
    largest = sorted(themes, key=lambda theme: -theme.size)[:MAX_CHARTS] if dated else []
    kept = {theme.theme_id for theme in largest}
    kinds = list(dict.fromkeys(row["genre"] for row in dated))
    return {
        "kinds": kinds,
        "days": [row["days"] for row in dated],
        "charts": [
            {
                "theme": refs[theme.theme_id],
                "change": changes[theme.theme_id]["widest"] if theme.theme_id in changes else None,
                "unstable": theme.unstable,
                "marks": _marks(theme.theme_id, dated, shares),
                "periods": _means(theme.theme_id, dated, drift, shares),
            }
            for theme in themes
            if theme.theme_id in kept
        ],
        "n_left": len(themes) - len(kept) if dated else 0,
        "undated": [row["title"] for row in rows if row["days"] is None],
        "uncounted": [row["title"] for row in dated if not shares.has("source", row["source_id"])],
        "n_periods": len(drift.periods),
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
