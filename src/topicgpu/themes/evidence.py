"""How near each segment is to what a theme's phrases say, in units of the corpus's own noise."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import GuidedTheme
from topicgpu.types import Encode, Floats

# Chosen together with the constants of guided.py: benchmarks/guided.py has the table.
_BEST_PHRASES = 2
_BY_LUCK = 0.7  # "no theme" has more evidence than the best of all themes has by luck in this share of rows, ...
_NO_THEME_FROM = 1.65  # ... and at least this much
_THEMES_OF_CHANCE = 10.0  # what the phrases of few themes have in common may be their subject
_LEAST_NOISE = 0.02  # cosines that differ by less say nothing: rows that are all alike have no spread to measure by
_PARTS = re.compile(r"[:;,.]\s+|[，、；：。]")


class Evidence(NamedTuple):
    """What the vectors say, before words, passages, neighbors and order."""

    scores: Floats  # (n, t + 1), in units of the corpus's noise; the last column is "no theme"
    excluded: NDArray[np.bool_]  # (n, t): nearer to what the theme leaves out than to any of its phrases


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
        The description, its parts between commas and colons, and the seeds; none twice.
    """
    parts = [part.strip(" .") for part in _PARTS.split(theme.description)]
    return list(dict.fromkeys([theme.description, *filter(None, parts), *theme.seeds]))


def named_phrases_of(theme: GuidedTheme) -> list[str]:
    """
    List a theme's phrases with its name before each, which says which sense of it is meant.

    Parameters
    ----------
    theme : GuidedTheme
        Its definition.

    Returns
    -------
    list of str
        `name: phrase`, in the order of `phrases_of`.
    """
    return [f"{theme.name}: {phrase}" for phrase in phrases_of(theme)]


def phrase_evidence(
    vectors: NDArray[np.float32], themes: Sequence[GuidedTheme], background: Sequence[str], encode: Encode
) -> Evidence:
    """
    Compare each row with the phrases of each theme.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows.
    themes : sequence of GuidedTheme, length t
        Definitions.
    background : sequence of str
        Phrases for talk about no theme.
    encode : callable
        Texts (m,) to unit vectors (m, d).

    Returns
    -------
    Evidence
        A score of 0 is the middle of the corpus, 1 the spread of the rows below it.

    Notes
    -----
    A score is the mean cosine of the two nearest phrases, alone and after the theme's name, after the corpus mean was
    taken from all vectors. How near a row is to all phrases alike is left out, as far as it is beyond chance: encoders
    that set short queries apart from passages (multilingual-e5-small) would find little else. "No theme" has what the
    largest of t draws of noise stays below in seven rows of ten: of many themes one is always near by luck. Background
    phrases raise it. Time O(n d phrases); memory O(n t).
    """
    mean = vectors.mean(axis=0)
    rows = _unit(vectors - mean)
    groups = [phrases for theme in themes for phrases in (phrases_of(theme), named_phrases_of(theme), theme.exclude)]
    groups.append(tuple(background))
    encoded = _unit(encode([phrase for group in groups for phrase in group]) - mean)
    of_group = np.split(encoded, np.cumsum([len(group) for group in groups])[:-1])

    def cosines(number: int) -> NDArray[np.float32]:
        similar: NDArray[np.float32] = rows @ of_group[number].T
        return similar

    nearness = np.empty((len(vectors), len(themes)))
    excluded = np.zeros(nearness.shape, dtype=bool)
    for number, theme in enumerate(themes):
        plain = cosines(3 * number)
        nearness[:, number] = (_nearest(plain) + _nearest(cosines(3 * number + 1))) / 2
        if theme.exclude:
            excluded[:, number] = cosines(3 * number + 2).max(axis=1) > plain.max(axis=1)
    shared = _shared(nearness)
    nearness -= shared[:, None]
    middle, noise = _middle_and_noise(nearness)
    none = np.full(len(vectors), max(_NO_THEME_FROM, _largest_by_luck(len(themes))))
    if background:
        none = np.maximum(none, (cosines(len(groups) - 1).max(axis=1) - shared - middle.mean()) / noise.mean())
    return Evidence(np.column_stack([_standard(nearness, middle, noise), none]), excluded)


def _shared(nearness: Floats) -> Floats:
    """
    Estimate how near each row (n,) is to all themes (n, t) alike, by which a phrase is a phrase and not what it says.

    The mean over the themes, as far as its variance is beyond that of a mean of t themes with nothing in common.
    """
    t, mean = nearness.shape[1], nearness.mean(axis=1)
    by_chance = nearness.var(axis=0).mean() / t
    beyond = max(0.0, 1 - by_chance / max(mean.var(), np.finfo(float).tiny))
    shared: Floats = (mean - mean.mean()) * beyond * t / (t + _THEMES_OF_CHANCE)
    return shared


def in_units_of_noise(scores: Floats) -> Floats:
    """
    Put scores of any scale on the one of `phrase_evidence`.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, t)
        Larger is nearer.

    Returns
    -------
    ndarray of float64, shape (n, t)
        Middle of each theme's scores and their spread below it, half from the theme and half from all of them: most
        rows are not about a theme, so the lower half of its scores is noise.
    """
    middle, noise = _middle_and_noise(scores)
    # Where most rows have no such evidence at all (no words), their spread is none, and not the noise.
    return _standard(scores, middle, np.maximum(noise, scores.std() / 2))


def _middle_and_noise(scores: Floats) -> tuple[Floats, Floats]:
    middle = np.median(scores, axis=0)
    return middle, np.maximum(middle - np.percentile(scores, 16, axis=0), _LEAST_NOISE)


def _standard(scores: Floats, middle: Floats, noise: Floats) -> Floats:
    standard: Floats = (scores - (middle + middle.mean()) / 2) / np.sqrt(noise * noise.mean())
    return standard


def _largest_by_luck(n: int) -> float:
    from scipy.special import ndtri

    return float(ndtri(_BY_LUCK ** (1 / n)))


def _nearest(cosines: NDArray[np.float32]) -> Floats:
    place = max(0, cosines.shape[1] - _BEST_PHRASES)
    best: Floats = np.partition(cosines, place, axis=1)[:, place:].mean(axis=1, dtype=np.float64)
    return best


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
    return unit
