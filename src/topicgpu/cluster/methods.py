"""Each method of clustering by its name in the configuration, called alike."""

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
from topicgpu.ops.layout import layout_implementation
from topicgpu.ops.mst import mst_implementation
from topicgpu.types import Floats, Ints, Levels, Neighbors

Vectors = NDArray[np.float32]


class Found(NamedTuple):
    """What a method makes of the rows; `how` says by what, after the method's name."""

    labels: Ints
    strengths: Floats
    how: str
    levels: Levels | None = None


Method = Callable[[Vectors, Neighbors, ClusterSection, int, str], Found]


def _communities(_: Vectors, neighbors: Neighbors, config: ClusterSection, seed: int, device: str) -> Found:
    found = find_communities(neighbors, config.resolution, seed, device)
    chosen = "set" if config.resolution else "chosen from the graph"
    library = "cuGraph" if has_cugraph(device) else "graspologic-native"
    how = f"Leiden ({library}), modularity, resolution {found.levels.resolutions[found.levels.chosen]:.3g}, {chosen}"
    return Found(found.labels, found.strengths, how, found.levels)


def _density(vectors: Vectors, neighbors: Neighbors, config: ClusterSection, seed: int, device: str) -> Found:
    labels, strengths = find_dense_groups(vectors, neighbors, config.min_size, seed, device)
    ways = f"layout: {layout_implementation(device)}; mst: {mst_implementation(device)}"
    return Found(labels, strengths, f"HDBSCAN on a UMAP layout, least size {config.min_size}; {ways}")


def _of_vectors(how: str, find: Callable[[Vectors, ClusterSection, int], tuple[Ints, Floats]]) -> Method:
    """Let a method that has no use for neighbors see the vectors of the rows that take part."""

    def run(vectors: Vectors, neighbors: Neighbors, config: ClusterSection, seed: int, _: str) -> Found:
        labels, strengths = np.full(len(neighbors), -1, dtype=np.int64), np.zeros(len(neighbors))
        part = np.flatnonzero((neighbors.indices >= 0).any(axis=1))
        if len(part):
            labels[part], strengths[part] = find(vectors[part], config, seed)
        return Found(labels, strengths, how.format(config=config))

    return run


METHODS: dict[str, Method] = {
    "communities": _communities,
    "density": _density,
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
