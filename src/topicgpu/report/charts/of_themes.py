"""The charts of a few themes, for the findings about them."""

from collections.abc import Collection

from topicgpu.report.charts.small_multiples import small_multiples
from topicgpu.report.charts.svg import inline
from topicgpu.report.context import Context
from topicgpu.report.shares_over_time import time_of


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
