"""Topics of new documents: what the most similar documents that the model knows are about."""

import numpy as np

from topicgpu.model.found import Found
from topicgpu.types import Floats, Ints, Vectors

_NEAREST = 10  # level from 5 to 30 for new rows of four labelled sets


def topics_of_new(found: Found, vectors: Vectors, device: str, max_novelty: float | None) -> tuple[Ints, Floats]:
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


def shares_of_fitted(found: Found, rows: Ints) -> Floats:
    """
    Say what the most similar documents of fitted ones are about, as `topics_of_new` says it of new ones.

    Parameters
    ----------
    found : Found
        With t topics.
    rows : ndarray of int64, shape (q,)
        Fitted documents.

    Returns
    -------
    ndarray of float64, shape (q, t)
        Shares: the document itself has no say, and a repeat has those of what it repeats. Zeros where the document has
        no topic.
    """
    original = np.arange(len(found))
    original[found.repeats.row] = found.repeats.of
    nearest = found.neighbors.indices[original[rows], :_NEAREST]
    cosines = 1 - found.neighbors.distances[original[rows], :_NEAREST]
    shares = votes(found, nearest, cosines)[:, :-1]
    shares[found.topics[rows] < 0] = 0
    return shares


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
    return votes(found, *_among(found, np.flatnonzero(with_topic), found.embeddings.vectors[rows], device))[:, :-1]


def most_similar(found: Found, vectors: Vectors, device: str) -> tuple[Ints, Vectors]:
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
    return _among(found, part, vectors, device)


def _among(found: Found, part: Ints, vectors: Vectors, device: str) -> tuple[Ints, Vectors]:
    places, cosines = nearest_rows(vectors, found.embeddings.vectors[part], device)
    return part[places], cosines


def nearest_rows(rows: Vectors, base: Vectors, device: str) -> tuple[Ints, Vectors]:
    """
    Find the ten rows of a table that have the largest products with others.

    Parameters
    ----------
    rows : ndarray of float32, shape (q, d)
        What is looked for.
    base : ndarray of float32, shape (m, d)
        Where.
    device : str
        Where the products run.

    Returns
    -------
    places : ndarray of int64, shape (q, min(10, m))
        In `base`, the largest product first.
    products : ndarray of float32, same shape
        With them.

    Notes
    -----
    2 q m d FLOP.
    """
    import torch

    from topicgpu.ops.topk import topk

    k = min(_NEAREST, len(base))
    if not k or not len(rows):
        return np.zeros((len(rows), k), dtype=np.int64), np.zeros((len(rows), k), dtype=np.float32)
    found = topk(torch.from_numpy(rows).to(device), torch.from_numpy(base).to(device), k)
    return found.indices.cpu().numpy(), found.scores.cpu().numpy()


def votes(found: Found, rows: Ints, cosines: Vectors) -> Floats:
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


def novelty(found: Found, cosines: Vectors) -> Floats:
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
