"""The map of the segments: who is on it, what the picture shows of them, and what its colours mean."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import ShapeError
from topicgpu.report.charts.map import Frame, Group, inline_map, map_picture, standalone_map
from topicgpu.report.context import Context
from topicgpu.report.palette import LIGHT
from topicgpu.report.results import Results
from topicgpu.report.wording import count, counted
from topicgpu.types import Theme

MAX_POINTS = 5000  # of the picture that needs no script
_KEY = 24  # themes named beneath the map; the others unfold


def view(context: Context) -> dict[str, Any]:
    """
    Gather the map.

    Parameters
    ----------
    context : Context
        With a map.

    Returns
    -------
    dict
        svg (None where no segment has a place), height (of the picture, by its width), key and more_key (name, class,
        anchor, count and stability of each theme), placed, off (counts with reasons), sample, method, periods.
    """
    placed = _placed(context)
    key = [_entry(context, theme, group) for theme, group in _groups(context, placed) if len(group.rows)]
    key.sort(key=lambda entry: -entry["size"])
    frame = Frame.around(context.map.xy[placed]) if len(placed) else None
    return {
        "svg": _inline(context, placed, key, frame) if frame else None,
        "height": frame.height if frame else None,
        "key": key[:_KEY],
        "more_key": key[_KEY:],
        "placed": counted(len(placed), "segment"),
        "off": _off(context),
        "sample": count(MAX_POINTS) if len(placed) > MAX_POINTS else None,
        "method": context.map.method.partition(":")[0],  # what ran it stands in the method section
        "periods": bool(context.periods),
    }


def map_file(results: Results) -> str:
    """
    Draw the map as a file of its own.

    Parameters
    ----------
    results : Results
        Of a run with a map.

    Returns
    -------
    str
        An SVG document in the light colours of the report, of at most `MAX_POINTS` points.

    Raises
    ------
    ShapeError
        If the run has no map, or no segment has a place on it.
    """
    context = Context(results, ["map"])
    placed = _placed(context)
    if not len(placed):
        raise ShapeError("The map of this run has 0 points, so there is nothing to draw; it needs 1.")
    return standalone_map(
        _picture(context, placed, Frame.around(context.map.xy[placed])), LIGHT | {"unsure": LIGHT["muted"]}
    )


def _placed(context: Context) -> NDArray[np.int64]:
    return np.flatnonzero(np.isfinite(context.map.xy).all(axis=1))


def _groups(context: Context, rows: NDArray[np.int64]) -> list[tuple[Theme | None, Group]]:
    """Speech with no theme first, so that it lies underneath; then themes, large ones under small ones."""
    themes = context.results.themes
    primary = themes.primary[rows] if themes else np.full(len(rows), -1)
    groups: list[tuple[Theme | None, Group]] = [(None, Group("no theme", "none", rows[primary < 0]))]
    for place, theme in sorted(enumerate(context.themes), key=lambda item: -item[1].size):
        own = rows[primary == place]
        middle = np.median(context.map.xy[own], axis=0) if len(own) else None
        css_class = "unsure" if theme.unstable else f"c{context.refs[theme.theme_id]['slot']}"
        spot = None if middle is None else (float(middle[0]), float(middle[1]))
        groups.append((theme, Group(theme.name, css_class, own, spot)))
    return groups


def _entry(context: Context, theme: Theme | None, group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "css_class": group.css_class,
        "anchor": context.refs[theme.theme_id]["anchor"] if theme else None,
        "size": len(group.rows),
        "n": count(len(group.rows)),
        "unstable": theme is not None and theme.unstable,
    }


def _picture(context: Context, placed: NDArray[np.int64], frame: Frame) -> Any:
    even = np.linspace(0, len(placed) - 1, min(len(placed), MAX_POINTS)).round().astype(np.int64)
    # A name stands where the median of all of a theme's points is, drawn or not.
    drawn = [group._replace(rows=np.intersect1d(group.rows, placed[even])) for _, group in _groups(context, placed)]
    return map_picture(context.map.xy, drawn, frame)


def _inline(context: Context, placed: NDArray[np.int64], key: list[dict[str, Any]], frame: Frame) -> str:
    described = "; ".join(f"{entry['name']}, {counted(entry['size'], 'segment')}" for entry in key)
    return inline_map(_picture(context, placed, frame), described)


def _off(context: Context) -> list[str]:
    off = ~np.isfinite(context.map.xy).all(axis=1)
    repeats, served = context.results.repeats.mask, context.results.embeddings.served
    reasons = {
        "repeat what another one says": off & repeats,
        "in a language that the encoder does not serve": off & ~repeats & ~served,
        "without a place": off & ~repeats & served,
    }
    return [f"{counted(int(rows.sum()), 'segment')} {reason}" for reason, rows in reasons.items() if rows.any()]
