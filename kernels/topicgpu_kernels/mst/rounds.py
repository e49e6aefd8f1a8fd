"""Boruvka's rounds on the host: components that are certain of their first edge take it, others look further."""

from typing import Protocol

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from topicgpu_kernels.mst.edges import Edges, Floats, Rows, all_edges

_FEW = 4  # components search when fewer than one in so many is certain without


class Search(Protocol):
    """Finds edges that lead out of components."""

    def __call__(self, rows: Rows, component: Rows, bound: Floats, reach: Floats) -> Edges:
        """
        Look from some rows for what leads out of their components.

        Parameters
        ----------
        rows : ndarray
            (m,) where to look from: all rows of their components that may have something.
        component : ndarray
            (n,) numbers from 0 on.
        bound : ndarray
            (number of components,) weight of the first edge that is known; infinite where none is.
        reach : ndarray
            (n,) raised in place: an edge of a row that is neither known nor found weighs at least this.

        Returns
        -------
        Edges
            Among them the first edge of each of these components, if it is not known.
        """
        ...


def join(edges: Edges, component: Rows, reach: Floats, search: Search) -> Edges:
    """
    Join components by the first edge that leads out of each, until there is one.

    Parameters
    ----------
    edges : Edges
        Known edges, in any order, named by either end or both.
    component : ndarray
        (n,) numbers from 0 on, without gaps.
    reach : ndarray
        (n,) an edge of a row that is not known weighs at least this. Raised in place.
    search : Search
        For what is not known.

    Returns
    -------
    Edges
        What the minimum spanning tree has beyond the components, in order.

    Notes
    -----
    O((n + edges) log n), and the searches.
    """
    taken: list[Edges] = []
    count = int(component.max(initial=-1)) + 1
    left, right = (component[ends] for ends in edges.ends)
    while count > 1:
        out = left != right
        edges, left, right = edges.take(out), left[out], right[out]
        first = _first(edges, left, right, count)
        least = np.full(count, np.inf)
        np.minimum.at(least, component, reach)
        certain = first.weight < least
        if certain.sum() * _FEW < count:
            is_open = reach <= first.weight[component]
            # All but one component that move are enough, so that with the most to search waits.
            waits = np.bincount(component[is_open], minlength=count).argmax()
            rows = np.flatnonzero(is_open & (component != waits))
            found = search(rows, component, first.weight, reach)
            edges = all_edges(edges, found)
            left, right = (
                np.append(known, component[more]) for known, more in zip((left, right), found.ends, strict=True)
            )
            first = _first(edges, left, right, count)
            certain |= np.arange(count) != waits
        _, once = np.unique(first.name[certain], return_index=True)
        chosen = first.take(certain).take(once)
        taken.append(chosen)
        low, high = (component[ends] for ends in chosen.ends)
        joined = coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(count, count))
        count, roots = connected_components(joined, directed=False)
        component, left, right = (roots.astype(np.int64)[old] for old in (component, left, right))
    return all_edges(*taken).ordered()


def _first(edges: Edges, left: Rows, right: Rows, count: int) -> Edges:
    """Find the first edge of each component, by the components of the ends; of infinite weight where there is none."""
    first = Edges(np.full(count, np.inf), np.full(count, np.inf), np.full(count, np.iinfo(np.int64).max))
    ties = [(ends, np.arange(len(ends))) for ends in (left, right)]
    for best, column in zip(first, edges, strict=True):
        for ends, which in ties:
            np.minimum.at(best, ends[which], column[which])
        ties = [(ends, which[column[which] == best[ends[which]]]) for ends, which in ties]
    return first
