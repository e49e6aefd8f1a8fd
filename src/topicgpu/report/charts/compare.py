"""The chart that the reader sets up: its specification and its numbers, for the page's scripts."""

from functools import cache
from typing import Any

from topicgpu.report.charts.axes import bounds
from topicgpu.report.charts.drawing import INK, named, specification
from topicgpu.report.charts.marks import DATASETS, share_layers
from topicgpu.report.charts.small_multiples import share_plane, widened

_WIDTH, _HEIGHT = 760, 340  # of the plane, in pixels; the page sets the width


def comparison(time: dict[str, Any], numbers: dict[str, int]) -> dict[str, Any]:
    """
    Gather what the page needs to draw any choice of themes.

    Parameters
    ----------
    time : dict
        As `shares_over_time.time_of` gives it, with at least one theme and one dated source.
    numbers : dict of str to int
        Number in the segment table of each theme, by anchor.

    Returns
    -------
    dict
        spec (Vega-Lite with datasets that the page fills), fixed (gaps and bounds), days (of the time axis), columns
        (x, start, end; kind and source of sources, period of periods), and themes, largest first: name, slot, number,
        unstable, and cells: [column, share, low, high, thin, text].
    """
    plane = share_plane(time, _WIDTH, _HEIGHT)
    marks, means = time["columns"] if time["kinds"] else [], time["periods"]
    layers = share_layers(plane, len(time["kinds"]), len(marks))
    spec = specification([*layers, *_answers(layers)], _WIDTH, _HEIGHT)
    spec |= {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    spec["config"]["font"] = "system-ui, sans-serif"  # a browser can measure no text in "inherit"
    kinds = {kind: number for number, kind in enumerate(time["kinds"])}
    columns = [
        {**_place(column["days"], column["days"]), "kind": kinds[column["genre"]], "source": column["number"] - 1}
        for column in marks
    ]
    columns += [{**_place(column["days"], widened(column["days"], plane)), "period": column["key"]} for column in means]
    return {
        "spec": spec | {"datasets": {name: [] for name in (*DATASETS, "targets", "focus")}},
        "fixed": {"gaps": [{"start": a, "end": b} for a, b in time["gaps"]], "bounds": bounds(plane)},
        "days": plane.last - plane.first,
        "columns": columns,
        "themes": [
            {
                "name": line["theme"]["name"],
                "slot": line["theme"]["slot"],
                "number": numbers[line["theme"]["anchor"]],
                "unstable": line["unstable"],
                "cells": [_cell(cell, 0) for cell in line["marks"]]
                + [_cell(cell, len(marks)) for cell in line["means"]],
            }
            for line in time["lines"]
        ],
    }


def _place(days: tuple[float, float], shown: tuple[float, float]) -> dict[str, Any]:
    return {"x": sum(days) / 2, "start": shown[0], "end": shown[1]}


def _cell(cell: dict[str, Any], offset: int) -> list[Any]:
    low, high = (None if cell[name] is None else round(cell[name], 5) for name in ("low", "high"))
    return [cell["column"] + offset, round(cell["share"], 5), low, high, int(cell["thin"]), cell["label"]]


def _answers(layers: list[Any]) -> list[Any]:
    """Add what the pointer can hit, larger than the marks, and the ring around the mark that is being read."""
    x, y = layers[1].encoding.x, layers[3].encoding.y
    return [
        named("targets").mark_point(size=500, filled=True, opacity=0, cursor="pointer").encode(x=x, y=y),
        named("focus")
        .mark_point(size=220, filled=False, stroke=INK, strokeWidth=2, opacity=1)
        .encode(x=x, y=y)
        .properties(name="focus"),
    ]


@cache
def vega_bundle() -> str:
    """
    Bundle Vega-Embed with the Vega and Vega-Lite that it draws with.

    Returns
    -------
    str
        A classic script that sets `window.vegaEmbed`, safe inside a script element. Costs 2 s, once a process.
    """
    import vl_convert

    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    return f"(() => {{\n{bundle}\n}})();"
