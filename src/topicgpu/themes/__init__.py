"""Themes: those that the user named, and those that the rest of the talk shows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.themes.discovered import free_clusters, name_of, theme_id_of
from topicgpu.themes.exemplars import exemplars
from topicgpu.themes.guided import Encode, assign, guided_posterior
from topicgpu.themes.keywords import theme_keywords
from topicgpu.types import Clusters, Embeddings, Ints, Keyword, Repeats, Segments, Theme, Themes, check_rows

__all__ = ["find_themes"]

_FURTHER_FROM = 0.2  # posterior that a second or third theme needs


def find_themes(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
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
    check_rows(segments.fingerprint, embeddings, repeats, clusters)
    columns = _guided(segments, embeddings, config, encode)
    if config.discover:
        columns = _with_discovered(columns, clusters, repeats, len(config.guided), config.min_segments)
    row, theme, strength, rank = columns
    primary = np.full(len(segments), -1, dtype=np.int64)
    primary[row[rank == 1]] = theme[rank == 1]
    primary[repeats.row] = -1
    n_themes = max(len(config.guided), int(theme.max(initial=-1)) + 1)
    counted = [place for place in range(len(segments)) if embeddings.served[place] and not repeats.mask[place]]
    keywords = theme_keywords(
        [segments.text[place] for place in counted], primary[counted], n_themes, config.n_keywords
    )
    themes = _describe(config, primary, keywords, segments, embeddings.vectors)
    return Themes(themes, row, theme, strength, rank, len(segments), segments.fingerprint)


_Columns = tuple[Ints, Ints, NDArray[np.float32], Ints]


def _guided(segments: Segments, embeddings: Embeddings, config: ThemesSection, encode: Encode) -> _Columns:
    served = np.flatnonzero(embeddings.served)
    if not len(served) or not config.guided:
        none = np.zeros(0, dtype=np.int64)
        return none, none, np.zeros(0, dtype=np.float32), none
    source_of = [segments.source_id[row] for row in served]
    vectors = embeddings.vectors[served]
    posterior = guided_posterior(vectors, source_of, config.guided, config.background, encode)
    row, theme, strength, rank = assign(posterior, config.max_per_segment, _FURTHER_FROM)
    return served[row], theme, strength, rank


def _with_discovered(columns: _Columns, clusters: Clusters, repeats: Repeats, n_guided: int, at_least: int) -> _Columns:
    row, theme, strength, rank = columns
    taken = np.zeros(len(clusters), dtype=bool)
    taken[row] = True
    for number, rows in enumerate(free_clusters(clusters, taken, repeats, at_least)):
        row = np.concatenate([row, rows])
        theme = np.concatenate([theme, np.full(len(rows), n_guided + number)])
        strength = np.concatenate([strength, clusters.strengths[rows]])
        rank = np.concatenate([rank, np.ones(len(rows), dtype=np.int64)])
    order = np.lexsort((rank, row))
    return row[order], theme[order], strength[order], rank[order]


def _describe(
    config: ThemesSection,
    primary: Ints,
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
                exemplars=exemplars(rows, vectors, segments, config.n_exemplars),
            )
        )
    return tuple(themes)
