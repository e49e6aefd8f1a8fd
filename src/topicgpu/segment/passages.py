"""Where a talk moves on to another subject.

A passage is a run of sentences that are more alike than chance would make them. The graph joins each sentence to the
most similar ones around it; of all ways to part the source into runs, the one of highest modularity is taken: most edge
weight inside, less what chance would put there. What is known beside the words (a speaker begins, asks, or says that he
moves on) makes a boundary cheaper. A boundary whose two sides could be one passage in another order is taken back.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.errors import ShapeError
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.types import Floats, Ints

_REACH = 200  # sentences on either side that a sentence is compared with: the length of a source changes nothing
_LONGEST = 600  # sentences that a passage has before boundaries are tested
_K = 30  # neighbors of a sentence
_RESOLUTION = 1.6  # above 1, noise is parted too: so boundaries are tested
_LEAST_Z = 3.0  # standard errors between the two sides of a boundary
_FULL_WORDS = 20.0  # a sentence with fewer words says less, and counts less
_BLOCK = 512  # rows of similarities at a time
# Prices of a boundary, in edge weight.
_PRICE = 2.5
_WITHIN_TURN = 3.0  # more, where a dialogue's speaker goes on
_AT_TURN = 1.0  # more, where another begins
_QUESTION = 1.0  # less, where the one who begins asks
_AFTER_LONG = 1.0  # less, where the one before spoke at length
_CUE = 1.0  # less, where the words (English ones) say that the talk moves on
_LONG_TURN_WORDS = 40
_QUESTION_MARKS = "?？؟\u037e"
_CUE_PHRASE = re.compile(
    r"^(?:so|now|okay|ok|alright|all right|well|next|finally|moving on|by the way|speaking of)\b"
    r"|\blet's (?:talk|move|switch|shift|turn)\b|\bmov(?:e|ing) on\b|\b(?:shift|switch)(?:ing)? (?:gears|topics)\b"
    r"|\bturn(?:ing)? to\b|\b(?:next|last|another) (?:question|topic)\b|\btell (?:us|me)\b"
    r"|\bI want(?:ed)? to (?:ask|talk)\b",
    re.IGNORECASE,
)


class _Graph(NamedTuple):
    """Edges of sentences, and what chance would put between two: the product of their expectations."""

    weights: sparse.csr_array  # (n, n)
    expectation: Floats  # (n,)


def find_passages(texts: Sequence[str], vectors: NDArray[np.float32], n_words: Ints, turns: Ints) -> Ints:
    """
    Tell which sentences of a source stay on one subject.

    Parameters
    ----------
    texts : sequence of str, length n
        Sentences of one source, in order.
    vectors : ndarray of float32, shape (n, d)
        Their unit vectors; a row of zeros, of a sentence that the encoder does not serve, is no evidence.
    n_words : ndarray of int64, shape (n,)
        Words of each.
    turns : ndarray of int64, shape (n,)
        Number of the turn that a sentence is in, ascending.

    Returns
    -------
    ndarray of int64, shape (n,)
        Number of the passage that a sentence is in, from 0, ascending.

    Raises
    ------
    ShapeError
        If the columns are not of one length.

    Notes
    -----
    The best partition, exactly, by dynamic programming: O(n) for the products and the partition, since a sentence is
    compared with 200 on either side and a passage has 600 sentences at most. Sentences count by their words, up to 20.
    Then the boundary with the least evidence is taken back, until each has different means beside it, of 200 sentences
    at most: O(b^2) in the b boundaries, a small part of the sentences, and a passage may grow.

    References
    ----------
    .. [1] M. E. J. Newman, Modularity and community structure in networks, PNAS, 2006: the quality of a partition.
    .. [2] M. Utiyama and H. Isahara, A statistical model for domain-independent text segmentation, ACL, 2001: the best
       partition of a text by dynamic programming.
    .. [3] S. X. Chen and Y.-L. Qin, A two-sample test for high-dimensional data with applications to gene-set testing,
       Annals of Statistics, 2010: the test of a boundary.
    """
    lengths = {len(texts), len(vectors), len(n_words), len(turns)}
    if len(lengths) > 1:
        raise ShapeError(f"find_passages needs columns of one length; got {sorted(lengths)}.")
    passages = np.zeros(len(texts), dtype=np.int64)
    part = np.flatnonzero(vectors.any(axis=1))
    if len(part) < 3:  # nothing to compare
        return passages
    price = _prices([texts[row] for row in part.tolist()], n_words[part], turns[part])
    starts = _best_partition(_graph(vectors[part], n_words[part]), price)
    starts = _tested(vectors[part].astype(np.float64), starts)
    passages[part[starts[1:]]] = 1
    return passages.cumsum()


def _prices(texts: Sequence[str], n_words: Ints, turns: Ints) -> Floats:
    price = np.full(len(texts), _PRICE, dtype=np.float64)
    price -= _CUE * np.array([_CUE_PHRASE.search(text) is not None for text in texts])
    begins = np.flatnonzero(np.diff(turns, prepend=turns[0] - 1))
    if len(begins) == 1:  # nobody else speaks
        return price
    asks = np.array([any(mark in text for mark in _QUESTION_MARKS) for text in texts])
    words = np.add.reduceat(n_words, begins)
    after_long = np.concatenate([[False], words[:-1] > _LONG_TURN_WORDS])
    price += _WITHIN_TURN
    price[begins] += _AT_TURN - _WITHIN_TURN
    price[begins] -= _QUESTION * np.logical_or.reduceat(asks, begins) + _AFTER_LONG * after_long
    return price


def _graph(vectors: NDArray[np.float32], n_words: Ints) -> _Graph:
    n = len(vectors)
    indices, distances = _neighbors(vectors, min(_K, n - 1, _REACH))
    graph = sparse.coo_array(fuzzy_graph(indices, distances))
    row, column = graph.coords
    share = np.minimum(n_words, _FULL_WORDS) / _FULL_WORDS
    weights = sparse.csr_array((graph.data * np.sqrt(share[row] * share[column]), (row, column)), shape=(n, n))
    degree = np.asarray(weights.sum(axis=1)).ravel()
    total = np.concatenate([[0.0], degree.cumsum()])
    place = np.arange(n)
    around = total[np.minimum(place + _REACH + 1, n)] - total[np.maximum(place - _REACH, 0)]
    expectation = np.divide(degree, np.sqrt(around), out=np.zeros(n), where=around > 0)
    return _Graph(weights, expectation)


def _neighbors(vectors: NDArray[np.float32], k: int) -> tuple[Ints, NDArray[np.float32]]:
    """Find the k most similar rows among those within reach, ties by the lower row."""
    n = len(vectors)
    indices = np.empty((n, k), dtype=np.int64)
    distances = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        low, high = max(0, start - _REACH), min(n, stop + _REACH)
        apart = np.abs(np.arange(start, stop)[:, None] - np.arange(low, high))
        # Not 0: the graph takes the nearest of those elsewhere for as near as those at one place.
        distance = np.maximum(1 - vectors[start:stop] @ vectors[low:high].T, np.finfo(np.float32).eps)
        distance[(apart == 0) | (apart > _REACH)] = np.inf
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
        indices[start:stop] = nearest + low
        distances[start:stop] = np.take_along_axis(distance, nearest, axis=1)
    return indices, distances


def _best_partition(graph: _Graph, price: Floats) -> Ints:
    """Find the first sentences of the passages: `best[t]` is the value of the best partition of the first t."""
    weights, n = graph.weights, len(price)
    expected = np.concatenate([[0.0], graph.expectation.cumsum()])
    best = np.zeros(n + 1)
    opened = np.zeros(n + 1, dtype=np.int64)
    inside = np.zeros(n)  # edge weight from each possible first sentence to the last one so far
    price = np.concatenate([[0.0], price[1:]])  # the first passage has to begin somewhere
    for stop in range(1, n + 1):
        low = max(0, stop - _LONGEST)
        edges = slice(weights.indptr[stop - 1], weights.indptr[stop])
        to = weights.indices[edges]
        before = (to >= low) & (to < stop - 1)
        added = np.zeros(stop - low)
        added[to[before] - low] = weights.data[edges][before]
        inside[low:stop] += 2 * added[::-1].cumsum()[::-1]
        chance = _RESOLUTION * (expected[stop] - expected[low:stop]) ** 2
        value = best[low:stop] + inside[low:stop] - chance - price[low:stop]
        opened[stop] = low + int(value.argmax())
        best[stop] = value[opened[stop] - low]
    starts: list[int] = []
    stop = n
    while stop:
        stop = int(opened[stop])
        starts.append(stop)
    return np.array(starts[::-1], dtype=np.int64)


def _tested(vectors: Floats, starts: Ints) -> Ints:
    """Take back the weakest boundary until all are significant."""
    bounds = [*starts.tolist(), len(vectors)]
    scores = [_z(vectors, *bounds[at : at + 3]) for at in range(len(bounds) - 2)]
    while scores and min(scores) < _LEAST_Z:
        weakest = int(np.argmin(scores))
        del bounds[weakest + 1], scores[weakest]
        for at in (weakest - 1, weakest):
            if 0 <= at < len(scores):
                scores[at] = _z(vectors, *bounds[at : at + 3])
    return np.array(bounds[:-1], dtype=np.int64)


def _z(vectors: Floats, start: int, middle: int, stop: int) -> float:
    """How many standard errors the means of two neighboring passages are apart (Chen and Qin)."""
    start, stop = max(start, middle - _REACH), min(stop, middle + _REACH)
    n, m = middle - start, stop - middle
    if min(n, m) < 2:  # one sentence shows no mean
        return 0.0
    products = vectors[start:stop] @ vectors[start:stop].T
    apart = _mean_apart(products[:n, :n]) + _mean_apart(products[n:, n:]) - 2 * float(products[:n, n:].mean())
    mean = products.mean(axis=0)
    centred = products - mean - mean[:, None] + mean.mean()
    error = np.sqrt(2 * _mean_apart(centred**2)) * (1 / n + 1 / m)
    return apart / error if error > 0 else 0.0


def _mean_apart(products: Floats) -> float:
    """Mean over pairs of different rows."""
    n = len(products)
    return float((products.sum() - np.trace(products)) / (n * (n - 1)))
