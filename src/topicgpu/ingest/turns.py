"""Who speaks where: a text is cut into turns and dropped stretches, which together hold each of its words once."""

from collections.abc import Sequence
from typing import NamedTuple

from topicgpu.ingest.dates import DateRange
from topicgpu.ingest.documents import Cue
from topicgpu.ingest.furniture import heading_of, is_introduction, read_header
from topicgpu.ingest.labels import find_labels
from topicgpu.ingest.lines import Line, find_items, find_locator, is_omission_note, is_rule, split_lines
from topicgpu.ops.words import count_words

_MIN_LIST_SHARE = 0.6


class Turn(NamedTuple):
    """A stretch of one speaker, one list item or one paragraph with a locator."""

    start: int
    end: int
    kind: str
    speaker: str | None
    locator: str | None
    start_s: float | None = None
    end_s: float | None = None


class Drop(NamedTuple):
    """A stretch that is no speech, and why."""

    start: int
    end: int
    reason: str


class Reading(NamedTuple):
    """What a text holds."""

    turns: list[Turn]
    dropped: list[Drop]
    title: str | None
    dates: tuple[DateRange, ...]  # of the date lines in its header


def read_turns(text: str) -> Reading:
    """
    Cut a text into turns and dropped stretches.

    Parameters
    ----------
    text : str
        Canonical text.

    Returns
    -------
    Reading
        Turns and dropped stretches in order; no two overlap, and every word of the text is in exactly one of them.

    Notes
    -----
    Linear in the text. Without labels, lists and locators the whole text is one turn: line breaks and blank lines
    end nothing, since speech recognition puts them anywhere.
    """
    lines = split_lines(text)
    labels = find_labels(lines)
    items = {index: start for index, start in find_items(lines).items() if index not in labels}
    locators = {index: found for index, line in enumerate(lines) if (found := find_locator(line))}
    marks = labels.keys() | items.keys() | locators.keys()
    body = min(marks, default=None)
    header = read_header(lines, body, labelled=body in labels)
    reasons = _reasons(lines, items) | header.reasons

    sweep = _Sweep("text" if not labels and any(heading_of(line) is not None for line in lines) else "speech")
    for index, line in enumerate(lines):
        if index in reasons:
            sweep.drop(line.start, line.end, reasons[index])
        elif index in locators:
            locator, is_place = locators[index]
            sweep.drop(line.start, line.end, "locator")
            sweep.begin("item" if is_place else sweep.prose, locator=locator)
        elif index in labels:
            name, end = labels[index]
            sweep.drop(line.start, end, "speaker label")
            sweep.speaker = name
            sweep.begin(sweep.prose)
            sweep.extend(end, line.end)
        elif index in items:
            sweep.begin("item")
            sweep.extend(items[index], line.end)
        elif is_rule(line):
            sweep.begin(sweep.prose)
        else:
            if line.after_blank and sweep.kind == "item" and sweep.start is not None:
                sweep.begin(sweep.prose)
            sweep.extend(line.start, line.end)
    sweep.close()
    return Reading(sweep.turns, sweep.dropped, header.title, header.dates)


def cut_at_cues(reading: Reading, cues: Sequence[Cue], rows: bool) -> Reading:
    """
    Cut turns where the file keeps its cues apart, so that each has a place and a time in the file.

    Parameters
    ----------
    reading : Reading
        Of the text that the cues make.
    cues : sequence of Cue
        In the order of the text, which they hold but for the white space between.
    rows : bool
        Whether cues are rows of a table, which are never joined unless somebody is said to speak them.

    Returns
    -------
    Reading
        With a turn for each stretch of a turn in a cue; who speaks a cue comes from the file where it says so.
    """
    turns: list[Turn] = []
    at = 0
    for turn in reading.turns:
        while at and cues[at - 1].end > turn.start:
            at -= 1
        while at < len(cues) and cues[at].end <= turn.start:
            at += 1
        while at < len(cues) and cues[at].start < turn.end:
            cue = cues[at]
            start, end = max(cue.start, turn.start), min(cue.end, turn.end)
            kind = "item" if rows and cue.speaker is None else turn.kind
            turns.append(
                Turn(start, end, kind, cue.speaker or turn.speaker, turn.locator or cue.locator, cue.start_s, cue.end_s)
            )
            at += 1
    return reading._replace(turns=turns)


def _reasons(lines: Sequence[Line], items: dict[int, int]) -> dict[int, str]:
    reasons = {index: "omission note" for index, line in enumerate(lines) if is_omission_note(line)}
    reasons |= {index: "heading" for index, line in enumerate(lines) if heading_of(line) is not None}
    n_words = [count_words(line.text) for line in lines]
    if sum(n_words[index] for index in items) >= _MIN_LIST_SHARE * sum(n_words):
        before = (index - 1 for index in items if index and index - 1 not in items)
        reasons |= {index: "introduction" for index in before if is_introduction(lines[index])}
    return reasons


class _Sweep:
    """The turn that is open while the lines go by."""

    def __init__(self, prose: str) -> None:
        self.prose = prose
        self.turns: list[Turn] = []
        self.dropped: list[Drop] = []
        self.speaker: str | None = None
        self.kind = prose
        self.locator: str | None = None
        self.start: int | None = None
        self.end = 0

    def extend(self, start: int, end: int) -> None:
        """Add words to the open turn."""
        if start < end:
            self.start = start if self.start is None else self.start
            self.end = end

    def close(self) -> None:
        """End the open turn, if it has words."""
        if self.start is not None:
            self.turns.append(Turn(self.start, self.end, self.kind, self.speaker, self.locator))
        self.start = None

    def begin(self, kind: str, locator: str | None = None) -> None:
        """End the open turn and name the next one."""
        self.close()
        self.kind, self.locator = kind, locator

    def drop(self, start: int, end: int, reason: str) -> None:
        """End the open turn and leave a stretch out."""
        self.begin(self.prose)
        self.dropped.append(Drop(start, end, reason))
