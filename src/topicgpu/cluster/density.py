"""Groups that are denser than what lies between them: a layout in five dimensions, and HDBSCAN's tree in it."""

import numpy as np
import torch
from numpy.typing import NDArray

from topicgpu.cluster.density_tree import Selection, density_tree
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import layout
from topicgpu.ops.mst import SpanningTree, mst, nearest
from topicgpu.types import Floats, Ints, Neighbors

_DIMENSIONS = 5  # BERTopic's default, and its distance of 0: dense places may be as dense as they are
_MIN_DIST = 0.0
# Neighbors beyond those of the core distance: most edges of the tree are among them. Of 3,000 rows in 5 dimensions, the
# tree takes 4 s with none and 0.1 s with 15.
_BEYOND = 15


def find_dense_groups(
    vectors: NDArray[np.float32], neighbors: Neighbors, min_size: int, seed: int, device: str = "cpu"
) -> tuple[Ints, Floats]:
    """
    Lay the rows out in five dimensions, and find the groups there that last over many densities.

    Parameters
    ----------
    vectors : ndarray
        (n, d) unit rows.
    neighbors : Neighbors
        (n, k) of the same rows.
    min_size : int
        Smallest group that counts as one; its rows' densities are those of as many neighbors.
    seed : int
        Of the layout.
    device : str
        Where the tree is found.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Labels (n,), -1 for noise and for rows that take no part, and strengths (n,) in [0, 1].

    Notes
    -----
    The layout dominates; see `topicgpu.ops.layout.layout`.

    References
    ----------
    .. [1] R. Campello, D. Moulavi and J. Sander, Density-based clustering based on hierarchical density estimates,
       PAKDD 2013.
    .. [2] M. Grootendorst, BERTopic: neural topic modeling with a class-based TF-IDF procedure, arXiv:2203.05794.
    """
    labels = np.full(len(neighbors), -1, dtype=np.int64)
    strengths = np.zeros(len(neighbors))
    part = np.flatnonzero((neighbors.indices >= 0).any(axis=1))
    if len(part) <= min_size:
        return labels, strengths
    graph = fuzzy_graph(neighbors.indices, neighbors.distances)[part][:, part]
    dimensions = min(_DIMENSIONS, vectors.shape[1])
    places = layout(vectors[part], graph, dimensions, _MIN_DIST, seed)
    edges, weights, _ = spanning_tree(places, min_size, device)
    tree = density_tree(edges, weights, Selection(min_size))
    labels[part], strengths[part] = tree.labels, tree.probabilities
    return labels, strengths


def spanning_tree(rows: NDArray[np.floating], min_samples: int, device: str, alpha: float = 1.0) -> SpanningTree:
    """
    Join all rows by the least mutual reachability: the larger of their distance and of either's core distance.

    Parameters
    ----------
    rows : ndarray
        (n, d) float32 or float64, finite.
    min_samples : int
        The distance to the neighbor of this rank is a row's core distance; beyond n - 1 it is n - 1, as in hdbscan.
    device : str
        Where it is found.
    alpha : float
        What distances, but not core distances, are divided by.

    Returns
    -------
    SpanningTree
        Exact, and the same on every device, edges of one weight too.

    Notes
    -----
    See `topicgpu.ops.mst.mst`.
    """
    vectors = torch.tensor(rows, device=device)
    k = min(min_samples, len(rows) - 1)
    if k < 1:
        return SpanningTree(np.empty((0, 2), dtype=np.int64), np.empty(0), "nothing to join")
    near = nearest(vectors, min(k + _BEYOND, len(rows) - 1))
    core = near.distances[:, k - 1].clone()
    tree = mst(vectors / alpha, near.indices, near.distances / alpha, core)
    order = _by_first_neighbors(tree, near.indices[:, :k].cpu().numpy(), core.cpu().numpy())
    return tree._replace(edges=tree.edges[order], weights=tree.weights[order])


def _by_first_neighbors(tree: SpanningTree, indices: Ints, core: Floats) -> Ints:
    """
    Order edges of one weight as hdbscan finds them, so that they join as they do there.

    Its first round ties each row, one after the other, to the nearest row whose core distance is no larger. Such an
    edge weighs what the row's core distance is, and the tree holds them all; others keep their order.
    """
    rows = np.arange(len(core))
    no_larger = core[indices] <= core[:, None]
    first = np.where(no_larger.any(axis=1), indices[rows, no_larger.argmax(axis=1)], -1)
    low, high = tree.edges.T
    found = np.minimum(np.where(first[low] == high, low, len(core)), np.where(first[high] == low, high, len(core)))
    return np.lexsort((found, tree.weights))
