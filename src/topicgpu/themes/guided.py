"""Guided themes: how near each segment is to what the user described, decoded along each source."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import GuidedTheme
from topicgpu.ops.decode import decode
from topicgpu.themes.lexical import shared_words
from topicgpu.types import Floats, Ints

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

# Chosen by ablation on labelled sets with two fifths of the definitions left out at random (docs/measured.md).
_NO_THEME_FROM = 1.75  # evidence that "no theme" has at least, in units of the corpus's noise
_SHARPNESS = 2.0  # log-likelihood a unit of evidence
_BEST_PHRASES = 2
_WORDS_WEIGHT = 0.3
_PASSAGE_WEIGHT = 0.5  # of the mean evidence of a row's passage, beside its own
_FURTHER_FROM = 0.2  # posterior that a second or third theme needs
_NEAR_FROM = 0.05  # posterior below which a theme is not worth a second look


def guided_posterior(
    vectors: NDArray[np.float32],
    texts: Sequence[str],
    source_of: Sequence[str],
    passage_of: Ints,
    themes: Sequence[GuidedTheme],
    background: Sequence[str],
    encode: Encode,
) -> Floats:
    """
    Estimate how likely each row is about each guided theme.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows, in the order of the sources.
    texts : sequence of str, length n
        Of the rows.
    source_of : sequence of str, length n
        Source of each row; equal ones stand together.
    passage_of : ndarray of int64, shape (n,)
        Passage of each row within its source; -1: not known.
    themes : sequence of GuidedTheme, length t
        Definitions and phrases.
    background : sequence of str
        Phrases for talk about no theme.
    encode : callable
        Texts (m,) to unit vectors (m, d).

    Returns
    -------
    ndarray of float64, shape (n, t + 1)
        Posteriors; the last column is "no theme". Rows add to 1.

    Notes
    -----
    A theme's evidence is the mean cosine of its two nearest phrases, after the corpus mean was taken from all vectors,
    and the words in common; the scale is the corpus's own noise, so that one threshold serves every corpus. A row takes
    up to half of its evidence from its passage: that half times the reliability of the passages' means, 1 - 1 / F by
    the analysis of variance of its source, so that rows in no order share nothing. Time O(n d phrases).
    """
    evidence, excluded = _evidence(vectors, themes, background, encode)
    evidence[:, :-1] += _WORDS_WEIGHT * shared_words(texts, [_all_of(theme) for theme in themes])
    evidence = _with_passages(evidence, source_of, passage_of)
    evidence[:, :-1][excluded] = np.minimum(evidence[:, :-1][excluded], 0.0)  # neither words nor neighbors undo it
    lengths = [len(list(rows)) for _, rows in groupby(source_of)]
    return decode(_SHARPNESS * evidence, lengths).posterior


def _with_passages(evidence: Floats, source_of: Sequence[str], passage_of: Ints) -> Floats:
    mixed = evidence.copy()
    row = 0
    for _, group in groupby(source_of):
        rows = slice(row, row := row + len(list(group)))
        known = passage_of[rows] >= 0
        own, passages = evidence[rows][known], np.unique(passage_of[rows][known], return_inverse=True)[1]
        means, reliability = _passage_means(own, passages)
        mixed[rows][known] += _PASSAGE_WEIGHT * reliability * (means[passages] - own)
    return mixed


def _passage_means(evidence: Floats, passages: Ints) -> tuple[Floats, float]:
    """Means (p, t + 1), and how far they can be told from means of rows at random."""
    sizes = np.bincount(passages)
    means = np.zeros((len(sizes), evidence.shape[1]))
    np.add.at(means, passages, evidence)
    means /= sizes[:, None]
    n, p = len(evidence), len(sizes)
    within = float(((evidence - means[passages]) ** 2).sum()) / max(n - p, 1)
    between = float((sizes[:, None] * (means - evidence.mean(axis=0)) ** 2).sum()) / max(p - 1, 1) if p > 1 else 0.0
    return means, max(0.0, 1 - within / between) if between > 0 and n > p else 0.0


def phrases_of(theme: GuidedTheme) -> list[str]:
    """
    List the phrases that stand for a theme.

    Parameters
    ----------
    theme : GuidedTheme
        Its definition.

    Returns
    -------
    list of str
        Description and seeds.
    """
    return list(dict.fromkeys([theme.description, *theme.seeds]))


def _evidence(
    vectors: NDArray[np.float32], themes: Sequence[GuidedTheme], background: Sequence[str], encode: Encode
) -> tuple[Floats, NDArray[np.bool_]]:
    # The name before a phrase says which sense of it is meant; alone the phrase is nearer to how people talk.
    groups = [phrases for theme in themes for phrases in (phrases_of(theme), _named(theme), list(theme.exclude))]
    groups.append(list(background))
    mean = vectors.mean(axis=0)
    phrases = _unit(encode([text for group in groups for text in group]) - mean)
    ends = np.cumsum([len(group) for group in groups])
    cosines = np.split(_unit(vectors - mean) @ phrases.T, ends[:-1], axis=1)
    scores = np.empty((len(vectors), len(themes)))
    excluded = np.zeros(scores.shape, dtype=bool)
    for number in range(len(themes)):
        plain, named, others = cosines[3 * number : 3 * number + 3]
        scores[:, number] = (_nearest(plain) + _nearest(named)) / 2
        if others.shape[1]:
            excluded[:, number] = others.max(axis=1) > plain.max(axis=1)
    middle, noise = _noise(scores)
    standard = (scores - (middle + middle.mean()) / 2) / np.sqrt(noise * noise.mean())
    none = np.full(len(vectors), _NO_THEME_FROM)
    if background:
        none = np.maximum(none, (cosines[-1].max(axis=1) - middle.mean()) / noise.mean())
    return np.column_stack([standard, none]), excluded


def _nearest(cosines: NDArray[np.float32]) -> Floats:
    best: Floats = np.sort(cosines, axis=1)[:, -_BEST_PHRASES:].mean(axis=1, dtype=np.float64)
    return best


def _all_of(theme: GuidedTheme) -> str:
    return " ".join([theme.name, *phrases_of(theme)])


def _named(theme: GuidedTheme) -> list[str]:
    return [f"{theme.name}: {phrase}" for phrase in phrases_of(theme)]


def _noise(scores: Floats) -> tuple[Floats, Floats]:
    """Middle and lower spread of each theme's scores: most rows are not about it, so its lower half is noise."""
    middle = np.median(scores, axis=0)
    spread = middle - np.percentile(scores, 16, axis=0)
    # Rows that are all alike (one segment, or one said over and over) have no spread to measure by.
    return middle, np.maximum(spread, 1e-3)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
    return unit


class Assigned(NamedTuple):
    """Which rows carry which themes, and which come near."""

    rows: Ints  # ascending
    themes: Ints
    strengths: NDArray[np.float32]
    ranks: Ints  # from 1 within a row; 0 where a row only comes near


def assign(posterior: Floats, at_most: int) -> Assigned:
    """
    Turn posteriors into assignments: a row carries the themes that it is likely enough to be about.

    Parameters
    ----------
    posterior : ndarray of float64, shape (n, t + 1)
        The last column is "no theme"; a row where it is the largest carries nothing.
    at_most : int
        Themes a row may carry.

    Returns
    -------
    Assigned
        A row's largest posterior has rank 1, further ones of at least 0.2 follow; what is over 0.05 comes near.
    """
    themes = posterior[:, :-1]
    order = np.argsort(-themes, axis=1, kind="stable")
    sorted_ = np.take_along_axis(themes, order, axis=1)
    place = np.arange(themes.shape[1])
    about = (sorted_[:, :1] >= posterior[:, -1:]) & (place < at_most)
    carried = about & ((place == 0) | (sorted_ >= _FURTHER_FROM))
    rows, places = np.nonzero(carried | (sorted_ >= _NEAR_FROM))
    ranks = np.where(carried[rows, places], places + 1, 0)
    return Assigned(rows, order[rows, places], sorted_[rows, places].astype(np.float32), ranks)
