"""Searches in few dimensions, by k-d trees over the rows of other components."""

import numpy as np
from scipy.spatial import cKDTree

from topicgpu_kernels.mst.edges import Edges, Floats, Rows, Vectors, all_edges, weigh

_GROUP = 24  # rows near each other that one look from their middle may answer
_WORTH = 4  # of them in one component, or each looks for itself
_MORE = 4  # times the neighbors, where those found settle nothing
_LEAST = 1e-150  # bound of a query: a smaller one is 0 when it is squared, and nothing is nearer than 0
_ALONE = 10_000  # queries up to which starting threads takes longer than it saves


class TreeSearch:
    """
    Exact search among the rows of other components.

    Two components differ in a bit of their numbers. So for each bit there is a tree over the rows that have it and one
    over the others, and a row asks, for each bit, the tree on the other side: together they hold all rows but those of
    its own component. Bounds fall from tree to tree.

    Parameters
    ----------
    vectors : ndarray
        (n, d) float64.
    core : ndarray
        (n,) core distances.
    workers : int
        Threads of a query; any number gives the same.
    """

    def __init__(self, vectors: Vectors, core: Floats, workers: int = -1) -> None:
        self._vectors, self._core, self._workers = vectors, core, workers
        self._slack = (vectors.shape[1] + 4) * 2.0**-52  # between distances here and the tree's own
        self._group, self._middles = _groups(vectors)
        self._off = np.sqrt(((vectors - self._middles[self._group]) ** 2).sum(axis=1))

    def __call__(self, rows: Rows, component: Rows, bound: Floats, reach: Floats) -> Edges:
        """Look from some rows for what leads out of their components (`topicgpu_kernels.mst.rounds.Search`)."""
        bound, found = bound.copy(), []
        clear = np.full(len(reach), np.inf)
        for bit in range(int(component.max()).bit_length()):
            side = component >> bit & 1 == 1
            for part in (side, ~side):
                asking = rows[~part[rows]]
                if len(asking):
                    there = np.flatnonzero(part)
                    tree = cKDTree(self._vectors[there], balanced_tree=False, compact_nodes=False)
                    edges, free = self._look(tree, there, asking, component, bound)
                    found.append(edges)
                    clear[asking] = np.minimum(clear[asking], free)
        reach[rows] = np.maximum(reach[rows], clear[rows])
        return all_edges(*found)

    def _look(self, tree: cKDTree, there: Rows, rows: Rows, component: Rows, bound: Floats) -> tuple[Edges, Floats]:
        """Find edges to the rows of one tree, and how far each row is at least from those not found; bounds fall."""
        own = component[rows]
        found, free = self._from_middles(tree, there, rows, own, bound)
        edges = [found]
        # The most promising row of each component goes first: what it finds is a bound for the others.
        order = np.argsort(free, kind="stable")
        for which in (order[np.unique(own[order], return_index=True)[1]], order):
            left = which[free[which] <= bound[own[which]]]
            edges.append(self._from_rows(tree, there, rows[left], own[left], bound))
            free[left] = np.nextafter(bound[own[left]], np.inf)
        return all_edges(*edges), free

    def _from_middles(self, tree: cKDTree, there: Rows, rows: Rows, own: Rows, bound: Floats) -> tuple[Edges, Floats]:
        """Look from the middle of rows that are near each other: a row is nearer to others by its way there at most."""
        groups = self._group[rows] * len(bound) + own
        _, one, group, size = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
        off = self._off[rows]
        widest = np.zeros(len(size))
        np.maximum.at(widest, group, off)
        asked = np.flatnonzero(size >= _WORTH)
        ids = own[one[asked]]
        limit = bound[ids] + widest[asked]
        distance, place = self._query(tree, self._middles[self._group[rows[one[asked]]]], limit, 1)
        distance, place = distance[:, 0], place[:, 0]
        free = np.zeros(len(size))
        free[asked] = np.minimum(distance, limit)
        met = place < len(there)
        edges = weigh(self._vectors, self._core, rows[one[asked[met]]], there[place[met]])
        np.minimum.at(bound, ids[met], edges.weight)
        rounding = self._slack * (free[group] + off)
        return edges.take(edges.weight <= bound[ids[met]]), free[group] - off - rounding

    def _from_rows(self, tree: cKDTree, there: Rows, rows: Rows, own: Rows, bound: Floats) -> Edges:
        """Find all edges of some rows that may be first in their components."""
        found, k = [], 1
        while len(rows):
            distance, place = self._query(tree, self._vectors[rows], bound[own], k)
            at, _ = met = np.nonzero(place < len(there))
            edges = weigh(self._vectors, self._core, rows[at], there[place[met]])
            np.minimum.at(bound, own[at], edges.weight)
            found.append(edges.take(edges.weight <= bound[own[at]]))
            # Infinite where fewer than k rows are within the bound, and then there are no more.
            more = distance[:, -1] * (1 - self._slack) <= bound[own] if k < len(there) else np.zeros(len(rows), bool)
            rows, own = rows[more], own[more]
            k = min(_MORE * k, len(there))
        return all_edges(*found)

    def _query(self, tree: cKDTree, points: Vectors, limit: Floats, k: int) -> tuple[Floats, Rows]:
        """Ask for the k nearest rows within the limits; infinity and the tree's size stand for none."""
        distance, place = np.empty((len(points), k)), np.empty((len(points), k), dtype=np.int64)
        with np.errstate(divide="ignore"):
            likes = np.ceil(np.log2(limit))  # bounds of one power of two are asked at once
        for like in np.unique(likes):
            which = np.flatnonzero(likes == like)
            most = max(limit[which].max() * (1 + 2 * self._slack), _LEAST)
            workers = self._workers if len(which) > _ALONE else 1
            distance[which], place[which] = tree.query(
                points[which], list(range(1, k + 1)), distance_upper_bound=most, workers=workers
            )
        return distance, place


def _groups(vectors: Vectors) -> tuple[Rows, Floats]:
    """Halve the rows along their widest column until few are left: the group of each row, and the groups' middles."""
    order, group = np.arange(len(vectors)), np.empty(len(vectors), dtype=np.int64)
    middles: list[Floats] = []
    parts = [order]
    while parts:
        rows = parts.pop()
        there = vectors[rows]
        if len(rows) <= _GROUP:
            group[rows] = len(middles)
            middles.append(there.mean(axis=0))
            continue
        half = len(rows) // 2
        rows = rows[np.argpartition(there[:, np.ptp(there, axis=0).argmax()], half)]
        parts += [rows[:half], rows[half:]]
    return group, np.array(middles)
