"""Real corpora as pools of units, from which replications are drawn with their dates shuffled."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from drift_planted import Case, mean_distances, units_of
from topicgpu.api import Run
from topicgpu.drift.changes.design import comparisons
from topicgpu.drift.changes.inside import LEAST, MOST
from topicgpu.drift.periods import assign_periods
from topicgpu.drift.shares.counts import Counts, count_units
from topicgpu.drift.units import Units, inference_units
from topicgpu.types import Floats, Ints

_THEMES = 8  # of each pool, whose content and terms are looked at
_LEAST_UNITS = 12
_TERMS = 100  # of a theme, the most frequent


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

    name: str
    date: NDArray[np.str_]  # (N,) of the unit, or of its period
    stratum: Ints  # (N,)
    shares: Floats  # (N, K) of segments
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
        drawn = np.concatenate([drawn[~later], drawn[later]])
        return self._case(theme, drawn, np.arange(n) >= (~later).sum())

    def _case(self, theme: Theme, drawn: Ints, later: NDArray[np.bool_]) -> Case:
        place = np.full(len(self.stratum), -1)
        place[drawn] = np.arange(len(drawn))
        inside = place[theme.unit] >= 0
        return Case(
            units=units_of(later.astype(np.int64), np.unique(self.stratum[drawn], return_inverse=True)[1]),
            comparison=comparisons(2)[0],
            n_periods=2,
            shares=self.shares[drawn],
            theme=theme.column,
            segments=self.segments[drawn],
            vectors=theme.vectors[inside],
            source=place[theme.unit[inside]],
            terms=theme.terms[drawn],
            exposure=theme.exposure[drawn],
            apart=theme.apart[np.ix_(drawn, drawn)],
        )


def read_pool(name: str, folder: Path, kind: Literal["source", "date"], seed: int = 0) -> Pool:
    """Read a run folder; `kind` is what is one unit."""
    run = Run(folder)
    counts = count_units(run.sources, run.segments, run.embeddings, run.repeats, run.themes)
    counted = {counts.source_ids[index] for index in np.unique(counts.source)}
    units = inference_units(run.sources, assign_periods(run.sources, counted, "year"), kind)
    unit = units.of_source[counts.source]
    primary = run.themes.primary[counts.row]
    n_themes = counts.columns.n_themes
    known = unit >= 0
    columns = np.where(primary < 0, n_themes, primary)
    segments = np.zeros((len(units), n_themes + 1))
    np.add.at(segments, (unit[known], columns[known]), 1)
    usable = (segments[:, :-1] >= LEAST).sum(axis=0)
    chosen = [int(theme) for theme in np.argsort(-usable)[:_THEMES] if usable[theme] >= _LEAST_UNITS]
    rng = np.random.default_rng(seed)
    return Pool(
        name=name,
        date=_dates(run, units),
        stratum=units.stratum,
        shares=segments[:, :-1] / segments.sum(axis=1, keepdims=True),
        segments=segments,
        themes=tuple(_theme(rng, run, counts, theme, unit, len(units)) for theme in chosen),
    )


def _dates(run: Run, units: Units) -> NDArray[np.str_]:
    date = dict(zip(run.sources.source_id, run.sources.dates, strict=True))
    dates = [""] * len(units)
    for source, unit in zip(sorted(date), units.of_source, strict=True):
        if unit >= 0:
            dates[unit] = date[source] or ""
    return np.array(dates)


def _theme(rng: np.random.Generator, run: Run, counts: Counts, theme: int, unit: Ints, n_units: int) -> Theme:
    rows = np.flatnonzero((run.themes.primary[counts.row] == theme) & (unit >= 0))
    rows = rows[np.lexsort((rng.random(len(rows)), unit[rows]))]
    rank = np.arange(len(rows)) - np.searchsorted(unit[rows], unit[rows])
    texts = [run.segments.text[counts.row[row]] for row in rows]
    words = CountVectorizer(binary=True, min_df=max(5, len(rows) // 200), max_df=0.5, max_features=_TERMS)
    own = (unit[rows] == np.arange(n_units)[:, None]).astype(np.float64)
    kept = rows[rank < MOST]
    vectors = run.embeddings.vectors[counts.row[kept]].astype(np.float32)
    return Theme(
        column=theme,
        vectors=vectors,
        unit=unit[kept],
        terms=own @ words.fit_transform(texts).toarray(),
        exposure=own.sum(axis=1),
        apart=mean_distances(vectors, unit[kept], n_units),
    )
