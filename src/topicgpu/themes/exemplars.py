"""The segments that show a theme best."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Ints, Segments

_MIN_WORDS = 20  # shorter ones seldom stand on their own as a quote


def exemplars(
    rows: Ints,
    strengths: NDArray[np.float32],
    vectors: NDArray[np.float32],
    segments: Segments,
    wanted: int,
) -> tuple[str, ...]:
    """
    Pick typical segments of a theme, spread over its sources.

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
        Segment ids by falling strength times cosine to the mean of `rows`; no source has a second one before each has
        its first.
    """
    if not len(rows):
        return ()
    long = segments.n_words[rows] >= _MIN_WORDS
    chosen = long if long.any() else ~long
    candidates = rows[chosen]
    score = strengths[chosen] * (vectors[candidates] @ vectors[rows].mean(axis=0))
    order = np.argsort(-score, kind="stable")
    turn_of: list[int] = []
    seen: dict[str, int] = {}
    for place in order:
        source_id = segments.source_id[candidates[place]]
        seen[source_id] = seen.get(source_id, 0) + 1
        turn_of.append(seen[source_id])
    picked = order[np.argsort(turn_of, kind="stable")[:wanted]]
    return tuple(segments.segment_id[candidates[place]] for place in sorted(picked, key=lambda p: (-score[p], p)))
