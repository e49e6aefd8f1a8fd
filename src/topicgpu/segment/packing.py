"""Sentences into segments of about as many words: of all ways to close segments, the one that fits the limits best."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from topicgpu.config import SegmentSection
from topicgpu.ops.languages import count_ideographs, script_of
from topicgpu.ops.words import count_words
from topicgpu.segment.sentences import Span, cut_in_two, sentence_spans

# A Han or kana character carries less than a word: a limit of 80 words is one of 128 characters.
_CHARACTERS_A_WORD = 1.6
# A segment under min_words costs its missing share squared, one that ends inside a sentence half as much as an empty
# one; the distance from the middle of the limits decides between packings that are otherwise alike.
_BROKEN_SENTENCE_COST = 0.5
_MIDDLE_COST = 0.1
_MIN_WORDS_OF_A_SCRIPT = 8


class Piece(NamedTuple):
    """A sentence, or a part of one that is over the limit."""

    start: int
    end: int
    size: float  # in words of the limits
    ends_sentence: bool
    passage: int = -1


def size_of(text: str) -> float:
    """
    Measure a text as the limits of segments do.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    float
        Words; of Chinese and Japanese, 1.6 characters count as one.
    """
    ideographs = count_ideographs(text)
    return count_words(text) - ideographs + ideographs / _CHARACTERS_A_WORD


def cut_into_pieces(text: str, start: int, end: int, max_words: int) -> list[Piece]:
    """
    Cut a stretch of text into sentences, and those over the limit into parts.

    Parameters
    ----------
    text : str
        Canonical text.
    start, end : int
        The stretch, in code points.
    max_words : int
        The limit.

    Returns
    -------
    list of Piece
        In order; together they hold every word of the stretch.
    """
    return [piece for span in sentence_spans(text, start, end) for piece in _parts(text, *span, max_words)]


def _parts(text: str, start: int, end: int, max_words: int) -> list[Piece]:
    size = size_of(text[start:end])
    parts = cut_in_two(text, start, end) if size > max_words else None
    if parts is None:
        return [Piece(start, end, size, True)]
    left, right = (_parts(text, *part, max_words) for part in parts)
    return [*left[:-1], left[-1]._replace(ends_sentence=False), *right]


def pack(text: str, pieces: Sequence[Piece], config: SegmentSection) -> list[tuple[Span, int]]:
    """
    Join pieces to segments.

    Parameters
    ----------
    text : str
        Canonical text.
    pieces : sequence of Piece
        Of one speaker, in order.
    config : SegmentSection
        Gives `min_words` and `max_words`.

    Returns
    -------
    list of ((int, int), int)
        Start and end of each segment, and its passage. None holds pieces of two passages or of two scripts.

    Notes
    -----
    Dynamic programming over the pieces: O(n m) for m pieces in a segment.
    """
    stretches = (list(group) for _, group in groupby(pieces, key=lambda piece: piece.passage))
    return [
        (span, stretch[0].passage)
        for passage in stretches
        for stretch in _by_script(text, passage)
        for span in _pack(stretch, config)
    ]


def _by_script(text: str, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Part pieces where a stretch in one script ends: an encoder may serve only one of the two languages."""
    stretches: list[list[Piece]] = []
    current = None
    for piece in pieces:
        script = script_of(text[piece.start : piece.end]) if piece.size >= _MIN_WORDS_OF_A_SCRIPT else None
        script = "han" if script == "kana" else script
        if not stretches or (script and current and script != current):
            stretches.append([])
        current = script or current
        stretches[-1].append(piece)
    return stretches


def _pack(pieces: Sequence[Piece], config: SegmentSection) -> list[Span]:
    n = len(pieces)
    best = [0.0] + [np.inf] * n
    opened = [0] * (n + 1)
    for last in range(1, n + 1):
        size = 0.0
        for first in range(last - 1, -1, -1):
            size += pieces[first].size
            if size > config.max_words and first < last - 1:
                break
            broken = last < n and not pieces[last - 1].ends_sentence
            cost = best[first] + _misfit(size, config) + _BROKEN_SENTENCE_COST * broken
            if cost < best[last]:
                best[last], opened[last] = cost, first
    spans: list[Span] = []
    while n:
        spans.append((pieces[opened[n]].start, pieces[n - 1].end))
        n = opened[n]
    return spans[::-1]


def _misfit(size: float, config: SegmentSection) -> float:
    middle = (config.min_words + config.max_words) / 2
    missing = max(0.0, 1 - size / config.min_words)
    return missing**2 + _MIDDLE_COST * (size / middle - 1) ** 2
