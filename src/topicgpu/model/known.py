"""Which of some documents the model was fitted on."""

from collections.abc import Sequence

import numpy as np

from topicgpu.model.found import Found
from topicgpu.types import Ints, Vectors


def known_rows(found: Found, texts: tuple[str, ...] | None, vectors: Vectors | None) -> Ints:
    """
    Find which new documents are fitted ones.

    Parameters
    ----------
    found : Found
        n documents.
    texts : tuple of str, optional
        New documents, where both have texts.
    vectors : ndarray of float32, shape (q, d), optional
        Their vectors, where there are no texts.

    Returns
    -------
    ndarray of int64, shape (q,)
        The same document among the fitted ones, the first one where there are several; -1: none. All documents of the
        fit in their order are themselves.
    """
    if texts is not None and found.has_texts:
        old: list[bytes | str] = list(found.segments.text)
        new: list[bytes | str] = list(texts)
    elif vectors is not None:
        old, new = [row.tobytes() for row in found.embeddings.vectors], [row.tobytes() for row in vectors]
    else:
        return np.full(len(texts or ()), -1, dtype=np.int64)
    return same_as(new, old)


def same_as(new: Sequence[bytes | str], old: Sequence[bytes | str]) -> Ints:
    """
    Find each of some things in a list.

    Parameters
    ----------
    new : sequence, length q
        What is looked for.
    old : sequence, length n
        Where.

    Returns
    -------
    ndarray of int64, shape (q,)
        Its first place, -1 where it is not there. A list is itself, place by place, equal things and all.
    """
    if list(old) == list(new):
        return np.arange(len(new))
    place = {thing: row for row, thing in reversed(list(enumerate(old)))}
    return np.array([place.get(thing, -1) for thing in new], dtype=np.int64)
