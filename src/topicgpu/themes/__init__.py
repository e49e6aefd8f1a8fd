"""Themes: those that the user named, and those that the rest of the talk shows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.themes.discovered import free_clusters
from topicgpu.themes.exemplars import exemplars
from topicgpu.themes.guided import Assigned, Encode, assign, guided_posterior
from topicgpu.themes.keywords import find_keywords, keywords_by_language
from topicgpu.themes.namer import Namer
from topicgpu.themes.names import name_themes
from topicgpu.themes.terms import Terms, find_terms
from topicgpu.types import Clusters, Embeddings, Ints, Keyword, Repeats, Segments, Theme, Themes, check_rows

__all__ = ["find_themes"]


def find_themes(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    clusters: Clusters,
    config: ThemesSection,
    encode: Encode,
    namer: Namer | None = None,
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
    namer : Namer, optional
        Words the names of the discovered themes.

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
    row, theme, strength, rank = assigned
    primary = np.full(len(segments), -1, dtype=np.int64)
    primary[row[rank == 1]] = theme[rank == 1]
    primary[repeats.row] = -1
    sureness = np.zeros(len(segments), dtype=np.float32)
    sureness[row[rank == 1]] = strength[rank == 1]
    n_themes = max(len(config.guided), int(theme.max(initial=-1)) + 1)
    counted = np.flatnonzero(embeddings.served & ~repeats.mask)
    texts, languages = ([column[row] for row in counted] for column in (segments.text, segments.language))
    terms = find_terms(texts, languages)
    keywords = find_keywords(terms, primary[counted], n_themes, config.n_keywords)
    themes = _describe(config, primary, sureness, keywords, segments, embeddings.vectors)
    by_language = keywords_by_language(terms, primary[counted], n_themes, config.n_keywords, languages)
    themes = tuple(replace(theme, keywords_by_language=found) for theme, found in zip(themes, by_language, strict=True))
    themes = _named(themes, terms, primary[counted], segments, namer)
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
        themes.append(
            Theme(
                theme_id=guided.id if guided else f"d{number - len(config.guided) + 1}",
                name=guided.name if guided else "",
                kind="guided" if guided else "discovered",
                description=guided.description if guided else None,
                keywords=words,
                size=len(rows),
                exemplars=exemplars(rows, sureness[rows], vectors, segments, config.n_exemplars),
            )
        )
    return tuple(themes)


def _named(
    themes: Sequence[Theme], terms: Terms, classes: Ints, segments: Segments, namer: Namer | None
) -> tuple[Theme, ...]:
    """Name the discovered themes."""
    new = [number for number, theme in enumerate(themes) if theme.kind == "discovered"]
    given = [theme.name for theme in themes if theme.kind == "guided"]
    names = name_themes(terms, classes, len(themes), taken=given)
    chosen = [names[number] for number in new]
    if namer and new:
        text_of = dict(zip(segments.segment_id, segments.text, strict=True))
        keywords = [[keyword.term for keyword in themes[number].keywords] for number in new]
        examples = [[text_of[name] for name in themes[number].exemplars] for number in new]
        chosen = namer(chosen, keywords, examples, taken=given)
    name_of = dict(zip(new, chosen, strict=True))
    return tuple(replace(theme, name=name_of.get(number, theme.name)) for number, theme in enumerate(themes))
