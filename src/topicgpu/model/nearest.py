"""Topics of new documents: what the most similar documents that the model knows are about."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.model.found import Found
from topicgpu.types import Floats, Ints

_NEAREST = 10  # level from 5 to 30 for new rows of four labelled sets


def assign(found: Found, vectors: NDArray[np.float32], device: str, max_novelty: float | None) -> tuple[Ints, Floats]:
    """
    Give new documents topics.

    Parameters
    ----------
    found : Found
        With t topics.
    vectors : ndarray of float32, shape (q, d)
        Unit rows.
    device : str
        Where the products run.
    max_novelty : float or None
        Beyond it a document is about no theme. None: each has one, as long as anything is near it.

    Returns
    -------
    topics : ndarray of int64, shape (q,)
        The largest share; -1 where that is "no theme".
    strengths : ndarray of float64, shape (q, t)
        Shares; zeros where the topic is -1.
    """
    rows, cosines = most_similar(found, vectors, device)
    shares = votes(found, rows, cosines)
    if max_novelty is None:
        shares[:, -1] = np.where(shares[:, :-1].any(axis=1), 0, 1)
    else:
        shares[novelty(found, cosines) > max_novelty, -1] = 2  # more than any theme can have
    topics = shares.argmax(axis=1)
    topics[topics == len(found.order)] = -1
    strengths = shares[:, :-1]
    strengths[topics < 0] = 0
    return topics, strengths


def nearest_with_topic(found: Found, rows: Ints, device: str) -> Floats:
    """
    Say what the most similar documents that have a topic are about.

    Parameters
    ----------
    found : Found
        With t topics.
    rows : ndarray of int64, shape (m,)
        Documents without one.
    device : str
        Where the products run.

    Returns
    -------
    ndarray of float64, shape (m, t)
        Shares.
    """
    with_topic = found.embeddings.served & ~found.repeats.mask & (found.topics >= 0)
    return votes(found, *_search(found, np.flatnonzero(with_topic), found.embeddings.vectors[rows], device))[:, :-1]


def most_similar(found: Found, vectors: NDArray[np.float32], device: str) -> tuple[Ints, NDArray[np.float32]]:
    """
    Find the most similar fitted documents of new ones.

    Parameters
    ----------
    found : Found
        n documents, m of which take part.
    vectors : ndarray of float32, shape (q, d)
        Unit rows.
    device : str
        Where the products run.

    Returns
    -------
    rows : ndarray of int64, shape (q, min(10, m))
        Of the fitted documents, nearest first.
    cosines : ndarray of float32, same shape
        With them.

    Notes
    -----
    2 q m d FLOP.
    """
    part = np.flatnonzero(found.embeddings.served & ~found.repeats.mask)
    return _search(found, part, vectors, device)


def _search(found: Found, part: Ints, vectors: NDArray[np.float32], device: str) -> tuple[Ints, NDArray[np.float32]]:
    import torch

    from topicgpu.ops.topk import topk

    k = min(_NEAREST, len(part))
    if not k or not len(vectors):
        return np.zeros((len(vectors), 0), dtype=np.int64), np.zeros((len(vectors), 0), dtype=np.float32)
    base = torch.from_numpy(found.embeddings.vectors[part]).to(device)
    nearest = topk(torch.from_numpy(vectors).to(device), base, k)
    return part[nearest.indices.cpu().numpy()], nearest.scores.cpu().numpy()


def votes(found: Found, rows: Ints, cosines: NDArray[np.float32]) -> Floats:
    """
    Add up what the nearest documents are about.

    Parameters
    ----------
    found : Found
        With t topics.
    rows : ndarray of int64, shape (q, k)
        Nearest documents.
    cosines : ndarray of float32, shape (q, k)
        Their weights; negative ones count nothing.

    Returns
    -------
    ndarray of float64, shape (q, t + 1)
        Share of the weight for each topic; the last column is "no theme". A row without any weight has no theme.
    """
    shares = np.zeros((len(rows), len(found.order) + 1))
    weights = np.clip(cosines, 0, None).astype(np.float64)
    np.add.at(shares, (np.arange(len(rows))[:, None], found.topics[rows]), weights)  # -1 is the last column
    total = weights.sum(axis=1)
    shares[total > 0] /= total[total > 0, None]
    shares[total == 0, -1] = 1
    return shares


def novelty(found: Found, cosines: NDArray[np.float32]) -> Floats:
    """
    Say how unlike the fitted documents new ones are.

    Parameters
    ----------
    found : Found
        m documents that take part.
    cosines : ndarray of float32, shape (q, k)
        With the nearest of them.

    Returns
    -------
    ndarray of float64, shape (q,)
        Share of the fitted documents that are nearer to their own k nearest, by the mean cosine. 1: farther from
        everything than any of them.

    References
    ----------
    .. [1] Y. Sun, Y. Ming, X. Zhu and Y. Li, Out-of-distribution detection with deep nearest neighbors, ICML 2022.
    """
    k = cosines.shape[1]
    known = found.neighbors.distances[(found.neighbors.indices >= 0).any(axis=1)][:, :k]
    if not k or not known.shape[1]:
        return np.zeros(len(cosines))
    own = np.sort(known.mean(axis=1, dtype=np.float64))
    distances = (1 - cosines[:, : known.shape[1]]).mean(axis=1, dtype=np.float64)
    # The two were not summed in one order: what differs by rounding counts as equal.
    shares: Floats = np.searchsorted(own, distances - 1e-6, side="left") / len(own)
    return shares


def known_rows(found: Found, texts: tuple[str, ...] | None, vectors: NDArray[np.float32] | None) -> Ints:
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
