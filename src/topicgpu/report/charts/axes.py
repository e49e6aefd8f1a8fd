"""The two axes that all charts of shares have: calendar time to scale, and the share on a square-root scale."""

import json
from typing import Any, NamedTuple

from topicgpu.report.charts.timeline import Span, calendar_spans

_TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1)
_LABELS, _LABEL_WIDTH = 4, 90  # least number of labels on the time axis; pixels for each where it is wide
_TICK_GAP, _LETTER = 18, 6.5  # height and width that axis labels need, in pixels


class Plane(NamedTuple):
    """What a chart's axes show, and how large they are drawn."""

    first: float  # days
    last: float
    top: float  # share
    width: int  # pixels
    height: int

    @property
    def spans(self) -> list[Span]:
        """Calendar units of the time axis, as many as there is room for."""
        return calendar_spans(self.first, self.last, max(_LABELS, self.width // _LABEL_WIDTH))

    def days(self, pixels: float) -> float:
        """
        Convert a width.

        Parameters
        ----------
        pixels : float
            On the time axis.

        Returns
        -------
        float
            Days.
        """
        return pixels * (self.last - self.first) / self.width


def bounds(plane: Plane) -> list[dict[str, Any]]:
    """
    Find where one calendar unit of the time axis ends and the next begins.

    Parameters
    ----------
    plane : Plane
        Of the chart.

    Returns
    -------
    list of dict
        x, in days.
    """
    return [{"x": span.start} for span in plane.spans[1:]]


def time_channel(plane: Plane, **scale: Any) -> Any:
    """
    Make the channel that puts days on the time axis, with a label in the middle of each calendar unit.

    Parameters
    ----------
    plane : Plane
        Of the chart.
    **scale
        Further properties of the scale.

    Returns
    -------
    altair.X
        Of the field `x`.
    """
    import altair as alt

    labels = {
        str(round((span.start + span.end) / 2)): span.label
        for span in plane.spans
        if span.end - span.start >= plane.days(_LETTER) * len(span.label)
    }
    axis = alt.Axis(
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
    return alt.X("x:Q", scale=alt.Scale(domain=[plane.first, plane.last], nice=False, zero=False, **scale), axis=axis)


def share_channel(plane: Plane) -> Any:
    """
    Make the channel that puts shares on a square-root scale.

    Parameters
    ----------
    plane : Plane
        Of the chart.

    Returns
    -------
    altair.Y
        Of the field `share`.

    Notes
    -----
    Themes of 1% and of 40% are both legible in charts that can be compared.
    """
    import altair as alt

    values: list[float] = [0]
    for tick in _TICKS[1:]:
        if tick <= plane.top and (tick**0.5 - values[-1] ** 0.5) / plane.top**0.5 * plane.height >= _TICK_GAP:
            values.append(tick)
    # Vega drops values beyond the number of ticks that it would choose by itself
    axis = alt.Axis(values=values, tickCount=len(values), format=".0%", title=None, ticks=False, labelOverlap=False)
    scale = alt.Scale(type="sqrt", domain=[0, plane.top], nice=False)
    return alt.Y("share:Q", scale=scale, axis=axis)
