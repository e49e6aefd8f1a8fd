"""The map of the segments, with the themes' names written on it: SVG of a few bytes a point."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from topicgpu.report.charts.svg import xml_text

WIDTH = 900
_FLATTEST, _TALLEST = 0.5, 0.75  # heights of the picture that a map may take, of its width
_MARGIN = 28
_LINE, _LETTER = 16, 7.4  # of a name, in pixels
_REACH = 4  # lines that a name may stand away from its median
_MAX_NAMES, _MAX_LETTERS = 40, 42
_SVG = "http://www.w3.org/2000/svg"

# What a page's styles do, for a picture that stands alone.
_ALONE = {
    "rect": "fill:{paper}",
    "path": "fill:none;stroke-linecap:round;stroke-opacity:0.8",
    "text": "fill:{ink};stroke:{paper};stroke-width:3.5;stroke-linejoin:round;paint-order:stroke;"
    "font:600 12.5px system-ui,-apple-system,'Segoe UI','Noto Sans','Liberation Sans',sans-serif;text-anchor:middle",
}


class Group(NamedTuple):
    """A theme's points, or those of none."""

    name: str
    css_class: str  # gives the points their colour: `c3`, `unsure`, `none`
    rows: NDArray[np.int64]  # of its segments, into `xy`
    place: tuple[float, float] | None = None  # where its name stands; None where it has none to write


class Frame(NamedTuple):
    """From the map's coordinates to the picture's pixels: one scale for both, since distances are what a map keeps."""

    height: int
    middle: tuple[float, float]
    scale: float

    @classmethod
    def around(cls, xy: NDArray[np.floating[Any]]) -> "Frame":
        """
        Fit all points into the picture.

        Parameters
        ----------
        xy : (n, 2) array
            At least one row, finite.

        Returns
        -------
        Frame
            As flat or as tall as the map is, within limits.
        """
        low, high = xy.min(axis=0).astype(float), xy.max(axis=0).astype(float)
        span = high - low
        flat = span[1] / span[0] if span[0] > 0 else _TALLEST
        height = round(WIDTH * min(max(flat, _FLATTEST), _TALLEST))
        room = np.array([WIDTH - 2 * _MARGIN, height - 2 * _MARGIN])
        scales = [pixels / units for pixels, units in zip(room, span, strict=True) if units > 0]
        x, y = (low + high) / 2
        return cls(height, (float(x), float(y)), float(min(scales, default=1.0)))

    def pixels(self, xy: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """
        Place points.

        Parameters
        ----------
        xy : (m, 2) array
            Of the map, y upwards.

        Returns
        -------
        (m, 2) array of float
            From the upper left corner.
        """
        placed = (xy - self.middle) * (self.scale, -self.scale) + (WIDTH / 2, self.height / 2)
        return placed.astype(np.float64)


def map_picture(xy: NDArray[np.floating[Any]], groups: Sequence[Group], frame: Frame) -> ET.Element:
    """
    Draw the map.

    Parameters
    ----------
    xy : (n, 2) array
        Places of the segments.
    groups : sequence of Group
        Lowest layer first; names are placed in the order of their sizes.
    frame : Frame
        From `Frame.around`.

    Returns
    -------
    xml.etree.ElementTree.Element
        An SVG element without a name of its own. Each group is one path, and each point a stroke of no length with
        round ends; colours come from classes.
    """
    root = ET.Element("svg", {"class": "chart map", "viewBox": f"0 0 {WIDTH} {frame.height}"})
    width = 5.5 if sum(len(group.rows) for group in groups) <= 1500 else 3.5
    for group in groups:
        if len(group.rows):
            points = np.round(frame.pixels(xy[group.rows]), 1)
            path = "".join(f"M{x:g} {y:g}h0" for x, y in points)
            layer = ET.SubElement(root, "path", {"class": group.css_class, "stroke-width": f"{width}", "d": path})
            ET.SubElement(layer, "title").text = xml_text(group.name)
    named = sorted((group for group in groups if group.place is not None), key=lambda group: -len(group.rows))
    wanted = [(_short(group.name), *frame.pixels(np.array([group.place]))[0]) for group in named[:_MAX_NAMES]]
    for text, x, y in _spread(wanted, frame.height):
        ET.SubElement(root, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "dy": "0.35em"}).text = text
    return root


def inline_map(picture: ET.Element, description: str) -> str:
    """
    Make the picture part of a page.

    Parameters
    ----------
    picture : xml.etree.ElementTree.Element
        From `map_picture`.
    description : str
        What it shows, in words.

    Returns
    -------
    str
        An element of SVG in HTML syntax, coloured by the page's styles.
    """
    picture.set("role", "img")
    title, text = ET.Element("title"), ET.Element("desc")
    title.text, text.text = "Map of the segments by theme", xml_text(description)
    picture[:0] = [title, text]
    return ET.tostring(picture, encoding="unicode")


def standalone_map(picture: ET.Element, colors: Mapping[str, str]) -> str:
    """
    Make the picture a file.

    Parameters
    ----------
    picture : xml.etree.ElementTree.Element
        From `map_picture`.
    colors : mapping of str to str
        By class, and ink and paper.

    Returns
    -------
    str
        An SVG document on paper, which needs nothing beside it.
    """
    height = str(picture.attrib["viewBox"].split()[3])
    picture.attrib |= {"xmlns": _SVG, "width": str(WIDTH), "height": height}
    for element in picture.iter():
        if element.tag in _ALONE:
            element.set("style", _ALONE[element.tag].format(**colors))
        if element.tag == "path":
            element.set("stroke", colors[element.attrib.pop("class")])
    picture.insert(0, ET.Element("rect", {"width": "100%", "height": "100%", "fill": colors["paper"]}))
    return ET.tostring(picture, encoding="unicode")


def _short(name: str) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return text if len(text) <= _MAX_LETTERS else text[: _MAX_LETTERS - 1].rstrip() + "…"


def _wide(text: str) -> float:
    return sum(_LETTER * (1.75 if unicodedata.east_asian_width(letter) in "WF" else 1) for letter in text)


def _spread(names: Sequence[tuple[str, float, float]], height: int) -> list[tuple[str, float, float]]:
    """Place names, the first first, at the free line nearest to the median; a name that finds none is left out."""
    taken: list[tuple[float, float, float]] = []  # left, right, middle of each name, in pixels
    placed = []
    for text, x, y in names:
        half = min(_wide(text) / 2, WIDTH / 2)
        middle = min(max(x, half), WIDTH - half)
        steps = sorted(range(-_REACH, _REACH + 1), key=lambda step: (abs(step), step))
        lines = (min(max(y, _LINE / 2), height - _LINE / 2) + step * _LINE for step in steps)
        free = (line for line in lines if _is_free(taken, middle - half, middle + half, line, height))
        line = next(free, None)
        if line is not None:
            taken.append((middle - half, middle + half, line))
            placed.append((text, middle, line))
    return placed


def _is_free(taken: list[tuple[float, float, float]], left: float, right: float, line: float, height: int) -> bool:
    inside = _LINE / 2 <= line <= height - _LINE / 2
    return inside and all(right < a or left > b or abs(line - c) >= _LINE for a, b, c in taken)
