"""What a page has around the words: titles, date lines, menus, bylines, links, summaries, introductions."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from topicgpu.ingest.boilerplate import boilerplate, may_be_speech
from topicgpu.ingest.dates import DateRange, find_date, is_date_line
from topicgpu.ingest.lines import Line, is_rule
from topicgpu.ingest.summaries import find_summary
from topicgpu.ops.words import count_words

_HEADING = re.compile(r"#{1,6}\s+(?P<title>.*)")
_FRONT_MATTER_LINE = re.compile(r"[\w-]+\s*:(\s.*)?|-\s.*|\s*#.*")
_FRONT_TITLE = re.compile(r"title\s*:\s*[\"']?(?P<title>.*?)[\"']?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]*_]*$")
_LANGUAGE_NAMES = re.compile(
    "english|deutsch|français|español|italiano|português|nederlands|svenska|norsk|dansk|suomi|suomalainen|polski|"
    "čeština|magyar|română|türkçe|indonesian?|bahasa|tiếng việt|latina|sanskrit|русский|українська|ελληνικά|"
    "العربية|עברית|हिन्दी|ไทย|한국어|한어|日本語|中文|简体|繁體|korean|russian|french|japanese|german|spanish|"
    "italian|portuguese|chinese|arabic|hindi|greek|dutch|turkish|polish|finnish",
    re.IGNORECASE,
)
_LINK_SEPARATOR = re.compile(r"\s*[|·•›»]\s*|\s+/\s+|\t+|\s{3,}")
_CREDIT = re.compile(
    r"(?:text|words|author|written by|edited by|editor|translated by|translation|transcript(?:ion)? by|source|photos?"
    r"|von|par|por|作者|文|编辑|来源|译者|记者)\s*[:：/|]\s*\S.*",
    re.IGNORECASE,
)
_BY_NAMES = re.compile(r"[Bb]y\s+(?:[A-Z][\w.'’-]*(?:\s+(?:and|&)\s+|,\s*|\s+|$)){1,8}")
_ADDRESS = re.compile(r"(?:[\w ]{0,30}[:：]\s*)?\W*(?:https?://|www\.)\S+")
_LINK_NAME = re.compile(
    r"\W*(?:(?:original|full|source|watch|listen to|read|view)(?: (?:the|this|on|full|original|episode|video|article"
    r"|programme|program|interview|transcript|post|page|link|audio|here|at|youtube|spotify)){0,6}"
    r"|原节目|原文|原视频|原文链接|视频链接|链接|元の動画)\W*",
    re.IGNORECASE,
)
_HEADER_LINES = 12
_MAX_FRONT_MATTER_LINES = 60
_MAX_TITLE_WORDS = 40
_MAX_FURNITURE_CHARS = 500
_MAX_BYLINE_WORDS = 15
_MIN_MENU_LINKS = 4


class Header(NamedTuple):
    """What stands before the words."""

    reasons: dict[int, str]  # by index of the line
    title: str | None
    dates: tuple[DateRange, ...]


def read_header(lines: Sequence[Line], body: int | None, labelled: bool) -> Header:
    """
    Find the furniture at the beginning of a text.

    Parameters
    ----------
    lines : sequence of Line
        Of the whole text.
    body : int or None
        Index of the first speaker label, list item or locator; None where the text has none.
    labelled : bool
        True where that is a speaker label: paragraphs between the header and it may be the page's summary.

    Returns
    -------
    Header
        Empty unless a line can be nothing but furniture (a date line, a menu, a byline, a link, a heading): without
        that evidence the first lines are speech. A header ends with the last such line.
    """
    front = _front_matter(lines)
    region = lines[: body if labelled else _first_sentence(lines[:body], front)]
    sure = dict.fromkeys(range(front), "front matter")
    for index, line in enumerate(region[front : front + _HEADER_LINES], start=front):
        if reason := _furniture(line):
            sure[index] = reason
    if may_be_speech(lines[index].text for index in sure):
        return Header({}, None, ())
    reasons = dict(sure)
    for index in range(max(sure)):
        if index not in sure and _is_title(lines[index]):
            reasons[index] = "link line" if _LINK_NAME.fullmatch(lines[index].text) else "title"
    end = max(sure) + 1
    while end < len(region) and _LINK_NAME.fullmatch(region[end].text):
        reasons[end] = "link line"
        end += 1
    if body is not None and labelled:
        rest = [index for index in range(body) if index not in reasons]
        reasons |= dict.fromkeys(find_summary(lines, rest, body), "summary")
    dates = tuple(
        found for index in sure if is_date_line(lines[index].text) and (found := find_date(lines[index].text))
    )
    return Header(reasons, _title(lines, reasons, front), dates)


def heading_of(line: Line) -> str | None:
    """
    Read a Markdown heading.

    Parameters
    ----------
    line : Line
        Any line.

    Returns
    -------
    str or None
        Its words; None where the line is none.
    """
    match = _HEADING.fullmatch(line.text)
    return match["title"].rstrip("# ") if match else None


def is_introduction(line: Line) -> bool:
    """
    Tell whether a line says that a list follows.

    Parameters
    ----------
    line : Line
        The line before a list's first entry.

    Returns
    -------
    bool
        True where it ends with a colon.
    """
    return line.text.rstrip("*_ ").endswith((":", "："))


def _is_title(line: Line) -> bool:
    if len(line.text) > _MAX_FURNITURE_CHARS:
        return False
    return count_words(line.text) <= _MAX_TITLE_WORDS and not _SENTENCE_END.search(line.text)


def _furniture(line: Line) -> str | None:
    if heading_of(line) is not None:
        return "title"
    if len(line.text) > _MAX_FURNITURE_CHARS:
        return None
    if is_date_line(line.text):
        return "date line"
    if _is_menu(line.text):
        return "menu"
    if _ADDRESS.fullmatch(line.text):
        return "link line"
    return "byline" if _is_byline(line) else boilerplate(line.text)


def _is_menu(text: str) -> bool:
    names = _LANGUAGE_NAMES.findall(text)
    if len(names) >= _MIN_MENU_LINKS and sum(map(len, names)) > len(text) / 2:
        return True
    links = [part for part in _LINK_SEPARATOR.split(text) if part]
    return len(links) >= _MIN_MENU_LINKS and all(count_words(link) <= 3 for link in links)


def _is_byline(line: Line) -> bool:
    if count_words(line.text) > _MAX_BYLINE_WORDS or _SENTENCE_END.search(line.text):
        return False
    return any(shape.fullmatch(line.text) for shape in (_CREDIT, _BY_NAMES))


def _front_matter(lines: Sequence[Line]) -> int:
    """Lines of a head that is no YAML, as with `title: Part 2: bread`; what is YAML was taken out before."""
    if not lines or lines[0].text != "---":
        return 0
    for index, line in enumerate(lines[1:_MAX_FRONT_MATTER_LINES], start=1):
        if line.text in ("---", "..."):
            return index + 1
        if not _FRONT_MATTER_LINE.fullmatch(line.text):
            return 0
    return 0


def _first_sentence(lines: Sequence[Line], start: int) -> int:
    for index in range(start, min(len(lines), start + _HEADER_LINES)):
        if not _furniture(lines[index]) and not _is_title(lines[index]):
            return index
    return min(len(lines), start + _HEADER_LINES)


def _title(lines: Sequence[Line], reasons: dict[int, str], front: int) -> str | None:
    for line in lines[:front]:
        if match := _FRONT_TITLE.fullmatch(line.text):
            return match["title"]
    titles = [line for index, line in enumerate(lines) if reasons.get(index) == "title" and not is_rule(line)]
    headings = [heading for line in titles if (heading := heading_of(line))]
    if headings:
        return headings[0]
    # A page's section name stands before its title and is shorter.
    return max((line.text for line in titles), key=len, default=None)
