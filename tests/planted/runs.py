"""A whole run made by hand: sources, what each says, and the themes of it. Tables are made, drift is measured."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from topicgpu.config import validate_config
from topicgpu.drift import drift
from topicgpu.ops.words import count_words
from topicgpu.types import (
    Dropped,
    Embeddings,
    Ints,
    Keyword,
    Map,
    Repeats,
    Segments,
    Sources,
    Theme,
    Themes,
    Turns,
    Vectors,
    iso_days,
)

_DIMENSION = 16
_BETWEEN = "\n"  # segments of one source


class Said(NamedTuple):
    """A segment."""

    text: str
    theme: int = -1
    speaker: str | None = None
    language: str = "en"


class Told(NamedTuple):
    """A source."""

    id: str
    said: Sequence[Said]
    date: str | None = None
    title: str | None = None
    genre: str | None = "talk"
    form: str | None = None
    series: str | None = None
    origin: str | None = None


class Named(NamedTuple):
    """A theme: guided where it has a definition."""

    name: str
    definition: str | None = None
    keywords: tuple[str, ...] = ("word",)


def run_of(told: Sequence[Told], named: Sequence[Named], config: dict[str, Any] | None = None) -> dict[str, Any]:
    """
    Make what a report is made of.

    Parameters
    ----------
    told : sequence of Told
        The sources.
    named : sequence of Named
        The themes, by whose place segments name them.
    config : dict, optional
        Of the run, but for its name.

    Returns
    -------
    dict
        Arguments of `topicgpu.report.Results`.
    """
    checked = validate_config({"name": "planted", **(config or {})}, "tests")
    sources, segments = _sources(told), _segments(told)
    theme = np.array([said.theme for source in told for said in source.said], dtype=np.int64)
    rng = np.random.default_rng(0)
    embeddings = _embeddings(rng, segments, theme)
    repeats = Repeats(_none(), _none(), (), np.zeros(0), len(segments), segments.fingerprint)
    themes = _themes(named, segments, theme)
    return {
        "config": checked,
        "manifest": {"name": "planted", "warnings": []},
        "sources": sources,
        "segments": segments,
        "embeddings": embeddings,
        "repeats": repeats,
        "map": Map(_places(rng, theme, len(named)), "a planted map", segments.fingerprint),
        "themes": themes,
        "drift": drift(sources, segments, embeddings, repeats, themes, checked.drift, seed=0),
    }


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _bounds(source: Told) -> Ints:
    """(n, 2) where each segment starts and ends in the text of its source."""
    lengths = np.array([len(said.text) for said in source.said], dtype=np.int64)
    ends = np.cumsum(lengths + len(_BETWEEN)) - len(_BETWEEN)
    return np.stack([ends - lengths, ends], axis=1)


def _sources(told: Sequence[Told]) -> Sources:
    days = [(None, None) if source.date is None else iso_days(source.date) for source in told]
    bounds = [_bounds(source) for source in told]
    number = [len(source.said) for source in told]
    flat = np.concatenate([*bounds, np.zeros((0, 2), dtype=np.int64)])
    n = sum(number)
    return Sources(
        source_id=tuple(source.id for source in told),
        title=tuple(source.title or source.id for source in told),
        date_start=tuple(first for first, _ in days),
        date_end=tuple(last for _, last in days),
        genre=tuple(source.genre for source in told),
        form=tuple(source.form for source in told),
        series=tuple(source.series for source in told),
        languages=tuple(tuple(dict.fromkeys(said.language for said in source.said)) or ("en",) for source in told),
        path=tuple(f"{source.id}.txt" for source in told),
        sha256=("0" * 64,) * len(told),
        origin=tuple(source.origin for source in told),
        text=tuple(_BETWEEN.join(said.text for said in source.said) for source in told),
        turns=Turns(
            source_id=tuple(chain.from_iterable([source.id] * len(source.said) for source in told)),
            position=_counted(number),
            start_char=flat[:, 0],
            end_char=flat[:, 1],
            kind=("speech",) * n,
            speaker=tuple(said.speaker for source in told for said in source.said),
            start_s=np.full(n, np.nan),
            end_s=np.full(n, np.nan),
            locator=(None,) * n,
        ),
        dropped=Dropped((), _none(), _none(), _none(), ()),
        warnings=(),
    )


def _segments(told: Sequence[Told]) -> Segments:
    said = [each for source in told for each in source.said]
    bounds = np.concatenate([*map(_bounds, told), np.zeros((0, 2), dtype=np.int64)])
    ids = tuple(chain.from_iterable([source.id] * len(source.said) for source in told))
    words = np.array([count_words(each.text) for each in said], dtype=np.int64)
    unknown = np.full(len(said), np.nan)
    return Segments(
        segment_id=tuple(f"{name}:{start}-{end}" for name, (start, end) in zip(ids, bounds.tolist(), strict=True)),
        source_id=ids,
        position=_counted([len(source.said) for source in told]),
        passage=np.full(len(said), -1),
        start_char=bounds[:, 0],
        end_char=bounds[:, 1],
        start_s=unknown,
        end_s=unknown,
        speaker=tuple(each.speaker for each in said),
        language=tuple(each.language for each in said),
        date=tuple(chain.from_iterable([source.date] * len(source.said) for source in told)),
        text=tuple(each.text for each in said),
        n_tokens=words,
        n_words=words,
    )


def _counted(number: Sequence[int]) -> Ints:
    return np.concatenate([*(np.arange(n) for n in number), _none()])


def _embeddings(rng: np.random.Generator, segments: Segments, theme: Ints) -> Embeddings:
    direction = rng.standard_normal((theme.max(initial=0) + 2, _DIMENSION))
    vectors = direction[theme] + rng.standard_normal((len(theme), _DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    served = np.ones(len(theme), dtype=bool)
    return Embeddings(vectors.astype(np.float32), served, "planted", "0", (), segments.fingerprint)


def _places(rng: np.random.Generator, theme: Ints, n_themes: int) -> Vectors:
    """(n, 2) a cloud for each theme, the clouds on a spiral."""
    turn = 2.4 * np.arange(n_themes + 1)
    centers = np.sqrt(np.arange(n_themes + 1))[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    places = centers[theme] + 0.4 * rng.standard_normal((len(theme), 2))
    return places.astype(np.float32)


def _themes(named: Sequence[Named], segments: Segments, theme: Ints) -> Themes:
    rows = np.flatnonzero(theme >= 0)
    own = [rows[theme[rows] == place] for place in range(len(named))]
    made = tuple(
        Theme(
            theme_id=f"t{place}",
            name=each.name,
            kind="discovered" if each.definition is None else "guided",
            description=each.definition,
            keywords=tuple(Keyword(term, 1.0) for term in each.keywords),
            size=len(own[place]),
            exemplars=tuple(segments.segment_id[row] for row in own[place][:8]),
        )
        for place, each in enumerate(named)
    )
    return Themes(
        themes=made,
        row=rows,
        theme=theme[rows],
        strength=np.full(len(rows), 0.5, dtype=np.float32),
        rank=np.ones(len(rows), dtype=np.int64),
        near_row=_none(),
        near_theme=_none(),
        near_strength=np.zeros(0, dtype=np.float32),
        n_rows=len(theme),
        rows=segments.fingerprint,
    )
