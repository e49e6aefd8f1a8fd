"""Themes: those that the user named, and those that the rest of the talk shows."""

from dataclasses import replace

import numpy as np

from topicgpu.config import ThemesSection
from topicgpu.themes.discovered import free_clusters, name_of
from topicgpu.themes.edits import merge_and_hide, rename
from topicgpu.themes.exemplars import exemplars
from topicgpu.themes.guided import Assigned, Encode, assign, guided_posterior
from topicgpu.themes.keywords import theme_keywords
from topicgpu.themes.matching import keep_ids
from topicgpu.types import Clusters, Embeddings, Repeats, Segments, Theme, ThemeIds, Themes, check_rows

__all__ = ["find_themes"]


def find_themes(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    clusters: Clusters,
    config: ThemesSection,
    encode: Encode,
    earlier: ThemeIds | None = None,
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
    earlier : ThemeIds, optional
        Of the run whose ids discovered themes keep.

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
    assigned = _guided(segments, embeddings, config, encode)
    if config.discover:
        assigned = _with_discovered(assigned, clusters, repeats, len(config.guided), config.min_segments)
    found = _undescribed(assigned, config, segments, repeats)
    themes = merge_and_hide(keep_ids(found, segments, earlier), config)
    return rename(_described(themes, config, segments, embeddings, repeats), config)


def _guided(segments: Segments, embeddings: Embeddings, config: ThemesSection, encode: Encode) -> Assigned:
    served = np.flatnonzero(embeddings.served)
    if not len(served) or not config.guided:
        none = np.zeros(0, dtype=np.int64)
        return Assigned(none, none, np.zeros(0, dtype=np.float32), none)
    source_of = [segments.source_id[row] for row in served]
    texts = [segments.text[row] for row in served]
    vectors = embeddings.vectors[served]
    posterior = guided_posterior(
        vectors, texts, source_of, segments.passage[served], config.guided, config.background, encode
    )
    assigned = assign(posterior, config.max_per_segment)
    return assigned._replace(rows=served[assigned.rows])


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


def _undescribed(assigned: Assigned, config: ThemesSection, segments: Segments, repeats: Repeats) -> Themes:
    row, theme, strength, rank = assigned
    carried = rank > 0
    counted = (rank == 1) & ~repeats.mask[row]
    n_discovered = max(0, int(theme.max(initial=-1)) + 1 - len(config.guided))
    sizes = np.bincount(theme[counted], minlength=len(config.guided) + n_discovered)
    guided = [Theme(each.id, each.name, "guided", each.description, (), 0, ()) for each in config.guided]
    discovered = [Theme(f"new {number}", "", "discovered", None, (), 0, ()) for number in range(n_discovered)]
    return Themes(
        themes=tuple(replace(each, size=int(size)) for each, size in zip([*guided, *discovered], sizes, strict=True)),
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


def _described(
    themes: Themes, config: ThemesSection, segments: Segments, embeddings: Embeddings, repeats: Repeats
) -> Themes:
    primary = themes.primary
    primary[repeats.row] = -1
    sureness = np.zeros(len(segments), dtype=np.float32)
    first = themes.rank == 1
    sureness[themes.row[first]] = themes.strength[first]
    counted = [place for place in range(len(segments)) if embeddings.served[place] and not repeats.mask[place]]
    keywords = theme_keywords(
        [segments.text[place] for place in counted], primary[counted], len(themes.themes), config.n_keywords
    )
    described = []
    for number, (theme, words) in enumerate(zip(themes.themes, keywords, strict=True)):
        rows = np.flatnonzero(primary == number)
        shown = exemplars(rows, sureness[rows], embeddings.vectors, segments, config.n_exemplars)
        described.append(replace(theme, name=theme.name or name_of(words), keywords=words, exemplars=shown))
    return replace(themes, themes=tuple(described))
