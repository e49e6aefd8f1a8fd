"""Segments that say again what another one said; counts downstream leave them out."""

import numpy as np

from topicgpu.types import Embeddings, Repeats, Segments, check_rows


def find_repeats(segments: Segments, embeddings: Embeddings) -> Repeats:
    """
    Find exact repeats: equal text after case and white space.

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
        decides, so that the order of the sources changes nothing.

    Notes
    -----
    Time and memory O(characters).
    """
    check_rows(segments.fingerprint, embeddings)
    first: dict[str, int] = {}
    original = np.empty(len(segments), dtype=np.int64)
    for index in sorted(range(len(segments)), key=lambda row: _when(segments, row)):
        original[index] = first.setdefault(" ".join(segments.text[index].casefold().split()), index)
    row = np.flatnonzero(original != np.arange(len(segments)))
    return Repeats(
        row=row,
        of=original[row],
        kind=("exact",) * len(row),
        similarity=np.ones(len(row), dtype=np.float64),
        n_rows=len(segments),
        rows=segments.fingerprint,
    )


def _when(segments: Segments, row: int) -> tuple[str, str, int]:
    return segments.date[row] or "9999-99", segments.source_id[row], int(segments.position[row])
