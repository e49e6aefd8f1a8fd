"""Charts of shares over time as files of their own: real colours, a white ground, a title on the picture."""

import re
from xml.etree import ElementTree as ET

from topicgpu.report.charts.small_multiples import small_multiples
from topicgpu.report.charts.stacked import stacked
from topicgpu.report.charts.svg import Picture, inline
from topicgpu.report.context import Context
from topicgpu.report.palette import LIGHT
from topicgpu.report.results import Results
from topicgpu.report.sections.over_time import time_of

_UNSAFE = re.compile(r"[^\w.-]+")  # in the name of a file
_NAMED = re.compile(r"var\(--(\w+)\)")
_SVG = "http://www.w3.org/2000/svg"
_FONT = "system-ui, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
_MARGIN, _TITLE = 14, 26  # around the chart, and for the title above it, in pixels
_LETTER = 7.4  # width of one of the title's, in pixels


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
    files = {
        f"shares-{place:02}-{_UNSAFE.sub('-', ids[anchor])}": standalone(picture)
        for place, (anchor, picture) in enumerate(pictures.items(), 1)
    }
    stack = stacked(time, context.unit)
    return files | ({"shares-stacked": standalone(stack)} if stack else {})


def standalone(picture: Picture) -> str:
    """
    Make a chart a document of its own.

    Parameters
    ----------
    picture : Picture
        Whose colours are names of the palette.

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
    full = max(width, len(picture.title) * _LETTER) + 2 * _MARGIN, height + _TITLE + 2 * _MARGIN
    root = ET.Element(
        "svg", {"xmlns": _SVG, "width": f"{full[0]:g}", "height": f"{full[1]:g}", "role": "img", "font-family": _FONT}
    )
    root.set("viewBox", f"0 0 {full[0]:g} {full[1]:g}")
    heading, description = chart[0], chart[1]
    for element in (heading, description):
        chart.remove(element)
        root.append(element)
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    title = ET.SubElement(root, "text", {"x": f"{_MARGIN}", "y": f"{_MARGIN + 13}", "font-size": "13"})
    title.set("font-weight", "600")
    title.set("fill", LIGHT["ink"])
    title.text = "".join(c if c.isprintable() else " " for c in picture.title)
    chart.attrib.pop("role", None)
    for name, value in (("x", _MARGIN), ("y", _MARGIN + _TITLE), ("width", width), ("height", height)):
        chart.set(name, f"{value:g}")
    root.append(chart)
    return ET.tostring(root, encoding="unicode")
