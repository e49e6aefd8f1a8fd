"""Documents as the tables that the stages of a run read: one row each."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from topicgpu.errors import InputError
from topicgpu.model.times import Times
from topicgpu.ops.words import count_words
from topicgpu.types import Embeddings, Segments, Vectors


def as_segments(
    texts: Sequence[str], times: Times | None, sources: Sequence[Any] | None, languages: Sequence[str] | None
) -> Segments:
    """
    Make the central table of documents: one row each.

    Parameters
    ----------
    texts : sequence of str, length n
        Empty strings where there are only vectors.
    times : ndarray of datetime64, optional
        (n,) when each is of.
    sources : sequence, optional
        (n,) what each is a part of; rows of one source stand together, in their order.
    languages : sequence of str, optional
        (n,) ISO 639-1 codes.

    Returns
    -------
    Segments
        n rows; without `sources` each document is a source of its own.

    Raises
    ------
    InputError
        If a column has another length, or a source's rows do not stand together.
    """
    n = len(texts)
    for name, column in (("sources", sources), ("languages", languages)):
        if column is not None and len(column) != n:
            raise InputError(f"{name} has {len(column)} rows for {n} documents; give one for each.")
    names = [str(source) for source in sources] if sources is not None else [str(row) for row in range(n)]
    positions, starts = [], []
    left: dict[str, tuple[int, int]] = {}  # position and offset that the next row of a source has
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        if row and name != names[row - 1] and name in left:
            raise InputError(f"sources must stand together; row {row} goes back to {name!r}, so sort the documents.")
        position, start = left.get(name, (0, 0))
        positions.append(position)
        starts.append(start)
        left[name] = position + 1, start + len(text) + 1
    ends = [start + len(text) for start, text in zip(starts, texts, strict=True)]
    words = np.array([count_words(text) for text in texts], dtype=np.int64)
    return Segments(
        segment_id=tuple(f"{name}:{start}-{end}" for name, start, end in zip(names, starts, ends, strict=True)),
        source_id=tuple(names),
        position=np.array(positions, dtype=np.int64),
        passage=np.full(n, -1, dtype=np.int64),
        start_char=np.array(starts, dtype=np.int64),
        end_char=np.array(ends, dtype=np.int64),
        start_s=np.full(n, np.nan),
        end_s=np.full(n, np.nan),
        speaker=(None,) * n,
        language=("und",) * n if languages is None else tuple(str(language) for language in languages),
        date=(None,) * n if times is None else tuple(str(time) for time in times.astype("datetime64[D]")),
        text=tuple(texts),
        n_tokens=words,
        n_words=words,
    )


def as_embeddings(vectors: Vectors, encoder: str, revision: str, rows: str) -> Embeddings:
    """
    Make the table of vectors; a row of zeros takes no part.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows, or zeros.
    encoder, revision : str
        By what they were made.
    rows : str
        Fingerprint of the segments.

    Returns
    -------
    Embeddings
        n rows.
    """
    served = np.asarray(vectors.any(axis=1), dtype=np.bool_)
    return Embeddings(vectors, served, encoder, revision, (), rows)
