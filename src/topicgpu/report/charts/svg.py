"""From Vega's SVG to one that lives in a page: named for screen readers, coloured by the page's styles, small."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_TIP = re.compile(r"tip-(\d+)")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Picture(NamedTuple):
    """A chart as Vega drew it, with what a page says of it: the arguments of `inline`."""

    svg: str
    css_class: str
    title: str
    description: str
    tips: Sequence[str]


def tip(number: int) -> str:
    """
    Name a mark, for Vega to carry through to the SVG.

    Parameters
    ----------
    number : int
        Place of the mark's text in the tips given to `inline`.

    Returns
    -------
    str
        The value of the mark's `description` channel.
    """
    return f"tip-{number}"


def xml_text(text: str) -> str:
    """
    Make a text one that an XML document can hold.

    Parameters
    ----------
    text : str
        Of a user: it may have control characters, for which XML has no way to write them.

    Returns
    -------
    str
        With U+FFFD in the place of each.
    """
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def inline(svg: str, css_class: str, title: str, description: str, tips: Sequence[str]) -> str:
    """
    Make an SVG document part of an HTML page.

    Parameters
    ----------
    svg : str
        As vl-convert writes it.
    css_class : str
        Class of the root.
    title, description : str
        What the chart is, and what it shows in words.
    tips : sequence of str
        Text shown beside each mark that `tip` named; it never passes through Vega.

    Returns
    -------
    str
        An element of SVG in HTML syntax, with no size of its own: it fills the width that it is given.
    """
    root = ET.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if _is_empty(child):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        match = _TIP.fullmatch(element.get("aria-label", ""))
        if match:
            ET.SubElement(element, "title").text = xml_text(tips[int(match[1])])
        _strip(element)
    for name in ("version", "width", "height"):
        root.attrib.pop(name, None)
    root.set("class", css_class)
    root.set("role", "img")
    heading, text = ET.Element("title"), ET.Element("desc")
    heading.text, text.text = xml_text(title), xml_text(description)
    root[:0] = [heading, text]
    return ET.tostring(root, encoding="unicode")


def _is_empty(element: ET.Element) -> bool:
    return element.get("display") == "none" or element.get("class") == "background"


def _strip(element: ET.Element) -> None:
    for name in list(element.attrib):
        if name == "role" or name.startswith(("aria-", "pointer-")):
            del element.attrib[name]
        else:
            element.set(name, _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}", element.attrib[name]))
