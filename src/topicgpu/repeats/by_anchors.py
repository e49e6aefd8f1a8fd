"""Translations without an encoder that serves both languages: by the numbers and names that both write alike.

Texts on one subject share names, and texts in one format share numbers. So a pair has to agree in several ways, each of
them against chance and against the next best pair; what has few numbers is missed.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from topicgpu.repeats.anchors import names_of, numbers_of
from topicgpu.repeats.order import Side, gaps
from topicgpu.types import Floats, Ints

_FALSE_BY_CHANCE = 0.01  # pairs that would share as much if anchors fell at random, in the whole table
_LEAST_NUMBERS = 2
_LEAST_NUMBERS_BETWEEN = 1
_NUMBERS = 0.8  # of either side's numbers are in common
_ANCHORS = 0.5  # of either side's anchors, by weight
_LEAD = 0.2  # over the next best pair of either side
_LENGTH = 0.4  # natural logarithm: how far lengths may be from the ratio that is usual between the two languages
_MOST_PAIRS = 1_000_000  # an anchor that so many pairs share tells none of them apart, and costs time
_BLOCK = 512


def pairs_by_anchors(left: Side, right: Side) -> Iterator[tuple[int, int, float]]:
    """
    Pair the texts of two languages that share their numbers and names.

    Parameters
    ----------
    left, right : Side
        n and m texts with their sources.

    Yields
    ------
    (int, int, float)
        A row of each side, each in one pair at most, and the cosine of their weighted anchors.

    Notes
    -----
    An anchor weighs the negative logarithm of the share of texts that have it, on the side where it is commoner: what
    two texts share weighs then as much as it is unlikely by chance. Between pairs that are in order there are fewer
    rows to choose from, and less is enough. Sparse products in blocks: memory O(n + m).
    """
    table = _Table(left.texts, right.texts)
    found = table.pairs(range(len(left.texts)), range(len(right.texts)), _LEAST_NUMBERS)
    n_known = -1
    while n_known < len(found):
        n_known = len(found)
        between = [
            pair
            for gap in gaps(((row, other) for row, other, _ in found), left.sources, right.sources)
            for pair in table.pairs(gap.left, gap.right, _LEAST_NUMBERS_BETWEEN)
        ]
        # A row may lie in gaps of several sources, beside a row that is paired in another one.
        taken = {row for row, _, _ in found}, {other for _, other, _ in found}
        for row, other, score in sorted(between, key=lambda pair: -pair[2]):
            if row not in taken[0] and other not in taken[1]:
                found.append((row, other, score))
                taken[0].add(row)
                taken[1].add(other)
    yield from found


class _Table:
    """The anchors of two languages, weighed."""

    def __init__(self, left: Sequence[str], right: Sequence[str]) -> None:
        self.lengths = [np.log([max(len(text), 1) for text in side]) for side in (left, right)]
        self.anchors = [[_anchors(text) for text in side] for side in (left, right)]
        self.weights = _weights(*self.anchors) if left and right else {}
        self.rows = [_unit_rows(side, self.weights) for side in self.anchors]
        everything = self._mutual(range(len(left)), range(len(right)))
        self.usual = np.median(
            [self.lengths[0][row] - self.lengths[1][other] for row, other, _, _ in everything] or [0]
        )

    def pairs(self, left: range, right: range, least_numbers: int) -> list[tuple[int, int, float]]:
        """Pairs among some rows of either side."""
        chance = math.log(max(len(left) * len(right), 1) / _FALSE_BY_CHANCE)
        return [
            (row, other, score)
            for row, other, score, lead in self._mutual(left, right)
            if lead >= _LEAD and self._agree(row, other, chance, least_numbers)
        ]

    def _mutual(self, left: range, right: range) -> list[tuple[int, int, float, float]]:
        """Rows that are each other's best, their score, and its lead over the next best of either."""
        if not left or not right or not self.weights:
            return []
        rows = self.rows[0][left.start : left.stop], self.rows[1][right.start : right.stop]
        (best, score, runner_up), (back, _, other_runner_up) = _best(*rows), _best(*rows[::-1])
        lead = score - np.maximum(runner_up, other_runner_up[best])
        return [
            (left[row], right[best[row]], float(min(score[row], 1.0)), float(lead[row]))
            for row in np.flatnonzero((score > 0) & (back[best] == np.arange(len(best))))
        ]

    def _agree(self, left: int, right: int, chance: float, least_numbers: int) -> bool:
        ours, theirs = self.anchors[0][left], self.anchors[1][right]
        shared, most = self._weigh(ours & theirs), max(self._weigh(ours), self._weigh(theirs))
        length = self.lengths[0][left] - self.lengths[1][right] - self.usual
        if shared < max(chance, _ANCHORS * most) or abs(length) > _LENGTH:
            return False
        n = _count_numbers(ours & theirs)
        return n >= least_numbers and n >= _NUMBERS * max(_count_numbers(ours), _count_numbers(theirs))

    def _weigh(self, anchors: frozenset[str]) -> float:
        return sum(self.weights.get(anchor, 0.0) for anchor in anchors)


def _anchors(text: str) -> frozenset[str]:
    return frozenset(numbers_of(text) | names_of(text))


def _count_numbers(anchors: frozenset[str]) -> int:
    return sum(anchor.isdigit() for anchor in anchors)


def _weights(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weigh each number, and each name that both sides have."""
    counts = [Counter(anchor for row in side for anchor in row) for side in (left, right)]
    weights = {}
    for anchor in counts[0].keys() | counts[1].keys():
        n, m = counts[0][anchor], counts[1][anchor]
        if n * m <= _MOST_PAIRS and (anchor.isdigit() or n * m):
            weights[anchor] = -math.log(max(n / len(left), m / len(right)))
    return weights


def _unit_rows(anchors: Sequence[frozenset[str]], weights: Mapping[str, float]) -> csr_array:
    """Rows whose inner products are cosines: what two texts share, over the mean of what they have."""
    columns = {anchor: column for column, anchor in enumerate(sorted(weights))}
    entries = [(row, columns[anchor]) for row, own in enumerate(anchors) for anchor in sorted(own) if anchor in columns]
    row, column = np.array(entries, dtype=np.int64).reshape(-1, 2).T
    values = np.array([weights[anchor] for anchor in sorted(weights)])[column]
    totals = np.bincount(row, values, minlength=len(anchors))
    values = np.sqrt(values / np.where(totals > 0, totals, 1)[row])
    return csr_array((values, (row, column)), shape=(len(anchors), len(columns)))


def _best(queries: csr_array, base: csr_array) -> tuple[Ints, Floats, Floats]:
    """For each query the best base row, its score, and the score of the next best."""
    n = queries.shape[0]
    best, score, runner_up = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
    turned = base.T.tocsr()
    for start in range(0, n, _BLOCK):
        products = csr_array(queries[start : start + _BLOCK] @ turned)
        products.sort_indices()  # ties to the lower row
        for row in range(products.shape[0]):
            first, last = products.indptr[row : row + 2]
            if first == last:
                continue
            values = products.data[first:last]
            place = int(values.argmax())
            best[start + row], score[start + row] = products.indices[first + place], values[place]
            values[place] = 0
            runner_up[start + row] = values.max()
    return best, score, runner_up
