"""
What a reader makes of a file: text with the places in the file that it came from.

A reader is a function from what a file holds, its decoded text or its bytes, to a `Document` or several. It raises
`CorpusError` with what is wrong and where in the file; which file it is, and the hash of its bytes, `read_file` adds.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from topicgpu.ingest.dates import DateRange

_MAX_GAP_S = 1.0  # between captions that roll up the screen
_MOST_LINES = 15  # that a screen of captions has; a file of two enormous captions has no rolling ones


class Cue(NamedTuple):
    """A stretch of a document's text that the file itself keeps apart: a caption, a row, a page."""

    start: int
    end: int
    locator: str  # leads back to the file: `cue 12`, `/segments/3`, `row 7`, `page 2`
    speaker: str | None = None
    start_s: float | None = None
    end_s: float | None = None


class Document(NamedTuple):
    """The canonical text of a source and what its file says about it."""

    text: str
    cues: tuple[Cue, ...] = ()  # empty: offsets into the text are offsets into the file
    title: str | None = None
    date: DateRange | None = None
    language: str | None = None
    part: str = ""  # which of a file's documents, where it holds several
    rows: bool = False  # whether the cues are rows of a table, each a text of its own
    head: int = 0  # characters of front matter before the text itself
    warnings: tuple[str, ...] = ()
    sha256: str = ""  # of the file's bytes


class Spoken(NamedTuple):
    """Words of a cue, before they have a place in a text."""

    text: str
    locator: str
    speaker: str | None = None
    start_s: float | None = None
    end_s: float | None = None


def join_cues(spoken: Iterable[Spoken], between: str = "\n") -> tuple[str, tuple[Cue, ...]]:
    """
    Put cues one after the other.

    Parameters
    ----------
    spoken : iterable of Spoken
        In reading order; those without ink are left out.
    between : str
        What stands between two cues: white space.

    Returns
    -------
    str, tuple of Cue
        The text, and where in it each cue is.
    """
    parts: list[str] = []
    cues: list[Cue] = []
    at = 0
    for words in spoken:
        text = words.text.strip()
        if not text:
            continue
        if parts:
            parts.append(between)
            at += len(between)
        cues.append(Cue(at, at + len(text), words.locator, words.speaker, words.start_s, words.end_s))
        parts.append(text)
        at += len(text)
    return "".join(parts), tuple(cues)


def without_rolling(spoken: Sequence[Spoken]) -> tuple[list[Spoken], int]:
    """
    Take out the lines that captions repeat as they roll up the screen.

    Parameters
    ----------
    spoken : sequence of Spoken
        Captions, with their line breaks.

    Returns
    -------
    list of Spoken, int
        Each caption with the lines that the one before does not end in, and how many lines were taken out.

    Notes
    -----
    Live captions show a line twice: when it is new, and above the next one, which follows at once. Only the longest run
    of lines that ends the one caption and begins the next is taken out, so that words said twice inside a caption or
    with a pause between stay.
    """
    screens = [[line.strip() for line in words.text.splitlines() if line.strip()] for words in spoken]
    kept: list[Spoken] = []
    taken = 0
    before: list[str] = []
    end_s: float | None = None
    for words, lines, after in zip(spoken, screens, [*screens[1:], []], strict=True):
        if end_s is not None and words.start_s is not None and words.start_s - end_s > _MAX_GAP_S:
            before = []
        end_s = words.end_s
        most = min(len(lines), len(before), _MOST_LINES)
        repeated = next((n for n in range(most, 0, -1) if before[-n:] == lines[:n]), 0)
        if before == lines and not (len(after) > len(lines) and after[: len(lines)] == lines):
            repeated = 0  # said again: no line is new, and none follows
        taken += repeated
        if lines[repeated:]:
            kept.append(words._replace(text="\n".join(lines[repeated:])))
        before = lines or before
    return kept, taken
