"""Who speaks where: a text is cut into turns and dropped stretches, which together hold each of its words once."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from topicgpu.ingest.boilerplate import read_footer
from topicgpu.ingest.changes import find_changes, find_questions
from topicgpu.ingest.documents import Cue
from topicgpu.ingest.furniture import heading_of, is_introduction, read_header
from topicgpu.ingest.interludes import interlude
from topicgpu.ingest.labels import Label, find_labels
from topicgpu.ingest.lines import Line, find_items, is_rule, split_lines
from topicgpu.ingest.names import asks, is_role
from topicgpu.ingest.remarks import Locator, find_locator, is_omission_note, is_stage_direction
from topicgpu.ingest.sweep import Drop, Mark, Reading, Sweep, Turn
from topicgpu.ops.words import count_words

__all__ = ["Drop", "Reading", "Turn", "cut_at_cues", "read_turns"]

_MIN_LIST_SHARE = 0.6
_PARAGRAPH_END = re.compile(r"(?:\r\n|\r|\n)[^\S\r\n]*(?:\r\n|\r|\n)\s*")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2}(?:[.,]\d{1,3})?)|(\d+(?:\.\d+)?)\s?s")


def read_turns(text: str, keep_summaries: bool = False, cues: Sequence[Cue] = ()) -> Reading:
    """
    Cut a text into turns and dropped stretches.

    Parameters
    ----------
    text : str
        Canonical text.
    keep_summaries : bool
        Whether a summary at its head is a turn of its own kind, spoken by nobody, rather than left out.
    cues : sequence of Cue
        Of the text in order, where the file has them. Where they have times, as captions do, they hold no lists, and a
        hyphen is a dialogue's dash; who they say speaks is no operator, unless it is a part.

    Returns
    -------
    Reading
        Turns and dropped stretches in order; no two overlap, and every word of the text is in exactly one of them.

    Notes
    -----
    Linear in the text. Without labels, lists, locators and other marks the whole text is one turn: line breaks and
    blank lines end nothing, since speech recognition puts them anywhere.
    """
    lines = split_lines(text)
    labels = find_labels(lines)
    timed = any(cue.start_s is not None for cue in cues)
    listed = {} if timed else find_items(lines)
    items = {index: start for index, start in listed.items() if index not in labels}
    locators = {index: found for index, line in enumerate(lines) if (found := find_locator(line.text))}
    changes = find_changes(lines, timed)
    body = min(labels.keys() | items.keys() | locators.keys() | changes.keys(), default=None)
    header = read_header(lines, body, labelled=body in labels)
    furniture = header.reasons | read_footer(lines, labels)
    asked = {index for index in furniture if lines[index].text.endswith(("?", "？"))}  # a heading may be a question
    others = (furniture.keys() - asked) | items.keys() | locators.keys()
    questions = set() if labels or changes else find_questions(lines, others)
    furniture = {index: reason for index, reason in furniture.items() if index not in questions}
    reasons = _reasons(lines, items, labels.keys() | questions) | furniture
    written = not labels and any(heading_of(line) is not None for line in lines)

    sweep = Sweep("text" if written else "speech")
    marks = {index: Mark(lines[index].start, sweep.prose, speakers=(None,)) for index in questions}
    marks |= {index: Mark(start, sweep.prose, speakers=(None,)) for index, start in changes.items()}
    marks |= {index: Mark(lines[index].end, sweep.prose) for index, line in enumerate(lines) if is_rule(line)}
    marks |= {index: Mark(start, "item") for index, start in items.items()}
    marks |= dict(_label_marks(lines, labels, sweep.prose))
    marks |= {index: _locator_mark(lines[index], found, sweep.prose) for index, found in locators.items()}
    marks |= {index: Mark(lines[index].end, sweep.prose, reason) for index, reason in reasons.items()}
    if keep_summaries:
        summary = [index for index, reason in reasons.items() if reason == "summary"]
        marks |= {index: Mark(lines[index].start, "summary") for index in summary}
    for index, line in enumerate(lines):
        sweep.pass_line(line, marks.get(index))
    sweep.close()
    return _without_interludes(text, Reading(sweep.turns, sweep.dropped, header.title, header.dates), cues)


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


def _reasons(lines: Sequence[Line], items: Mapping[int, int], spoken: set[int]) -> dict[int, str]:
    reasons = {index: "omission note" for index, line in enumerate(lines) if is_omission_note(line.text)}
    reasons |= {index: "stage direction" for index, line in enumerate(lines) if is_stage_direction(line.text)}
    headings = {index for index, line in enumerate(lines) if heading_of(line) is not None}
    reasons |= dict.fromkeys(headings - spoken, "heading")
    if items:
        n_words = [count_words(line.text) for line in lines]
        if sum(n_words[index] for index in items) >= _MIN_LIST_SHARE * sum(n_words):
            before = (index - 1 for index in items if index and index - 1 not in items)
            reasons |= {index: "introduction" for index in before if is_introduction(lines[index])}
    return reasons


def _label_marks(lines: Sequence[Line], labels: Mapping[int, Label], prose: str) -> Iterator[tuple[int, Mark]]:
    for index, (name, end, time) in labels.items():
        yield index, Mark(end, prose, "speaker label", (name,), start_s=_seconds(time))
    if len({label.name for label in labels.values()}) == 1 and asks(next(iter(labels.values())).name):
        # Only questions have labels: the paragraph after one is the answer.
        for index, line in enumerate(lines):
            if line.after_blank and index - 1 in labels and index not in labels:
                yield index, Mark(line.start, prose, speakers=(None,))


def _locator_mark(line: Line, found: Locator, prose: str) -> Mark:
    time = None if found.is_place else _seconds(found.mark)
    return Mark(line.end, "item" if found.is_place else prose, "locator", locator=found.mark, start_s=time)


def _seconds(time: str | None) -> float | None:
    match = _CLOCK.search(time) if time else None
    if match is None:
        return None
    hours, minutes, seconds, alone = match.groups()
    if alone:
        return float(alone)
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))


def _without_interludes(text: str, reading: Reading, cues: Sequence[Cue]) -> Reading:
    turns: list[Turn] = []
    dropped: list[Drop] = []
    starts = [cue.start for cue in cues]
    labelled = any(turn.speaker for turn in reading.turns) or any(cue.speaker for cue in cues)

    def may_run_a_call(turn: Turn, start: int) -> bool:
        """Who has a name may well say where a question comes from."""
        at = bisect_right(starts, start) - 1
        speaker = turn.speaker or (cues[at].speaker if at >= 0 else None)
        return is_role(speaker) if speaker else not labelled

    for turn in reading.turns:
        kept = [turn]
        for start, end, following in _paragraphs(text, turn) if turn.kind == "speech" else ():
            reason = interlude(text[start:end])
            if reason is None or (reason == "operator" and not may_run_a_call(turn, start)):
                continue
            dropped.append(Drop(start, end, reason))
            last = kept.pop()
            before = text[last.start : start].rstrip()
            kept += [last._replace(end=last.start + len(before))] if before else []
            kept += [last._replace(start=following)] if following < turn.end else []
        turns += kept
    return reading._replace(turns=turns, dropped=sorted([*reading.dropped, *dropped]))


def _paragraphs(text: str, turn: Turn) -> Iterator[tuple[int, int, int]]:
    """Start and end of each, and where the next begins."""
    start = turn.start
    for match in _PARAGRAPH_END.finditer(text, turn.start, turn.end):
        yield start, match.start(), match.end()
        start = match.end()
    yield start, turn.end, turn.end
