"""Words as evidence: how much of a theme's own vocabulary a segment uses, and of what the corpus adds to it."""

import re
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from topicgpu.ops.terms import terms_of
from topicgpu.ops.words import words
from topicgpu.types import Floats

_PRIOR = 0.3  # of a term's share in the corpus, mixed into its share in a theme: rare words alone mark no theme
_RARE = 1e-7
_IDEOGRAPH = re.compile("[\u3001-\U0003134f]")


class Vocabulary:
    """
    TF-IDF of a corpus and of the definitions of its themes.

    Rare names and terms ("Optimus", "orbit") are what an encoder of general English places least well.

    Parameters
    ----------
    texts : sequence of str, length n
        Segments.
    descriptions : sequence of str, length t
        All that a theme's definition says.

    Notes
    -----
    Time and memory O(words).
    """

    def __init__(self, texts: Sequence[str], descriptions: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        both = [*texts, *descriptions]
        self.terms: tuple[str, ...] = ()
        self._all = sparse.csr_array((len(both), 0))
        if any(_words(text) for text in both):
            vectorizer = TfidfVectorizer(analyzer=_words, sublinear_tf=True)
            self._all = sparse.csr_array(vectorizer.fit_transform(both))
            self.terms = tuple(vectorizer.get_feature_names_out())
        self.segments, self.definitions = self._all[: len(texts)], self._all[len(texts) :]

    def shared(self) -> Floats:
        """
        Measure how much of each description's vocabulary each text uses.

        Returns
        -------
        ndarray of float64, shape (n, t)
            Cosine of TF-IDF vectors, in units of its mean over the pairs that share a word; 0 where they share none.
        """
        cosines: Floats = (self.segments @ self.definitions.T).toarray()
        shared = cosines[cosines > 0]
        return cosines / shared.mean() if len(shared) else cosines

    def weights(self, posterior: Floats) -> Floats:
        """
        Learn which terms mark each theme from the rows that are likely to be about it.

        Parameters
        ----------
        posterior : ndarray of float64, shape (n, t)
            How likely each row is about each theme.

        Returns
        -------
        ndarray of float64, shape (t, terms)
            Logarithm of a term's share in the theme over its share in the corpus.

        References
        ----------
        .. [1] K. Nigam, A. McCallum, S. Thrun, T. Mitchell, Text classification from labeled and unlabeled documents
           using EM, Machine Learning, 2000.
        """
        inside = (self.segments.T @ posterior).T / np.maximum(posterior.sum(axis=0), _RARE)[:, None]
        everywhere: Floats = np.asarray(self.segments.mean(axis=0)).reshape(-1)
        weights: Floats = np.log((inside + _PRIOR * everywhere + _RARE) / ((1 + _PRIOR) * everywhere + _RARE))
        return weights

    def used(self, weights: Floats) -> Floats:
        """
        Sum the weights of the terms that each segment uses.

        Parameters
        ----------
        weights : ndarray of float64, shape (t, terms)
            As `weights` gives them.

        Returns
        -------
        ndarray of float64, shape (n, t)
            By TF-IDF.
        """
        return np.asarray(self.segments @ weights.T)

    def strongest(self, row: int, weights: Floats, wanted: int) -> tuple[str, ...]:
        """
        Name the terms of a segment that count most.

        Parameters
        ----------
        row : int
            Of the segment.
        weights : ndarray of float64, shape (terms,)
            What each term counts for.
        wanted : int
            How many.

        Returns
        -------
        tuple of str
            By falling weight, those above 0.
        """
        start, end = self.segments.indptr[row : row + 2]
        columns = self.segments.indices[start:end]
        worth = self.segments.data[start:end] * weights[columns]
        order = np.lexsort((columns, -worth))[:wanted]
        return tuple(self.terms[columns[place]] for place in order if worth[place] > 0)


class _Keys(dict[str, str]):
    """What a word counts as, worked out once for each way to write it; empty for one that does not count."""

    def __missing__(self, word: str) -> str:
        found = [term for term in terms_of(word) if " " not in term]
        self[word] = key = found[0].removesuffix("s") if found else ""
        return key


_KEYS_KEPT = 1_000_000
_keys = _Keys()


def _words(text: str) -> list[str]:
    if not text.isascii() and _IDEOGRAPH.search(text):  # these count in pairs
        return [term.removesuffix("s") for term in terms_of(text) if " " not in term]
    if len(_keys) > _KEYS_KEPT:
        _keys.clear()
    return [key for key in map(_keys.__getitem__, words(text)) if key]
