"""Discovered themes: clusters that the guided themes leave."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Clusters, Ints, Repeats

_FREE_SHARE = 0.5  # a cluster that the guided themes already cover by more than half is theirs


def free_clusters(clusters: Clusters, taken: NDArray[np.bool_], repeats: Repeats, at_least: int) -> list[Ints]:
    """
    Find the clusters that are mostly about none of the guided themes.

    Parameters
    ----------
    clusters : Clusters
        n labels.
    taken : ndarray of bool, shape (n,)
        Rows that carry a guided theme.
    repeats : Repeats
        Rows that say again what another one says follow it, and are not counted.
    at_least : int
        Free segments that a theme needs.

    Returns
    -------
    list of ndarray of int
        The free rows of each such cluster, the largest theme first.
    """
    labels = clusters.labels.copy()
    labels[repeats.row] = labels[repeats.of]
    counted = ~repeats.mask
    found = []
    for label in range(labels.max(initial=-1) + 1):
        member = labels == label
        free = member & ~taken
        n_free = int((free & counted).sum())
        if n_free >= at_least and n_free > _FREE_SHARE * int((member & counted).sum()):
            found.append(np.flatnonzero(free))
    return sorted(found, key=lambda rows: -int(counted[rows].sum()))
