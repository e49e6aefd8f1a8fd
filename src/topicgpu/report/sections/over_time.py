"""Shares over time: the marks of each theme, the views in which they are drawn, and what these leave out."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from topicgpu.report.charts.compare import comparison, vega_bundle
from topicgpu.report.charts.marks import shape_glyphs
from topicgpu.report.charts.small_multiples import small_multiples
from topicgpu.report.charts.stacked import stacked
from topicgpu.report.charts.svg import inline
from topicgpu.report.charts.timeline import gaps
from topicgpu.report.context import Context
from topicgpu.report.data import pack
from topicgpu.report.sections.heat import MAX_COLUMNS, period_columns, source_columns, table_rows
from topicgpu.report.wording import counted, readable_date

MAX_CHARTS = 24


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
    time, anchors = time_of(context), {context.refs[theme_id]["anchor"] for theme_id in theme_ids}
    lines = [line for line in time["lines"] if line["theme"]["anchor"] in anchors]
    few = small_multiples(time | {"lines": lines, "n_drawn": len(lines)}, context.unit)
    return {anchor: inline(*picture) for anchor, picture in few.items()}


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


def _table(context: Context) -> dict[str, Any] | None:
    """Put the numbers that are drawn and stand in no other table into one."""
    sources = source_columns(context, context.rows) if len(context.rows) <= MAX_COLUMNS else []
    periods = period_columns(context)
    columns = [*sources, *periods] if "table" not in context.drawn else periods if sources else []
    return {"columns": columns, "rows": table_rows(context, columns)} if columns else None
