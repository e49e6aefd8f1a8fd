"""How stable a theme is: how much of it comes back when it is looked for again in a part of the rows."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from scipy import sparse

from topicgpu.ops.agreement import found_again
from topicgpu.ops.among import among
from topicgpu.types import Floats, Ints, Levels

Group = Callable[[sparse.csr_array, float, int], Ints]  # a graph, a resolution (0: chosen) and a seed to groups
Regroup = Callable[[Ints, int], Ints]  # places (m,) and a seed to the groups of the rows there, -1 for none

_GUIDED_ROWS = 100_000  # that guided themes are looked for again in, in all runs together, but in one run at least


def samples(n: int, runs: int, seed: int, share: float = 0.9) -> Iterator[Ints]:
    """
    Draw parts of the rows, the same ones for the same numbers.

    Parameters
    ----------
    n : int
        Rows.
    runs : int
        Parts.
    seed : int
        Of the draws.
    share : float
        Of the rows in a part.

    Yields
    ------
    ndarray of int64
        Ascending places.
    """
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        yield np.sort(rng.permutation(n)[: max(round(n * share), 1)])


def stability(groups: Ints, regroup: Regroup, parts: Iterable[Ints], seed: int) -> Floats:
    """
    Find groups again in parts of their rows, each time with another seed.

    Parameters
    ----------
    groups : ndarray of int64, shape (n,)
        Groups from 0; -1: in none.
    regroup : callable
        Finds groups among the rows at places (m,), with a seed.
    parts : iterable of ndarray
        Places, as `samples` draws them.
    seed : int
        Each run has one of its own, counted from here.

    Returns
    -------
    ndarray of float64, shape (g,)
        Mean over the runs of each group's largest overlap (Jaccard) with a group of the run, on the rows that the run
        saw; NaN where no run saw a row of it.

    References
    ----------
    .. [1] C. Hennig, Cluster-wise assessment of cluster stability, Computational Statistics and Data Analysis 52, 2007.
    """
    n_groups = int(groups.max(initial=-1)) + 1
    total, seen = np.zeros(n_groups), np.zeros(n_groups)
    for run, places in enumerate(parts, start=1):
        before = groups[places]
        again = found_again(before, regroup(places, seed + run))
        total[: len(again)] += again
        seen += np.bincount(before[before >= 0], minlength=n_groups) > 0
    mean: Floats = np.divide(total, seen, out=np.full(n_groups, np.nan), where=seen > 0)
    return mean


def discovered_stability(
    theme_of: Ints, graph: sparse.csr_array, levels: Levels | None, group: Group, runs: int, seed: int
) -> Floats:
    """
    Measure how stable discovered themes are.

    Parameters
    ----------
    theme_of : ndarray of int64, shape (n,)
        Themes from 0 of the rows that count; -1: none.
    graph : csr_array
        (n, n) that their groups were found in; it is cut to each sample, and no neighbors are looked for again.
    levels : Levels or None
        Of the groups; the chosen one's resolution is kept. None: they were found by another method.
    group : callable
        Finds groups in a graph.
    runs : int
        Samples of nine in ten rows, each with a seed of its own.
    seed : int
        Of the samples and searches.

    Returns
    -------
    ndarray of float64, shape (t,)
        As `stability` has it, over the rows with a discovered theme; NaN where there are no levels or no runs.
    """
    if levels is None:
        return np.full(int(theme_of.max(initial=-1)) + 1, np.nan)
    rows = np.flatnonzero(np.diff(graph.indptr))
    resolution = levels.resolutions[levels.chosen]

    def regroup(places: Ints, seed: int) -> Ints:
        sample = rows[places]
        return np.where(theme_of[sample] >= 0, group(among(graph, sample), resolution, seed), -1)

    return stability(theme_of[rows], regroup, samples(len(rows), runs, seed), seed)


def guided_stability(theme_of: Ints, n_themes: int, guide: Callable[[Ints], Ints], runs: int, seed: int) -> Floats:
    """
    Measure how stable guided themes are: how far their segments depend on which others are in the corpus.

    Parameters
    ----------
    theme_of : ndarray of int64, shape (n,)
        Guided themes of the rows that count; -1: none.
    n_themes : int
        Guided themes, t.
    guide : callable
        Rows (m,) to their guided themes, as if they were all of the corpus.
    runs : int
        Samples of nine in ten rows; of a large corpus fewer, as far as they have 100,000 rows together, and never
        smaller ones: few of a row's neighbors are left in those, and in a stretch of one time a theme that comes or
        goes would look unstable.
    seed : int
        Of the samples.

    Returns
    -------
    ndarray of float64, shape (t,)
        As `stability` has it; NaN for a theme without rows.
    """
    stable = np.full(n_themes, np.nan)
    found = stability(
        theme_of,
        lambda places, _: guide(places),
        samples(len(theme_of), min(runs, max(1, _GUIDED_ROWS // max(len(theme_of), 1))), seed),
        seed,
    )
    stable[: len(found)] = found
    return stable
