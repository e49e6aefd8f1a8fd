"""Communities of the neighbor graph, at the grain that the graph itself shows, with finer and coarser ones."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from topicgpu.cluster.coarsening import aggregate, communities_of_groups
from topicgpu.cluster.grain import find_grain, find_pieces
from topicgpu.cluster.leiden import leiden
from topicgpu.ops.among import among
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.types import Floats, Ints, Levels, Neighbors

_BETWEEN_LEVELS = 4.0  # ratio of their resolutions


class Communities(NamedTuple):
    """Groups of the rows at several grains; -1 for rows that take no part."""

    strengths: Floats  # (n,) in [0, 1], the share of a row's edge weight that stays inside its group
    levels: Levels

    @property
    def labels(self) -> Ints:
        """(n,) groups of the chosen level."""
        labels: Ints = self.levels.groups[self.levels.chosen]
        return labels


def find_communities(neighbors: Neighbors, resolution: float, seed: int, device: str = "cpu") -> Communities:
    """
    Divide the graph of neighbors by the Leiden algorithm.

    Parameters
    ----------
    neighbors : Neighbors
        (n, k).
    resolution : float
        Weight of what chance would put inside a group; higher gives more, smaller groups. 0: chosen from the graph.
    seed : int
        Of the searches.
    device : str
        Where edges are weighed and, with cuGraph, communities found.

    Returns
    -------
    Communities
        The chosen level, a finer one, and coarser ones down to a resolution of 1, each at a quarter of the one before.

    Notes
    -----
    Close to linear in the n k edges: one search for small pieces and one for the groups. The grain, and the finer and
    coarser levels, are found on graphs of pieces and of groups.
    """
    n = len(neighbors)
    graph = fuzzy_graph(neighbors.indices, neighbors.distances, device)
    part = np.flatnonzero(np.diff(graph.indptr))
    if not len(part):
        nothing = np.full(n, -1, dtype=np.int64)
        return Communities(np.zeros(n), Levels(nothing[None], (resolution or 1.0,), 0))
    graph = among(graph, part)
    if resolution:
        pieces = find_pieces(graph, resolution * _BETWEEN_LEVELS, seed, device)
    else:
        resolution, pieces = find_grain(graph, seed, device)
    labels = leiden(graph, resolution, seed, device=device)
    finer = resolution * _BETWEEN_LEVELS
    levels = [(_finer(graph, labels, pieces, finer, seed), finer), (labels, resolution)]
    levels += _coarser(graph, labels, resolution, seed)
    groups = np.full((len(levels), n), -1, dtype=np.int64)
    groups[:, part] = [level for level, _ in levels]
    strengths = np.zeros(n)
    strengths[part] = _share_inside(graph, labels)
    return Communities(strengths, Levels(groups, tuple(at for _, at in levels), 1))


def communities_of(graph: sparse.csr_array, resolution: float, seed: int, device: str = "cpu") -> Ints:
    """
    Divide a graph at one grain, by the search of `find_communities` alone.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric, sorted indices.
    resolution : float
        As `find_communities` takes it; 0: chosen from the graph.
    seed : int
        Of the search.
    device : str
        Of the search.

    Returns
    -------
    ndarray of int64, shape (n,)
        Groups from 0; -1 for rows without an edge.
    """
    labels = np.full(graph.shape[0], -1, dtype=np.int64)
    part = np.flatnonzero(np.diff(graph.indptr))
    if len(part):
        graph = among(graph, part)
        labels[part] = leiden(graph, resolution or find_grain(graph, seed, device).resolution, seed, device=device)
    return labels


def _finer(graph: sparse.csr_array, labels: Ints, pieces: Ints, resolution: float, seed: int) -> Ints:
    """Cut the pieces along the groups, and join them again inside each group."""
    group, cut = np.unique(labels * (pieces.max() + 1) + pieces, return_inverse=True)
    group = group // (pieces.max() + 1)
    between = sparse.coo_array(aggregate(graph, cut))
    source, target = between.coords
    inside = group[source] == group[target]
    parted = sparse.csr_array((between.data[inside], (source[inside], target[inside])), shape=between.shape)
    return communities_of_groups(parted, resolution, seed)[cut]


def _coarser(graph: sparse.csr_array, labels: Ints, resolution: float, seed: int) -> list[tuple[Ints, float]]:
    levels: list[tuple[Ints, float]] = []
    between = aggregate(graph, labels)
    while resolution / _BETWEEN_LEVELS >= 1 and between.shape[0] > 2:
        resolution /= _BETWEEN_LEVELS
        groups = communities_of_groups(between, resolution, seed)
        between, labels = aggregate(between, groups), groups[labels]
        levels.append((labels, resolution))
    return levels


def _share_inside(graph: sparse.csr_array, labels: Ints) -> Floats:
    edges = sparse.coo_array(graph)
    source, target = edges.coords
    total = np.bincount(source, edges.data)
    share: Floats = np.bincount(source, edges.data * (labels[source] == labels[target])) / total
    return share
