"""Sentences into segments of about as many words: of all ways to close segments, the one that fits the limits best."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple
from unicodedata import category

import numpy as np

from topicgpu.config import SegmentSection
from topicgpu.ops.languages import language_of, script_of
from topicgpu.ops.words import size_in_words
from topicgpu.segment.sentences import Span, cut_in_two, sentence_spans

# A segment under min_words costs its missing share squared, one that ends inside a sentence half as much as an empty
# one, or less at a comma; the distance from the middle of the limits decides between packings that are otherwise alike.
_BROKEN_SENTENCE_COST = 0.5
_BROKEN_AT_CLAUSE_COST = 0.3
# A sentence over the limit is cut finer than that, or two of its parts would always be too much and one too little.
_PARTS_OF_A_SEGMENT = 5
_MIDDLE_COST = 0.1
_MIN_WORDS_OF_A_LANGUAGE = 8
_SAMPLE = 1000  # characters that tell in which language sentences are looked for


class Piece(NamedTuple):
    """A sentence, or a part of one that is over the limit."""

    start: int
    end: int
    size: float  # in words, as the limits measure them
    break_cost: float = 0.0  # of a segment that ends here: none at the end of a sentence
    passage: int = -1


def cut_into_pieces(text: str, start: int, end: int, max_words: int, declared: Sequence[str]) -> list[Piece]:
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
    declared : sequence of str
        Languages that the source is said to be in.

    Returns
    -------
    list of Piece
        In order; together they hold every word of the stretch.
    """
    language = language_of(text[start : min(end, start + _SAMPLE)], declared)
    pieces: list[Piece] = []
    for span in sentence_spans(text, start, end, language):
        size = size_in_words(text[slice(*span)])
        if size <= max_words:
            pieces.append(Piece(*span, size))
        else:
            pieces += _parts(text, *span, max_words / _PARTS_OF_A_SEGMENT, language)
    return pieces


def _parts(text: str, start: int, end: int, max_words: float, language: str) -> list[Piece]:
    size = size_in_words(text[start:end])
    cut = cut_in_two(text, start, end, language) if size > max_words else None
    if cut is None:
        return [Piece(start, end, size)]
    left, right = (_parts(text, *part, max_words, language) for part in cut)
    at_clause = category(text[left[-1].end - 1]).startswith("P")
    cost = _BROKEN_AT_CLAUSE_COST if at_clause else _BROKEN_SENTENCE_COST
    return [*left[:-1], left[-1]._replace(break_cost=cost), *right]


def pack(text: str, pieces: Sequence[Piece], config: SegmentSection, declared: Sequence[str]) -> list[tuple[Span, int]]:
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
    declared : sequence of str
        Languages that the source is said to be in.

    Returns
    -------
    list of ((int, int), int)
        Start and end of each segment, and its passage. None holds pieces of two passages or two languages.

    Notes
    -----
    Dynamic programming over the pieces: O(n m) for m pieces in a segment.
    """
    stretches = (list(group) for _, group in groupby(pieces, key=lambda piece: piece.passage))
    return [
        (span, stretch[0].passage)
        for passage in stretches
        for stretch in _by_language(text, passage, declared)
        for span in _pack(stretch, config)
    ]


def _by_language(text: str, pieces: Sequence[Piece], declared: Sequence[str]) -> list[list[Piece]]:
    """Part pieces where a stretch in one language ends: an encoder may serve only one of the two."""
    stretches: list[list[Piece]] = []
    current = None
    for piece in pieces:
        words = text[piece.start : piece.end]
        language = _language(words, declared) if piece.size >= _MIN_WORDS_OF_A_LANGUAGE else None
        if not stretches or (language and current and language != current):
            stretches.append([])
        current = language or current
        stretches[-1].append(piece)
    return stretches


def _language(text: str, declared: Sequence[str]) -> str | None:
    """Name the language where the source has several, else what stands for it: its script."""
    if len(declared) > 1:
        return language_of(text, declared)
    script = script_of(text)
    return "han" if script == "kana" else script


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
            cost = best[first] + _misfit(size, config) + (pieces[last - 1].break_cost if last < n else 0.0)
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
