"""How many communities a graph has: the partition that tells its edges in the fewest words."""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import gammaln

from topicgpu.cluster.coarsening import aggregate, communities_of_groups
from topicgpu.cluster.leiden import leiden
from topicgpu.types import Floats, Ints

# Neighbors of neighbors are neighbors: an edge tells less than one drawn by itself would (benchmarks/grain.py).
WORTH_OF_AN_EDGE = 0.45
_ROWS_PER_RESOLUTION = 2_000  # many rows begin at groups of some eighty, few at smaller ones
_LEAST_START = 16.0
_STEP = 2**0.5
_AROUND = 4  # scores on either side of the best that the parabola goes through
# Below 1, groups are joined that have less between them than chance would put there. On few rows the saving asks for
# that where labels do not; on many it can be trusted.
_FEW_ROWS = 10_000
_LEAST_OF_FEW, _LEAST = 1.0, 0.25


class Grain(NamedTuple):
    """The resolution that describes a graph best, and the small communities that the search began at."""

    resolution: float
    pieces: Ints  # (n,) from 0


def find_pieces(graph: sparse.csr_array, resolution: float, seed: int, device: str = "cpu") -> Ints:
    """
    Find communities that are smaller than those of a resolution, in one cycle of the search.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric, each row with an edge.
    resolution : float
        Whose communities should be unions of them, nearly.
    seed : int
        Of the search.
    device : str
        Of the search.

    Returns
    -------
    ndarray of int64, shape (n,)
        Groups from 0.
    """
    return leiden(graph, _start(graph.shape[0], resolution), seed, cycles=1, device=device)


def _start(n: int, resolution: float) -> float:
    return max(_LEAST_START, n / _ROWS_PER_RESOLUTION, resolution)


def find_grain(graph: sparse.csr_array, seed: int, device: str = "cpu", *, worth: float = WORTH_OF_AN_EDGE) -> Grain:
    """
    Find the resolution whose communities describe the graph best.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric, each row with an edge.
    seed : int
        Of the searches.
    device : str
        Of the first search; the others are on graphs of groups, on the host.
    worth : float
        As `saving` takes it; more of it finds more communities.

    Returns
    -------
    Grain
        A resolution from 1, or from 0.25 for more than 10,000 rows.

    Notes
    -----
    Small communities are joined to larger ones, resolution by resolution in steps of the root of 2, on graphs that
    shrink on the way: less than the cost of one search for communities. `saving` scores each partition, and the peak of
    a parabola through the scores around the best one is taken, so that luck in one search moves it little. The
    partitions themselves are not kept: a search that may part the small communities finds better ones.
    """
    least = _LEAST_OF_FEW if graph.shape[0] <= _FEW_ROWS else _LEAST
    resolution = _start(graph.shape[0], least)
    pieces = groups = find_pieces(graph, resolution, seed, device)
    between, sizes = aggregate(graph, groups), np.bincount(groups)
    resolutions, savings = [resolution], [saving(between, sizes, worth)]
    while resolution > least / 2 + 1e-6 and len(sizes) > 2:  # past the least: the parabola needs both sides
        resolution /= _STEP
        groups = communities_of_groups(between, resolution, seed)
        between, sizes = aggregate(between, groups), np.bincount(groups, sizes).astype(np.int64)
        resolutions.append(resolution)
        savings.append(saving(between, sizes, worth))
    return Grain(max(_peak(np.array(resolutions), np.array(savings)), least), pieces)


def _peak(resolutions: Floats, savings: Floats) -> float:
    best = int(savings.argmax())
    around = slice(max(best - _AROUND, 0), best + _AROUND + 1)
    place = np.log(resolutions[around] / resolutions[best])
    if len(place) > 2:
        curve, slope, _ = np.polyfit(place, savings[around], 2)
        if curve < 0:
            return float(resolutions[best] * np.exp(np.clip(-slope / (2 * curve), place.min(), place.max())))
    return float(resolutions[best])


def saving(between: sparse.csr_array, sizes: Ints, worth: float = WORTH_OF_AN_EDGE) -> float:
    """
    Tell how much shorter a graph's description becomes by a partition.

    Parameters
    ----------
    between : csr_array
        (g, g) weights between groups, as `aggregate` makes them.
    sizes : ndarray of int64, shape (g,)
        Rows of each group.
    worth : float
        Of an edge, where one drawn by itself would be worth 1.

    Returns
    -------
    float
        In nats: the likelihood that the edges gain, less what it takes to tell the partition.

    Notes
    -----
    The model is the planted partition with the degrees given: a pair of rows of one group is joined more often than
    chance by one factor, a pair of different groups by another. Maximising it at fixed factors is maximising
    modularity at the resolution that belongs to them.

    References
    ----------
    .. [1] M. E. J. Newman, Equivalence between modularity optimization and maximum likelihood methods for community
       detection, Physical Review E 94, 2016.
    .. [2] L. Zhang and T. P. Peixoto, Statistical inference of assortative community structures, Physical Review
       Research 2, 2020: the same model, and the length of a partition.
    """
    n, g = int(sizes.sum()), len(sizes)
    if g == 1:  # tells nothing but that it is one
        return -float(np.log(n))
    degree = np.asarray(between.sum(axis=1)).ravel()
    total = degree.sum()
    inside = between.diagonal().sum()
    by_chance = (degree**2).sum() / total
    gain = _pull(inside, by_chance) + _pull(total - inside, total - by_chance)
    which = gammaln(n + 1) - gammaln(sizes + 1.0).sum()
    how_large = gammaln(n) - gammaln(g) - gammaln(n - g + 1)
    return float(worth * gain / 2 - which - how_large - np.log(n))


def _pull(weight: float, by_chance: float) -> float:
    return weight * np.log(weight / by_chance) if weight > 1e-9 * by_chance else 0.0
