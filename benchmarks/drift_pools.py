"""Real corpora as pools of units, from which replications are drawn with their dates shuffled."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import CountVectorizer

from drift_planted import Case, mean_distances, units_of
from labelled import embed_cached, read_rows
from topicgpu.api import Run
from topicgpu.drift.changes.design import comparisons
from topicgpu.drift.changes.inside import LEAST, MOST
from topicgpu.types import Floats, Ints

_THEMES = 8  # of each pool, whose content and terms are looked at
_TERMS = 100  # of a theme, the most frequent
_GROUPS = 40  # themes of a corpus that has no labels


class Theme(NamedTuple):
    """One theme in N units."""

    column: int  # of the shares
    vectors: Floats  # (m, d)
    unit: Ints  # (m,)
    terms: Floats  # (N, V) segments of a unit that say the term
    exposure: Floats  # (N,) all of its segments of the theme
    apart: Floats  # (N, N) mean distances


@dataclass(frozen=True)
class Pool:
    """N units of a real corpus."""

    date: NDArray[np.str_]  # (N,)
    stratum: Ints  # (N,)
    segments: Floats  # (N, K + 1)
    themes: tuple[Theme, ...]

    def case(self, rng: np.random.Generator, n: int, n_strata: int) -> Case | None:
        """
        Draw n units in which a theme's content can be compared, of n_strata strata at most.

        The sides are the halves by date, shuffled inside strata. None where the theme has too few units.
        """
        theme = self.themes[rng.integers(len(self.themes))]
        enough = np.bincount(theme.unit, minlength=len(self.stratum)) >= LEAST
        kinds = rng.permutation(np.unique(self.stratum))[:n_strata]
        candidates = np.flatnonzero(enough & np.isin(self.stratum, kinds))
        if len(candidates) < n:
            return None
        drawn = rng.choice(candidates, n, replace=False)
        drawn = drawn[np.lexsort((rng.random(n), self.date[drawn]))]
        later = np.arange(n) >= n // 2
        for kind in kinds:
            inside = np.flatnonzero(self.stratum[drawn] == kind)
            later[inside] = rng.permutation(later[inside])
        return self._case(theme, np.concatenate([drawn[~later], drawn[later]]), np.sort(later))

    def _case(self, theme: Theme, drawn: Ints, later: NDArray[np.bool_]) -> Case:
        place = np.full(len(self.stratum), -1)
        place[drawn] = np.arange(len(drawn))
        inside = place[theme.unit] >= 0
        segments = self.segments[drawn]
        return Case(
            units=units_of(later.astype(np.int64), np.unique(self.stratum[drawn], return_inverse=True)[1]),
            comparison=comparisons(2)[0],
            n_periods=2,
            shares=segments[:, :-1] / segments.sum(axis=1, keepdims=True),
            theme=theme.column,
            segments=segments,
            vectors=theme.vectors[inside],
            source=place[theme.unit[inside]],
            terms=theme.terms[drawn],
            exposure=theme.exposure[drawn],
            apart=theme.apart[np.ix_(drawn, drawn)],
        )


def podcasts(folder: Path) -> Pool:
    """
    Read episodes as units and their shows as strata.

    `folder` is a run's; segments, vectors and repeats are enough. Themes are groups of k-means, so that nothing but the
    tests is tested here.
    """
    run = Run(folder)
    source_ids = run.sources.source_id
    place = {source: row for row, source in enumerate(source_ids)}
    rows = np.flatnonzero(run.embeddings.served & ~run.repeats.mask)
    unit = np.array([place[run.segments.source_id[row]] for row in rows])
    vectors = run.embeddings.vectors[rows]
    groups = MiniBatchKMeans(_GROUPS, random_state=0, n_init=1).fit_predict(vectors)
    texts = [run.segments.text[row] for row in rows]
    shows = np.unique([series or "" for series in run.sources.series], return_inverse=True)[1]
    dates = np.array([date or "" for date in run.sources.dates])
    return _pool(texts, vectors, unit, groups, dates, shows)


def beige_book(data: Path, cache: Path) -> Pool:
    """Read the labelled passages: all of a date are a unit, of one stratum; the labels are the themes."""
    rows = [row for row in read_rows(data / "beige-book" / "beige-book.jsonl.gz") if row.get("label")]
    texts = [row["text"] for row in rows]
    labels = np.unique([row["label"] for row in rows], return_inverse=True)[1]
    dates, unit = np.unique([row["date"][:7] for row in rows], return_inverse=True)
    return _pool(texts, embed_cached(texts, cache), unit, labels, dates, np.zeros(len(dates), dtype=np.int64))


def _pool(
    texts: Sequence[str], vectors: Floats, unit: Ints, theme: Ints, date: NDArray[np.str_], stratum: Ints
) -> Pool:
    rng = np.random.default_rng(0)
    segments = np.zeros((len(date), theme.max() + 2))
    np.add.at(segments, (unit, theme), 1)
    common = np.argsort(-(segments >= LEAST).sum(axis=0))[:_THEMES]
    themes = [_theme(rng, texts, vectors, unit, int(number), theme == number, len(date)) for number in common]
    return Pool(date, stratum, segments, tuple(themes))


def _theme(
    rng: np.random.Generator,
    texts: Sequence[str],
    vectors: Floats,
    unit: Ints,
    number: int,
    chosen: NDArray[np.bool_],
    n_units: int,
) -> Theme:
    rows = np.flatnonzero(chosen)
    rows = rows[np.lexsort((rng.random(len(rows)), unit[rows]))]
    words = CountVectorizer(binary=True, max_df=0.5, max_features=_TERMS).fit_transform([texts[row] for row in rows])
    own = (unit[rows] == np.arange(n_units)[:, None]).astype(np.float64)
    kept = rows[np.arange(len(rows)) - np.searchsorted(unit[rows], unit[rows]) < MOST]
    return Theme(
        column=number,
        vectors=vectors[kept].astype(np.float32),
        unit=unit[kept],
        terms=own @ words.toarray(),
        exposure=own.sum(axis=1),
        apart=mean_distances(vectors[kept], unit[kept], n_units),
    )
