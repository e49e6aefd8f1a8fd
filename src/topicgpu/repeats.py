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
        Every later occurrence points to the first one.

    Notes
    -----
    Time and memory O(characters).
    """
    check_rows(segments.fingerprint, embeddings)
    first: dict[str, int] = {}
    row, of = [], []
    for index, text in enumerate(segments.text):
        original = first.setdefault(" ".join(text.casefold().split()), index)
        if original != index:
            row.append(index)
            of.append(original)
    return Repeats(
        row=np.array(row, dtype=np.int64),
        of=np.array(of, dtype=np.int64),
        kind=("exact",) * len(row),
        similarity=np.ones(len(row), dtype=np.float64),
        n_rows=len(segments),
        rows=segments.fingerprint,
    )
