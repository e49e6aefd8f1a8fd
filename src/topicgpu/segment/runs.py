"""Which turns may share a segment, and where another person speaks."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from topicgpu.config import SegmentSection
from topicgpu.ops.languages import language_of
from topicgpu.ops.words import count_words, size_in_words
from topicgpu.types import Sources, Turns


class Run(NamedTuple):
    """Turns that may share a segment: speech of one speaker, or list items of which the first ones are short."""

    rows: list[int]  # of the turns
    is_item: bool
    turn: int  # number within the source of the uninterrupted speech that it is part of


def find_runs(sources: Sources, source: int, rows: Sequence[int], config: SegmentSection) -> list[Run]:
    """
    Group the turns of a source.

    Parameters
    ----------
    sources : Sources
        Texts and turns.
    source : int
        Which source.
    rows : sequence of int
        Its turns, in order.
    config : SegmentSection
        Gives `method` and `min_item_words`.

    Returns
    -------
    list of Run
        In order. A heading or a stage direction ends a run, and not the speech that it stands in.
    """
    text, turns = sources.text[source], sources.turns
    runs: list[Run] = []
    number = 0
    for together in _adjoining(text, turns, rows):
        is_item = turns.kind[together[0]] == "item"
        parts = _item_runs(sources, source, together, config) if is_item else [together]
        for part in parts:
            if runs and (is_item or runs[-1].is_item or _is_change(text, turns, runs[-1].rows[-1], part[0])):
                number += 1
            runs.append(Run(part, is_item, number))
    return runs


def _adjoining(text: str, turns: Turns, rows: Sequence[int]) -> Iterator[list[int]]:
    together: list[int] = []
    for row in rows:
        if together and not _adjoin(text, turns, together[-1], row):
            yield together
            together = []
        together.append(row)
    if together:
        yield together


def _adjoin(text: str, turns: Turns, row: int, following: int) -> bool:
    if turns.kind[row] != turns.kind[following] or turns.speaker[row] != turns.speaker[following]:
        return False
    between = text[turns.end_char[row] : turns.start_char[following]]
    if turns.kind[row] == "item":
        return not count_words(between)
    # Captions, pages and rows have a place in the file; turns that have none and adjoin are of two people.
    return not between.strip() and turns.locator[row] is not None and turns.locator[following] is not None


def _is_change(text: str, turns: Turns, row: int, following: int) -> bool:
    if turns.kind[row] != turns.kind[following] or turns.speaker[row] != turns.speaker[following]:
        return True
    # Words between, a label again or a stage direction, interrupt nobody; marks such as `>>` stand for somebody else.
    return not count_words(text[turns.end_char[row] : turns.start_char[following]])


def _item_runs(sources: Sources, source: int, rows: list[int], config: SegmentSection) -> list[list[int]]:
    if config.method == "turn":
        return [[row] for row in rows]
    texts = [sources.text[source][sources.turns.start_char[row] : sources.turns.end_char[row]] for row in rows]
    languages = [language_of(text, sources.languages[source]) for text in texts]
    runs: list[list[int]] = []
    for _, group in groupby(zip(rows, texts, languages, strict=True), key=lambda item: item[2]):
        first, size = len(runs), 0.0
        for row, text, _ in group:
            if len(runs) == first or size >= config.min_item_words:
                runs.append([])
                size = 0.0
            runs[-1].append(row)
            size += size_in_words(text)
        if size < config.min_item_words and len(runs) > first + 1:
            rest = runs.pop()
            runs[-1].extend(rest)
    return runs
