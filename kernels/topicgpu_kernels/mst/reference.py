"""The minimum spanning tree of mutual reachability on the host: equal rows, neighbor lists, rounds with searches."""

from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
import torch

from topicgpu_kernels.mst.edges import Edges, Floats, Rows, Vectors, all_edges, weigh
from topicgpu_kernels.mst.repeats import find_repeats
from topicgpu_kernels.mst.rounds import Search, join
from topicgpu_kernels.mst.tiles import TileSearch
from topicgpu_kernels.mst.trees import TreeSearch

MOST_DIMENSIONS = 10  # up to which searches go by trees: README.md


class Graph(NamedTuple):
    """Rows that differ, and what is known of their neighbors."""

    vectors: Vectors  # (n, d) float32 or float64
    neighbors: Rows  # (n, k) rows near each row, itself and repetitions allowed
    core: Floats  # (n,)
    reach: Floats  # (n,) an edge to a row that is not listed, by either end, weighs at least this


class Forest(NamedTuple):
    """Where the rounds begin: edges that are taken, what they join, and what is known beyond."""

    taken: Edges
    component: Rows  # (n,) from 0 on
    known: Edges


class Start(Protocol):
    """Takes what the lists settle."""

    def __call__(self, graph: Graph) -> Forest: ...


def every_row_alone(graph: Graph) -> Forest:
    """
    Start with nothing taken.

    Parameters
    ----------
    graph : Graph
        Its lists are what is known.

    Returns
    -------
    Forest
        Of single rows.
    """
    n, k = graph.neighbors.shape
    rows = np.arange(n)
    known = weigh(graph.vectors, graph.core, np.repeat(rows, k), graph.neighbors.reshape(-1))
    return Forest(all_edges(), rows, known)


def mst_reference(graph: Graph, device: torch.device, start: Start = every_row_alone) -> Edges:
    """
    Find the minimum spanning tree of the complete graph whose edges weigh max(distance, core of either end).

    Parameters
    ----------
    graph : Graph
        Rows may be equal here; inputs are not changed.
    device : torch.device
        Where searches in many dimensions run.
    start : Start
        What takes the edges that the lists settle, if not the rounds here.

    Returns
    -------
    Edges
        (n - 1,) in order. Of all trees that are minimal by weight, the one that is minimal by distance, then by the
        lower and the other row of its edges: there is one.

    Notes
    -----
    O(n k log n), and the searches for what the lists don't settle: some tree queries a row in few dimensions, 2 n d
    FLOP a row in many.
    """
    suspects = np.arange(len(graph.vectors))
    if graph.neighbors.shape[1]:
        nearest = graph.neighbors[:, 0]
        suspects = np.flatnonzero((graph.vectors == graph.vectors[nearest]).all(axis=1))
    repeats = find_repeats(graph.vectors, graph.core, suspects)
    rows = repeats.rows
    graph = Graph(graph.vectors[rows], repeats.number[graph.neighbors[rows]], graph.core[rows], graph.reach[rows])
    forest = start(graph)
    edges = all_edges(forest.taken, join(forest.known, forest.component, graph.reach.copy(), _search(graph, device)))
    low, high = (rows[ends] for ends in edges.ends)
    return all_edges(repeats.edges, edges._replace(name=low << 32 | high)).ordered()


def _search(graph: Graph, device: torch.device) -> Search:
    """Choose a search, and make it ready when first it is needed: often the lists settle all."""

    @cache
    def ready() -> Search:
        if graph.vectors.shape[1] <= MOST_DIMENSIONS:
            return TreeSearch(graph.vectors.astype(np.float64), graph.core)
        return TileSearch(graph.vectors, graph.core, device)

    return lambda rows, component, bound, reach: ready()(rows, component, bound, reach)
