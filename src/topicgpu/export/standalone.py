"""A chart of the page as a document of its own: its size, its colours and its font stand in it."""

import re
from xml.etree import ElementTree as ET

from topicgpu.report import Results
from topicgpu.report.context import Context
from topicgpu.report.html import STYLES, _asset
from topicgpu.report.sections import over_time

_VARIABLE = re.compile(r"var\(--([a-z0-9]+)\)")


def chart_files(results: Results) -> dict[str, str]:
    """
    Draw the shares over time, a chart a theme.

    Parameters
    ----------
    results : Results
        With drift.

    Returns
    -------
    dict of str to str
        Name of the file to SVG.
    """
    charts = over_time.view(Context(results, ()))["charts"]
    return {f"time-{anchor}": _standalone(svg) for anchor, svg in charts.items()}


def _standalone(svg: str) -> str:
    root = ET.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == "title" and parent is not root:  # a text beside a mark, which only a page shows
                parent.remove(child)
    width, height = root.get("viewBox", "0 0 900 560").split()[2:]
    root.attrib |= {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height}
    root.attrib |= {"font-family": "system-ui, sans-serif", "style": f"background: {_colors()['paper']}"}
    return _VARIABLE.sub(lambda match: _colors()[match[1]], ET.tostring(root, encoding="unicode"))


def _colors() -> dict[str, str]:
    light = _asset("styles", f"{STYLES[0]}.css").split("@media")[0]
    return dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", light))
