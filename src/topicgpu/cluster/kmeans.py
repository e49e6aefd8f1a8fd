"""K-means, for a number of clusters that the user knows."""

import warnings

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import ConfigError
from topicgpu.types import Floats, Ints


def find_means(vectors: NDArray[np.float32], n_clusters: int, seed: int) -> tuple[Ints, Floats]:
    """
    Divide vectors among a given number of means.

    Parameters
    ----------
    vectors : ndarray
        (m, d) unit rows.
    n_clusters : int
        At most m; equal rows may leave fewer.
    seed : int
        Of the first means.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Labels (m,), no noise, and strengths (m,): the cosine of a row with its cluster's mean, 0 where it is negative.

    Raises
    ------
    ConfigError
        If there are fewer rows than clusters.

    Notes
    -----
    scikit-learn's default: one start by k-means++, O(m d n_clusters) a round. Sums over threads may differ in the last
    digit with their number, and a row between two means then goes to the other.
    """
    if len(vectors) < n_clusters:
        raise ConfigError(
            f"cluster.n_clusters = {n_clusters} must be at most {len(vectors)}, the segments that take part; set it "
            "lower."
        )
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Fewer different rows than clusters: the clusters that are found are right, and there are fewer of them.
        warnings.filterwarnings("ignore", category=ConvergenceWarning, message="Number of distinct clusters")
        model = KMeans(n_clusters, random_state=seed).fit(vectors)
    means = model.cluster_centers_[model.labels_]
    lengths = np.maximum(np.linalg.norm(means, axis=1), np.finfo(np.float32).tiny)
    strengths: Floats = np.clip((vectors * means).sum(axis=1) / lengths, 0, 1).astype(np.float64)
    return model.labels_.astype(np.int64), strengths
