"""
Cut sources into segments: whole sentences of one speaker on one subject, about as many words in each.

Turns that may share a segment form a run. Its sentences are packed into segments that end where the subject changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import SegmentSection
from topicgpu.errors import ConfigError, ModelError
from topicgpu.ops.languages import language_of
from topicgpu.ops.words import count_words, size_in_words
from topicgpu.segment.packing import Piece, cut_into_pieces, pack
from topicgpu.segment.passages import find_passages
from topicgpu.segment.sentences import Span, cut_in_two
from topicgpu.types import Ints, Segments, Sources, Turns

# Texts and their languages in, unit vectors out, zero where the encoder does not serve the language.
Encode = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]

_SENTENCES_AT_A_TIME = 16_384  # that are held with their vectors


class _Cut(NamedTuple):
    """A source in sentences: those of each run of turns that may share a segment."""

    source: int
    runs: list[list[Piece]]


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
    cuts: Iterator[_Cut] = (
        _Cut(source, [_cut(sources, source, run, config) for run in _runs(sources, source, turns, config)])
        for source, turns in enumerate(turns_of)
    )
    if config.method == "passage":
        if encode is None:
            raise ConfigError('segment.method = "passage" needs an encoder; give one, or choose "length" or "turn".')
        cuts = _number_passages(sources, cuts, encode)
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
            pending = [part for row in over for part in _halves(text, row, max_tokens)]
    return _table(sources, turns_of, sorted(rows))


def _spans(sources: Sources, cut: _Cut, config: SegmentSection) -> Iterator[tuple[Span, int]]:
    for run in cut.runs:
        if config.method == "turn":
            yield from (((piece.start, piece.end), piece.passage) for piece in run)
        else:
            yield from pack(sources.text[cut.source], run, config, sources.languages[cut.source])


def _turns_by_source(sources: Sources) -> list[list[int]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, source_id in enumerate(sources.turns.source_id):
        rows[source_id].append(row)
    return [sorted(rows[source_id], key=lambda row: sources.turns.start_char[row]) for source_id in sources.source_id]


def _runs(sources: Sources, source: int, rows: Sequence[int], config: SegmentSection) -> Iterator[list[int]]:
    """Group the turns that may share a segment: speech of one speaker, and short items with the next one."""
    text, turns = sources.text[source], sources.turns
    run: list[int] = []
    for row in rows:
        if run and not _adjoin(text, turns, run[-1], row):
            yield from _item_runs(sources, source, run, config)
            run = []
        run.append(row)
    if run:
        yield from _item_runs(sources, source, run, config)


def _adjoin(text: str, turns: Turns, row: int, following: int) -> bool:
    if turns.kind[row] != turns.kind[following] or turns.speaker[row] != turns.speaker[following]:
        return False
    between = text[turns.end_char[row] : turns.start_char[following]]
    if turns.kind[row] == "item":
        return not count_words(between)
    return not between.strip()


def _item_runs(sources: Sources, source: int, rows: list[int], config: SegmentSection) -> list[list[int]]:
    if sources.turns.kind[rows[0]] != "item" or config.method == "turn":
        return [rows]
    min_item_words = config.min_item_words
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


def _cut(sources: Sources, source: int, run: Sequence[int], config: SegmentSection) -> list[Piece]:
    """Sentences of each item of a list, and of speech from end to end, over all its captions and pages."""
    text, turns = sources.text[source], sources.turns
    stretches = [(int(turns.start_char[row]), int(turns.end_char[row])) for row in run]
    if turns.kind[run[0]] != "item":
        stretches = [(stretches[0][0], stretches[-1][1])]
    if config.method == "turn":
        return [Piece(start, end, 0.0) for start, end in stretches]
    declared = sources.languages[source]
    return [piece for stretch in stretches for piece in cut_into_pieces(text, *stretch, config.max_words, declared)]


def _number_passages(sources: Sources, cuts: Iterator[_Cut], encode: Encode) -> Iterator[_Cut]:
    """Encode the sentences of many sources at a time, and number the passages of each source by itself."""
    for batch in _batches(cuts):
        texts = [
            [sources.text[cut.source][piece.start : piece.end] for run in cut.runs for piece in run] for cut in batch
        ]
        languages = [
            [language_of(text, sources.languages[cut.source]) for text in of_source]
            for cut, of_source in zip(batch, texts, strict=True)
        ]
        vectors = encode(list(chain.from_iterable(texts)), list(chain.from_iterable(languages)))
        start = 0
        for cut, sentences in zip(batch, texts, strict=True):
            stop = start + len(sentences)
            n_words = np.array([count_words(sentence) for sentence in sentences], dtype=np.int64)
            turns = np.repeat(np.arange(len(cut.runs)), [len(run) for run in cut.runs])
            numbers = iter(find_passages(sentences, vectors[start:stop], n_words, turns).tolist())
            yield _Cut(cut.source, [[piece._replace(passage=next(numbers)) for piece in run] for run in cut.runs])
            start = stop


def _batches(cuts: Iterator[_Cut]) -> Iterator[list[_Cut]]:
    batch: list[_Cut] = []
    held = 0
    for cut in cuts:
        batch.append(cut)
        held += sum(map(len, cut.runs))
        if held >= _SENTENCES_AT_A_TIME:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _halves(text: str, row: _Row, max_tokens: int) -> list[_Row]:
    parts = cut_in_two(text, row.start, row.end)
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
