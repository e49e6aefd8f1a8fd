"""The minimum spanning tree of mutual reachability, row by row (Prim)."""

import numpy as np
from numpy.typing import NDArray


def mst_reference(
    vectors: NDArray[np.float64], core: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """First version: O(n^2 d)."""
    n = len(vectors)
    edges = np.empty((max(n - 1, 0), 2), dtype=np.int64)
    weights = np.empty(len(edges))
    spans = np.empty(len(edges))
    best_w, best_d, near = np.full(n, np.inf), np.full(n, np.inf), np.full(n, -1)
    out = np.ones(n, dtype=bool)
    at = 0
    for step in range(n - 1):
        out[at] = False
        d = np.sqrt(((vectors - vectors[at]) ** 2).sum(axis=1))
        w = np.maximum(np.maximum(d, core), core[at])
        better = out & ((w < best_w) | ((w == best_w) & (d < best_d)))
        best_w[better], best_d[better], near[better] = w[better], d[better], at
        rows = np.flatnonzero(out)
        at = (
            rows[np.lexsort((best_d[rows], best_w[rows]))[0]]
            if len(rows) < 3
            else rows[_first(best_w[rows], best_d[rows])]
        )
        edges[step] = sorted((near[at], at))
        weights[step], spans[step] = best_w[at], best_d[at]
    order = np.lexsort((edges[:, 1], edges[:, 0], spans, weights))
    return edges[order], weights[order]


def _first(w: NDArray[np.float64], d: NDArray[np.float64]) -> int:
    ties = np.flatnonzero(w == w.min())
    return int(ties[d[ties].argmin()])
