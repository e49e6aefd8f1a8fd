"""Levels beside the themes: parts inside wide ones, and families of alike ones."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.config import ThemesSection
from topicgpu.ops.among import among
from topicgpu.ops.by_size import by_size
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.topk import topk
from topicgpu.themes.stability import Group, samples, stability
from topicgpu.types import Floats, Ints, Levels

# Chosen by benchmarks/parts.py: of clouds without groups one in 25 is parted at 48 and 60 rows, and none at 100; of
# mixed labels eight to nine in ten.
_WIDE = 6  # times the least size of a theme
_STABLE_FROM = 0.8
_HOPEFUL_FROM = 0.7  # of the first run, below which the others are not made
_SHARE = 0.7  # of the rows, where nine in ten would hold few rows together by themselves
_RUNS = 5
_K = 30
_RESOLUTION = 1.0  # what the grain is for most themes, by themselves; to choose it takes most of the time
_SEARCHED = 1_000  # rows, to which neighbors among a theme's own rows are looked for; beyond, the corpus's are as good
_MANY_THEMES = 12  # up to them a list is read without families


class Parts(NamedTuple):
    """Parts of themes, those of the first theme first, by falling size."""

    part_of: Ints  # (n,) from 0; -1: in none
    theme: Ints  # (s,) that each is a part of
    stability: Floats  # (s,)


def find_parts(
    theme_of: Ints,
    vectors: NDArray[np.float32],
    graph: sparse.csr_array,
    group: Group,
    config: ThemesSection,
    seed: int,
) -> Parts:
    """
    Part wide themes where their rows show several groups that come back.

    Parameters
    ----------
    theme_of : ndarray of int64, shape (n,)
        Themes from 0 of the rows that count; -1: none.
    vectors : ndarray of float32, shape (n, d)
        Unit rows.
    graph : csr_array
        (n, n) of the corpus's neighbors.
    group : callable
        Finds groups in a graph.
    config : ThemesSection
        Gives `subthemes`, and in `min_segments` the rows that a part needs; a theme needs six times as many.
    seed : int
        Of groups and samples.

    Returns
    -------
    Parts
        At least two for each theme that has any. A theme is parted where, weighted by size, its parts' stability over
        samples of seven tenths of the rows is at least 0.8.

    Notes
    -----
    For a theme of m rows a search of m^2 d FLOP, up to 1,000 rows, and six searches for groups.
    """
    part_of = np.full(len(theme_of), -1, dtype=np.int64)
    theme: list[int] = []
    stable: list[float] = []
    sizes = np.bincount(theme_of[theme_of >= 0])
    wide = np.flatnonzero(sizes >= _WIDE * config.min_segments) if config.subthemes else sizes[:0]
    rows_of = [np.flatnonzero(theme_of == number) for number in wide]
    # The search for groups leaves Python: threads run side by side.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda rows: _parts_of(rows, vectors, graph, group, config.min_segments, seed), rows_of)
        for number, rows, (parts, again) in zip(wide, rows_of, found, strict=True):
            part_of[rows] = np.where(parts >= 0, parts + len(theme), -1)
            theme += [int(number)] * len(again)
            stable += again.tolist()
    return Parts(part_of, np.array(theme, dtype=np.int64), np.array(stable))


def _parts_of(
    rows: Ints, vectors: NDArray[np.float32], graph: sparse.csr_array, group: Group, at_least: int, seed: int
) -> tuple[Ints, Floats]:
    """Parts of one theme and their stability; none where they would not come back."""
    none = np.full(len(rows), -1, dtype=np.int64), np.zeros(0)
    own = _graph_of(rows, vectors, graph)
    parts = by_size(group(own, _RESOLUTION, seed), at_least)
    if parts.max() < 1:
        return none
    sizes = np.bincount(parts[parts >= 0])
    again = _stability(parts, own, group, 1, seed)
    if np.average(again, weights=sizes) >= _HOPEFUL_FROM:
        again = _stability(parts, own, group, _RUNS, seed)
    return (parts, again) if np.average(again, weights=sizes) >= _STABLE_FROM else none


def _graph_of(rows: Ints, vectors: NDArray[np.float32], graph: sparse.csr_array) -> sparse.csr_array:
    if len(rows) > _SEARCHED:
        return among(graph, rows)
    own = torch.from_numpy(vectors[rows])
    found = topk(own, own, min(_K, len(rows) - 1), exclude_self=True)
    return fuzzy_graph(found.indices.numpy(), np.maximum(1 - found.scores.numpy(), 0))


def _stability(parts: Ints, graph: sparse.csr_array, group: Group, runs: int, seed: int) -> Floats:
    def regroup(places: Ints, seed: int) -> Ints:
        return group(among(graph, places), _RESOLUTION, seed)

    return stability(parts, regroup, samples(len(parts), runs, seed, _SHARE), seed)


def find_families(levels: Levels | None, theme_of: Ints, config: ThemesSection) -> Ints:
    """
    Put discovered themes into families, where there are many.

    Parameters
    ----------
    levels : Levels or None
        Groups of the rows at several grains.
    theme_of : ndarray of int64, shape (n,)
        Discovered themes from 0 of the rows that count; -1: none.
    config : ThemesSection
        Gives `subthemes`: whether to look for levels at all.

    Returns
    -------
    ndarray of int64, shape (t,)
        Family of each theme, from 0 by falling number of themes; -1 for those that stand alone, and for all where there
        are 12 themes or fewer, or no coarser level that joins them to at most half as many groups.
    """
    n_themes = int(theme_of.max(initial=-1)) + 1
    alone = np.full(n_themes, -1, dtype=np.int64)
    if levels is None or n_themes <= _MANY_THEMES or not config.subthemes:
        return alone
    for coarser in levels.groups[levels.chosen + 1 :]:
        inside = (theme_of >= 0) & (coarser >= 0)
        shares = np.zeros((n_themes, int(coarser.max()) + 1))
        np.add.at(shares, (theme_of[inside], coarser[inside]), 1)
        families = by_size(shares.argmax(axis=1), 1)
        if families.max() + 1 <= n_themes // 2:
            return by_size(families, 2)
    return alone
