"""Why a segment has its themes: the phrases, terms and neighbors that made each assignment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from topicgpu.config import GuidedTheme, ThemesSection
from topicgpu.ops.terms import terms_of
from topicgpu.themes.evidence import named_phrases_of, phrases_of
from topicgpu.themes.guided import Guided, Rows, guide
from topicgpu.types import Embeddings, Encode, Ints, Neighbors, Repeats, Segments, Strings, Themes

_PHRASES = 3
_TERMS = 6
_NEIGHBORS = 3


@dataclass(frozen=True)
class Reasons:
    """What speaks for one theme in one segment."""

    theme_id: str
    name: str
    kind: str
    rank: int | None  # None: the nearest guided theme that the segment does not carry
    strength: float
    phrases: tuple[tuple[str, float], ...] = ()  # nearest phrases of the definition, cosine without the corpus mean
    terms: Strings = ()  # of the definition (guided) or the theme's keywords (discovered), in the segment
    grown_terms: Strings = ()  # terms in the segment that the corpus adds to the definition
    steps: tuple[tuple[str, float], ...] = ()  # strength after each kind of evidence
    neighbors: Strings = ()  # nearest segments that carry the theme
    left_out: bool = False  # nearer to what the theme leaves out than to its phrases


@dataclass(frozen=True)
class Explanation:
    """A segment, what it is about, and why."""

    segment_id: str
    text: str
    themes: tuple[Reasons, ...]  # those that it carries by rank, then the runner-up
    no_theme: float | None  # strength of "no theme" among the guided ones; None: there are none

    def __str__(self) -> str:
        lines = [self.segment_id, f"  {self.text}"]
        for reasons in self.themes:
            place = f"theme {reasons.rank}" if reasons.rank else "not carried"
            lines.append(f"  {place}: {reasons.name} ({reasons.theme_id}), strength {reasons.strength:.2f}")
            lines.extend(f"    {cosine:.2f} {phrase}" for phrase, cosine in reasons.phrases)
            for what, terms in (("terms", reasons.terms), ("grown terms", reasons.grown_terms)):
                lines.extend([f"    {what}: {', '.join(terms)}"] if terms else [])
            if reasons.steps:
                lines.append("    " + ", ".join(f"{step} {strength:.2f}" for step, strength in reasons.steps))
            lines.extend([f"    like {', '.join(reasons.neighbors)}"] if reasons.neighbors else [])
            lines.extend(["    nearer to what the theme leaves out"] if reasons.left_out else [])
        if self.no_theme is not None:
            lines.append(f"  no guided theme: {self.no_theme:.2f}")
        return "\n".join(lines)


def explain(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    neighbors: Neighbors,
    themes: Themes,
    config: ThemesSection,
    encode: Encode,
    row: int,
) -> Explanation:
    """
    Say why a segment has its themes.

    Parameters
    ----------
    segments : Segments
        Of the run, as are all that follow.
    embeddings : Embeddings
        Their vectors.
    repeats : Repeats
        Twins among them share their figures.
    neighbors : Neighbors
        The most similar segments of each.
    themes : Themes
        To be explained.
    config : ThemesSection
        The settings that `themes` was made with.
    encode : callable
        Texts (m,) to unit vectors (m, d), by the run's encoder.
    row : int
        Of the segment.

    Returns
    -------
    Explanation
        The guided evidence is computed again, for all rows, since they bear on each other: as dear as the stage.
    """
    carried = np.flatnonzero(themes.row == row)
    by_theme = {int(themes.theme[place]): int(place) for place in carried}
    reasons: dict[int, Reasons] = {}
    no_theme = None
    if embeddings.served[row] and config.guided:
        rows = Rows.of(segments, embeddings, repeats, neighbors)
        guided = guide(rows, config.guided, config.background, encode)
        here = int(np.searchsorted(rows.place, row))
        no_theme = float(guided.posterior[here, -1])
        ids = [theme.theme_id for theme in themes.themes]
        wanted = [number for number, theme in enumerate(config.guided) if ids.index(theme.id) in by_theme]
        order = np.argsort(-guided.posterior[here, :-1], kind="stable")
        wanted += [int(number) for number in order if number not in wanted][:1]
        for number in wanted:
            place = by_theme.get(ids.index(config.guided[number].id))
            rank = None if place is None else int(themes.rank[place])
            reasons[ids.index(config.guided[number].id)] = _of_guided(
                config.guided[number], number, rank, rows, here, guided, encode
            )
    for theme, place in by_theme.items():
        if theme not in reasons:
            reasons[theme] = _of_discovered(themes, theme, place, segments.text[row])
    explained = [_with_neighbors(one, theme, row, segments, neighbors, themes) for theme, one in reasons.items()]
    explained.sort(key=lambda one: (one.rank is None, one.rank or 0))
    return Explanation(segments.segment_id[row], segments.text[row], tuple(explained), no_theme)


def _of_guided(
    theme: GuidedTheme, number: int, rank: int | None, rows: Rows, here: int, guided: Guided, encode: Encode
) -> Reasons:
    phrases = [*phrases_of(theme), *named_phrases_of(theme)]
    mean = rows.vectors.mean(axis=0)
    own, said = rows.vectors[here] - mean, encode(phrases) - mean
    lengths = np.linalg.norm(said, axis=1) * np.linalg.norm(own)
    cosines = said @ own / np.maximum(lengths, np.finfo(np.float32).tiny)
    nearest = np.argsort(-cosines, kind="stable")[:_PHRASES]
    vocabulary = guided.vocabulary
    definition = np.asarray(vocabulary.definitions[[number]].todense()).reshape(-1)
    terms = vocabulary.strongest(here, definition, _TERMS)
    grown = vocabulary.strongest(here, guided.term_weights[number], _TERMS + len(terms))
    steps = (
        ("alone", guided.alone),
        ("with its passage", guided.with_passage),
        ("with its neighbors", guided.with_neighbors),
        ("in order", guided.posterior),
    )
    return Reasons(
        theme.id,
        theme.name,
        "guided",
        rank,
        float(guided.posterior[here, number]),
        phrases=tuple((phrases[place], float(cosines[place])) for place in nearest),
        terms=terms,
        grown_terms=tuple(term for term in grown if term not in terms)[:_TERMS],
        steps=tuple((what, float(table[here, number])) for what, table in steps),
        left_out=bool(guided.excluded[here, number]),
    )


def _of_discovered(themes: Themes, theme: int, place: int, text: str) -> Reasons:
    about = themes.themes[theme]
    used = set(terms_of(text))
    return Reasons(
        about.theme_id,
        about.name,
        about.kind,
        int(themes.rank[place]),
        float(themes.strength[place]),
        terms=tuple(keyword.term for keyword in about.keywords if keyword.term in used),
    )


def _with_neighbors(
    reasons: Reasons, theme: int, row: int, segments: Segments, neighbors: Neighbors, themes: Themes
) -> Reasons:
    near: Ints = neighbors.indices[row]
    near = near[near >= 0]
    alike: Sequence[int] = near[themes.carries(theme)[near]][:_NEIGHBORS].tolist()
    return replace(reasons, neighbors=tuple(segments.segment_id[place] for place in alike))
