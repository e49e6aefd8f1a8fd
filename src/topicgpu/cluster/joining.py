"""Where new rows would join a tree of densities that is there."""

import numpy as np

from topicgpu.cluster.density_tree import DensityTree, selected_clusters
from topicgpu.types import Floats, Ints


def join(tree: DensityTree, beside: Ints, reach: Floats) -> tuple[Ints, Floats]:
    """
    Give new rows the cluster that they would fall into, with the tree left as it is.

    Parameters
    ----------
    tree : DensityTree
        Of n rows.
    beside : ndarray
        (q,) for each new row, the fitted row of the least mutual reachability.
    reach : ndarray
        (q,) that mutual reachability.

    Returns
    -------
    labels : ndarray of int64, shape (q,)
        -1 for noise.
    strengths : ndarray of float64, shape (q,)
        In [0, 1]; 0 for noise.

    Notes
    -----
    As `hdbscan.approximate_predict` answers, for all rows at once: a row leaves its cluster together with the one
    beside it, or, where it is farther out than that, is in the cluster above that is still whole at its own density.
    Where that package takes a part of a cluster for the whole (`selected_clusters`), this does not.
    """
    labels, strengths = np.full(len(beside), -1, dtype=np.int64), np.zeros(len(beside))
    if tree.labels.max(initial=-1) < 0:
        return labels, strengths
    parents, children, births = (tree.condensed[name] for name in ("parent", "child", "lambda_val"))
    root, size = parents.min(), parents.max() + 1
    above, born, densest = np.arange(size), np.zeros(size), np.zeros(size)
    above[children], born[children] = parents, births
    np.maximum.at(densest, parents, births)

    density = np.full(len(reach), np.finfo(np.float64).max)
    np.divide(1.0, reach, out=density, where=reach > 0)
    at = above[beside]
    climbs = born[beside] > density
    while (climbs := climbs & (at > root) & (born[at] >= density)).any():
        at[climbs] = above[at[climbs]]

    tops = np.array(selected_clusters(tree))
    cluster = np.full(size, -1)
    cluster[tops] = np.arange(len(tops))
    for node in range(root + 1, size):  # what lies below has the larger number
        if cluster[node] < 0:
            cluster[node] = cluster[above[node]]
    labels = cluster[at]
    inside = labels >= 0
    most = densest[tops[labels[inside]]]
    strengths[inside] = np.minimum(density[inside], most) / most
    return labels, strengths
