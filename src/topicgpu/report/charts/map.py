"""The map of the segments, with the themes' names written on it."""

from typing import Any

from topicgpu.report.charts.drawing import INK, NONE, PAPER, draw, named, specification
from topicgpu.report.charts.svg import inline, tip

_WIDTH, _HEIGHT = 900, 560
_LINE, _LETTER = 16, 7.4  # of a label, in pixels
_REACH = 4  # lines that a label may stand away from its median
_MAX_LABELS = 40


def map_chart(map_: dict[str, Any]) -> str:
    """
    Draw the map: a point a segment, coloured by theme, each theme's name at the median of its points.

    Parameters
    ----------
    map_ : dict
        The view's `map`, with at least one point.

    Returns
    -------
    str
        An SVG element.

    Notes
    -----
    Colours repeat from the eleventh theme on; the names on the map and beside each point tell them apart.
    """
    import altair as alt

    points = map_["points"]
    xs, ys = _frame([p["x"] for p in points]), _frame([p["y"] for p in points])
    x = alt.X("x:Q", scale=alt.Scale(domain=xs, nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=ys, nice=False), axis=None)
    rows = [
        {"x": p["x"], "y": p["y"], "color": NONE if p["slot"] is None else f"var(--c{p['slot']})", "tip": tip(number)}
        for number, p in enumerate(points)
    ]
    size = 42 if len(points) <= 600 else 22
    layers = [
        named("points")
        .mark_point(size=size, filled=True, opacity=0.75)
        .encode(x=x, y=y, color=alt.Color("color:N", scale=None), description="tip:N"),
        named("labels")
        .mark_text(fontSize=12.5, fontWeight=600, fill=INK, stroke=PAPER, strokeWidth=3.5, strokeJoin="round")
        .encode(x=x, y=y, text="text:N"),
    ]
    data = {"points": rows, "labels": _labels(map_["labels"], xs, ys)}
    themes = "; ".join(f"{label['name']}, {label['n']} segments" for label in map_["labels"])
    svg = draw(specification(layers, _WIDTH, _HEIGHT), data)
    return inline(svg, "chart map", "Map of the segments by theme", themes or "no themes", [p["label"] for p in points])


def _frame(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    margin = (high - low) * 0.05 or 1.0
    return [low - margin, high + margin]


def _labels(labels: list[dict[str, Any]], xs: list[float], ys: list[float]) -> list[dict[str, Any]]:
    """Place names, largest theme first, at the free place nearest to the median; a name that finds none is left out."""
    taken: list[tuple[float, float, float]] = []  # left, right, middle of each label, in pixels
    placed = []
    for label in labels[:_MAX_LABELS]:
        text = " ".join("".join(c if c.isprintable() else " " for c in label["name"]).split())
        half = min(len(text) * _LETTER / 2, _WIDTH / 2)
        middle = (label["x"] - xs[0]) / (xs[1] - xs[0]) * _WIDTH
        middle = min(max(middle, half), _WIDTH - half)
        height = (label["y"] - ys[0]) / (ys[1] - ys[0]) * _HEIGHT
        steps = sorted(range(-_REACH, _REACH + 1), key=lambda step: (abs(step), step))
        places = [height + step * _LINE for step in steps]
        free = [place for place in places if _is_free(taken, middle - half, middle + half, place)]
        if not free:
            continue
        place = free[0]
        taken.append((middle - half, middle + half, place))
        back = (xs[0] + middle / _WIDTH * (xs[1] - xs[0]), ys[0] + place / _HEIGHT * (ys[1] - ys[0]))
        placed.append({"x": back[0], "y": back[1], "text": text})
    return placed


def _is_free(taken: list[tuple[float, float, float]], left: float, right: float, place: float) -> bool:
    inside = _LINE / 2 <= place <= _HEIGHT - _LINE / 2
    return inside and all(right < a or left > b or abs(place - c) >= _LINE for a, b, c in taken)
