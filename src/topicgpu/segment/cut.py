"""
Cut sources into segments: whole sentences of one speaker on one subject, about as many words in each.

Turns that may share a segment form a run. Its sentences are packed into segments that end where the subject changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from topicgpu.config import SegmentSection
from topicgpu.errors import ConfigError, ModelError
from topicgpu.ops.languages import language_of
from topicgpu.ops.words import count_words
from topicgpu.segment.numbering import Cut, Encode, number_passages
from topicgpu.segment.packing import Piece, cut_into_pieces, pack
from topicgpu.segment.runs import Run, find_runs
from topicgpu.segment.sentences import Span, cut_in_two
from topicgpu.types import Ints, Segments, Sources


class _Row(NamedTuple):
    """A segment before its columns are filled; rows sort into the order of the sources."""

    source: int
    start: int
    end: int
    passage: int
    text: str
    n_tokens: int = 0


def segment(
    sources: Sources,
    count_tokens: Callable[[Sequence[str]], Ints],
    config: SegmentSection,
    max_tokens: int,
    encode: Encode | None = None,
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
        Method, and limits in words.
    max_tokens : int
        The encoder's limit; no segment has more tokens.
    encode : callable, optional
        Takes n sentences and their languages, returns unit vectors (n, d), zero where a language is not served. Needed
        by the method `passage` alone.

    Returns
    -------
    Segments
        In the order of the sources. Each is a slice of the canonical text without white space around it, lies in turns
        of one speaker and in one passage, and joins list items only where they are short. Every word of every turn is
        in exactly one; a word is cut only where it alone has more than `max_tokens` tokens. With the method `turn` each
        turn is one segment, cut only where it has more than `max_tokens` tokens.

    Raises
    ------
    ConfigError
        If the method is `passage` and no encoder is given.
    ModelError
        If a single character has more than `max_tokens` tokens.

    Notes
    -----
    Linear in the words. The limits are in words as `size_in_words` measures them. `count_tokens` is called once a
    source with all of its texts, and again only with the parts of those that are over the limit; `encode` with some
    thousand sentences at a time. Beside the segments and those sentences, one source's text is held.
    """
    turns_of = _turns_by_source(sources)
    cuts: Iterator[Cut] = (
        Cut(source, runs, [_cut(sources, source, run, config) for run in runs])
        for source, turns in enumerate(turns_of)
        for runs in [find_runs(sources, source, turns, config)]
    )
    if config.method == "passage":
        if encode is None:
            raise ConfigError('segment.method = "passage" needs an encoder; give one, or choose "length" or "turn".')
        cuts = number_passages(sources, cuts, encode)
    rows: list[_Row] = []
    for cut in cuts:
        text = sources.text[cut.source]
        pending = [
            _Row(cut.source, start, end, passage, text[start:end])
            for (start, end), passage in _spans(sources, cut, config)
        ]
        while pending:
            counts = count_tokens([row.text for row in pending])
            counted = [row._replace(n_tokens=int(n)) for row, n in zip(pending, counts, strict=True)]
            rows.extend(row for row in counted if row.n_tokens <= max_tokens)
            over = [row for row in counted if row.n_tokens > max_tokens]
            pending = [part for row in over for part in _halves(text, row, max_tokens, sources.languages[cut.source])]
    return _table(sources, turns_of, sorted(rows))


def _spans(sources: Sources, cut: Cut, config: SegmentSection) -> Iterator[tuple[Span, int]]:
    for run in cut.pieces:
        if config.method == "turn":
            yield from (((piece.start, piece.end), piece.passage) for piece in run)
        else:
            yield from pack(sources.text[cut.source], run, config, sources.languages[cut.source])


def _turns_by_source(sources: Sources) -> list[list[int]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, source_id in enumerate(sources.turns.source_id):
        rows[source_id].append(row)
    return [sorted(rows[source_id], key=lambda row: sources.turns.start_char[row]) for source_id in sources.source_id]


def _cut(sources: Sources, source: int, run: Run, config: SegmentSection) -> list[Piece]:
    """Sentences of each item of a list, and of speech from end to end, over all its captions and pages."""
    text, turns = sources.text[source], sources.turns
    stretches = [(int(turns.start_char[row]), int(turns.end_char[row])) for row in run.rows]
    if not run.is_item:
        stretches = [(stretches[0][0], stretches[-1][1])]
    if config.method == "turn":
        return [Piece(start, end, 0.0) for start, end in stretches]
    declared = sources.languages[source]
    return [piece for stretch in stretches for piece in cut_into_pieces(text, *stretch, config.max_words, declared)]


def _halves(text: str, row: _Row, max_tokens: int, declared: Sequence[str]) -> list[_Row]:
    parts = cut_in_two(text, row.start, row.end, language_of(row.text, declared))
    if parts is None:
        raise ModelError(
            f"the text {text[row.start : row.end]!r} has {row.n_tokens} tokens and the encoder takes {max_tokens}; "
            "choose an encoder with a higher limit."
        )
    return [_Row(row.source, start, end, row.passage, text[start:end]) for start, end in parts]


def _table(sources: Sources, turns_of: Sequence[Sequence[int]], rows: Sequence[_Row]) -> Segments:
    turns, dates = sources.turns, sources.dates
    starts = [turns.start_char[list(turn_rows)] for turn_rows in turns_of]
    first = [turns_of[row.source][int(np.searchsorted(starts[row.source], row.start, "right")) - 1] for row in rows]
    last = [turns_of[row.source][int(np.searchsorted(starts[row.source], row.end, "left")) - 1] for row in rows]
    ids = [sources.source_id[row.source] for row in rows]
    texts = [row.text for row in rows]
    positions = [position for _, group in groupby(rows, key=lambda row: row.source) for position, _ in enumerate(group)]
    return Segments(
        segment_id=tuple(f"{source_id}:{row.start}-{row.end}" for source_id, row in zip(ids, rows, strict=True)),
        source_id=tuple(ids),
        position=np.array(positions, dtype=np.int64),
        passage=np.array([row.passage for row in rows], dtype=np.int64),
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
