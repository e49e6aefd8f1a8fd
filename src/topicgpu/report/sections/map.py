"""The map of the segments: places, colours, names."""

from typing import Any

import numpy as np

from topicgpu.report.charts.map import map_chart
from topicgpu.report.context import Context
from topicgpu.report.quotes import plain
from topicgpu.report.wording import count, counted

MAX_POINTS = 3000  # of the picture that needs no script


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
        svg (None where no segment has a place), labels, placed, off, step, drawn and method.
    """
    map_, themes, segments = context.map, context.themes, context.segments
    placed = np.flatnonzero(np.isfinite(map_.xy).all(axis=1))
    step = -(-len(placed) // MAX_POINTS) or 1
    primary = context.results.themes.primary if context.results.themes else np.full(len(segments), -1)
    drawn = sorted(placed[::step], key=lambda row: primary[row] >= 0)  # speech with no theme lies underneath
    points = []
    for row in drawn:
        theme = themes[primary[row]] if primary[row] >= 0 else None
        points.append(
            {
                "x": float(map_.xy[row, 0]),
                "y": float(map_.xy[row, 1]),
                "slot": context.refs[theme.theme_id]["slot"] if theme else None,
                "label": f"{theme.name if theme else 'no theme'}. {plain(context.quotes.quote(int(row)))}",
            }
        )
    labels = []
    for place, theme in enumerate(themes):
        own = placed[primary[placed] == place]
        if len(own):
            x, y = np.median(map_.xy[own], axis=0)
            labels.append({**context.refs[theme.theme_id], "x": float(x), "y": float(y), "n": len(own)})
    map_view = {
        "points": points,
        "labels": sorted(labels, key=lambda label: -label["n"]),
        "placed": counted(len(placed), "segment"),
        "off": counted(len(segments) - len(placed), "segment") if len(placed) < len(segments) else None,
        "step": step,
        "drawn": count(len(points)),
        "method": map_.method,
    }
    return {"map": map_view, "svg": map_chart(map_view) if points else None}
