"""Numbers for groups: the largest is 0, and the small ones are none."""

import numpy as np

from topicgpu.types import Ints


def by_size(labels: Ints, at_least: int) -> Ints:
    """
    Give groups numbers by falling size, and small ones none.

    Parameters
    ----------
    labels : ndarray of int64, shape (n,)
        Groups under any numbers; below 0: in none.
    at_least : int
        Rows that a group needs.

    Returns
    -------
    ndarray of int64, shape (n,)
        From 0 by falling size, equal sizes by the lowest row; -1 in no group, or in a small one.

    Notes
    -----
    O(n log n).
    """
    groups, first, place, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    kept = np.flatnonzero((groups >= 0) & (sizes >= at_least))
    kept = kept[np.lexsort((first[kept], -sizes[kept]))]
    numbers = np.full(len(groups), -1, dtype=np.int64)
    numbers[kept] = np.arange(len(kept))
    numbered: Ints = numbers[place]
    return numbered
