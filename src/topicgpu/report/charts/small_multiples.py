"""The small charts of shares over time: a theme each, all with the same axes."""

from typing import Any

from topicgpu.report.charts.axes import Plane, bounds
from topicgpu.report.charts.drawing import MUTED, draw_all, specification
from topicgpu.report.charts.marks import share_layers
from topicgpu.report.charts.svg import Picture, tip
from topicgpu.report.charts.timeline import domain, spread

_WIDTH, _HEIGHT = 236, 104  # of one small chart's plane, in pixels
_GAP = 9  # pixels between marks that would cover each other
_LEAST = 2.5  # pixels that the line of a period is long at least
_OWN = "currentColor"  # the page sets it by theme


def share_plane(time: dict[str, Any], width: int, height: int) -> Plane:
    """
    Find axes that hold every share with its interval.

    Parameters
    ----------
    time : dict
        As `shares_over_time.time_of` gives it, with at least one dated source.
    width, height : int
        In pixels.

    Returns
    -------
    Plane
        Time with room at both sides, shares from 0 to just above the largest upper bound.
    """
    first, last = domain(time["days"])
    cells = [cell for line in time["lines"] for cell in (*line["marks"], *line["means"])]
    top = max((max(cell["share"], cell["high"] or 0) for cell in cells), default=0)
    return Plane(first, last, max(top, 0.02) * 1.05, width, height)


def small_multiples(time: dict[str, Any], unit: str) -> dict[str, Picture]:
    """
    Draw one small chart a theme: shares on a time axis to scale.

    Parameters
    ----------
    time : dict
        As `shares_over_time.time_of` gives it.
    unit : str
        words, segments or seconds.

    Returns
    -------
    dict of str to Picture
        By the theme's anchor.

    Notes
    -----
    One specification serves all themes, with other data: compiling it costs more than drawing. About 0.03 s a chart.
    """
    lines = time["lines"][: time["n_drawn"]]
    if not lines or not time["days"]:
        return {}
    plane = share_plane(time, _WIDTH, _HEIGHT)
    spec = specification(share_layers(plane, len(time["kinds"]), len(time["days"])), _WIDTH, _HEIGHT)
    fixed = {"gaps": [{"start": a, "end": b} for a, b in time["gaps"]], "bounds": bounds(plane)}
    drawn = draw_all(spec, [{**fixed, **_rows(line, plane, bool(time["kinds"]))} for line in lines])
    per = "source" if time["kinds"] else "period"
    return {
        line["theme"]["anchor"]: Picture(
            svg,
            f"chart c{line['theme']['slot']}",
            f"{line['theme']['name']}: share of {unit} by {per} over time",
            "; ".join(_tips(line)) or "no share",
            _tips(line),
        )
        for line, svg in zip(lines, drawn, strict=True)
    }


def _tips(line: dict[str, Any]) -> list[str]:
    return [cell["label"] for cell in (*line["marks"], *line["means"])]


def _rows(line: dict[str, Any], plane: Plane, by_source: bool) -> dict[str, list[dict[str, Any]]]:
    places = placed([mark["days"] for mark in line["marks"]], plane)
    marks = [
        {**_row(mark, number, mark["days"], _OWN), "x": place, "kind": mark["kind"]}
        for number, (mark, place) in enumerate(zip(line["marks"], places, strict=True))
    ]
    means = [
        _row(mean, len(marks) + number, widened(mean["days"], plane), MUTED if by_source else _OWN)
        for number, mean in enumerate(line["means"])
    ]
    return {
        "bands": [mean for mean in means if mean["low"] is not None],
        "means": [mean for mean in means if not mean["thin"]],
        "thin_means": [mean for mean in means if mean["thin"]],
        "intervals": [mark for mark in marks if mark["low"] is not None],
        "marks": marks,
        "full": [mark for mark in marks if not mark["thin"]],
        "thin": [mark for mark in marks if mark["thin"]],
    }


def _row(cell: dict[str, Any], number: int, days: tuple[float, float], color: str) -> dict[str, Any]:
    numbers = {name: cell[name] for name in ("share", "low", "high", "thin")}
    return {**numbers, "start": days[0], "end": days[1], "color": color, "tip": tip(number)}


def placed(days: list[tuple[float, float]], plane: Plane) -> list[float]:
    """
    Put marks at the middle of their dates, moved apart where they would overlap and there is room for all.

    Parameters
    ----------
    days : list of (float, float)
        Of each mark.
    plane : Plane
        Axes of the chart.

    Returns
    -------
    list of float
        In days.
    """
    middles = [sum(pair) / 2 for pair in days]
    return spread(middles, plane.days(_GAP)) if len(days) * _GAP < plane.width / 2 else middles


def widened(days: tuple[float, float], plane: Plane) -> tuple[float, float]:
    """
    Make a stretch of time long enough to be seen.

    Parameters
    ----------
    days : (float, float)
        Start and end.
    plane : Plane
        Axes of the chart.

    Returns
    -------
    (float, float)
        With the same middle.
    """
    short = max(0.0, plane.days(_LEAST) - (days[1] - days[0])) / 2
    return days[0] - short, days[1] + short
