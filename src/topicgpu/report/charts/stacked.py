"""What each source or period is made of: its shares on top of each other, at its place on the time axis."""

from typing import Any

from topicgpu.report.charts.axes import Plane, bounds, time_channel
from topicgpu.report.charts.drawing import GRID, INK, MUTED, NONE, PAPER, draw, gap_layer, named, specification
from topicgpu.report.charts.small_multiples import widened
from topicgpu.report.charts.svg import Picture, tip
from topicgpu.report.charts.timeline import domain, spread

MAX_BANDS = 8  # themes that are told apart; the rest is one band
_WIDTH, _HEIGHT = 640, 330  # of the plane, in pixels
_BAR, _SPACE = 26, 2  # width of a source's bar at most, and what is left between two, in pixels
_LINE = 15  # height of a name, in pixels
_LETTERS = 30  # of a name


def stacked(time: dict[str, Any], unit: str) -> Picture | None:
    """
    Draw the shares of each dated source, or of each period where there are many sources, as one bar.

    Parameters
    ----------
    time : dict
        As `shares_over_time.time_of` gives it.
    unit : str
        words, segments or seconds.

    Returns
    -------
    Picture or None
        None where nothing has shares.

    Notes
    -----
    The largest themes have a band each, from the bottom; the others together and speech with no theme have one each.
    """
    bands = _bands(time)
    columns = [number for number in range(len(time["columns"])) if any(number in band["cells"] for band in bands)]
    if not columns:
        return None
    plane, stretches = _places(time, columns)
    tips: list[str] = []
    boxes = []
    ends: list[tuple[dict[str, Any], float, float]] = []  # of the last bar
    for number, (start, end) in zip(columns, stretches, strict=True):
        below = 0.0
        ends = []
        for band in bands:
            cell = band["cells"].get(number)
            share = cell["share"] if cell else 0.0
            ends.append((band, below, below + share))
            if cell and share > 0:
                place = {"start": start, "end": end, "low": below, "high": below + share}
                look = {"color": band["color"], "opacity": 0.5 if cell["thin"] else 1}
                boxes.append({**place, **look, "tip": tip(len(tips))})
                tips.append(f"{band['name']}. {cell['label']}" if cell["label"] else band["name"])
            below += share
    data = {
        "gaps": [{"start": a, "end": b} for a, b in time["gaps"]],
        "bounds": bounds(plane),
        "boxes": boxes,
        "names": _names(ends, stretches[-1][1]),
    }
    per = "source" if time["kinds"] else "period"
    title = f"Share of {unit} of each theme by {per} over time, stacked"
    return Picture(
        draw(specification(_layers(plane), _WIDTH, _HEIGHT), data), "chart stack", title, "; ".join(tips), tips
    )


def _bands(time: dict[str, Any]) -> list[dict[str, Any]]:
    """Choose what has a band, from the bottom: largest themes, all others, no theme."""
    by_source = bool(time["kinds"])

    def cells(line: dict[str, Any]) -> dict[int, dict[str, Any]]:
        return {cell["column"]: cell for cell in line["marks" if by_source else "means"]}

    def total(line: dict[str, Any]) -> float:
        return -sum(float(cell["share"]) for cell in cells(line).values())

    ordered = sorted(time["lines"], key=total)
    n = MAX_BANDS if len(ordered) > MAX_BANDS + 1 else len(ordered)
    bands = [{"name": line["theme"]["name"], "cells": cells(line), "color": _color(line)} for line in ordered[:n]]
    rest: dict[int, dict[str, Any]] = {}
    for line in ordered[n:]:
        for column, cell in cells(line).items():
            share = rest.get(column, {"share": 0.0})["share"] + cell["share"]
            rest[column] = {"share": share, "thin": cell["thin"], "label": None}
    if rest:
        bands.append({"name": f"{len(ordered) - n} other themes", "cells": rest, "color": GRID})
    return [*bands, {"name": "no theme", "cells": cells(time["none"]), "color": NONE}]


def _color(line: dict[str, Any]) -> str:
    return MUTED if line["unstable"] else f"var(--c{line['theme']['slot']})"


def _places(time: dict[str, Any], columns: list[int]) -> tuple[Plane, list[tuple[float, float]]]:
    """Place the bars: periods as long as they last, sources all equally wide and moved apart where they would meet."""
    plane = Plane(*domain(time["days"]), 1.0, _WIDTH, _HEIGHT)
    days = [time["columns"][number]["days"] for number in columns]
    if not time["kinds"]:
        return plane, [widened(pair, plane) for pair in days]
    bar = plane.days(min(_BAR, 0.8 * _WIDTH / len(days) - _SPACE))
    middles = spread([sum(pair) / 2 for pair in days], bar + plane.days(_SPACE))
    stretches = [(middle - bar / 2, middle + bar / 2) for middle in middles]
    first, last = min(plane.first, min(stretches)[0]), max(plane.last, max(stretches)[1])
    return plane._replace(first=first, last=last), stretches


def _names(ends: list[tuple[dict[str, Any], float, float]], right: float) -> list[dict[str, Any]]:
    """Write the bands' names beside the last bar, moved apart where they would meet, with a line to the band."""
    gap = _LINE / _HEIGHT
    places = spread([(low + high) / 2 for _, low, high in ends], gap)
    for place in range(len(places)):  # spread keeps the middle of a crowd, which may lie near an edge
        places[place] = max(places[place], gap * (place + 0.5))
    for place in reversed(range(len(places))):
        places[place] = min(places[place], 1 - gap * (len(places) - place - 1))
    names = []
    for (band, low, high), to in zip(ends, places, strict=True):
        color = MUTED if band["color"] == GRID else band["color"]
        names.append({"x": right, "y": (low + high) / 2, "to": to, "text": _short(band["name"]), "color": color})
    return names


def _short(name: str) -> str:
    text = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1].rstrip() + "…"


def _layers(plane: Plane) -> list[Any]:
    import altair as alt

    ticks = [0, 0.25, 0.5, 0.75, 1]
    axis = alt.Axis(values=ticks, format=".0%", title=None, ticks=False, domain=False)
    y = alt.Y("low:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
    x, start = time_channel(plane), alt.X("start:Q")
    color, opacity = alt.Color("color:N", scale=None), alt.Opacity("opacity:Q", scale=None)
    label = _WIDTH + 20
    return [
        gap_layer(),
        named("bounds").mark_rule(color=GRID).encode(x=x),
        named("boxes")
        .mark_rect(stroke=PAPER, strokeWidth=0.75)
        .encode(x=start, x2="end:Q", y=y, y2="high:Q", color=color, opacity=opacity, description="tip:N"),
        named("names").mark_rule().encode(x=x, x2=alt.value(label - 4), y=alt.Y("y:Q"), y2="to:Q", color=color),
        named("names")
        .mark_text(align="left", baseline="middle", fontSize=11.5, fill=INK)
        .encode(x=alt.value(label), y=alt.Y("to:Q"), text="text:N"),
    ]
