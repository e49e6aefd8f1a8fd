"""A graph whose rows are groups of another graph, and communities of it: each a union of those groups."""

import numpy as np
from scipy import sparse

from topicgpu.cluster.leiden import leiden
from topicgpu.types import Ints

# Full cycles of the search, as many as cost little: where groups are few, the choice of the grain should not be luck.
_CYCLES = 2
_MOST_CYCLES = 10
_GROUPS_AND_CYCLES = 2_000


def aggregate(graph: sparse.csr_array, groups: Ints) -> sparse.csr_array:
    """
    Add up the weights between groups of rows.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric.
    groups : ndarray of int64, shape (n,)
        From 0, none empty.

    Returns
    -------
    csr_array
        (g, g) symmetric; the diagonal has what lies inside a group, each edge counted from both ends.
    """
    members = sparse.csr_array((np.ones(len(groups)), (np.arange(len(groups)), groups)))
    return sparse.csr_array(members.T @ graph @ members)


def communities_of_groups(graph: sparse.csr_array, resolution: float, seed: int) -> Ints:
    """
    Join groups as modularity would, without parting any.

    Parameters
    ----------
    graph : csr_array
        (g, g) as `aggregate` makes it.
    resolution : float
        As `leiden` takes it.
    seed : int
        Of the search.

    Returns
    -------
    ndarray of int64, shape (g,)
        Communities from 0.

    Notes
    -----
    `leiden` does not see what lies inside a row, which modularity counts. So each row gets a leaf, joined by half of
    that weight: both ends together have the degree and the inner weight of the group. A leaf leaves its only neighbor
    where a community holds more than 1 / resolution of all weight; the row's own community counts then.
    """
    n = graph.shape[0]
    inside = graph.diagonal()
    edges = sparse.coo_array(graph)
    source, target = edges.coords
    between = source != target
    row = np.arange(n)
    weights = np.concatenate([edges.data[between], inside / 2, inside / 2])
    ends = np.concatenate([source[between], row, n + row]), np.concatenate([target[between], n + row, row])
    leafy = sparse.csr_array((weights, ends), shape=(2 * n, 2 * n))
    leafy.eliminate_zeros()
    leafy.sort_indices()
    cycles = min(max(_GROUPS_AND_CYCLES // n, _CYCLES), _MOST_CYCLES)
    found = leiden(leafy, resolution, seed, cycles)[:n]
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
