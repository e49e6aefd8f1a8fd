"""Planted drift of many sources: what the tests of drift see of a corpus, drawn in milliseconds from a known law."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Floats, Ints

DIMENSION, TERMS = 32, 100
THEME = 0  # the theme whose vectors and terms are drawn
SHARED = 1  # the theme whose share is looked at
_SHORTEST, _LONGEST, _MEDIAN = 20, 600, 110
_RUN = 4.0  # segments until a new theme is drawn; of five real transcripts 0.63 to 0.80 are of the next one's theme
_SPREAD = 0.7  # of the log of a source's intensities
# Squared lengths of a theme's mean vector and of what source, run and segment add: those of real themes with MiniLM.
_MEAN, _SOURCE, _WITHIN, _SEGMENT = 0.30, 0.04, 0.16, 0.50
_WORDS = (25, 75)  # of a segment
_TERMS_SAID = 10  # by a segment
_BURSTINESS = 100.0  # concentration of a source's terms around its theme's: less is burstier


@dataclass(frozen=True)
class Law:
    """
    What each of S sources would say on average.

    `shares` (S, K + 1), the last is no theme; `center` (S, DIMENSION) and `terms` (S, TERMS) of THEME alone; one row a
    source, so that genres differ by their rows.
    """

    shares: Floats
    center: Floats
    terms: Floats

    def __len__(self) -> int:
        return len(self.shares)


class Talk(NamedTuple):
    """The n segments of S sources in their order: each one's source, run, theme (K: none) and words."""

    source: Ints
    run: Ints
    theme: Ints
    words: Ints
    shape: tuple[int, int]  # S, K + 1

    @property
    def table(self) -> Floats:
        """(S, K + 1) words of each source and theme."""
        n_sources, n_columns = self.shape
        flat = np.bincount(self.source * n_columns + self.theme, self.words, n_sources * n_columns)
        table: Floats = flat.reshape(self.shape)
        return table

    @property
    def shares(self) -> Floats:
        """(S, K) shares of words."""
        table = self.table
        shares: Floats = table[:, :-1] / table.sum(axis=1, keepdims=True)
        return shares


def genres(rng: np.random.Generator, genre: Ints, n_themes: int = 12) -> Law:
    """
    Draw what genres talk about, and give each source its genre's.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the draws; the more genres, the more is drawn.
    genre : ndarray of int, shape (S,)
        Genre of each source, from 0.
    n_themes : int
        K.

    Returns
    -------
    Law
        S rows. THEME takes about 0.18 and SHARED 0.08 (0.04 to 0.16 where there are several genres), no theme about
        0.25, the others what is left in parts that differ by genre.
    """
    n = int(genre.max()) + 1
    told = np.array([0.08]) if n == 1 else np.linspace(0.04, 0.16, n)
    others = rng.dirichlet(np.full(n_themes - 2, 2.0), n) * (0.57 - told[:, None])
    shares = np.column_stack([np.full(n, 0.18), told, others, np.full(n, 0.25)])
    # Genres share half of where their theme lies.
    center = _sphere(rng, 1) + _sphere(rng, n)
    ranks = np.log(1.0 / (5.0 + np.arange(TERMS)))
    terms = _proportions(ranks + 0.7 * rng.normal(size=(n, TERMS)))
    return Law(shares[genre], np.sqrt(_MEAN) * _unit(center)[genre], terms[genre])


def draw_shares(rng: np.random.Generator, law: Law, wander: Floats | float = 0.0) -> Floats:
    """
    Draw how much each source means to say about each theme.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the draws.
    law : Law
        S rows.
    wander : float or ndarray, shape (S,)
        Added to the log of SHARED.

    Returns
    -------
    ndarray of float, shape (S, K + 1)
        Logistic normal around the law.
    """
    logs = np.log(law.shares) + _SPREAD * rng.normal(size=law.shares.shape)
    logs[:, SHARED] += wander
    return _proportions(logs)


def move_share(shares: Floats, after: NDArray[np.bool_], points: float, theme: int = SHARED) -> Floats:
    """
    Move share between a theme and no theme, in the later sources; the other themes keep theirs.

    Parameters
    ----------
    shares : ndarray of float, shape (S, K + 1)
        As drawn.
    after : ndarray of bool, shape (S,)
        The later sources.
    points : float
        Expected change of the theme's mean share; at most what the giver has.
    theme : int
        Which one.

    Returns
    -------
    ndarray of float, shape (S, K + 1)
        A copy. The giver gives the same fraction in each source.
    """
    giver, taker = (shares.shape[1] - 1, theme) if points > 0 else (theme, shares.shape[1] - 1)
    given = shares[:, giver] * (after * abs(points) / shares[:, giver].mean())
    moved = shares.copy()
    moved[:, giver] -= given
    moved[:, taker] += given
    return moved


def talk(rng: np.random.Generator, shares: Floats) -> Talk:
    """
    Let sources of very different lengths talk, in runs of a theme.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the draws.
    shares : ndarray of float, shape (S, K + 1)
        What each source means to say.

    Returns
    -------
    Talk
        20 to 600 segments a source: a Markov chain that keeps its theme or draws it anew.
    """
    n_sources = len(shares)
    lengths = np.clip(_MEDIAN * np.exp(0.9 * rng.normal(size=n_sources)), _SHORTEST, _LONGEST).astype(np.int64)
    source = np.repeat(np.arange(n_sources), lengths)
    starts = rng.random(len(source)) < 1 / _RUN
    starts[np.cumsum(lengths) - lengths] = True
    run = np.cumsum(starts) - 1
    of_run = source[starts]
    theme = (rng.random(len(of_run))[:, None] > shares.cumsum(axis=1)[of_run, :-1]).sum(axis=1)
    return Talk(source, run, theme[run], rng.integers(*_WORDS, len(source)), (n_sources, shares.shape[1]))


def theme_vectors(rng: np.random.Generator, law: Law, said: Talk, move: Floats | None = None) -> tuple[Floats, Ints]:
    """
    Draw the vectors of THEME's segments.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the draws.
    law : Law
        Where each source's theme lies.
    said : Talk
        The segments.
    move : ndarray of float, shape (S,), optional
        How far each source's mean is moved, along one direction.

    Returns
    -------
    tuple of (ndarray, ndarray)
        (m, DIMENSION) unit rows, and the source of each. A source, a run and a segment each add a part of their own.
    """
    rows = np.flatnonzero(said.theme == THEME)
    source, run = said.source[rows], said.run[rows]
    mean = law.center + np.sqrt(_SOURCE) * _cloud(rng, len(law))
    if move is not None:
        mean = mean + move[:, None] * _sphere(rng, 1)
    within = np.sqrt(_WITHIN) * _cloud(rng, int(run.max(initial=0)) + 1)
    vectors = mean[source] + within[run] + np.sqrt(_SEGMENT) * _cloud(rng, len(rows))
    return _unit(vectors), source


def theme_terms(rng: np.random.Generator, law: Law, said: Talk, move: Floats | None = None) -> tuple[Floats, Floats]:
    """
    Draw how many of THEME's segments say each term.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the draws.
    law : Law
        The terms' weights.
    said : Talk
        The segments.
    move : ndarray of float, shape (S,), optional
        Added to the log of the weights of ten frequent terms, and taken from that of ten others.

    Returns
    -------
    tuple of (ndarray, ndarray)
        (S, TERMS) segments of each source that say each term, and (S,) all of its segments of THEME. A source has
        weights of its own, so that terms come in bursts.
    """
    weights = law.terms
    if move is not None:
        moved = rng.permutation(50)[:20]
        sign = np.zeros(TERMS)
        sign[moved] = np.repeat([1.0, -1.0], 10)
        weights = _proportions(np.log(weights) + move[:, None] * sign)
    own = rng.standard_gamma(_BURSTINESS * weights)
    chance = 1 - np.exp(-_TERMS_SAID * own / own.sum(axis=1, keepdims=True))
    number = np.bincount(said.source[said.theme == THEME], minlength=len(law))
    return rng.binomial(number[:, None], chance).astype(np.float64), number.astype(np.float64)


def wander(rng: np.random.Generator, n_times: int, spread: float, coefficient: float = 0.5) -> Floats:
    """
    Draw a slow wander without a trend.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the draws.
    n_times : int
        Steps of time.
    spread : float
        Standard deviation at each of them.
    coefficient : float
        Of the first-order process.

    Returns
    -------
    ndarray of float, shape (n_times,)
        Stationary from the first step.
    """
    steps = spread * rng.normal(size=n_times)
    for time in range(1, n_times):
        steps[time] = coefficient * steps[time - 1] + np.sqrt(1 - coefficient**2) * steps[time]
    return steps


def moving_mix(rng: np.random.Generator, after: NDArray[np.bool_], shares: tuple[Floats, Floats]) -> Ints:
    """
    Draw the genre of each source, with shares of the genres that move.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the draws.
    after : ndarray of bool, shape (S,)
        The later sources.
    shares : pair of ndarray of float, shape (G,)
        Of each genre, before and after.

    Returns
    -------
    ndarray of int, shape (S,)
        From 0.
    """
    chances = np.stack(shares)[after.astype(np.int64)]
    genre: Ints = (rng.random(len(after))[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return genre


def _proportions(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    proportions: Floats = weights / weights.sum(axis=1, keepdims=True)
    return proportions


def _cloud(rng: np.random.Generator, n: int) -> Floats:
    """Rows of expected squared length 1."""
    rows: Floats = rng.normal(size=(n, DIMENSION)) / np.sqrt(DIMENSION)
    return rows


def _sphere(rng: np.random.Generator, n: int) -> Floats:
    return _unit(_cloud(rng, n))


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
