"""
Cut sources into segments: whole sentences of one speaker, about as many words in each.

Turns that may share a segment form a run. A run's sentences are packed by dynamic programming: of all ways to close
segments at sentence ends, the one whose sizes fit the limits best, so that no tiny rest is left.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from unicodedata import category

import numpy as np

from topicgpu.config import SegmentSection
from topicgpu.errors import ModelError
from topicgpu.ops.languages import language_of, script_of
from topicgpu.ops.words import count_words, size_in_words
from topicgpu.sentences import Span, cut_in_two, sentence_spans
from topicgpu.types import Ints, Segments, Sources, Turns

# A segment under min_words costs its missing share squared, one that ends inside a sentence half as much as an empty
# one, or less at a comma; the distance from the middle of the limits decides between packings that are otherwise alike.
_BROKEN_SENTENCE_COST = 0.5
_BROKEN_AT_CLAUSE_COST = 0.3
# A sentence over the limit is cut finer than that, or two of its parts would always be too much and one too little.
_PARTS_OF_A_SEGMENT = 5
_MIDDLE_COST = 0.1
_MIN_WORDS_OF_A_LANGUAGE = 8
_SAMPLE = 1000  # characters that tell in which language sentences are looked for


class _Piece(NamedTuple):
    """A sentence, or a part of one that is over the limit."""

    start: int
    end: int
    size: float
    break_cost: float = 0.0  # of a segment that ends here: none at the end of a sentence


class _Row(NamedTuple):
    """A segment before its columns are filled; rows sort into the order of the sources."""

    source: int
    start: int
    end: int
    n_tokens: int = 0


def segment(
    sources: Sources, count_tokens: Callable[[Sequence[str]], Ints], config: SegmentSection, max_tokens: int
) -> Segments:
    """
    Cut sources into segments on sentence ends.

    Parameters
    ----------
    sources : Sources
        Texts and turns.
    count_tokens : callable
        Takes n texts, returns their token counts (n,), the encoder's special tokens included.
    config : SegmentSection
        Limits in words.
    max_tokens : int
        The encoder's limit; no segment has more tokens.

    Returns
    -------
    Segments
        In the order of the sources. Each is a slice of the canonical text without white space around it, lies in turns
        of one speaker, and joins list items only where they are short. Every word of every turn is in exactly one; a
        word is cut only where it alone has more than `max_tokens` tokens.

    Raises
    ------
    ModelError
        If a single character has more than `max_tokens` tokens.

    Notes
    -----
    Linear in the words. The limits are in words as `size_in_words` measures them. `count_tokens` is called once with
    all texts, and again only with the parts of those that are over the limit.
    """
    turns_of = _turns_by_source(sources)
    pending = [
        _Row(source, start, end)
        for source, turns in enumerate(turns_of)
        for run in _runs(sources, source, turns, config.min_item_words)
        for start, end in _pack_run(sources, source, run, config)
    ]
    rows: list[_Row] = []
    while pending:
        counts = count_tokens([sources.text[row.source][row.start : row.end] for row in pending])
        counted = [row._replace(n_tokens=int(n)) for row, n in zip(pending, counts, strict=True)]
        rows.extend(row for row in counted if row.n_tokens <= max_tokens)
        over = [row for row in counted if row.n_tokens > max_tokens]
        pending = [part for row in over for part in _halves(sources.text[row.source], row, max_tokens)]
    return _table(sources, turns_of, sorted(rows))


def _turns_by_source(sources: Sources) -> list[list[int]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, source_id in enumerate(sources.turns.source_id):
        rows[source_id].append(row)
    return [sorted(rows[source_id], key=lambda row: sources.turns.start_char[row]) for source_id in sources.source_id]


def _runs(sources: Sources, source: int, rows: Sequence[int], min_item_words: int) -> Iterator[list[int]]:
    """Group the turns that may share a segment: speech of one speaker, and short items with the next one."""
    text, turns = sources.text[source], sources.turns
    run: list[int] = []
    for row in rows:
        if run and not _adjoin(text, turns, run[-1], row):
            yield from _item_runs(sources, source, run, min_item_words)
            run = []
        run.append(row)
    if run:
        yield from _item_runs(sources, source, run, min_item_words)


def _adjoin(text: str, turns: Turns, row: int, following: int) -> bool:
    if turns.kind[row] != turns.kind[following] or turns.speaker[row] != turns.speaker[following]:
        return False
    between = text[turns.end_char[row] : turns.start_char[following]]
    if turns.kind[row] == "item":
        return not count_words(between)
    return not between.strip()


def _item_runs(sources: Sources, source: int, rows: list[int], min_item_words: int) -> list[list[int]]:
    if sources.turns.kind[rows[0]] != "item":
        return [rows]
    texts = [sources.text[source][sources.turns.start_char[row] : sources.turns.end_char[row]] for row in rows]
    languages = [language_of(text, sources.languages[source]) for text in texts]
    runs: list[list[int]] = []
    for _, group in groupby(zip(rows, texts, languages, strict=True), key=lambda item: item[2]):
        first, size = len(runs), 0.0
        for row, text, _ in group:
            if len(runs) == first or size >= min_item_words:
                runs.append([])
                size = 0.0
            runs[-1].append(row)
            size += size_in_words(text)
        if size < min_item_words and len(runs) > first + 1:
            rest = runs.pop()
            runs[-1].extend(rest)
    return runs


def _pack_run(sources: Sources, source: int, run: Sequence[int], config: SegmentSection) -> Iterator[Span]:
    text, declared = sources.text[source], sources.languages[source]
    pieces = [
        piece
        for first, last in _stretches(sources.turns, run)
        for start, end in sentence_spans(text, first, last, language_of(text[first : first + _SAMPLE], declared))
        for piece in _pieces(text, start, end, config.max_words)
    ]
    for stretch in _by_language(text, pieces, declared):
        yield from _pack(stretch, config)


def _stretches(turns: Turns, run: Sequence[int]) -> list[Span]:
    """Where sentences are looked for: in each item, and in speech from end to end, over all its captions and pages."""
    if turns.kind[run[0]] == "item":
        return [(int(turns.start_char[row]), int(turns.end_char[row])) for row in run]
    return [(int(turns.start_char[run[0]]), int(turns.end_char[run[-1]]))]


def _pieces(text: str, start: int, end: int, max_words: int) -> list[_Piece]:
    size = size_in_words(text[start:end])
    return (
        [_Piece(start, end, size)] if size <= max_words else _parts(text, start, end, max_words / _PARTS_OF_A_SEGMENT)
    )


def _parts(text: str, start: int, end: int, max_words: float) -> list[_Piece]:
    size = size_in_words(text[start:end])
    cut = cut_in_two(text, start, end) if size > max_words else None
    if cut is None:
        return [_Piece(start, end, size)]
    left, right = (_parts(text, *part, max_words) for part in cut)
    at_clause = category(text[left[-1].end - 1]).startswith("P")
    cost = _BROKEN_AT_CLAUSE_COST if at_clause else _BROKEN_SENTENCE_COST
    return [*left[:-1], left[-1]._replace(break_cost=cost), *right]


def _by_language(text: str, pieces: Sequence[_Piece], declared: Sequence[str]) -> list[list[_Piece]]:
    """Part pieces where a stretch in one language ends: an encoder may serve only one of the two."""
    stretches: list[list[_Piece]] = []
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


def _pack(pieces: Sequence[_Piece], config: SegmentSection) -> list[Span]:
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


def _halves(text: str, row: _Row, max_tokens: int) -> list[_Row]:
    parts = cut_in_two(text, row.start, row.end)
    if parts is None:
        raise ModelError(
            f"the text {text[row.start : row.end]!r} has {row.n_tokens} tokens and the encoder takes {max_tokens}; "
            "choose an encoder with a higher limit."
        )
    return [_Row(row.source, start, end) for start, end in parts]


def _table(sources: Sources, turns_of: Sequence[Sequence[int]], rows: Sequence[_Row]) -> Segments:
    turns, dates = sources.turns, sources.dates
    starts = [turns.start_char[list(turn_rows)] for turn_rows in turns_of]
    first = [turns_of[row.source][int(np.searchsorted(starts[row.source], row.start, "right")) - 1] for row in rows]
    last = [turns_of[row.source][int(np.searchsorted(starts[row.source], row.end, "left")) - 1] for row in rows]
    ids = [sources.source_id[row.source] for row in rows]
    texts = [sources.text[row.source][row.start : row.end] for row in rows]
    positions = [position for _, group in groupby(rows, key=lambda row: row.source) for position, _ in enumerate(group)]
    return Segments(
        segment_id=tuple(f"{source_id}:{row.start}-{row.end}" for source_id, row in zip(ids, rows, strict=True)),
        source_id=tuple(ids),
        position=np.array(positions, dtype=np.int64),
        start_char=np.array([row.start for row in rows], dtype=np.int64),
        end_char=np.array([row.end for row in rows], dtype=np.int64),
        start_s=turns.start_s[first] if rows else np.empty(0),
        end_s=turns.end_s[last] if rows else np.empty(0),
        speaker=tuple(turns.speaker[turn] for turn in first),
        language=tuple(language_of(text, sources.languages[row.source]) for text, row in zip(texts, rows, strict=True)),
        date=tuple(dates[row.source] for row in rows),
        text=tuple(texts),
        n_tokens=np.array([row.n_tokens for row in rows], dtype=np.int64),
        n_words=np.array([count_words(text) for text in texts], dtype=np.int64),
    )
