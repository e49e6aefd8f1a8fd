"""Changes of speaker that nobody is named at: angle brackets, dashes of a dialogue, questions and their answers."""

import re
from collections.abc import Collection, Iterator, Sequence

from topicgpu.ingest.lines import Line, is_rule
from topicgpu.ops.words import count_words

_ANGLES = re.compile(r">{2,3}\s*")
_DASH = re.compile(r"[—–―]{1,2}\s*(?=[^\s—–―-])")
_HYPHEN = re.compile(r"[-‐—–―]{1,2}(?:\s+|(?=[^\s\d‐—–―-]))")  # of captions; close before a digit it is a minus
_ENDS = re.compile(r"[.!?…。！？؟:：][\"'”’»」』)\]*_]*$")
_ASKS = re.compile(r"[?？؟][\"'”’»」』)\]*_]*$")
_BOLD = re.compile(r"(?:#{2,6}\s+|(?P<mark>\*\*|__))(?P<words>\S.*?)(?(mark)(?P=mark))", re.DOTALL)
_MIN_CHANGES, _MIN_TIMED_CHANGES = 3, 2
_MAX_QUESTION_WORDS = 120
_MIN_SHARE, _MIN_PLAIN_SHARE, _MAX_SHARE = 0.1, 0.25, 0.6
_MIN_WHOLE_SHARE = 0.95


def find_changes(lines: Sequence[Line], timed: bool = False) -> dict[int, int]:
    """
    Find the lines that a mark gives to another speaker.

    Parameters
    ----------
    lines : sequence of Line
        Of a whole text.
    timed : bool
        Whether they are cues with times, such as captions, where a hyphen is a dash.

    Returns
    -------
    dict of int to int
        Index of the line, and where its words begin, after `>>` or a dash.

    Notes
    -----
    A mark counts where it is there three times, in cues twice, since two may share one; a dash, which prose has too,
    where a sentence has ended before it.
    """
    changes: dict[int, int] = {}
    least = _MIN_TIMED_CHANGES if timed else _MIN_CHANGES
    for mark in (_ANGLES, _HYPHEN if timed else _DASH):
        found = {
            index: line.start + match.end()
            for index, line in enumerate(lines)
            if not is_rule(line) and (match := mark.match(line.text)) and (mark is _ANGLES or _ended(lines, index))
        }
        if len(found) >= least:
            changes |= found
    return changes


def find_questions(lines: Sequence[Line], marked: Collection[int]) -> set[int]:
    """
    Find questions and answers that have no labels.

    Parameters
    ----------
    lines : sequence of Line
        Of a whole text.
    marked : collection of int
        Lines that are something else: furniture, a list's entries.

    Returns
    -------
    set of int
        First lines of the paragraphs that ask, and of those that answer; empty where the text is no such interview.

    Notes
    -----
    A question is a paragraph that ends in a question mark, or that is all bold. They have to take turns with others:
    three questions or more, hardly two in a row, a tenth to three fifths of the paragraphs (a quarter at least where
    they are not bold); and nineteen of twenty paragraphs must end where a sentence does, or line breaks mean nothing.
    """
    paragraphs = [part for part in _paragraphs(lines) if part[0] not in marked]
    texts = [" ".join(lines[index].text for index in part) for part in paragraphs]
    bold = [match is not None and count_words(text) > 2 for text in texts for match in [_BOLD.fullmatch(text)]]
    asks = [bool(_ASKS.search(text)) for text in texts]
    if sum(map(bool.__and__, bold, asks)) * 2 >= max(sum(bold), 1) and sum(bold) >= _MIN_CHANGES:
        asked, least = bold, _MIN_SHARE
    else:
        asked, least = asks, _MIN_PLAIN_SHARE
    asked = [is_one and count_words(text) <= _MAX_QUESTION_WORDS for is_one, text in zip(asked, texts, strict=True)]
    n, in_a_row = sum(asked), sum(map(bool.__and__, asked, asked[1:]))
    whole = sum(bool(_ENDS.search(text)) for text in texts)
    is_interview = (
        n >= _MIN_CHANGES
        and in_a_row <= 0.1 * n
        and least <= n / len(texts) <= _MAX_SHARE
        and whole >= _MIN_WHOLE_SHARE * len(texts)
    )
    if not is_interview:
        return set()
    starts = {part[0] for part, is_one in zip(paragraphs, asked, strict=True) if is_one}
    return starts | {part[0] for part, before in zip(paragraphs[1:], asked, strict=False) if before}


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[int]]:
    """Lines up to the next blank one; where no line is blank, each line."""
    parted = any(line.after_blank for line in lines[1:])
    part: list[int] = []
    for index, line in enumerate(lines):
        if part and (line.after_blank or not parted):
            yield part
            part = []
        part.append(index)
    if part:
        yield part


def _ended(lines: Sequence[Line], index: int) -> bool:
    return index == 0 or lines[index].after_blank or _ENDS.search(lines[index - 1].text) is not None
