"""NPMI coherence and diversity of lists of terms, by one measure for every method."""

import re
from collections.abc import Sequence
from math import log

import numpy as np
from scipy.sparse import csc_array

_WORD = re.compile(r"(?u)\b\w\w+\b")  # what scikit-learn's vectorizer, and so BERTopic, takes for a word


class Reference:
    """
    Which document says which term: a word, or a phrase as words that follow each other; upper case does not matter.

    With `window`, each stretch of that many words counts as a document.
    """

    def __init__(self, texts: Sequence[str], window: int | None = None) -> None:
        documents = [_WORD.findall(text.lower()) for text in texts]
        if window is not None:
            documents = [
                words[start : start + window] for words in documents for start in range(max(1, len(words) - window + 1))
            ]
        self.documents = documents

    def npmi(self, topics: Sequence[Sequence[str]]) -> float:
        """Mean over topics of the mean over pairs of terms (Bouma 2009); -1 for a pair that no document says."""
        terms = sorted({term for topic in topics for term in topic})
        said = self._said(terms)
        n, place = len(self.documents), {term: number for number, term in enumerate(terms)}
        values = []
        for topic in topics:
            own = said[:, [place[term] for term in topic]]
            both = (own.T @ own).toarray() / n
            pairs = [(one, other) for one in range(len(topic)) for other in range(one)]
            if pairs:
                values.append(np.mean([_npmi(both[i, j], both[i, i], both[j, j]) for i, j in pairs]))
        return float(np.mean(values))

    def _said(self, terms: Sequence[str]) -> csc_array:
        column = {tuple(_WORD.findall(term.lower())): number for number, term in enumerate(terms)}
        lengths, firsts = {len(words) for words in column}, {words[0] for words in column if words}
        found = [
            (row, column[words])
            for row, document in enumerate(self.documents)
            for start, word in enumerate(document)
            if word in firsts
            for length in lengths
            if (words := tuple(document[start : start + length])) in column
        ]
        rows, columns = np.array(sorted(set(found)), dtype=np.int64).reshape(-1, 2).T
        return csc_array((np.ones(len(rows)), (rows, columns)), shape=(len(self.documents), len(terms)))


def _npmi(both: float, one: float, other: float) -> float:
    if both <= 0:
        return -1.0
    return log(both / (one * other)) / -log(both) if both < 1 else 1.0


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Share of different terms among all topics' terms (Dieng, Ruiz and Blei 2020)."""
    terms = [term.lower() for topic in topics for term in topic]
    return len(set(terms)) / len(terms)
