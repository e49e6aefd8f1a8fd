"""The segments that show a theme best."""

import re

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Floats, Ints, Segments

_MIN_WORDS, _MAX_WORDS = 20, 150  # shorter ones seldom stand on their own as a quote, longer ones are not read
_POOL = 40  # candidates that are read, for each one wanted
_UNLIKE = 0.5  # cost of a cosine of 1 to one that is picked already
_CUT_OFF = 0.85  # worth of a segment that begins or ends within a sentence
_FURNITURE = 0.3

_BEGUN = re.compile(r"[\"'\u2018\u201c\u00ab\u300c\u300e\u00bf\u00a1(\[]*(?P<first>\w)")
_ENDED = re.compile("[.?!\u2026\u3002\uff1f\uff01\u061f\u06d4\u0964][\"'\u2019\u201d\u00bb\u300d\u300f)\\]]*$")
_UNPUNCTUATED = re.compile("[\u0e00-\u0eff]")  # Thai and Lao end a sentence with a space
_LISTED = re.compile(r"^\W*(?:[-*\u2022\u2023\u25aa#|]|\d+[.)])\s|https?://|www\.|\t|(?:\n[^\n]*){4}")
_LEAST_LETTERS = 0.6


def exemplars(
    rows: Ints,
    strengths: NDArray[np.float32],
    vectors: NDArray[np.float32],
    segments: Segments,
    wanted: int,
) -> tuple[str, ...]:
    """
    Pick typical segments of a theme that differ from each other, can be read alone, and are spread over its sources.

    Parameters
    ----------
    rows : ndarray of int, shape (m,)
        The theme's primary segments, repeats left out.
    strengths : ndarray of float32, shape (m,)
        How surely each is about the theme.
    vectors : ndarray of float32, shape (n, d)
        Unit rows of all segments.
    segments : Segments
        n rows.
    wanted : int
        How many.

    Returns
    -------
    tuple of str
        Segment ids, the most typical first; no source has a second one before each has its first.

    Notes
    -----
    Typical is strength times cosine to the mean of `rows`, less where the text is a piece of a sentence, much less
    where it is an entry of a list. Each next one is the most typical less half of its cosine to the nearest one picked:
    maximal marginal relevance [1]_. Text without any marks, as speech recognition may leave it, is all of pieces, and
    is picked from nevertheless. Time O(m d).

    References
    ----------
    .. [1] J. Carbonell, J. Goldstein, The use of MMR, SIGIR 1998.
    """
    if not len(rows):
        return ()
    words = segments.n_words[rows]
    fit = (words >= _MIN_WORDS) & (words <= _MAX_WORDS)
    candidates, sureness = (rows[fit], strengths[fit]) if fit.any() else (rows, strengths)
    center = vectors[rows].mean(axis=0)
    score = sureness * (vectors[candidates] @ (center / max(float(np.linalg.norm(center)), 1e-12)))
    pool = _by_turns(np.argsort(-score, kind="stable"), candidates, segments)[: _POOL * wanted]
    candidates, score = candidates[pool], score[pool]
    score = score * np.array([readability(segments.text[row]) for row in candidates])
    picked = _unlike(score, vectors[candidates], [segments.source_id[row] for row in candidates], wanted)
    return tuple(segments.segment_id[candidates[place]] for place in sorted(picked, key=lambda p: (-score[p], p)))


def readability(text: str) -> float:
    """
    Say how well a segment stands on its own.

    Parameters
    ----------
    text : str
        A segment.

    Returns
    -------
    float
        1 for whole sentences; less for what begins or ends within one, much less for entries of lists and tables.
    """
    begun, letters = _BEGUN.match(text.lstrip()), sum(map(str.isalpha, text))
    worth = 1.0 if begun and not begun["first"].islower() else _CUT_OFF
    worth *= 1.0 if _ENDED.search(text.rstrip()) or _UNPUNCTUATED.search(text) else _CUT_OFF
    listed = _LISTED.search(text) or letters < _LEAST_LETTERS * len(text)
    return worth * (_FURNITURE if listed else 1.0)


def _by_turns(order: Ints, candidates: Ints, segments: Segments) -> Ints:
    """Put the best of each source first, then the second best of each."""
    turn_of: list[int] = []
    seen: dict[str, int] = {}
    for place in order:
        source_id = segments.source_id[candidates[place]]
        seen[source_id] = seen.get(source_id, 0) + 1
        turn_of.append(seen[source_id])
    turns: Ints = order[np.argsort(turn_of, kind="stable")]
    return turns


def _unlike(score: Floats, vectors: NDArray[np.float32], source_of: list[str], wanted: int) -> list[int]:
    """Take one after the other: of the sources that have had the fewest, the best that is unlike those taken."""
    numbers = {source: number for number, source in enumerate(dict.fromkeys(source_of))}
    source = np.array([numbers[name] for name in source_of])
    taken: list[int] = []
    left = np.ones(len(score), dtype=bool)
    had = np.zeros(len(numbers), dtype=np.int64)
    nearest = np.zeros(len(score), dtype=np.float32)
    while len(taken) < wanted and left.any():
        due = left & (had[source] == had[source[left]].min())
        best = int(np.argmax(np.where(due, score - _UNLIKE * nearest, -np.inf)))
        taken.append(best)
        left[best] = False
        had[source[best]] += 1
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return taken
