"""What every method's groups have in common: order, least size, strengths."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.cluster.methods import METHODS
from topicgpu.config import ClusterSection
from topicgpu.ops.by_size import by_size
from topicgpu.types import Clusters, Embeddings, Neighbors, check_rows


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
    found = METHODS[config.method](embeddings.vectors, neighbors, config, seed, device)
    labels = by_size(found.labels, config.min_size)
    kept: NDArray[np.float32] = np.where(labels >= 0, found.strengths, 0).astype(np.float32)
    return Clusters(labels, kept, f"{config.method}: {found.how}", embeddings.rows, found.levels)
