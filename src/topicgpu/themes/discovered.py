"""Discovered themes: what the groups of alike segments hold that no guided theme takes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.ops.agreement import overlaps
from topicgpu.ops.by_size import by_size
from topicgpu.themes.noise import nearest_themes, strengths_in
from topicgpu.types import Clusters, Embeddings, Floats, Ints, Repeats

_OWNED_FROM = 0.5  # share of a group in one guided theme, from which the rest of it is no other theme
_SAME_FROM = 0.5  # overlap of a guided theme with a group, from which discovery has found it again


class Discovered(NamedTuple):
    """Which rows are about which discovered theme, and what discovery makes of the guided ones."""

    theme_of: Ints  # (n,) from 0 by falling size; -1: none
    strengths: Floats  # (n,) in [0, 1]; 0 without a theme
    further: tuple[Ints, Ints, Floats]  # rows of noise, and theme and strength of each, under the policy soft
    same: tuple[float | None, ...]  # (t,) overlap of each guided theme with a group, where it is the same


def find_discovered(
    clusters: Clusters,
    guided: Ints,
    n_guided: int,
    embeddings: Embeddings,
    repeats: Repeats,
    config: ThemesSection,
) -> Discovered:
    """
    Make themes of the groups that no guided theme has half of: of their rows without a guided theme.

    Parameters
    ----------
    clusters : Clusters
        Groups of the n rows, all of the corpus together.
    guided : ndarray of int64, shape (n,)
        Guided theme of each row, -1 where it has none.
    n_guided : int
        Their number, t.
    embeddings : Embeddings
        Rows that are not served have no theme.
    repeats : Repeats
        They follow what they repeat, and are not counted.
    config : ThemesSection
        Gives `min_segments` and `noise`.

    Returns
    -------
    Discovered
        Themes by falling size, equal sizes by their lowest row. Noise is what has no theme, or is below the threshold
        in it, outside of groups that a guided theme has half of.

    Notes
    -----
    Groups of the left-over rows by themselves fit labels worse (DECISIONS 54): what the guided themes took shows where
    one subject ends and the next begins. O(n (d + t)), and O(n d) for each theme that noise is compared with.
    """
    counted = embeddings.served & ~repeats.mask
    labels, free = clusters.labels, guided < 0
    owned = _owned(labels, guided, n_guided, counted)
    theme_of = by_size(np.where(free & counted & ~owned, labels, -1), config.min_segments)
    strengths = strengths_in(theme_of, clusters.strengths, embeddings.vectors, counted)
    theme_of = by_size(np.where(strengths < config.noise.threshold, -1, theme_of), config.min_segments)
    noise = np.flatnonzero(free & counted & ~owned & (theme_of < 0))
    further = noise[:0], noise[:0], strengths[:0]
    if config.noise.policy != "keep" and (theme_of >= 0).any():
        nearest, low = nearest_themes(noise, theme_of, clusters.strengths, embeddings.vectors, counted)
        if config.noise.policy == "soft":
            further = noise, nearest, low
        else:
            theme_of[noise], strengths[noise] = nearest, low
            theme_of = by_size(theme_of, 1)
    follow = repeats.row[free[repeats.row]]
    original = repeats.of[free[repeats.row]]
    theme_of[follow], strengths[follow] = theme_of[original], strengths[original]
    best = overlaps(np.append(guided[counted], n_guided - 1), np.append(labels[counted], -1)).max(axis=1, initial=0)
    same = tuple(float(value) if value >= _SAME_FROM else None for value in best)
    return Discovered(theme_of, np.where(theme_of >= 0, strengths, 0), further, same)


def _owned(labels: Ints, guided: Ints, n_guided: int, counted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) True for rows of groups that one guided theme has half of."""
    inside = counted & (labels >= 0)
    rows = np.zeros((int(labels.max(initial=-1)) + 2, n_guided + 1))  # the last ones: in no group, no theme
    np.add.at(rows, (labels[inside], guided[inside]), 1)
    most = rows[:, :n_guided].max(axis=1, initial=0)
    owned: NDArray[np.bool_] = ((most > 0) & (most >= _OWNED_FROM * rows.sum(axis=1)))[labels]
    return owned
