"""Segments that say again what was said before; counts downstream leave them out.

A copy is rarely cut where the original was, and a word or two may differ. So a segment is looked at as its runs of five
words (shingles; Broder, 1997): it is a near repeat where most of them stand in earlier segments of one source.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from topicgpu.ops.words import word_spans
from topicgpu.types import Embeddings, Ints, Repeats, Segments, check_rows

_SHINGLE = 5  # words
_LEAST_SHINGLES = 8  # in fewer, a common phrase is most of a segment
_NEAR = 0.8  # of a segment's shingles
_MIX = np.uint64(0x9E3779B97F4A7C15)


def find_repeats(segments: Segments, embeddings: Embeddings) -> Repeats:
    """
    Find exact repeats (equal text after case and white space) and near ones (most runs of five words said before).

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Their vectors.

    Returns
    -------
    Repeats
        Every later occurrence points to the first one in time; undated sources come last, then the order of ids
        decides, so that the order of the sources changes nothing. The similarity of a near repeat is the share of its
        shingles that are in earlier segments of the source that it repeats.

    Notes
    -----
    Time O(w log w) and 24 bytes for each of the w words.
    """
    check_rows(segments.fingerprint, embeddings)
    order = sorted(range(len(segments)), key=lambda row: _when(segments, row))
    of, similarity = _exact(segments, order), np.ones(len(segments))
    near = np.zeros(len(segments), dtype=bool)
    for copy, (original, share) in _near(segments, order, of).items():
        of[copy], similarity[copy], near[copy] = original, share, True
    for number in order:  # an original that is a repeat itself came before
        if near[of[number]]:
            similarity[number], near[number] = min(similarity[number], similarity[of[number]]), True
        of[number] = of[of[number]]
    row = np.flatnonzero(of != np.arange(len(segments)))
    return Repeats(
        row=row,
        of=of[row],
        kind=tuple("near" if near[number] else "exact" for number in row),
        similarity=similarity[row],
        n_rows=len(segments),
        rows=segments.fingerprint,
    )


def _when(segments: Segments, row: int) -> tuple[str, str, int]:
    return segments.date[row] or "9999-99", segments.source_id[row], int(segments.position[row])


def _exact(segments: Segments, order: list[int]) -> Ints:
    first: dict[str, int] = {}
    of = np.empty(len(segments), dtype=np.int64)
    for row in order:
        of[row] = first.setdefault(" ".join(segments.text[row].casefold().split()), row)
    return of


def _near(segments: Segments, order: list[int], of: Ints) -> dict[int, tuple[int, float]]:
    """Rows that mostly say what earlier rows of one source say: the row that holds most of it, and how much."""
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
