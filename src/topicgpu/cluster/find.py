"""The choice of the method, and what every method's groups have in common: order, least size, strengths."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.cluster.communities import find_communities
from topicgpu.cluster.density import find_dense_groups
from topicgpu.config import ClusterSection
from topicgpu.types import Clusters, Embeddings, Ints, Neighbors, check_rows


def find_clusters(embeddings: Embeddings, neighbors: Neighbors, config: ClusterSection, seed: int) -> Clusters:
    """
    Group the rows that have neighbors.

    Parameters
    ----------
    embeddings : Embeddings
        (n, d) unit rows.
    neighbors : Neighbors
        Of the same segments.
    config : ClusterSection
        Gives `method`, `resolution` and `min_size`.
    seed : int
        Of the search for communities, or of the layout.

    Returns
    -------
    Clusters
        Labels from 0 by falling size, equal sizes by the lowest row; -1 for rows that take no part, for noise, and
        for groups below `min_size`. Strengths: of `communities`, the share of a row's edge weight that stays inside
        its group; of `density`, how deep in its group a row lies, by HDBSCAN; 0 where the label is -1.

    Raises
    ------
    MisalignedError
        If the two were made from other segments.

    Notes
    -----
    O(n k) for communities; density adds a layout and a spanning tree, O(n log n).
    """
    check_rows(embeddings.rows, neighbors)
    if config.method == "communities":
        labels, strengths = find_communities(neighbors, config.resolution, seed)
        method = f"communities: Leiden, modularity, resolution {config.resolution:g}"
    else:
        labels, strengths = find_dense_groups(embeddings.vectors, neighbors, config.min_size, seed)
        method = "density: HDBSCAN on a UMAP layout"
    labels = _by_size(labels, config.min_size)
    kept: NDArray[np.float32] = np.where(labels >= 0, strengths, 0).astype(np.float32)
    return Clusters(labels, kept, method=method, rows=embeddings.rows)


def _by_size(labels: Ints, min_size: int) -> Ints:
    """Label groups by falling size, then by their lowest row; the small ones become noise, -1."""
    groups, first, counts = np.unique(labels, return_index=True, return_counts=True)
    kept = np.flatnonzero((groups >= 0) & (counts >= min_size))
    kept = kept[np.lexsort((first[kept], -counts[kept]))]
    numbers = dict(zip(groups[kept].tolist(), range(len(kept)), strict=True))
    return np.array([numbers.get(label, -1) for label in labels.tolist()], dtype=np.int64)
