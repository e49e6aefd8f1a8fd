"""SubRip, WebVTT and SBV captions: words with times, and who says them where the file tells."""

import re
from bisect import bisect_left
from html import unescape
from itertools import pairwise
from typing import NamedTuple

from topicgpu.errors import CorpusError
from topicgpu.ingest.documents import Document, Spoken, join_cues, without_rolling
from topicgpu.ingest.labels import find_labels
from topicgpu.ingest.lines import split_lines

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
# SBV's comma stands only after a fraction: two times of day are no captions.
_TIMING = re.compile(rf"^\s*{_TIME}\s*(?:--?>|(?<=\.\d\d\d),(?=\d))\s*{_TIME}(?:\s+\S.*)?$")
_COUNTER, _MARK = re.compile(r"\s*\d+\s*"), re.compile(r"\W*\w?\d*\W*")  # a number, and what a broken one may be
# No mark holds another's beginning: looking for the end of each would be quadratic where none ends.
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?[ \t]+([^<>\n]+)>")
_TAG = re.compile(
    r"</?(?:[cbiuv]|ruby|rt|lang|font)\b[^<>\n]*>|<(?:\d+:)?\d{1,2}:\d{2}\.\d{3}>|\{\\[^{}\n]*\}", re.IGNORECASE
)
_COMMENT = re.compile(r"(?:NOTE|STYLE|REGION)\b")
_LABELLED_SHARE = 0.5  # of the captions
_ROLLING_SHARE = 0.2  # of the captions that begin with the lines of the one before: then it is how the file was made


class _Block(NamedTuple):
    start_s: float
    end_s: float
    lines: list[str]
    line: int  # of the timing, from 1


def is_captions(text: str) -> bool:
    """
    Tell whether a text is captions, by what it holds.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    bool
        True where it begins as WebVTT does, or with a timing line among its first lines.
    """
    if _is_webvtt(text):
        return True
    head = [line for line in text[:2000].splitlines() if line.strip()][:3]
    return any(_TIMING.match(line) for line in head)


def read_captions(text: str) -> Document:
    """
    Read SubRip, WebVTT or SBV captions.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    Document
        A line a caption. Tags are gone, `<v Name>` is the speaker, and so is a label that most captions begin
        with; lines that roll up the screen stand once.

    Raises
    ------
    CorpusError
        If no caption has words.

    Notes
    -----
    Counters are not needed: a caption begins at its timing line, so that missing, repeated and broken ones do no harm.
    Captions stay in the order of the file; times that run backwards are kept as they are, with a warning.
    """
    blocks = _blocks(text)
    spoken = [Spoken(_before(text), "line 1")]
    spoken += [
        Spoken(_plain(part), f"cue {number}", speaker, block.start_s, block.end_s)
        for number, block in enumerate(blocks, start=1)
        for speaker, part in _voices("\n".join(block.lines))
    ]
    warnings = []
    backwards = [block for block in blocks if block.end_s < block.start_s]
    backwards += [later for earlier, later in pairwise(blocks) if later.start_s < earlier.start_s]
    if backwards:
        warnings.append(
            f"line {backwards[0].line}: the time runs backwards ({len(backwards)} times in all); "
            "the order of the file is kept."
        )
    kept, taken = without_rolling(spoken)
    if taken >= _ROLLING_SHARE * max(len(spoken), 1):
        spoken = kept
        warnings.append(f"{taken} caption lines that only repeat the line before were joined with it.")
    joined, cues = join_cues(_with_speakers(spoken))
    if not cues:
        raise CorpusError("holds no captions with words; check that the file is whole.")
    return Document(joined, cues, warnings=tuple(warnings))


def _with_speakers(spoken: list[Spoken]) -> list[Spoken]:
    """Take labels as the speakers of the captions, where most captions begin with one."""
    text, cues = join_cues(spoken)
    lines = split_lines(text)
    labels = {lines[index].start: label for index, label in find_labels(lines).items()}
    begun = sum(cue.start in labels for cue in cues)
    if any(cue.speaker for cue in cues) or begun == 0 or begun < _LABELLED_SHARE * len(cues):
        return spoken
    named: list[Spoken] = []
    speaker = None
    starts = sorted(labels)
    for cue in cues:
        within = starts[bisect_left(starts, cue.start) : bisect_left(starts, cue.end)]
        if cue.start not in labels:
            rest = text[cue.start : within[0] if within else cue.end]
            named.append(Spoken(rest, cue.locator, speaker, cue.start_s, cue.end_s))
        for start, end in pairwise([*within, cue.end]):
            speaker = labels[start].name
            named.append(Spoken(text[labels[start].end : end], cue.locator, speaker, cue.start_s, cue.end_s))
    return named


def _before(text: str) -> str:
    """Words before the first caption; those of WebVTT's own header are none."""
    if _is_webvtt(text):
        return ""
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if _TIMING.match(line)), 0)
    if first and _COUNTER.fullmatch(lines[first - 1]):
        first -= 1
    return "\n".join(lines[:first])


def _is_webvtt(text: str) -> bool:
    return text[:2000].lstrip().startswith("WEBVTT")


def _blocks(text: str) -> list[_Block]:
    lines = text.splitlines()
    blocks: list[_Block] = []
    named, comment = _is_webvtt(text), False
    for number, line in enumerate(lines):
        after_blank = number == 0 or not lines[number - 1].strip()
        before_timing = number + 1 < len(lines) and _TIMING.match(lines[number + 1]) is not None
        if match := _TIMING.match(line):
            blocks.append(_Block(_seconds(match.groups()[:4]), _seconds(match.groups()[4:]), [], number + 1))
            comment = False
        elif not line.strip():
            comment = False
        elif after_blank and _COMMENT.match(line):
            comment = True
        elif before_timing and (_COUNTER.fullmatch(line) or (after_blank and (named or _MARK.fullmatch(line)))):
            continue  # a counter or a name of the caption that follows
        elif blocks and not comment:  # after a blank line too: it stood inside the caption
            blocks[-1].lines.append(line)
    return blocks


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _voices(text: str) -> list[tuple[str | None, str]]:
    """Split a caption where its voice tags change the speaker."""
    parts = _VOICE.split(text)
    found: list[tuple[str | None, str]] = [(None, parts[0])] if parts[0].strip() else []
    found += [(name.strip() or None, words) for name, words in zip(parts[1::2], parts[2::2], strict=True)]
    return found


def _plain(text: str) -> str:
    return unescape(_TAG.sub("", text))
