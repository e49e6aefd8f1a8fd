"""The spanning tree of mutual reachability where the distances themselves are given."""

import numpy as np

from topicgpu.types import Floats, Ints


def tree_of_distances(distances: Floats, min_samples: int, alpha: float = 1.0) -> tuple[Ints, Floats]:
    """
    Join all rows of a matrix of distances by the least mutual reachability, row by row (Prim).

    Parameters
    ----------
    distances : ndarray
        (n, n) symmetric, 0 on the diagonal.
    min_samples : int
        Its nearest row of this rank gives a row its core distance; from 1 to n - 1.
    alpha : float
        What distances, but not core distances, are divided by.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Edges (n - 1, 2), the lower row first, and weights (n - 1,) ascending. Of edges of one weight the one between
        nearer rows goes first, then the one of lower rows.

    Notes
    -----
    O(n^2), with no second matrix.
    """
    n = len(distances)
    core = np.partition(distances, min_samples, axis=1)[:, min_samples] if n > 1 else np.zeros(n)
    weight, apart = np.full(n, np.inf), np.full(n, np.inf)  # of the best edge from what is joined to each row
    source = np.zeros(n, dtype=np.int64)
    left = np.ones(n, dtype=bool)
    found: list[tuple[int, int, float, float]] = []
    row = 0
    while len(found) < n - 1:
        left[row] = False
        span = distances[row] / alpha
        reach = np.maximum(np.maximum(span, core), core[row])
        better = left & ((reach < weight) | ((reach == weight) & (span < apart)))
        weight[better], apart[better], source[better] = reach[better], span[better], row
        rest = np.flatnonzero(left)
        least = rest[weight[rest] == weight[rest].min()]
        row = int(least[apart[least].argmin()])
        found.append((min(row, source[row]), max(row, source[row]), apart[row], weight[row]))
    low, high, span, reach = (np.array(column) for column in zip(*found, strict=True)) if found else np.zeros((4, 0))
    order = np.lexsort((high, low, span, reach))
    return np.column_stack([low, high])[order].astype(np.int64), reach[order].astype(np.float64)
