"""Replications of drift: units with periods and strata, and what each kind of drift is told about them."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planted import drift as planted
from topicgpu.drift.changes.design import Comparison, comparisons
from topicgpu.drift.changes.inside import LEAST
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints

Null = Literal["exchangeable", "wander", "mix"]
_MOST = 24  # segments of the theme and a source, whose content is compared: the package has 64, at seven times the cost
_WANDERING_PERIODS = 30  # for 60 sources: enough for the circular shift
_WANDERS = (0.5, 0.15, 0.4)  # standard deviations: of the log of an intensity, a length, the log of weights
_MIX = (np.array([0.75, 0.25]), np.array([0.25, 0.75]))  # shares of two genres, before and after


@dataclass(frozen=True)
class Effect:
    """What was planted: points of share as a part of 1, length of the move of a theme's mean, log of terms' weights."""

    share: float = 0.0
    content: float = 0.0
    terms: float = 0.0
    themes: tuple[int, ...] = (planted.SHARED,)  # whose shares grow by that
    fading: tuple[int, ...] = ()  # whose shares halve


@dataclass(frozen=True)
class Case:
    """One replication of S sources, in the order of time."""

    units: Units
    comparison: Comparison
    n_periods: int
    shares: Floats  # (S, K) of words
    theme: int  # of the shares, which is tested
    segments: Floats  # (S, K + 1)
    vectors: Floats  # (m, d) of another theme
    source: Ints  # (m,)
    terms: Floats  # (S, V) segments of the same theme that say each term
    exposure: Floats  # (S,) all segments of that theme
    apart: Floats | None = None  # (S, S) mean distances, where they are known already

    @property
    def later(self) -> NDArray[np.bool_]:
        """(S,) on the later side."""
        return np.isin(self.units.period, self.comparison.later)

    @property
    def compared(self) -> NDArray[np.bool_]:
        """(S,) on either side."""
        return self.later | np.isin(self.units.period, self.comparison.earlier)

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """(S,) with enough segments of the theme for its content."""
        return np.bincount(self.source, minlength=len(self.units)) >= LEAST

    @cached_property
    def distances(self) -> Floats:
        """(S, S) mean distances between the vectors of two sources."""
        return mean_distances(self.vectors, self.source, len(self.units)) if self.apart is None else self.apart

    def first(self, n: int) -> "Case":
        """Keep the first n sources."""
        rows = self.source < n
        return replace(
            self,
            units=units_of(self.units.period[:n], self.units.stratum[:n]),
            shares=self.shares[:n],
            segments=self.segments[:n],
            vectors=self.vectors[rows],
            source=self.source[rows],
            terms=self.terms[:n],
            exposure=self.exposure[:n],
            apart=self.distances[:n, :n],
        )

    def without_strata(self) -> "Case":
        """Take all units for one stratum."""
        one = units_of(self.units.period, np.zeros_like(self.units.stratum))
        return replace(self, units=one, apart=self.distances)


def mean_distances(vectors: Floats, source: Ints, n_sources: int) -> Floats:
    """Average the distances between the unit rows of two sources, a row and itself among them; 0 for one without."""
    own = np.zeros((len(source), n_sources), dtype=np.float32)
    own[np.arange(len(source)), source] = 1
    sizes = np.maximum(own.sum(axis=0), 1.0)
    rows = vectors.astype(np.float32)
    table = own.T @ (np.sqrt(np.maximum(2 - 2 * rows @ rows.T, 0.0)) @ own)
    means: Floats = table.astype(np.float64) / np.outer(sizes, sizes)
    return means


def _drawn(rng: np.random.Generator, vectors: Floats, source: Ints) -> tuple[Floats, Ints]:
    """Keep some segments of each source; `source` ascends."""
    order = np.lexsort((rng.random(len(source)), source))
    kept = np.sort(order[np.arange(len(order)) - np.searchsorted(source, source) < _MOST])
    return vectors[kept], source[kept]


def units_of(period: Ints, stratum: Ints) -> Units:
    """Make each source a unit; `period` and `stratum` (S,), the first ascending."""
    strata = tuple(f"genre {number}" for number in range(int(stratum.max()) + 1))
    ids = tuple(f"{number:04d}" for number in range(len(period)))
    return Units("source", ids, period, stratum, strata, np.arange(len(period)))


def planted_case(
    rng: np.random.Generator,
    null: Null,
    sides: tuple[int, int],
    effect: Effect = Effect(),
    n_themes: int = 12,
    n_periods: int = 2,
) -> Case:
    """
    Draw a corpus from a known law.

    `sides` are the sources before and after. `exchangeable` is one law for all, but for `effect`; under `wander` two
    sources share a step of time, and with 60 sources each step is a period; under `mix` the genres' shares move.
    """
    n = sum(sides)
    after = np.arange(n) >= sides[0]
    genre = planted.moving_mix(rng, after, _MIX) if null == "mix" else np.zeros(n, dtype=np.int64)
    period = after.astype(np.int64) if n_periods == len(sides) else np.arange(n) * n_periods // n
    wandered, content, terms_move = (after * size for size in (0.0, effect.content, effect.terms))
    if null == "wander":
        step = np.arange(n) // 2
        wandered, content, terms_move = (planted.wander(rng, n // 2 + 1, size)[step] for size in _WANDERS)
        if n // 2 == _WANDERING_PERIODS:
            period, n_periods = step, _WANDERING_PERIODS
    law = planted.genres(rng, genre, n_themes)
    meant = planted.draw_shares(rng, law, wandered)
    if effect.share:
        for theme in effect.themes:
            meant = planted.move_share(meant, after, effect.share, theme)
        for theme in effect.fading:
            meant = planted.move_share(meant, after, -meant[:, theme].mean() / 2, theme)
    said = planted.talk(rng, meant)
    vectors, source = _drawn(rng, *planted.theme_vectors(rng, law, said, content))
    terms, exposure = planted.theme_terms(rng, law, said, terms_move)
    segments = np.bincount(said.source * said.shape[1] + said.theme, minlength=said.shape[0] * said.shape[1])
    return Case(
        units=units_of(period, genre),
        comparison=comparisons(n_periods)[-1],
        n_periods=n_periods,
        shares=said.shares,
        theme=planted.SHARED,
        segments=segments.reshape(said.shape).astype(np.float64),
        vectors=vectors,
        source=source,
        terms=terms,
        exposure=exposure,
    )
