"""Names and evidence: keywords, exemplars and a name for each theme, at each level."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from topicgpu.config import ThemesSection
from topicgpu.ops.terms import Terms, find_terms
from topicgpu.themes.exemplars import exemplars
from topicgpu.themes.keywords import find_keywords, keywords_by_language
from topicgpu.themes.namer import Namer
from topicgpu.themes.names import name_themes
from topicgpu.types import Embeddings, Ints, Repeats, Segments, Theme, Themes


def describe(
    themes: Themes,
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    config: ThemesSection,
    namer: Namer | None = None,
) -> Themes:
    """
    Name the themes, and show them by keywords and segments.

    Parameters
    ----------
    themes : Themes
        Discovered ones without names.
    segments : Segments
        n rows.
    embeddings : Embeddings
        Rows that are not served show nothing.
    repeats : Repeats
        They show nothing either.
    config : ThemesSection
        How many keywords and exemplars.
    namer : Namer, optional
        Words the names of discovered themes, subthemes and families.

    Returns
    -------
    Themes
        Names are told apart from all others of their level, a subtheme's from those of its siblings. Family sizes are
        those of their themes.
    """
    rows = np.flatnonzero(embeddings.served & ~repeats.mask)
    languages = [segments.language[row] for row in rows]
    terms = find_terms([segments.text[row] for row in rows], languages)
    primary = themes.primary[rows]
    part = np.full(len(segments), -1, dtype=np.int64)
    part[themes.sub_row] = themes.sub
    part = part[rows]
    family = _families(themes)[primary]
    sure = np.zeros(len(segments), dtype=np.float32)
    first = themes.rank == 1
    sure[themes.row[first]] = themes.strength[first]

    def shown(level: Sequence[Theme], class_of: Ints) -> tuple[Theme, ...]:
        words = find_keywords(terms, class_of, len(level), config.n_keywords) if level else []
        typical = [
            exemplars(members, sure[members], embeddings.vectors, segments, config.n_exemplars)
            for members in (rows[class_of == number] for number in range(len(level)))
        ]
        return tuple(
            replace(theme, keywords=keywords, exemplars=shown, size=int((class_of == number).sum()))
            for number, (theme, keywords, shown) in enumerate(zip(level, words, typical, strict=True))
        )

    by_language = keywords_by_language(terms, primary, len(themes.themes), config.n_keywords, languages)
    described = replace(
        themes,
        themes=tuple(
            replace(theme, keywords_by_language=found)
            for theme, found in zip(shown(themes.themes, primary), by_language, strict=True)
        ),
        subthemes=shown(themes.subthemes, part),
        families=shown(themes.families, family),
    )
    return _named(described, terms, primary, part, family, segments, namer)


def _families(themes: Themes) -> Ints:
    """(t + 1,) number of each theme's family, -1 for none and in the last place."""
    number = {family.theme_id: place for place, family in enumerate(themes.families)}
    of = [number.get(theme.parent_id or "", -1) for theme in themes.themes]
    return np.array([*of, -1], dtype=np.int64)


def _named(
    themes: Themes, terms: Terms, primary: Ints, part: Ints, family: Ints, segments: Segments, namer: Namer | None
) -> Themes:
    taken = [theme.name for theme in themes.themes if theme.name]
    names = name_themes(terms, primary, len(themes.themes), taken)
    top = [theme.name or name for theme, name in zip(themes.themes, names, strict=True)]
    parts = [""] * len(themes.subthemes)
    for number, theme in enumerate(themes.themes):
        own = [place for place, part in enumerate(themes.subthemes) if part.parent_id == theme.theme_id]
        if own:
            members = np.flatnonzero(np.isin(part, own))
            siblings = np.searchsorted(own, part[members])
            for place, name in zip(own, name_themes(terms.of(members), siblings, len(own), [top[number]]), strict=True):
                parts[place] = name
    above = name_themes(terms, family, len(themes.families), top) if themes.families else []
    if namer:
        top, parts, above = _worded(themes, [*top, *parts, *above], segments, namer)
    return replace(
        themes,
        themes=_with_names(themes.themes, top),
        subthemes=_with_names(themes.subthemes, parts),
        families=_with_names(themes.families, above),
    )


def _with_names(themes: Sequence[Theme], names: Sequence[str]) -> tuple[Theme, ...]:
    return tuple(replace(theme, name=name) for theme, name in zip(themes, names, strict=True))


def _worded(
    themes: Themes, names: list[str], segments: Segments, namer: Namer
) -> tuple[list[str], list[str], list[str]]:
    """Names by a language model, of all but guided themes."""
    found = [number for number, theme in enumerate(themes.all) if theme.kind == "discovered"]
    if found:
        text_of = dict(zip(segments.segment_id, segments.text, strict=True))
        keywords = [[keyword.term for keyword in themes.all[number].keywords] for number in found]
        examples = [[text_of[name] for name in themes.all[number].exemplars] for number in found]
        given = [theme.name for theme in themes.all if theme.kind == "guided"]
        for number, name in zip(
            found, namer([names[number] for number in found], keywords, examples, given), strict=True
        ):
            names[number] = name
    first, second = len(themes.themes), len(themes.themes) + len(themes.subthemes)
    return names[:first], names[first:second], names[second:]
