"""Segments that say in the same words what was said before.

A copy is rarely cut where the original was, and a word or two may differ. So a segment is looked at as its runs of five
words (shingles; Broder, 1997): it is a near repeat where most of them stand in earlier segments of one source.
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
    For w words time O(w log w) and 24 bytes a word.
    """
    alone = [row for row in order if of[row] == row]
    shingles = [_shingles(segments.text[row]) for row in alone]
    counts = np.array([len(found) for found in shingles], dtype=np.int64)
    if not counts.sum():
        return {}
    place = np.repeat(np.arange(len(alone)), counts)
    # The first place of each shingle, since places ascend with time.
    _, first, which = np.unique(np.concatenate(shingles), return_index=True, return_inverse=True)
    earliest = place[first][which]
    again = earliest < place
    sources = np.unique(segments.source_id, return_inverse=True)[1][alone]
    found: dict[int, tuple[int, float]] = {}
    starts = np.concatenate([[0], np.cumsum(counts)])
    for position in np.unique(place[again]):
        if counts[position] < _LEAST_SHINGLES:
            continue
        mine = slice(starts[position], starts[position + 1])
        before = earliest[mine][again[mine]]
        source = np.bincount(sources[before]).argmax()
        before = before[sources[before] == source]
        share = len(before) / counts[position]
        if share >= _NEAR:
            found[alone[position]] = alone[int(np.bincount(before).argmax())], float(share)
    return found


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
