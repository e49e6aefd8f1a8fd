"""Discovered themes: clusters that the guided themes leave."""

import re

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Clusters, Ints, Keyword, Repeats

_FREE_SHARE = 0.5  # a cluster that the guided themes already cover by more than half is theirs
_NAME_WORDS = 3


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


def name_of(keywords: tuple[Keyword, ...]) -> str:
    """
    Name a discovered theme by its first keywords.

    Parameters
    ----------
    keywords : tuple of Keyword
        By falling weight.

    Returns
    -------
    str
        Up to three terms; "unnamed" where there are none.
    """
    return ", ".join(term for term, _ in keywords[:_NAME_WORDS]) or "unnamed"


def theme_id_of(name: str, used: set[str]) -> str:
    """
    Make an id that the same theme gets again in a run on the same texts.

    Parameters
    ----------
    name : str
        Of the theme.
    used : set of str
        Ids that are taken.

    Returns
    -------
    str
        `d_` and the name's letters and digits, with a number where that is taken.
    """
    stem = "d_" + (re.sub(r"\W+", "_", name.casefold()).strip("_") or "unnamed")
    candidate, number = stem, 2
    while candidate in used:
        candidate, number = f"{stem}_{number}", number + 1
    return candidate
