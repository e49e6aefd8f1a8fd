"""Turns and dropped stretches, and the turn that is open while the lines of a text go by."""

from typing import NamedTuple

from topicgpu.ingest.dates import DateRange
from topicgpu.ingest.lines import Line
from topicgpu.ingest.remarks import is_stage_direction


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


class Mark(NamedTuple):
    """A line at which a turn begins or words are left out."""

    words: int  # where the words of the turn begin; the line's end where it has none
    kind: str  # of the turn
    reason: str | None = None  # to leave out what stands before the words
    speakers: tuple[str | None, ...] = ()  # the one who speaks from here on; empty: as before
    locator: str | None = None
    start_s: float | None = None


class Sweep:
    """
    The turn that is open while the lines go by.

    Parameters
    ----------
    prose : str
        Kind of turns that nothing else is said of.
    """

    def __init__(self, prose: str) -> None:
        self.prose = prose
        self.turns: list[Turn] = []
        self.dropped: list[Drop] = []
        self._speaker: str | None = None
        self._mark = Mark(0, prose)
        self._start: int | None = None
        self._end = 0

    def pass_line(self, line: Line, mark: Mark | None) -> None:
        """
        Take the next line.

        Parameters
        ----------
        line : Line
            The line.
        mark : Mark or None
            None where its words belong to the open turn, or, after a blank line, no longer to a list's entry.
        """
        if mark is None:
            if line.after_blank and self._mark.kind != self.prose and self._start is not None:
                self._begin(Mark(line.start, self.prose))
            self._extend(line.start, line.end)
            return
        self._begin(mark)
        if mark.speakers:
            self._speaker = mark.speakers[0]
        if mark.reason:
            self.dropped.append(Drop(line.start, mark.words, mark.reason))
        words = line.text[mark.words - line.start :].lstrip()
        if is_stage_direction(words):
            self.dropped.append(Drop(line.end - len(words), line.end, "stage direction"))
        else:
            self._extend(line.end - len(words), line.end)

    def close(self) -> None:
        """End the open turn, if it has words."""
        if self._start is not None:
            kind, speaker = self._mark.kind, self._speaker if self._mark.kind != "summary" else None
            self.turns.append(Turn(self._start, self._end, kind, speaker, self._mark.locator, self._mark.start_s))
        self._start = None

    def _begin(self, mark: Mark) -> None:
        self.close()
        self._mark = mark

    def _extend(self, start: int, end: int) -> None:
        if start < end:
            self._start = start if self._start is None else self._start
            self._end = end
