"""Candidate edges, and the one order that decides between them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 17  # differences that are squared at once: 1 MB stays near a core

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Vectors = NDArray[np.floating[Any]]


class Edges(NamedTuple):
    """Edges as columns, compared in this order: each column decides where those before it are equal."""

    weight: Floats  # max(distance, core of either end)
    distance: Floats
    name: Rows  # the lower row times 2^32, and the other

    @property
    def ends(self) -> tuple[Rows, Rows]:
        """The lower rows, and the others."""
        return self.name >> 32, self.name & 0xFFFFFFFF

    def take(self, which: NDArray[np.bool_] | Rows) -> "Edges":
        """Choose some of them."""
        return Edges(self.weight[which], self.distance[which], self.name[which])

    def ordered(self) -> "Edges":
        """Sort them."""
        return self.take(np.lexsort(self[::-1]))


def all_edges(*parts: Edges) -> Edges:
    """
    Put edges of several finds into one table.

    Parameters
    ----------
    *parts : Edges
        In the order in which they are wanted; without any the table is empty.

    Returns
    -------
    Edges
        As they come.
    """
    none = Edges(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
    weight, distance, name = (np.concatenate(columns) for columns in zip(none, *parts, strict=True))
    return Edges(weight, distance, name)


def weigh(vectors: Vectors, core: Floats, rows: Rows, others: Rows) -> Edges:
    """
    Make edges of pairs of rows.

    Parameters
    ----------
    vectors : ndarray
        (n, d) float32 or float64.
    core : ndarray
        (n,) core distances.
    rows, others : ndarray
        (m,) ends, in any order.

    Returns
    -------
    Edges
        (m,) the same to the last bit from either end.

    Notes
    -----
    O(m d) in float64.
    """
    distance = spans(vectors, rows, others)
    weight = np.maximum(distance, np.maximum(core[rows], core[others]))
    return Edges(weight, distance, np.minimum(rows, others) << 32 | np.maximum(rows, others))


def spans(vectors: Vectors, rows: Rows, others: Rows) -> Floats:
    """
    Measure pairs of rows.

    Parameters
    ----------
    vectors : ndarray
        (n, d) float32 or float64.
    rows, others : ndarray
        (m,) ends.

    Returns
    -------
    ndarray
        (m,) Euclidean distances, from differences in float64; columns are added one after the other.
    """
    squares = np.zeros(len(rows))
    step = max(_BLOCK // max(vectors.shape[1], 1), 1)
    for first in range(0, len(rows), step):
        part = slice(first, first + step)
        difference = vectors.take(rows[part], axis=0).astype(np.float64, copy=False)
        difference -= vectors.take(others[part], axis=0)
        # By columns, since a sum along rows would be added in an order that depends on NumPy's build.
        for column in np.square(difference, out=difference).T:
            squares[part] += column
    return np.sqrt(squares)
