"""BERTopic's representation models, plugged into keywords and names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix

from topicgpu.errors import ConfigError
from topicgpu.themes.keywords import class_weights
from topicgpu.themes.terms import Terms
from topicgpu.types import Ints, Keyword

_CANDIDATES = 30  # as many as BERTopic hands to a representation model


def with_representation(
    model: Any,
    terms: Terms,
    texts: Sequence[str],
    classes: Ints,
    n_classes: int,
    n_keywords: int,
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
) -> list[tuple[Keyword, ...]]:
    """
    Let a representation model choose the keywords.

    Parameters
    ----------
    model : object or callable
        A representation model of BERTopic, which has `extract_topics`, or a callable: candidates of each class by
        falling weight, and its texts, to terms with weights.
    terms : Terms
        Of n texts.
    texts : sequence of str, length n
        Segments.
    classes : ndarray of int, shape (n,)
        Class of each, -1 for none: those are not shown to the model.
    n_classes : int
        Number of classes.
    n_keywords : int
        Terms wanted a class.
    encode : callable
        Texts (m,) to unit vectors (m, d).

    Returns
    -------
    list of tuple of Keyword
        What the model chose for each class; one term alone is a name that it made up.

    Raises
    ------
    ConfigError
        If the model is neither of the two.

    References
    ----------
    .. [1] BERTopic 0.17, bertopic.representation.
    """
    weights = class_weights(terms, classes, n_classes)
    candidates = {label: _heaviest(terms, weights, label) for label in np.unique(classes[classes >= 0]).tolist()}
    candidates = {label: keywords for label, keywords in candidates.items() if keywords}
    if hasattr(model, "extract_topics"):
        found = _of_bertopic(model, terms, texts, classes, candidates, encode)
    elif callable(model):
        found = {label: model(words, _of(texts, classes, label)) for label, words in candidates.items()}
    else:
        raise ConfigError(
            f"represent = {type(model).__name__}: has no extract_topics and can't be called; "
            "give a representation model of BERTopic or a function."
        )
    return [_keywords(found.get(label, ()), n_keywords) for label in range(n_classes)]


def _heaviest(terms: Terms, weights: csr_array, label: int) -> list[tuple[str, float]]:
    own = slice(weights.indptr[label], weights.indptr[label + 1])
    columns, values = weights.indices[own], weights.data[own]
    order = np.lexsort((columns, -values))[:_CANDIDATES]
    return [(terms.written[columns[place]], float(values[place])) for place in order]


def _of_bertopic(
    model: Any,
    terms: Terms,
    texts: Sequence[str],
    classes: Ints,
    candidates: Mapping[int, Sequence[tuple[str, float]]],
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
) -> Mapping[int, Sequence[tuple[str, float]]]:
    import pandas as pd
    from bertopic import BERTopic
    from bertopic.vectorizers import ClassTfidfTransformer

    labels = np.array(sorted(candidates))
    rows = np.flatnonzero(np.isin(classes, labels))
    shown = [texts[row] for row in rows.tolist()]
    place_of = np.searchsorted(labels, classes[rows])
    members = csr_array((np.ones(len(rows)), (place_of, rows)), shape=(len(labels), len(texts)))
    transformer = ClassTfidfTransformer()
    counts = csr_matrix(members @ terms.counts)
    weights = transformer.fit(counts).transform(counts.copy())
    fitted = BERTopic(
        embedding_model=_embedder(encode), vectorizer_model=_Counts(terms, texts), ctfidf_model=transformer
    )
    fitted.c_tf_idf_, fitted.topics_ = weights, classes[rows].tolist()
    documents = pd.DataFrame({"Document": shown, "ID": range(len(rows)), "Topic": classes[rows], "Image": None})
    topics: Mapping[int, Sequence[tuple[str, float]]] = model.extract_topics(
        fitted, documents, weights, {label: list(words) for label, words in candidates.items()}
    )
    return topics


class _Counts:
    """The terms of the texts, as scikit-learn's vectorizer would count them."""

    def __init__(self, terms: Terms, texts: Sequence[str]) -> None:
        self.terms = terms
        self.row_of = {text: row for row, text in enumerate(texts)}

    def get_feature_names_out(self) -> NDArray[np.object_]:
        return np.array(self.terms.written, dtype=object)

    def transform(self, documents: Sequence[str]) -> csr_matrix:
        return csr_matrix(self.terms.counts[[self.row_of[text] for text in documents]])


def _embedder(encode: Callable[[Sequence[str]], NDArray[np.float32]]) -> Any:
    from bertopic.backend import BaseEmbedder

    class Encoder(BaseEmbedder):  # type: ignore[misc]  # bertopic has no types
        def embed(self, documents: Sequence[str], verbose: bool = False) -> NDArray[np.float32]:
            return encode(list(documents))

    return Encoder()


def _of(texts: Sequence[str], classes: Ints, label: int) -> list[str]:
    return [texts[row] for row in np.flatnonzero(classes == label).tolist()]


def _keywords(found: Sequence[tuple[str, float]], wanted: int) -> tuple[Keyword, ...]:
    return tuple(Keyword(str(term), float(weight)) for term, weight in found if term)[:wanted]
