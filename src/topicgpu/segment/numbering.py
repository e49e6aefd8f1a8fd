"""Passages of many sources: their sentences are encoded together, and numbered source by source."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.ops.languages import language_of
from topicgpu.ops.words import count_words
from topicgpu.segment.packing import Piece
from topicgpu.segment.passages import find_passages
from topicgpu.segment.runs import Run
from topicgpu.types import Ints, Sources

# Texts and their languages in, unit vectors out, zero where the encoder does not serve the language.
Encode = Callable[[Sequence[str], Sequence[str]], NDArray[np.float32]]

_SENTENCES_AT_A_TIME = 16_384  # that are held with their vectors


class Cut(NamedTuple):
    """A source in sentences: those of each run."""

    source: int
    runs: list[Run]
    pieces: list[list[Piece]]


class _Sentences(NamedTuple):
    """Speech between two items of lists."""

    texts: list[str]
    languages: list[str]
    n_words: Ints
    turns: Ints


def number_passages(sources: Sources, cuts: Iterator[Cut], encode: Encode) -> Iterator[Cut]:
    """
    Find the passages of each source, and number them.

    Parameters
    ----------
    sources : Sources
        Texts.
    cuts : iterator of Cut
        In the order of the sources.
    encode : callable
        Takes n sentences and their languages, returns unit vectors (n, d), zero where a language is not served.

    Yields
    ------
    Cut
        The same, with `passage` in each piece, from 0 in each source. A list item is a text of its own, and so is its
        passage.

    Notes
    -----
    Some thousand sentences are held with their vectors, and those of one source at least.
    """
    for batch in _batches(cuts):
        speech = [[_sentences(sources, cut, places) for places in _stretches(cut)] for cut in batch]
        every = [sentences for of_source in speech for sentences in of_source]
        vectors = encode(
            [text for sentences in every for text in sentences.texts],
            [language for sentences in every for language in sentences.languages],
        )
        start = 0
        for cut, of_source in zip(batch, speech, strict=True):
            found: list[Ints] = []
            for texts, _, n_words, turns in of_source:
                stop = start + len(texts)
                found.append(find_passages(texts, vectors[start:stop], n_words, turns))
                start = stop
            yield _numbered(cut, chain.from_iterable(numbers.tolist() for numbers in found))


def _batches(cuts: Iterator[Cut]) -> Iterator[list[Cut]]:
    batch: list[Cut] = []
    held = 0
    for cut in cuts:
        batch.append(cut)
        held += sum(map(len, cut.pieces))
        if held >= _SENTENCES_AT_A_TIME:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _stretches(cut: Cut) -> list[list[int]]:
    """Group the runs that are no items where they stand side by side."""
    groups = groupby(range(len(cut.runs)), key=lambda place: cut.runs[place].is_item)
    return [list(places) for is_item, places in groups if not is_item]


def _sentences(sources: Sources, cut: Cut, places: Sequence[int]) -> _Sentences:
    text, declared = sources.text[cut.source], sources.languages[cut.source]
    texts = [text[piece.start : piece.end] for place in places for piece in cut.pieces[place]]
    return _Sentences(
        texts,
        [language_of(words, declared) for words in texts],
        np.array([count_words(words) for words in texts], dtype=np.int64),
        np.repeat([cut.runs[place].turn for place in places], [len(cut.pieces[place]) for place in places]),
    )


def _numbered(cut: Cut, found: Iterator[int]) -> Cut:
    number, last = -1, (False, -1)
    pieces: list[list[Piece]] = []
    for place, (run, of_run) in enumerate(zip(cut.runs, cut.pieces, strict=True)):
        pieces.append([])
        for piece in of_run:
            passage = (True, place) if run.is_item else (False, next(found))
            number += passage != last
            last = passage
            pieces[-1].append(piece._replace(passage=number))
    return cut._replace(pieces=pieces)
