"""The words that mark a theme: class-based TF-IDF over words and pairs of words."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from topicgpu.themes.terms import terms_of
from topicgpu.types import Ints, Keyword

_MIN_ROWS = 2  # a term must be in this many of a theme's segments: one segment's word does not mark a theme


def theme_keywords(texts: Sequence[str], classes: Ints, n_classes: int, n_keywords: int) -> list[tuple[Keyword, ...]]:
    """
    Find each class's most distinctive terms.

    Parameters
    ----------
    texts : sequence of str, length n
        Segments.
    classes : ndarray of int, shape (n,)
        Class of each, -1 for none; those count as one more class, so that words of everyday talk weigh little.
    n_classes : int
        Number of classes.
    n_keywords : int
        Terms wanted a class.

    Returns
    -------
    list of tuple of Keyword
        For each class, by falling weight; fewer where the class has fewer terms.

    Notes
    -----
    Weight = share of the term in the class times log(1 + mean words a class / count of the term in all classes).

    References
    ----------
    .. [1] M. Grootendorst, BERTopic: neural topic modeling with a class-based TF-IDF procedure, 2022, equation 2.
    """
    counts = [Counter[str]() for _ in range(n_classes + 1)]
    rows_with = [Counter[str]() for _ in range(n_classes + 1)]
    for text, label in zip(texts, classes, strict=True):
        terms = terms_of(text)
        counts[label].update(terms)
        rows_with[label].update(set(terms))
    sizes = [sum(count.values()) for count in counts]
    total = Counter[str]()
    for count in counts:
        total.update(count)
    mean_size = sum(sizes) / max(1, sum(size > 0 for size in sizes))
    return [
        _best(
            [
                Keyword(term, count / sizes[label] * float(np.log1p(mean_size / total[term])))
                for term, count in counts[label].items()
                if rows_with[label][term] >= _MIN_ROWS
            ],
            n_keywords,
        )
        for label in range(n_classes)
    ]


def _best(keywords: list[Keyword], wanted: int) -> tuple[Keyword, ...]:
    """Take the heaviest terms, but none that only says a chosen one again ("robot", "robots", "humanoid robot")."""
    chosen: list[Keyword] = []
    for keyword in sorted(keywords, key=lambda item: (-item.weight, item.term)):
        stems = _stems(keyword.term)
        if not any(stems <= _stems(other.term) or _stems(other.term) <= stems for other in chosen):
            chosen.append(keyword)
            if len(chosen) == wanted:
                break
    return tuple(chosen)


def _stems(term: str) -> set[str]:
    return {word.removesuffix("s") for word in term.split()}
