"""Where new rows would join a tree of densities that is there."""

import numpy as np

from topicgpu.cluster.density_tree import DensityTree
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

    of, tops = _clusters(tree, above, root)
    labels = of[at]
    inside = labels >= 0
    most = densest[tops[labels[inside]]]
    strengths[inside] = np.minimum(density[inside], most) / most
    return labels, strengths


def _clusters(tree: DensityTree, above: Ints, root: int) -> tuple[Ints, Ints]:
    """Label each node that lies in a cluster, and name each cluster's own node, the one above its others."""
    labels = tree.labels
    tops = np.full(labels.max() + 1, len(above))
    rows = np.flatnonzero(labels >= 0)
    np.minimum.at(tops, labels[rows], above[rows])
    of = np.full(len(above), -1)
    of[tops] = np.arange(len(tops))
    for node in range(root + 1, len(above)):  # what lies below has the larger number
        if of[node] < 0:
            of[node] = of[above[node]]
    return of, tops
