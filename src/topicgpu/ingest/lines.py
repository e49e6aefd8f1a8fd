"""The lines of a text with their offsets, and what their shape alone says about them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_LINE = re.compile(r"[^\r\n]+")
_CHANGE = re.compile(r"[^\r\n]+?(?=\s>>|[\r\n]|\Z)")
_BREAK = re.compile(r"\r\n|\r|\n")
_BULLET = re.compile(r"[*+•‣◦▪●·-]\s+(?=\S)")
_NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_RULE = re.compile(r"([-*_=~—–·•#.]\s*){3,}")
_MIN_CHANGES = 3


class Line(NamedTuple):
    """A line that is not blank, without the white space around it."""

    start: int
    end: int
    text: str
    after_blank: bool  # the first of its paragraph


def split_lines(text: str) -> list[Line]:
    """
    Split a text at its line breaks, whatever their kind, and where `>>` says that another speaks.

    Parameters
    ----------
    text : str
        Canonical text.

    Returns
    -------
    list of Line
        The lines that are not blank, in order.
    """
    lines: list[Line] = []
    previous_end = 0
    for match in (_CHANGE if text.count(">>") >= _MIN_CHANGES else _LINE).finditer(text):
        stripped = match.group().strip()
        if not stripped:
            continue
        start = match.start() + match.group().index(stripped)
        after_blank = not lines or len(_BREAK.findall(text, previous_end, start)) > 1
        lines.append(Line(start, start + len(stripped), stripped, after_blank))
        previous_end = match.end()
    return lines


def is_rule(line: Line) -> bool:
    """
    Tell whether a line is a drawn rule such as `---`.

    Parameters
    ----------
    line : Line
        Any line.

    Returns
    -------
    bool
        True where it has no word.
    """
    return _RULE.fullmatch(line.text) is not None


def find_items(lines: Sequence[Line]) -> dict[int, int]:
    """
    Find the lines that begin a list's entry.

    Parameters
    ----------
    lines : sequence of Line
        Of a whole text.

    Returns
    -------
    dict of int to int
        Index of the line, and where its words begin: after a bullet, at a number (it is a word, and is kept).

    Notes
    -----
    One bullet alone is no list. Numbers count where they run 1, 2 and so on, so that a wrapped line that happens to
    begin with `20.` stays prose.
    """
    items: dict[int, int] = {}
    runs: list[list[int]] = []
    expected = 1
    for index, line in enumerate(lines):
        if is_rule(line):
            continue
        if bullet := _BULLET.match(line.text):
            items[index] = line.start + bullet.end()
        elif (number := _NUMBER.match(line.text)) and int(number[1]) in (1, expected):
            if int(number[1]) == 1:
                runs.append([])
            runs[-1].append(index)
            expected = int(number[1]) + 1
    if len(items) == 1:
        items.clear()
    items.update((index, lines[index].start) for run in runs if len(run) > 1 for index in run)
    return items
