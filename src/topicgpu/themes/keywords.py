"""The terms that mark a theme: class-based TF-IDF, and of the heavy ones those that are said together."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from topicgpu.ops.terms import Terms, find_terms, say_again, stems
from topicgpu.types import Floats, Ints, Keyword

__all__ = ["class_weights", "find_keywords", "keywords_by_language", "theme_keywords"]

_LEAST_TEXTS = 2  # of the theme's own: one text's word does not mark it

# Chosen on banking77 and sib200; benchmarks/keywords.py shows them on other sets.
_CANDIDATES = 200  # heaviest terms of a theme
_ALWAYS = 2  # the heaviest of them that stay, whatever they are said with
_TOGETHER = 5.0  # worth of one unit of mean pointwise mutual information, in units of a weight's logarithm
_ALSO_ELSEWHERE = 4.0  # cost of a term that another theme has
_COUNTED_TEXTS = 50_000  # at least, evenly spread: what is said together shows in so many
_LEAST_TOGETHER = -0.3  # mean pointwise mutual information below which a term is left out ...
_KEPT = 5  # ... as long as more than these are left
_ROUNDS = 8


def theme_keywords(
    texts: Sequence[str],
    classes: Ints,
    n_classes: int,
    n_keywords: int,
    languages: Sequence[str] | None = None,
) -> list[tuple[Keyword, ...]]:
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
    languages : sequence of str, length n, optional
        ISO 639-1 code of each.

    Returns
    -------
    list of tuple of Keyword
        As `find_keywords` of the texts' terms.
    """
    return find_keywords(find_terms(texts, languages), classes, n_classes, n_keywords)


def find_keywords(terms: Terms, classes: Ints, n_classes: int, n_keywords: int) -> list[tuple[Keyword, ...]]:
    """
    Choose the terms that mark each class.

    Parameters
    ----------
    terms : Terms
        Of n texts.
    classes : ndarray of int, shape (n,)
        Class of each, -1 for none.
    n_classes : int
        Number of classes.
    n_keywords : int
        Terms wanted a class.

    Returns
    -------
    list of tuple of Keyword
        For each class, by falling weight: none that only says another one again, and fewer where further ones would
        hardly ever be said with the others.

    Notes
    -----
    Of each class's 200 heaviest terms those are taken that together have the most weight (its logarithm), are said in
    the same texts and in the same blocks of some 36 words (mean of their normalised pointwise mutual information [1]_,
    which agrees with readers on whether a list is of one piece [2]_), and mark no other class; the two heaviest stay in
    any case. Exchanges one at a time, class after class, until none gains. Time O(words + classes * 200^2).

    References
    ----------
    .. [1] G. Bouma, Normalized (pointwise) mutual information in collocation extraction, GSCL 2009.
    .. [2] J. Lau, D. Newman, T. Baldwin, Machine reading tea leaves, EACL 2014.
    """
    weights = class_weights(terms, classes, n_classes)
    heaviest = [_heaviest(weights, label) for label in range(n_classes)]
    candidates = np.unique(np.concatenate([*(own for own, _ in heaviest), np.zeros(0, dtype=np.int64)]))
    sample = terms.of(np.arange(0, len(classes), max(1, len(classes) // _COUNTED_TEXTS)))
    both = [_said_by(counts[:, candidates]) for counts in (sample.counts, sample.block_counts)]
    pools = []
    for own, weight in heaviest:
        places = np.searchsorted(candidates, own)
        in_texts, in_blocks = (_together(said[places][:, places].toarray(), n) for said, n in both)
        pools.append(_Pool(terms, own, weight, (in_texts + in_blocks) / 2))
    themes_with = np.zeros(len(terms), dtype=np.int64)
    for _ in range(_ROUNDS):
        before = [pool.chosen for pool in pools]
        for pool in pools:
            np.subtract.at(themes_with, pool.terms[pool.chosen], 1)
            pool.choose(np.where(themes_with[pool.terms] > 0, _ALSO_ELSEWHERE, 0.0), n_keywords)
            np.add.at(themes_with, pool.terms[pool.chosen], 1)
        if before == [pool.chosen for pool in pools]:
            break
    return [
        tuple(Keyword(terms.written[pool.terms[place]], float(pool.weights[place])) for place in sorted(pool.chosen))
        for pool in pools
    ]


def keywords_by_language(
    terms: Terms, classes: Ints, n_classes: int, n_keywords: int, languages: Sequence[str]
) -> list[dict[str, tuple[Keyword, ...]]]:
    """
    Choose the terms that mark each class in each of its languages.

    Parameters
    ----------
    terms : Terms
        Of n texts.
    classes : ndarray of int, shape (n,)
        Class of each, -1 for none.
    n_classes : int
        Number of classes.
    n_keywords : int
        Terms wanted a class and language.
    languages : sequence of str, length n
        ISO 639-1 code of each text.

    Returns
    -------
    list of dict
        For each class, language to keywords; empty where all of the class's texts are in one language.
    """
    language_of = np.array(languages, dtype=object)
    found: list[dict[str, tuple[Keyword, ...]]] = [{} for _ in range(n_classes)]
    several = [label for label in range(n_classes) if len(set(language_of[classes == label])) > 1]
    if not several:
        return found
    for language in sorted(set(languages)):
        rows = np.flatnonzero(language_of == language)
        keywords = find_keywords(terms.of(rows), classes[rows], n_classes, n_keywords)
        for label in several:
            if keywords[label]:
                found[label][language] = keywords[label]
    return found


def class_weights(terms: Terms, classes: Ints, n_classes: int) -> csr_array:
    """
    Weigh each term in each class.

    Parameters
    ----------
    terms : Terms
        Of n texts.
    classes : ndarray of int, shape (n,)
        Class of each, -1 for none; those count as one more class.
    n_classes : int
        Number of classes.

    Returns
    -------
    csr_array, shape (n_classes, v)
        Class-based TF-IDF [1]_, a text counted once for each term that it says: share of the class's counts times
        log(1 + mean counts a class / counts of the term); 0 for a term of only one of the class's texts.

    References
    ----------
    .. [1] M. Grootendorst, BERTopic: neural topic modeling with a class-based TF-IDF procedure, 2022, equation 2.
    """
    rows = np.where(classes < 0, n_classes, classes)
    n = len(rows)
    members = csr_array((np.ones(n), (rows, np.arange(n))), shape=(n_classes + 1, n))
    counts = csr_array(members @ terms.present)
    sizes, of_term = counts.sum(axis=1), counts.sum(axis=0)
    mean_size = sizes.sum() / max(1, np.count_nonzero(sizes))
    counts = counts[:n_classes]
    counts.data[counts.data < _LEAST_TEXTS] = 0
    counts.eliminate_zeros()
    inverse = np.log1p(mean_size / np.maximum(of_term, 1))
    share = np.repeat(sizes[:n_classes], np.diff(counts.indptr))
    counts.data *= inverse[counts.indices] / share
    return counts


class _Pool:
    """A class's heaviest terms, and which of them are taken."""

    def __init__(self, terms: Terms, own: Ints, weights: Floats, together: Floats) -> None:
        self.terms, self.weights, self.together = own, weights, together
        self.log_weights = np.log(self.weights)
        self.again = say_again([stems(terms.words[term], terms.language[term]) for term in self.terms])
        self.chosen: list[int] = []

    def choose(self, cost: Floats, wanted: int) -> None:
        """Take the set that is worth most; what each term costs is given."""
        worth = self.log_weights - cost
        if not self.chosen:
            self._begin(worth, wanted)
        while self._exchange(worth):
            pass
        self._leave_out()

    def _begin(self, worth: Floats, wanted: int) -> None:
        free = np.ones(len(self.terms), dtype=bool)
        while len(self.chosen) < wanted and free.any():
            value = self.log_weights if len(self.chosen) < _ALWAYS else worth + _TOGETHER * self._mean(self.chosen)
            best = int(np.argmax(np.where(free, value, -np.inf)))
            self.chosen = [*self.chosen, best]
            free &= ~self.again[best]

    def _exchange(self, worth: Floats) -> bool:
        """Exchange each term for the best one beside the others; say whether any was."""
        exchanged = False
        for place in range(_ALWAYS, len(self.chosen)):
            others = self.chosen[:place] + self.chosen[place + 1 :]
            # A term counts in its own mean and in the others'.
            value = worth + 2 * _TOGETHER * self._mean(others)
            value[self.again[others].any(axis=0)] = -np.inf
            best = int(np.argmax(value))
            if value[best] > value[self.chosen[place]] + 1e-9:
                self.chosen = [*self.chosen[:place], best, *self.chosen[place + 1 :]]
                exchanged = True
        return exchanged

    def _leave_out(self) -> None:
        while len(self.chosen) > _KEPT:
            mean = [self._mean([other for other in self.chosen if other != term])[term] for term in self.chosen]
            mean[:_ALWAYS] = [1.0] * _ALWAYS
            least = int(np.argmin(mean))
            if mean[least] >= _LEAST_TOGETHER:
                return
            self.chosen = self.chosen[:least] + self.chosen[least + 1 :]

    def _mean(self, others: list[int]) -> Floats:
        mean: Floats = self.together[others].mean(axis=0)
        return mean


def _heaviest(weights: csr_array, label: int) -> tuple[Ints, Floats]:
    own = slice(weights.indptr[label], weights.indptr[label + 1])
    columns, data = weights.indices[own], weights.data[own]
    heaviest = np.lexsort((columns, -data))[:_CANDIDATES]
    return columns[heaviest].astype(np.int64), data[heaviest]


def _said_by(counts: csr_array) -> tuple[csr_array, int]:
    """Count the texts or blocks that say both terms of each pair, and all of them."""
    present = csr_array((np.ones(counts.nnz, dtype=np.float32), counts.indices, counts.indptr), shape=counts.shape)
    return csr_array(present.T @ present), counts.shape[0]


def _together(said_by: Floats, n: int) -> Floats:
    """Normalised pointwise mutual information of each pair of terms that so many say of n, -1 where none says both."""
    both = said_by / max(1, n)
    alone = np.log(np.maximum(np.diag(both), np.finfo(float).tiny))  # a sample may miss a term
    log_both = np.log(both, out=np.full(both.shape, -np.inf), where=both > 0)
    with np.errstate(invalid="ignore"):
        information = (log_both - alone[:, None] - alone) / -np.minimum(log_both, -1e-12)
    return np.where(both > 0, np.clip(information, -1, 1), -1.0)
