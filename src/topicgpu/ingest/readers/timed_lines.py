"""Captions copied from a player's page: a time on a line of its own, or before the words, again and again."""

import re
from itertools import pairwise

from topicgpu.errors import CorpusError
from topicgpu.ingest.documents import Document, Spoken, join_cues
from topicgpu.ingest.label_shapes import find_candidate

_LINE = re.compile(
    r"(?:(?P<open>[\[(])\s*)?(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?:[.,]\d{1,3})?(?(open)\s*[\])])(?:\s+(?P<words>\S.*))?"
)
_MIN_TIMES = 5
_MIN_SHARE = 0.2  # of the lines
_MIN_ORDERED = 0.95


def is_timed_lines(text: str) -> bool:
    """
    Tell whether a text is lines of captions between their times.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    bool
        True where a fifth of the lines are or begin with times that go up, without names beside them: those are
        labels of speakers.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [(line, match) for line in lines if line[0] in "[(0123456789" and (match := _LINE.fullmatch(line))]
    if len(found) < max(_MIN_TIMES, _MIN_SHARE * len(lines)):
        return False
    named = sum(match["words"] is not None and find_candidate(line) is not None for line, match in found)
    boxed = sum(match["words"] is None and match["open"] is not None for _, match in found)
    times = [_seconds(match) for _, match in found]
    ordered = sum(one <= other for one, other in pairwise(times))
    return named + boxed < len(found) / 2 and ordered >= _MIN_ORDERED * (len(times) - 1)


def read_timed_lines(text: str) -> Document:
    """
    Read lines of captions between their times.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    Document
        A stretch for each time, which ends where the next begins; its place is the line of the time.

    Raises
    ------
    CorpusError
        If no line has words.
    """
    starts: list[tuple[str, float | None]] = [("line 1", None)]
    words: list[list[str]] = [[]]
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            words[-1].append(line)
            continue
        starts.append((f"line {number}", _seconds(match)))
        words.append([match["words"] or ""])
    ends = [start for _, start in starts[1:]] + [None]
    joined, cues = join_cues(
        Spoken("\n".join(lines), place, None, start, end if start is not None and (end or 0) >= start else None)
        for (place, start), lines, end in zip(starts, words, ends, strict=True)
    )
    if not cues:
        raise CorpusError("holds times and no words; check that the file is whole.")
    return Document(joined, cues)


def _seconds(match: re.Match[str]) -> float:
    return int(match[2] or 0) * 3600 + int(match[3]) * 60 + float(match[4])
