"""Themes: those that the user named, those that the rest of the talk shows, and the levels above and below them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.themes.described import Describer
from topicgpu.themes.discovered import Discovered, find_discovered
from topicgpu.themes.guided import Assigned, Encode, assign, guided_posterior
from topicgpu.themes.hierarchy import find_families, find_parts
from topicgpu.themes.stability import Group, discovered_stability, guided_stability
from topicgpu.types import Clusters, Embeddings, Ints, Neighbors, Repeats, Segments, Themes, check_rows

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
    Near linear in the n k edges: a search for groups for each run of stability, and six in each wide theme.
    """
    check_rows(segments.fingerprint, embeddings, repeats, neighbors, clusters)
    n, n_guided, counted = len(segments), len(config.guided), embeddings.served & ~repeats.mask
    guide = _guide(segments, embeddings, config, encode)
    assigned = guide(np.arange(n))
    same: Sequence[float | None] = ()
    if config.discover:
        found = find_discovered(clusters, _primary(assigned, n), n_guided, embeddings, repeats, config)
        assigned, same = _together(assigned, found, n_guided), found.same
    theme_of = np.where(counted, _primary(assigned, n), -1)
    named = np.where(theme_of < n_guided, theme_of, -1)
    discovered = np.where(theme_of < n_guided, -1, theme_of - n_guided)

    graph = fuzzy_graph(neighbors.indices, neighbors.distances)
    parts = find_parts(theme_of, embeddings.vectors, graph, cluster, config, seed)
    family_of = find_families(clusters.levels, discovered, config)

    ids = _ids(config, len(family_of), len(parts.theme), int(family_of.max(initial=-1)) + 1)
    stable = (
        *guided_stability(named, n_guided, lambda rows: _primary(guide(rows), n)[rows], config.stability_runs, seed),
        *discovered_stability(discovered, graph, clusters.levels, cluster, config.stability_runs, seed),
    )
    of_themes = (*(None,) * n_guided, *(ids.families[family] if family >= 0 else None for family in family_of))
    table = Describer(segments, embeddings, np.flatnonzero(counted), _sureness(assigned, n), config)
    in_family = np.append(family_of, -1)[discovered]
    carried = assigned.ranks > 0
    sub_row = np.flatnonzero(parts.part_of >= 0)
    return Themes(
        themes=table.describe("theme", ids.themes, theme_of, of_themes, stable, same),
        row=assigned.rows[carried],
        theme=assigned.themes[carried],
        strength=assigned.strengths[carried],
        rank=assigned.ranks[carried],
        near_row=assigned.rows[~carried],
        near_theme=assigned.themes[~carried],
        near_strength=assigned.strengths[~carried],
        n_rows=n,
        rows=segments.fingerprint,
        subthemes=table.describe(
            "subtheme", ids.subthemes, parts.part_of, [ids.themes[theme] for theme in parts.theme], parts.stability
        ),
        sub_row=sub_row,
        sub=parts.part_of[sub_row],
        families=table.describe("family", ids.families, in_family),
        next_number=ids.next_number,
    )


class _Ids(NamedTuple):
    """Of the themes, parts and families of a run."""

    themes: tuple[str, ...]
    subthemes: tuple[str, ...]
    families: tuple[str, ...]
    next_number: int


def _ids(config: ThemesSection, n_discovered: int, n_parts: int, n_families: int) -> _Ids:
    """Guided themes have those of the configuration; all others are counted through, the numbers in use left out."""
    guided = tuple(theme.id for theme in config.guided)
    wanted = n_discovered + n_parts + n_families
    free = [name for name in (f"d{number}" for number in range(1, wanted + len(guided) + 2)) if name not in guided]
    themes, rest = free[:n_discovered], free[n_discovered:wanted]
    return _Ids((*guided, *themes), tuple(rest[:n_parts]), tuple(rest[n_parts:]), int(free[wanted][1:]))


def _guide(
    segments: Segments, embeddings: Embeddings, config: ThemesSection, encode: Encode
) -> Callable[[Ints], Assigned]:
    """Make the function that assigns guided themes to some rows, in their order, as if they were all of the corpus."""
    known: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def encode_once(texts: Sequence[str]) -> NDArray[np.float32]:
        key = tuple(texts)
        if key not in known:
            known[key] = encode(texts)
        return known[key]

    def guide(rows: Ints) -> Assigned:
        rows = rows[embeddings.served[rows]]
        if not len(rows) or not config.guided:
            none = np.zeros(0, dtype=np.int64)
            return Assigned(none, none, np.zeros(0, dtype=np.float32), none)
        posterior = guided_posterior(
            embeddings.vectors[rows],
            [segments.text[row] for row in rows],
            [segments.source_id[row] for row in rows],
            segments.passage[rows],
            config.guided,
            config.background,
            encode_once,
        )
        assigned = assign(posterior, config.max_per_segment)
        return assigned._replace(rows=rows[assigned.rows])

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


def _sureness(assigned: Assigned, n: int) -> NDArray[np.float32]:
    sureness = np.zeros(n, dtype=np.float32)
    first = assigned.ranks == 1
    sureness[assigned.rows[first]] = assigned.strengths[first]
    return sureness
