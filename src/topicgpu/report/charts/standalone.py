"""Charts of shares over time as files of their own: real colours, a white ground, a title on the picture."""

import re
from textwrap import wrap
from typing import Any
from xml.etree import ElementTree as ET

from topicgpu.report.charts.marks import shape_names
from topicgpu.report.charts.small_multiples import small_multiples
from topicgpu.report.charts.stacked import stacked
from topicgpu.report.charts.svg import Picture, inline
from topicgpu.report.context import Context
from topicgpu.report.palette import LIGHT
from topicgpu.report.results import Results
from topicgpu.report.shares_over_time import time_of

_UNSAFE = re.compile(r"[^\w.-]+")  # in the name of a file
_NAMED = re.compile(r"var\(--(\w+)\)")
_SVG = "http://www.w3.org/2000/svg"
_FONT = "system-ui, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
_MARGIN, _TITLE = 14, 26  # around the chart, and for the title above it, in pixels
_LETTER, _SMALL = 7.4, 5.8  # width of a letter of the title and of the key, in pixels
_LINE = 16  # height of a line of the key, in pixels
_STACK = "Shares of all that is counted; a stack can show no intervals. Paler: thin. Grey: an unstable theme or none."


def chart_files(results: Results) -> dict[str, str]:
    """
    Draw the charts of shares over time as documents that need no page around them.

    Parameters
    ----------
    results : Results
        Of a run that went as far as drift.

    Returns
    -------
    dict of str to str
        SVG documents by name: `shares-stacked`, and `shares-01-ID` and so on for the themes that the report draws,
        largest first. Nothing where no source has a date.

    Raises
    ------
    ShapeError
        If the run went not so far.
    """
    context = Context(results, ())
    time = time_of(context)
    ids = {ref["anchor"]: theme_id for theme_id, ref in context.refs.items()}
    pictures = small_multiples(time, context.unit)
    key = _key(time)
    files = {
        f"shares-{place:02}-{_UNSAFE.sub('-', ids[anchor])}": standalone(picture, key)
        for place, (anchor, picture) in enumerate(pictures.items(), 1)
    }
    stack = stacked(time, context.unit)
    return files | ({"shares-stacked": standalone(stack, _STACK)} if stack else {})


def _key(time: dict[str, Any]) -> str:
    if not time["kinds"]:
        return "Mean of each period's sources, one vote a source. Band: its 95% interval. Dashed: thin."
    shapes = [(shape.capitalize(), kind) for shape, kind in shape_names(time["kinds"])]
    kinds = " ".join(f"{shape}: {kind}." for shape, kind in shapes)
    means = "Grey line and band: mean of a period, and its 95% interval."
    return f"{kinds} Vertical line: 95% interval inside the source. Hollow: thin. {means}"


def standalone(picture: Picture, key: str) -> str:
    """
    Make a chart a document of its own.

    Parameters
    ----------
    picture : Picture
        Whose colours are names of the palette.
    key : str
        What the marks are; it stands below the chart.

    Returns
    -------
    str
        An SVG document in the light colours.
    """
    width, height = (float(ET.fromstring(picture.svg).get(name, "0")) for name in ("width", "height"))
    chart = ET.fromstring(inline(*picture))
    slot = re.search(r"\bc(\d+)\b", picture.css_class)
    own = LIGHT[f"c{slot[1]}"] if slot else LIGHT["ink"]
    for element in chart.iter():
        for name, value in element.attrib.items():
            named = _NAMED.sub(lambda match: LIGHT[match[1]], value)
            element.set(name, own if named == "currentColor" else _FONT if named == "inherit" else named)
    titled = _plain(picture.title)
    wide = max(width, len(titled) * _LETTER) + 2 * _MARGIN
    lines = wrap(_plain(key), int((wide - 2 * _MARGIN) / _SMALL))
    high = height + _TITLE + len(lines) * _LINE + 2 * _MARGIN
    root = ET.Element("svg", {"xmlns": _SVG, "width": f"{wide:g}", "height": f"{high:g}", "role": "img"})
    root.set("viewBox", f"0 0 {wide:g} {high:g}")
    root.set("font-family", _FONT)
    heading, description = chart[0], chart[1]
    for element in (heading, description):
        chart.remove(element)
        root.append(element)
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    _write(root, titled, _MARGIN + 13, 13, "600")
    for place, line in enumerate(lines, 1):
        _write(root, line, _MARGIN + _TITLE + height + place * _LINE, 11, "400")
    chart.attrib.pop("role", None)
    for name, number in (("x", _MARGIN), ("y", _MARGIN + _TITLE), ("width", width), ("height", height)):
        chart.set(name, f"{number:g}")
    root.append(chart)
    return ET.tostring(root, encoding="unicode")


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _write(root: ET.Element, text: str, y: float, size: int, weight: str) -> None:
    place = {"x": f"{_MARGIN}", "y": f"{y:g}", "font-size": f"{size}", "font-weight": weight, "fill": LIGHT["ink"]}
    ET.SubElement(root, "text", place).text = text
