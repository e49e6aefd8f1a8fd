"""Segments that say in the same words what was said before.

A copy is rarely cut where the original was, and a word or two may differ. So a segment is looked at as its runs of five
words (shingles; Broder, 1997): it is a near repeat where most of them stand in earlier segments of one source, whoever
else said some of them before.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.ops.words import word_spans
from topicgpu.types import Ints, Segments

_SHINGLE = 5  # words
_LEAST_SHINGLES = 8  # in fewer, a common phrase is most of a segment
_NEAR = 0.8  # of a segment's shingles
_MIX = np.uint64(0x9E3779B97F4A7C15)


def find_exact(segments: Segments, order: Sequence[int]) -> Ints:
    """
    Find for each row the first one with the same text after case and white space.

    Parameters
    ----------
    segments : Segments
        n rows.
    order : sequence of int
        The n rows; what comes first is kept.

    Returns
    -------
    ndarray of int, shape (n,)
        The row itself where none before it has its text.
    """
    first: dict[str, int] = {}
    of = np.empty(len(segments), dtype=np.int64)
    for row in order:
        of[row] = first.setdefault(" ".join(segments.text[row].casefold().split()), row)
    return of


def find_near(segments: Segments, order: Sequence[int], of: Ints) -> dict[int, tuple[int, float]]:
    """
    Find the rows that mostly say what earlier rows of one source say.

    Parameters
    ----------
    segments : Segments
        n rows.
    order : sequence of int
        The n rows; what comes first is kept.
    of : ndarray of int, shape (n,)
        From `find_exact`; rows that repeat exactly are left out.

    Returns
    -------
    dict of int to (int, float)
        For each such row the one that holds most of it, and the share of its shingles that the source holds.

    Notes
    -----
    For w words time O(w log w) and about 80 bytes a word. Where most of a row is said before, all rows before it that
    hold a shingle of it are looked at.
    """
    alone = [row for row in order if of[row] == row]
    shingles = [_shingles(segments.text[row]) for row in alone]
    counts = np.array([len(found) for found in shingles], dtype=np.int64)
    if not counts.sum():
        return {}
    place = np.repeat(np.arange(len(alone)), counts)
    holders, since, until = _earlier_holders(np.concatenate(shingles), place)
    starts = np.cumsum(counts) - counts
    n_again = np.bincount(place[until > since], minlength=len(alone))
    sources = _by_first_use([segments.source_id[row] for row in alone])
    repeats = np.zeros(len(alone), dtype=bool)
    found: dict[int, tuple[int, float]] = {}
    for position in np.flatnonzero((counts >= _LEAST_SHINGLES) & (n_again >= _NEAR * counts)):
        mine = slice(starts[position], starts[position] + counts[position])
        before = np.concatenate([holders[a:b] for a, b in zip(since[mine], until[mine], strict=True)])
        which = np.repeat(np.arange(counts[position]), until[mine] - since[mine])
        # What is said a thousand times has one original: its repeats are looked at only where no original will do.
        for among in (~repeats[before], slice(None)):
            original, n_held = _most_held(which[among], before[among], sources)
            if n_held >= _NEAR * counts[position]:
                repeats[position] = True
                found[alone[position]] = alone[original], float(n_held / counts[position])
                break
    return found


def _most_held(shingles: Ints, rows: Ints, sources: Ints) -> tuple[int, int]:
    """Of the source that holds most of some shingles the row that holds most, and how many the source holds."""
    if not len(rows):
        return 0, 0
    # A source that says a shingle twice holds it once.
    held = np.bincount(np.unique(shingles * len(sources) + sources[rows]) % len(sources))
    return int(np.bincount(rows[sources[rows] == held.argmax()]).argmax()), int(held.max())


def _earlier_holders(said: NDArray[np.uint64], place: Ints) -> tuple[Ints, Ints, Ints]:
    """Places by shingle, and for each shingle said the span of those that hold it and come before its own."""
    by_shingle = np.argsort(said, kind="stable")
    ranked = said[by_shingle]
    starts = np.concatenate([[0], np.flatnonzero(ranked[1:] != ranked[:-1]) + 1])
    since, until = np.empty_like(by_shingle), np.empty_like(by_shingle)
    since[by_shingle] = np.repeat(starts, np.diff(starts, append=len(said)))
    until[by_shingle] = np.arange(len(said))
    return place[by_shingle], since, until


def _by_first_use(names: Sequence[str]) -> Ints:
    """Give each name a number, in the order in which they come."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def _shingles(text: str) -> NDArray[np.uint64]:
    """Hashes of a text's runs of five words, each once."""
    words = [zlib.crc32(text[start:end].casefold().encode()) for start, end in word_spans(text)]
    n = len(words) - _SHINGLE + 1
    if n < 1:
        return np.empty(0, dtype=np.uint64)
    hashed = np.array(words, dtype=np.uint64)
    mixed = np.zeros(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for offset in range(_SHINGLE):
            mixed = (mixed ^ hashed[offset : offset + n]) * _MIX
            mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)
