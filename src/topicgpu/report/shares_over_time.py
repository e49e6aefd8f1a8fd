"""Shares over time as charts have them: the marks of each theme, where they stand in time, and what is not drawn."""

from datetime import date
from typing import Any

from topicgpu.report.charts.timeline import gaps
from topicgpu.report.columns import MAX_COLUMNS, period_columns, source_columns
from topicgpu.report.context import Context
from topicgpu.report.wording import counted, readable_date

MAX_CHARTS = 24


def time_of(context: Context) -> dict[str, Any]:
    """
    Gather what all charts of shares over time show.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        kinds (of source; none where periods alone are drawn), days (of the dated sources), columns (sources or periods
        with their days), periods, lines (a theme each, largest first: marks of sources and means of periods), none
        (the same of speech with no theme), n_drawn (lines that have a small chart), gaps, and what is not drawn.

    Notes
    -----
    Above `MAX_COLUMNS` sources, marks of single ones would be a cloud: periods alone are drawn.
    """
    rows, themes = context.rows, sorted(context.themes, key=lambda theme: -theme.size)
    dated = [row for row in rows if row["days"] is not None]
    by_source = len(dated) <= MAX_COLUMNS or not context.periods
    sources = source_columns(context, dated) if by_source else []
    periods = _dated_periods(context, dated)
    days = [row["days"] for row in dated]
    empty = gaps(days)

    def line(theme_id: str | None) -> dict[str, Any]:
        return {"marks": _marks(context, theme_id, sources), "means": _means(context, theme_id, periods)}

    return {
        "kinds": list(dict.fromkeys(row["genre"] for row in sources)),
        "days": days,
        "columns": sources or periods,
        "periods": periods,
        "n_sources": counted(len(dated), "dated source"),
        "lines": [
            {
                "theme": context.refs[theme.theme_id],
                "change": context.changes.get(theme.theme_id, {}).get("widest"),
                "unstable": theme.unstable,
                **line(theme.theme_id),
            }
            for theme in themes
        ]
        if dated
        else [],
        "none": line(None),
        "n_drawn": min(len(themes), MAX_CHARTS) if dated else 0,
        "n_periods": len(periods),
        "gaps": empty,
        "gap_lines": [_gap_line(before, after) for before, after in empty],
        "undated": [row["title"] for row in rows if row["days"] is None],
        "uncounted": [row["title"] for row in dated if not context.shares.has("source", row["source_id"])],
    }


def _gap_line(before: float, after: float) -> str:
    last, first = date.fromordinal(int(before) - 1), date.fromordinal(int(after))
    return f"between {readable_date(last, last)} and {readable_date(first, first)}"


def _dated_periods(context: Context, dated: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each period the days from its first source to its last: that is the time that its mean is of."""
    days: dict[str, list[tuple[float, float]]] = {}
    for row in dated:
        days.setdefault(row["period"], []).append(row["days"])
    return [
        {**column, "days": (min(start for start, _ in own), max(end for _, end in own))}
        for column in period_columns(context)
        if (own := days.get(column["key"]))
    ]


def _marks(context: Context, theme_id: str | None, sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys(row["genre"] for row in sources))}
    marks = []
    for number, row in enumerate(sources):
        cell = context.shares.cell(theme_id, "source", row["key"])
        if cell is not None:
            label = f"{row['label']}, {row['date']}: {cell['percent']} ({_interval(cell)}; {cell['units']}"
            label += ", thin)" if cell["thin"] else ")"
            marks.append({**cell, "days": row["days"], "kind": kinds[row["genre"]], "column": number, "label": label})
    return marks


def _means(context: Context, theme_id: str | None, periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    means = []
    for number, period in enumerate(periods):
        cell = context.shares.cell(theme_id, "period", period["key"])
        if cell is not None:
            label = f"{period['label']}, mean of {counted(cell['n_sources'], 'source')}: {cell['percent']} "
            label += f"({_interval(cell)}{', thin' if cell['thin'] else ''})"
            means.append({**cell, "days": period["days"], "column": number, "label": label})
    return means


def _interval(cell: dict[str, Any]) -> str:
    return f"95% interval {cell['interval']}" if cell["interval"] else str(cell["no_interval"])
