"""Themes: those that the user named, and those that the rest of the talk shows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.themes.discovered import free_clusters, name_of, theme_id_of
from topicgpu.themes.evidence import Encode
from topicgpu.themes.exemplars import exemplars
from topicgpu.themes.guided import Assigned, Rows, assign, guided_posterior
from topicgpu.themes.keywords import theme_keywords
from topicgpu.types import Clusters, Embeddings, Ints, Keyword, Neighbors, Repeats, Segments, Theme, Themes, check_rows

__all__ = ["find_themes"]


def find_themes(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    neighbors: Neighbors,
    clusters: Clusters,
    config: ThemesSection,
    encode: Encode,
) -> Themes:
    """
    Assign guided themes, and make themes of the clusters that they leave.

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Their vectors; rows that are not served get no theme.
    repeats : Repeats
        Left out of sizes, keywords and exemplars.
    neighbors : Neighbors
        The most similar segments of each.
    clusters : Clusters
        Groups of alike segments.
    config : ThemesSection
        Definitions and limits.
    encode : callable
        Texts (m,) to unit vectors (m, d), for the phrases of the definitions.

    Returns
    -------
    Themes
        Guided themes in the order of the configuration, then discovered ones by size.

    Raises
    ------
    MisalignedError
        If the inputs are not about the same segments.
    """
    check_rows(segments.fingerprint, embeddings, repeats, neighbors, clusters)
    assigned = _guided(segments, embeddings, repeats, neighbors, config, encode)
    if config.discover:
        assigned = _with_discovered(assigned, clusters, repeats, len(config.guided), config.min_segments)
    row, theme, strength, rank = assigned
    primary = np.full(len(segments), -1, dtype=np.int64)
    primary[row[rank == 1]] = theme[rank == 1]
    primary[repeats.row] = -1
    sureness = np.zeros(len(segments), dtype=np.float32)
    sureness[row[rank == 1]] = strength[rank == 1]
    n_themes = max(len(config.guided), int(theme.max(initial=-1)) + 1)
    counted = [place for place in range(len(segments)) if embeddings.served[place] and not repeats.mask[place]]
    keywords = theme_keywords(
        [segments.text[place] for place in counted], primary[counted], n_themes, config.n_keywords
    )
    themes = _describe(config, primary, sureness, keywords, segments, embeddings.vectors)
    carried = rank > 0
    return Themes(
        themes=themes,
        row=row[carried],
        theme=theme[carried],
        strength=strength[carried],
        rank=rank[carried],
        near_row=row[~carried],
        near_theme=theme[~carried],
        near_strength=strength[~carried],
        n_rows=len(segments),
        rows=segments.fingerprint,
    )


def _guided(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    neighbors: Neighbors,
    config: ThemesSection,
    encode: Encode,
) -> Assigned:
    rows = Rows.of(segments, embeddings, repeats, neighbors)
    if not len(rows.place) or not config.guided:
        none = np.zeros(0, dtype=np.int64)
        return Assigned(none, none, np.zeros(0, dtype=np.float32), none)
    posterior = guided_posterior(rows, config.guided, config.background, encode)
    assigned = assign(posterior, config.max_per_segment, config.threshold)
    return assigned._replace(rows=rows.place[assigned.rows])


def _with_discovered(guided: Assigned, clusters: Clusters, repeats: Repeats, n_guided: int, at_least: int) -> Assigned:
    taken = np.zeros(len(clusters), dtype=bool)
    taken[guided.rows[guided.ranks > 0]] = True
    parts = [guided]
    for number, rows in enumerate(free_clusters(clusters, taken, repeats, at_least)):
        theme = np.full(len(rows), n_guided + number)
        parts.append(Assigned(rows, theme, clusters.strengths[rows], np.ones(len(rows), dtype=np.int64)))
    rows, themes, strengths, ranks = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((ranks, rows))
    return Assigned(rows[order], themes[order], strengths[order], ranks[order])


def _describe(
    config: ThemesSection,
    primary: Ints,
    sureness: NDArray[np.float32],
    keywords: Sequence[tuple[Keyword, ...]],
    segments: Segments,
    vectors: NDArray[np.float32],
) -> tuple[Theme, ...]:
    themes: list[Theme] = []
    for number, words in enumerate(keywords):
        rows = np.flatnonzero(primary == number)
        guided = config.guided[number] if number < len(config.guided) else None
        name = guided.name if guided else name_of(words)
        themes.append(
            Theme(
                theme_id=guided.id if guided else theme_id_of(name, {theme.theme_id for theme in themes}),
                name=name,
                kind="guided" if guided else "discovered",
                description=guided.description if guided else None,
                keywords=words,
                size=len(rows),
                exemplars=exemplars(rows, sureness[rows], vectors, segments, config.n_exemplars),
            )
        )
    return tuple(themes)
