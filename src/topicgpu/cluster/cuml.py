"""UMAP and HDBSCAN of cuML on a CUDA device, for those who have it installed."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.cluster.extras import check_method
from topicgpu.ops.layout import MIN_ROWS
from topicgpu.types import Floats, Ints


def find_cuml_clusters(vectors: NDArray[np.float32], min_size: int, seed: int) -> tuple[Ints, Floats]:
    """
    Cluster vectors by cuML's HDBSCAN on cuML's UMAP layout, with BERTopic's settings.

    Parameters
    ----------
    vectors : ndarray
        (m, d) unit rows.
    min_size : int
        Smallest cluster.
    seed : int
        Of the layout.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Labels (m,), -1 for noise, and its probabilities (m,) in [0, 1]. Fewer than 16 rows are noise.

    Raises
    ------
    MissingExtraError
        If cuML is not installed.

    Notes
    -----
    Never run by this project, which has had no GPU: the call follows cuML's documentation, and tests put a stand-in of
    the same signature in its place. It runs on the current CUDA device, whatever `--device` says.

    References
    ----------
    UMAP and HDBSCAN in cuML: https://docs.nvidia.com/cuml.
    """
    check_method("cuml")
    if len(vectors) < MIN_ROWS:
        return np.full(len(vectors), -1, dtype=np.int64), np.zeros(len(vectors))
    from cuml.cluster import HDBSCAN
    from cuml.manifold import UMAP

    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed, output_type="numpy")
    model = HDBSCAN(min_cluster_size=min_size, output_type="numpy").fit(umap.fit_transform(vectors))
    return np.asarray(model.labels_, dtype=np.int64), np.clip(np.asarray(model.probabilities_, dtype=np.float64), 0, 1)
