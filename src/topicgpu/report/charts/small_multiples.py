"""The small charts of shares over time: from the view's plain dictionaries to SVG text."""

import json
from collections.abc import Sequence
from typing import Any

from topicgpu.report.charts.drawing import GRID, MUTED, PAPER, draw, named, specification
from topicgpu.report.charts.svg import inline, tip
from topicgpu.report.charts.timeline import calendar_spans, domain, spread

# Shape of a mark for each kind of source, and the same as a character for the key. Further kinds share the last one.
_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
_GLYPHS = "●■▲◆▼✚"
_WIDTH, _HEIGHT = 236, 104  # of one small chart's plane, in pixels
_MANY = 20  # sources: from here on their intervals step back behind the marks
_GAP = 9  # between marks that would cover each other
_TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1)
_TICK_GAP, _LETTER = 18, 6.5  # height and width that axis labels need, in pixels


def shape_glyphs(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """
    Pair each kind of source with the character that looks like its mark.

    Parameters
    ----------
    kinds : sequence of str
        In the order of the view.

    Returns
    -------
    list of (str, str)
        Character and kind.
    """
    return [(_GLYPHS[min(place, len(_GLYPHS) - 1)], kind) for place, kind in enumerate(kinds)]


def time_charts(time: dict[str, Any], unit: str) -> dict[str, str]:
    """
    Draw one small chart a theme: shares of the sources on a time axis to scale.

    Parameters
    ----------
    time : dict
        The view's `time`.
    unit : str
        words, segments or seconds.

    Returns
    -------
    dict of str to str
        SVG element by the theme's anchor. All have the same axes.

    Notes
    -----
    The share has a square-root scale: themes of 1% and of 40% are both legible in charts that can be compared.
    One specification serves all themes, with other data: checking it costs more than drawing.
    """
    if not time["charts"]:
        return {}
    first, last = domain(time["days"])
    cells = [cell for chart in time["charts"] for cell in (*chart["marks"], *chart["periods"])]
    top = max((max(cell["share"], cell["high"] or 0) for cell in cells), default=0)
    axes = {"n": len(time["days"]), "first": first, "last": last, "top": max(top, 0.02) * 1.05, "kinds": time["kinds"]}
    spec = specification(_layers(axes), _WIDTH, _HEIGHT)
    return {chart["theme"]["anchor"]: _time_chart(spec, chart, axes, unit) for chart in time["charts"]}


def _layers(axes: dict[str, Any]) -> list[Any]:
    """Draw marks in the colour of the text around them, which the page sets by theme."""
    import altair as alt

    x = alt.X("x:Q", scale=alt.Scale(domain=[axes["first"], axes["last"]], nice=False), axis=_time_axis(axes))
    start = alt.X("start:Q")
    scale = alt.Scale(type="sqrt", domain=[0, axes["top"]], nice=False)
    y = alt.Y("share:Q", scale=scale, axis=_share_axis(axes["top"]))
    low = alt.Y("low:Q")
    shapes = [_SHAPES[min(place, len(_SHAPES) - 1)] for place in range(len(axes["kinds"]))]
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=list(range(len(shapes))), range=shapes), legend=None)
    point = {"size": 46, "filled": True, "stroke": "currentColor", "strokeWidth": 1.5, "opacity": 1}
    line = {"color": "currentColor", "strokeWidth": 1.5, "opacity": 1 if axes["n"] <= _MANY else 0.35}
    return [
        named("bounds").mark_rule(color=GRID).encode(x=x),
        named("bands").mark_rect(color=MUTED, opacity=0.18).encode(x=start, x2="end:Q", y=low, y2="high:Q"),
        named("means")
        .mark_rule(color=MUTED, strokeWidth=2.5, opacity=0.75)
        .encode(x=start, x2="end:Q", y=y, description="tip:N"),
        named("intervals").mark_rule(**line).encode(x=x, y=low, y2="high:Q"),
        named("marks").mark_rule(**line).encode(x=start, x2="end:Q", y=y),
        named("full").mark_point(fill="currentColor", **point).encode(x=x, y=y, shape=shape, description="tip:N"),
        named("thin").mark_point(fill=PAPER, **point).encode(x=x, y=y, shape=shape, description="tip:N"),
    ]


def _time_chart(spec: dict[str, Any], chart: dict[str, Any], axes: dict[str, Any], unit: str) -> str:
    theme = chart["theme"]
    marks = _placed(chart["marks"], axes)
    means = [
        {**_numbers(mean), "start": mean["days"][0], "end": mean["days"][1], "tip": tip(len(marks) + place)}
        for place, mean in enumerate(chart["periods"])
    ]
    tips = [cell["label"] for cell in (*chart["marks"], *chart["periods"])]
    data = {
        "bounds": [{"x": span.start} for span in calendar_spans(axes["first"], axes["last"])[1:]],
        "bands": [mean for mean in means if mean["low"] is not None],
        "means": means,
        "intervals": [mark for mark in marks if mark["low"] is not None],
        "marks": marks,
        "full": [mark for mark in marks if not mark["thin"]],
        "thin": [mark for mark in marks if mark["thin"]],
    }
    title = f"{theme['name']}: share of {unit} by source over time"
    return inline(draw(spec, data), f"chart c{theme['slot']}", title, "; ".join(tips) or "no share", tips)


def _placed(marks: list[dict[str, Any]], axes: dict[str, Any]) -> list[dict[str, Any]]:
    """Put marks at the middle of their dates, moved apart where they would overlap and there is room for all."""
    middles = [sum(mark["days"]) / 2 for mark in marks]
    gap = _GAP * (axes["last"] - axes["first"]) / _WIDTH
    places = spread(middles, gap) if len(marks) * _GAP < _WIDTH / 2 else middles
    return [
        {
            **_numbers(mark),
            "x": place,
            "start": mark["days"][0],
            "end": mark["days"][1],
            "kind": axes["kinds"].index(mark["kind"]),
            "thin": mark["thin"],
            "tip": tip(number),
        }
        for number, (mark, place) in enumerate(zip(marks, places, strict=True))
    ]


def _numbers(cell: dict[str, Any]) -> dict[str, Any]:
    return {name: cell[name] for name in ("share", "low", "high")}


def _time_axis(axes: dict[str, Any]) -> Any:
    import altair as alt

    letter = _LETTER * (axes["last"] - axes["first"]) / _WIDTH
    labels = {
        str(round((span.start + span.end) / 2)): span.label
        for span in calendar_spans(axes["first"], axes["last"])
        if span.end - span.start >= letter * len(span.label)
    }
    return alt.Axis(
        values=[int(middle) for middle in labels],
        tickCount=len(labels),
        labelExpr=f"({json.dumps(labels)})[datum.value]",
        grid=False,
        ticks=False,
        title=None,
        labelFlush=False,
        labelOverlap=False,
        labelPadding=6,
    )


def _share_axis(top: float) -> Any:
    import altair as alt

    values: list[float] = [0]
    for tick in _TICKS[1:]:
        if tick <= top and (tick**0.5 - values[-1] ** 0.5) / top**0.5 * _HEIGHT >= _TICK_GAP:
            values.append(tick)
    # Vega drops values beyond the number of ticks that it would choose by itself
    return alt.Axis(values=values, tickCount=len(values), format=".0%", title=None, ticks=False, labelOverlap=False)
