"""Themes: those that the user named, those that the rest of the talk shows, and the levels above and below them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.themes import guided
from topicgpu.themes.described import describe
from topicgpu.themes.discovered import Discovered, find_discovered
from topicgpu.themes.edits import merge_and_hide, rename
from topicgpu.themes.guided import Assigned, Rows, assign
from topicgpu.themes.hierarchy import find_families, find_parts
from topicgpu.themes.matching import keep_ids
from topicgpu.themes.namer import Namer
from topicgpu.themes.stability import Group, discovered_stability, guided_stability
from topicgpu.themes.undescribed import undescribed
from topicgpu.types import (
    Clusters,
    Embeddings,
    Encode,
    Ints,
    Neighbors,
    Repeats,
    Segments,
    ThemeIds,
    Themes,
    check_rows,
)

__all__ = ["find_themes"]


def find_themes(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    neighbors: Neighbors,
    clusters: Clusters,
    config: ThemesSection,
    seed: int,
    encode: Encode,
    cluster: Group,
    earlier: ThemeIds | None = None,
    namer: Namer | None = None,
) -> Themes:
    """
    Assign guided themes, make themes of what they leave, and look for parts and families of them.

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Their vectors; rows that are not served get no theme.
    repeats : Repeats
        Left out of sizes, keywords and exemplars.
    neighbors : Neighbors
        Of the same segments.
    clusters : Clusters
        Groups of alike segments.
    config : ThemesSection
        Definitions and limits.
    seed : int
        Of the samples that stability is measured on, and of the groups in them.
    encode : callable
        Texts (m,) to unit vectors (m, d), for the phrases of the definitions.
    cluster : callable
        A symmetric graph (m, m), a resolution (0: chosen from it) and a seed to groups (m,), -1 for none.
    earlier : ThemeIds, optional
        Of the run whose ids discovered themes keep.
    namer : Namer, optional
        Words the names of discovered themes.

    Returns
    -------
    Themes
        Guided themes in the order of the configuration, then discovered ones by size.

    Raises
    ------
    MisalignedError
        If the inputs are not about the same segments.

    Notes
    -----
    The order matters: 1. guided themes; 2. discovered ones in what they leave; 3. parts of wide themes, and families;
    4. how stable each theme is; 5. tables, still without names; 6. permanent ids, by what an earlier run found, which
    was before any edit; 7. the user's merges and omissions; 8. keywords, exemplars and names of what is left; 9. the
    user's names.

    Near linear in the n k edges: a search for groups for each run of stability, and six in each wide theme.
    """
    check_rows(segments.fingerprint, embeddings, repeats, neighbors, clusters)
    n, n_guided, counted = len(segments), len(config.guided), embeddings.served & ~repeats.mask
    guide = _guide(Rows.of(segments, embeddings, repeats, neighbors), config, encode)

    def named(rows: Ints) -> Ints:
        """Guided themes of the rows that count, as if `rows` were all of the corpus."""
        return np.where(counted, _primary(guide(rows).sure, n), -1)

    assigned, likely = guide(np.arange(n))
    same: Sequence[float | None] = ()
    if config.discover:
        found = find_discovered(clusters, _primary(likely, n), n_guided, embeddings, repeats, config)
        assigned, same = _together(assigned, found, n_guided), found.same
    theme_of = np.where(counted, _primary(assigned, n), -1)  # guided themes come first
    discovered = np.where(theme_of < n_guided, -1, theme_of - n_guided)

    graph = fuzzy_graph(neighbors.indices, neighbors.distances)
    parts = find_parts(theme_of, embeddings.vectors, graph, cluster, config, seed)
    family_of = find_families(clusters.levels, discovered, config)
    runs, defined = config.stability_runs, np.where(theme_of < n_guided, theme_of, -1)
    stable = np.concatenate(
        [
            guided_stability(defined, n_guided, lambda rows: named(rows)[rows], runs, seed),
            discovered_stability(discovered, graph, clusters.levels, cluster, runs, seed),
        ]
    )
    themes = undescribed(assigned, theme_of, family_of, parts, stable, same, config, segments)
    themes = merge_and_hide(keep_ids(themes, segments, earlier), config)
    return rename(describe(themes, segments, embeddings, repeats, config, namer), config)


class _Guess(NamedTuple):
    """Guided themes that rows carry, and those that they would carry if `themes.threshold` were 0."""

    sure: Assigned
    likely: Assigned  # discovery is in what these leave: an unsure row of a guided theme makes no other one


def _guide(rows: Rows, config: ThemesSection, encode: Encode) -> Callable[[Ints], _Guess]:
    """Make the function that assigns guided themes to some segments, in their order, as if they were all there are."""
    known: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def encode_once(texts: Sequence[str]) -> NDArray[np.float32]:
        key = tuple(texts)
        if key not in known:
            known[key] = encode(texts)
        return known[key]

    def guide(segments: Ints) -> _Guess:
        some = rows.among(segments)
        if not len(some.place) or not config.guided:
            none = np.zeros(0, dtype=np.int64)
            nothing = Assigned(none, none, np.zeros(0, dtype=np.float32), none)
            return _Guess(nothing, nothing)
        posterior = guided.guide(some, config.guided, config.background, encode_once).posterior
        sure, likely = (assign(posterior, config.max_per_segment, least) for least in (config.threshold, 0.0))
        return _Guess(sure._replace(rows=some.place[sure.rows]), likely._replace(rows=some.place[likely.rows]))

    return guide


def _together(guided: Assigned, found: Discovered, n_guided: int) -> Assigned:
    own = np.flatnonzero(found.theme_of >= 0)
    further, nearest, low = found.further
    rows = np.concatenate([guided.rows, own, further])
    themes = np.concatenate([guided.themes, n_guided + found.theme_of[own], n_guided + nearest])
    strengths = np.concatenate([guided.strengths, found.strengths[own], low]).astype(np.float32)
    ranks = np.concatenate([guided.ranks, np.full(len(own), 1), np.full(len(further), 2)])
    order = np.lexsort((ranks, rows))
    return Assigned(rows[order], themes[order], strengths[order], ranks[order])


def _primary(assigned: Assigned, n: int) -> Ints:
    primary = np.full(n, -1, dtype=np.int64)
    first = assigned.ranks == 1
    primary[assigned.rows[first]] = assigned.themes[first]
    return primary
