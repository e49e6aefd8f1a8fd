"""The marks that stand for shares over time: the same in the small charts and in the one that the reader sets up."""

from collections.abc import Sequence
from typing import Any

from topicgpu.report.charts.axes import Plane, share_channel, time_channel
from topicgpu.report.charts.drawing import GRID, PAPER, gap_layer, named

# Shape of a mark for each kind of source, and the same as a character for the key. Further kinds share the last one.
_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
_GLYPHS = "●■▲◆▼✚"
_NAMES = ("circle", "square", "triangle", "diamond", "triangle on its head", "cross")
_MANY = 20  # sources: from here on their intervals step back behind the marks
DATASETS = ("gaps", "bounds", "bands", "means", "thin_means", "intervals", "marks", "full", "thin")


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
    return [(_of(place, _GLYPHS), kind) for place, kind in enumerate(kinds)]


def shape_names(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """
    Pair each kind of source with the word for its mark.

    Parameters
    ----------
    kinds : sequence of str
        In the order of the view.

    Returns
    -------
    list of (str, str)
        Word and kind.
    """
    return [(_of(place, _NAMES), kind) for place, kind in enumerate(kinds)]


def _of(place: int, shapes: Sequence[str]) -> str:
    return shapes[min(place, len(shapes) - 1)]


def share_layers(plane: Plane, n_kinds: int, n_marks: int, **scale: Any) -> list[Any]:
    """
    Lay out the marks of a chart of shares over time.

    Parameters
    ----------
    plane : Plane
        Axes of the chart.
    n_kinds : int
        Kinds of source, each with its shape.
    n_marks : int
        Sources that are drawn.
    **scale
        Further properties of the time scale.

    Returns
    -------
    list of altair.Chart
        Of rows named in `DATASETS`: gaps (start, end), bounds (x), bands and means (of periods: start, end, share,
        low, high, color), intervals, marks, full and thin (of sources: x too, and kind).
    """
    import altair as alt

    x, y = time_channel(plane, **scale), share_channel(plane)
    start, low = alt.X("start:Q"), alt.Y("low:Q")
    shapes = [_of(place, _SHAPES) for place in range(n_kinds)]
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=list(range(n_kinds)), range=shapes), legend=None)
    color = alt.Color("color:N", scale=None)
    stroke, fill = alt.Stroke("color:N", scale=None), alt.Fill("color:N", scale=None)
    point = {"size": 46, "strokeWidth": 1.5, "opacity": 1}
    line = {"strokeWidth": 1.5, "opacity": 1 if n_marks <= _MANY else 0.35}
    return [
        gap_layer(),
        named("bounds").mark_rule(color=GRID).encode(x=x),
        named("bands").mark_rect(opacity=0.22).encode(x=start, x2="end:Q", y=low, y2="high:Q", color=color),
        named("means")
        .mark_rule(strokeWidth=2.5, opacity=0.85)
        .encode(x=start, x2="end:Q", y=y, color=color, description="tip:N"),
        named("thin_means")
        .mark_rule(strokeWidth=2.5, opacity=0.85, strokeDash=[2, 2])
        .encode(x=start, x2="end:Q", y=y, color=color, description="tip:N"),
        named("intervals").mark_rule(**line).encode(x=x, y=low, y2="high:Q", color=color),
        named("marks").mark_rule(**line).encode(x=start, x2="end:Q", y=y, color=color),
        named("full").mark_point(**point).encode(x=x, y=y, shape=shape, stroke=stroke, fill=fill, description="tip:N"),
        named("thin").mark_point(**point, fill=PAPER).encode(x=x, y=y, shape=shape, stroke=stroke, description="tip:N"),
    ]
