"""The choice of the method, and what every method's groups have in common: order, least size, strengths."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.cluster.communities import find_communities
from topicgpu.cluster.cugraph import has_cugraph
from topicgpu.cluster.cuml import find_cuml_clusters
from topicgpu.cluster.density import find_dense_groups
from topicgpu.cluster.evoc import find_evoc_clusters
from topicgpu.cluster.kmeans import find_means
from topicgpu.config import ClusterSection
from topicgpu.types import Clusters, Embeddings, Floats, Ints, Levels, Neighbors, check_rows

Vectors = NDArray[np.float32]


def find_clusters(
    embeddings: Embeddings, neighbors: Neighbors, config: ClusterSection, seed: int, device: str = "cpu"
) -> Clusters:
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
    device : str
        Where communities are found, as far as that can be on it.

    Returns
    -------
    Clusters
        Labels from 0 by falling size, equal sizes by the lowest row; -1 for rows that take no part, for noise, and
        for groups below `min_size`. Strengths: of `communities`, the share of a row's edge weight that stays inside
        its group; of `kmeans`, its cosine with the mean; of the others, how deep in its group a row lies by their own
        measure; 0 where the label is -1. Levels of `communities` alone.

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
    found = _METHODS[config.method](embeddings.vectors, neighbors, config, seed, device)
    labels = _by_size(found.labels, config.min_size)
    kept: NDArray[np.float32] = np.where(labels >= 0, found.strengths, 0).astype(np.float32)
    return Clusters(labels, kept, f"{config.method}: {found.how}", embeddings.rows, found.levels)


def _by_size(labels: Ints, min_size: int) -> Ints:
    """Label groups by falling size, then by their lowest row; the small ones become noise, -1."""
    groups, first, place, counts = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    kept = np.flatnonzero((groups >= 0) & (counts >= min_size))
    kept = kept[np.lexsort((first[kept], -counts[kept]))]
    numbers = np.full(len(groups), -1, dtype=np.int64)
    numbers[kept] = np.arange(len(kept))
    return numbers[place]


class _Found(NamedTuple):
    """What a method makes of the rows; `how` says by what, after the method's name."""

    labels: Ints
    strengths: Floats
    how: str
    levels: Levels | None = None


_Method = Callable[[Vectors, Neighbors, ClusterSection, int, str], _Found]


def _communities(_: Vectors, neighbors: Neighbors, config: ClusterSection, seed: int, device: str) -> _Found:
    labels, strengths, levels = find_communities(neighbors, config.resolution, seed, device)
    chosen = "set" if config.resolution else "chosen from the graph"
    library = "cuGraph" if has_cugraph(device) else "graspologic-native"
    how = f"Leiden ({library}), modularity, resolution {levels.resolutions[levels.chosen]:.3g}, {chosen}"
    return _Found(labels, strengths, how, levels)


def _umap_and_hdbscan(vectors: Vectors, neighbors: Neighbors, config: ClusterSection, seed: int, _: str) -> _Found:
    labels, strengths = find_dense_groups(vectors, neighbors, config.min_size, seed)
    return _Found(labels, strengths, f"HDBSCAN on a UMAP layout, least size {config.min_size}")


def _of_vectors(how: str, find: Callable[[Vectors, ClusterSection, int], tuple[Ints, Floats]]) -> _Method:
    """Let a method that has no use for neighbors see the vectors of the rows that take part."""

    def run(vectors: Vectors, neighbors: Neighbors, config: ClusterSection, seed: int, _: str) -> _Found:
        labels, strengths = np.full(len(neighbors), -1, dtype=np.int64), np.zeros(len(neighbors))
        part = np.flatnonzero((neighbors.indices >= 0).any(axis=1))
        if len(part):
            labels[part], strengths[part] = find(vectors[part], config, seed)
        return _Found(labels, strengths, how.format(config=config))

    return run


_METHODS: dict[str, _Method] = {
    "communities": _communities,
    "umap-learn+hdbscan": _umap_and_hdbscan,
    "evoc": _of_vectors(
        "EVoC, least size {config.min_size}",
        lambda vectors, config, seed: find_evoc_clusters(vectors, config.min_size, seed),
    ),
    "kmeans": _of_vectors(
        "k-means, {config.n_clusters} clusters",
        lambda vectors, config, seed: find_means(vectors, config.n_clusters, seed),
    ),
    "cuml": _of_vectors(
        "HDBSCAN on a UMAP layout, both of cuML, least size {config.min_size}",
        lambda vectors, config, seed: find_cuml_clusters(vectors, config.min_size, seed),
    ),
}
