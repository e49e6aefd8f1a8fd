"""EVoC's clusters, for those who want them: an embedding of the neighbor graph, and density in it."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.cluster.extras import check_method
from topicgpu.types import Floats, Ints

_NEIGHBORS = 15  # EVoC's default; it has no answer for as few rows as these


def find_evoc_clusters(vectors: NDArray[np.float32], min_size: int, seed: int) -> tuple[Ints, Floats]:
    """
    Cluster vectors by EVoC, with its own neighbors and the layer of its hierarchy that lasts longest.

    Parameters
    ----------
    vectors : ndarray
        (m, d) unit rows.
    min_size : int
        Its `base_min_cluster_size`.
    seed : int
        Its `random_state`.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Labels (m,), -1 for noise, and its membership strengths (m,) in [0, 1]. Up to 15 rows are noise.

    Raises
    ------
    MissingExtraError
        If the extra `evoc` is not installed.

    Notes
    -----
    The first use on a machine compiles for about two minutes on two cores, and each process then loads what was kept.

    References
    ----------
    EVoC, Tutte Institute for Mathematics and Computing: https://evoc.readthedocs.io.
    """
    check_method("evoc")
    if len(vectors) <= _NEIGHBORS:
        return np.full(len(vectors), -1, dtype=np.int64), np.zeros(len(vectors))
    from evoc import EVoC

    model = EVoC(base_min_cluster_size=min_size, n_neighbors=_NEIGHBORS, random_state=seed)
    labels = model.fit_predict(vectors).astype(np.int64)
    return labels, np.clip(model.membership_strengths_, 0, 1).astype(np.float64)
