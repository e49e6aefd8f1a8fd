"""Which themes are nearest to each other in the graph of neighbors, and in what order they would be joined."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from topicgpu.model.found import Found
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.types import Floats, Ints


class Join(NamedTuple):
    """Two groups that become one: numbers below t are topics, t + i is what join i made, as in SciPy's linkage."""

    left: int
    right: int
    nearness: float  # the criterion; 0 where no edge joins the two


def join_order(found: Found, device: str, fixed: Ints | None = None, until: int = 1) -> list[Join]:
    """
    Join the nearest two topics, again and again.

    Parameters
    ----------
    found : Found
        t topics.
    device : str
        Where edges are weighed.
    fixed : ndarray of int64, optional
        Topics that are not joined.
    until : int
        Groups that are left at the end.

    Returns
    -------
    list of Join
        At most t - until.

    Notes
    -----
    Nearness is the mean weight of an edge between two groups, times (1 / size + 1 / size): small groups go first, so
    that no large one swallows its neighbors one by one (Ward's rule has the same factor). Where no edge is left the
    means of the vectors decide. Time O(t^3) beside the graph.
    """
    weights, sizes = _between(found, device)
    cosines = (found.centers @ found.centers.T).astype(np.float64)
    t = len(sizes)
    number, joins = list(range(t)), []
    alive = np.ones(t, dtype=bool)
    free = np.ones(t, dtype=bool)
    free[fixed if fixed is not None else []] = False
    for step in range(t - until):
        places = np.flatnonzero(alive & free)
        if len(places) < 2:
            break
        first, second, nearness = _nearest(weights, cosines, sizes, places)
        joins.append(Join(number[first], number[second], nearness))
        mixed = (sizes[first] * cosines[first] + sizes[second] * cosines[second]) / (sizes[first] + sizes[second])
        cosines[first], cosines[:, first] = mixed, mixed
        weights[first] += weights[second]
        weights[:, first] += weights[:, second]
        sizes[first] += sizes[second]
        number[first], alive[second] = t + step, False
    return joins


def _nearest(weights: Floats, cosines: Floats, sizes: Floats, places: Ints) -> tuple[int, int, float]:
    some = np.ix_(places, places)
    size = sizes[places]
    nearness = weights[some] / np.outer(size, size) * (1 / size[:, None] + 1 / size[None])
    np.fill_diagonal(nearness, 0.0)
    table = nearness
    if not nearness.any():
        table = cosines[some].copy()
        np.fill_diagonal(table, -np.inf)
    first, second = sorted(int(place) for place in np.unravel_index(int(table.argmax()), table.shape))
    return int(places[first]), int(places[second]), float(nearness[first, second])


def _between(found: Found, device: str) -> tuple[Floats, Floats]:
    """(t, t) weight of edges between topics, and (t,) sizes."""
    graph = fuzzy_graph(found.neighbors.indices, found.neighbors.distances, device)
    rows = np.flatnonzero(found.topics >= 0)
    shape = (len(found), len(found.order))
    member = sparse.csr_array((np.ones(len(rows)), (rows, found.topics[rows])), shape=shape)
    sizes = np.maximum(np.asarray(member.sum(axis=0)).ravel(), 1.0)
    return (member.T @ graph @ member).toarray(), sizes
