"""The choice of the method, and what every method's groups have in common: order, least size, strengths."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from topicgpu.cluster.communities import find_communities
from topicgpu.cluster.cuml import find_cuml_clusters
from topicgpu.cluster.density import find_dense_groups
from topicgpu.cluster.evoc import find_evoc_clusters
from topicgpu.cluster.kmeans import find_means
from topicgpu.config import ClusterSection
from topicgpu.types import Clusters, Embeddings, Floats, Ints, Neighbors, check_rows

Vectors = NDArray[np.float32]


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
        Gives `method`, `min_size`, and `resolution` or `n_clusters` to the methods that have it.
    seed : int
        Of whatever the method draws.

    Returns
    -------
    Clusters
        Labels from 0 by falling size, equal sizes by the lowest row; -1 for rows that take no part, for noise, and
        for groups below `min_size`. Strengths: of `communities`, the share of a row's edge weight that stays inside
        its group; of `kmeans`, its cosine with the mean; of the others, how deep in its group a row lies by their own
        measure; 0 where the label is -1.

    Raises
    ------
    MisalignedError
        If the two were made from other segments.
    MissingExtraError
        If the method is of a package that is not installed.
    ConfigError
        If there are fewer rows than `n_clusters`.

    Notes
    -----
    O(n k) for communities; the methods of other packages say their cost in their modules.
    """
    check_rows(embeddings.rows, neighbors)
    name, find = _METHODS[config.method]
    labels, strengths = find(embeddings.vectors, neighbors, config, seed)
    method = f"{config.method}: {name.format(config=config)}"
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


Found = tuple[Ints, Floats]
Method = Callable[[Vectors, Neighbors, ClusterSection, int], Found]


def _of_vectors(find: Callable[[Vectors, ClusterSection, int], Found]) -> Method:
    """Let a method that has no use for neighbors see the vectors of the rows that take part."""

    def run(vectors: Vectors, neighbors: Neighbors, config: ClusterSection, seed: int) -> Found:
        labels, strengths = np.full(len(neighbors), -1, dtype=np.int64), np.zeros(len(neighbors))
        part = np.flatnonzero((neighbors.indices >= 0).any(axis=1))
        if len(part):
            labels[part], strengths[part] = find(vectors[part], config, seed)
        return labels, strengths

    return run


# What `Clusters.method` says of each after its name, and the call.
_METHODS: dict[str, tuple[str, Method]] = {
    "communities": (
        "Leiden, modularity, resolution {config.resolution:g}",
        lambda _, neighbors, config, seed: find_communities(neighbors, config.resolution, seed),
    ),
    "umap-learn+hdbscan": (
        "HDBSCAN on a UMAP layout, least size {config.min_size}",
        lambda vectors, neighbors, config, seed: find_dense_groups(vectors, neighbors, config.min_size, seed),
    ),
    "evoc": (
        "EVoC, least size {config.min_size}",
        _of_vectors(lambda vectors, config, seed: find_evoc_clusters(vectors, config.min_size, seed)),
    ),
    "kmeans": (
        "k-means, {config.n_clusters} clusters",
        _of_vectors(lambda vectors, config, seed: find_means(vectors, config.n_clusters or 1, seed)),
    ),
    "cuml": (
        "HDBSCAN on a UMAP layout, both of cuML, least size {config.min_size}",
        _of_vectors(lambda vectors, config, seed: find_cuml_clusters(vectors, config.min_size, seed)),
    ),
}
