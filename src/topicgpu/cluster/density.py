"""Groups that are denser than what lies between them: HDBSCAN on a UMAP layout, the way of BERTopic."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import MIN_ROWS, curve, epochs, layout
from topicgpu.ops.starts import principal_axes, start
from topicgpu.types import Floats, Ints, Neighbors

_DIMENSIONS = 5  # BERTopic's default, and its distance of 0: dense places may be as dense as they are
_MIN_DIST = 0.0


def find_dense_groups(
    vectors: NDArray[np.float32], neighbors: Neighbors, min_size: int, seed: int
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
        Smallest group that counts as one.
    seed : int
        Of the layout.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Labels (n,), -1 for noise and for rows that take no part, and strengths (n,) in [0, 1].

    Notes
    -----
    The layout dominates; see `topicgpu.ops.layout.layout`.

    References
    ----------
    Campello, Moulavi and Sander (2013), Density-based clustering based on hierarchical density estimates, PAKDD;
    Grootendorst (2022), BERTopic: neural topic modeling with a class-based TF-IDF procedure, arXiv:2203.05794.
    """
    labels = np.full(len(neighbors), -1, dtype=np.int64)
    strengths = np.zeros(len(neighbors))
    part = np.flatnonzero((neighbors.indices >= 0).any(axis=1))
    if len(part) <= min_size:
        return labels, strengths
    from hdbscan import HDBSCAN

    graph = fuzzy_graph(neighbors.indices, neighbors.distances)[part][:, part]
    dimensions = min(_DIMENSIONS, vectors.shape[1])
    if len(part) < MIN_ROWS:
        places = principal_axes(vectors[part], dimensions)
    else:
        a, b = curve(1.0, _MIN_DIST)
        first = start("pca", graph, vectors[part], dimensions, seed).places
        places = layout(graph, first, n_epochs=epochs(len(part)), a=a, b=b, seed=seed)
    model = HDBSCAN(min_cluster_size=min_size).fit(places)
    labels[part], strengths[part] = model.labels_, model.probabilities_
    return labels, strengths
