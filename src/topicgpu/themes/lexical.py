"""Words in common: how much of a theme's own vocabulary a segment uses."""

from collections.abc import Sequence

import numpy as np

from topicgpu.themes.terms import terms_of
from topicgpu.types import Floats


def shared_words(texts: Sequence[str], descriptions: Sequence[str]) -> Floats:
    """
    Measure how much of each description's vocabulary each text uses.

    Parameters
    ----------
    texts : sequence of str, length n
        Segments.
    descriptions : sequence of str, length t
        All that a theme's definition says.

    Returns
    -------
    ndarray of float64, shape (n, t)
        Cosine of TF-IDF vectors, in units of its mean over the pairs that share a word; 0 where they share none.

    Notes
    -----
    Rare names and terms ("Optimus", "orbit") are what an encoder of general English places least well. Time and memory
    O(words + n t).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=_words, sublinear_tf=True)
    both = [*texts, *descriptions]
    if not any(_words(text) for text in both):
        return np.zeros((len(texts), len(descriptions)))
    matrix = vectorizer.fit_transform(both)
    cosines: Floats = (matrix[: len(texts)] @ matrix[len(texts) :].T).toarray()
    shared = cosines[cosines > 0]
    return cosines / shared.mean() if len(shared) else cosines


def _words(text: str) -> list[str]:
    return [term.removesuffix("s") for term in terms_of(text) if " " not in term]
