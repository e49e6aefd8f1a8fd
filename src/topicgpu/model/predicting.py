"""Topics of documents, fitted and new ones."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from topicgpu.model.documents import Documents, read_documents, unit_rows
from topicgpu.model.fitted import Fitted
from topicgpu.model.found import Found
from topicgpu.model.known import known_rows
from topicgpu.model.nearest import most_similar, novelty, shares_of_fitted, topics_of_new
from topicgpu.types import Floats, Ints, Vectors


class Predicting(Fitted):
    """What says which topics documents have, by scikit-learn's names."""

    max_novelty: float
    noise: str

    def transform(self, documents: Any, embeddings: Any = None) -> Floats:
        """
        Give the strength of each topic in each document.

        Parameters
        ----------
        documents : sequence of str, or array_like of shape (q, d)
            New or fitted documents.
        embeddings : array_like of shape (q, d), optional
            Vectors of the texts.

        Returns
        -------
        ndarray of float64, shape (q, t)
            In [0, 1]: shares of the ten nearest fitted documents, weighted by cosine, a fitted one itself left out. A
            row of zeros is about no theme. (`probabilities_` is what the fit measured inside the groups.)
        """
        return self._assign(documents, embeddings)[1]

    def predict(self, documents: Any, embeddings: Any = None) -> Ints:
        """
        Give the topic of each document.

        Parameters
        ----------
        documents : sequence of str, or array_like of shape (q, d)
            New or fitted documents.
        embeddings : array_like of shape (q, d), optional
            Vectors of the texts.

        Returns
        -------
        ndarray of int64, shape (q,)
            Topics; -1: no theme.
        """
        return self._assign(documents, embeddings)[0]

    def novelty(self, documents: Any, embeddings: Any = None) -> Floats:
        """
        Say how unlike the fitted documents others are: the score by which `predict` refuses.

        Parameters
        ----------
        documents : sequence of str, or array_like of shape (q, d)
            Documents.
        embeddings : array_like of shape (q, d), optional
            Vectors of the texts.

        Returns
        -------
        ndarray of float64, shape (q,)
            Share of the fitted documents that are nearer to their own nearest ones.
        """
        found, given = self._found, read_documents(self, documents, embeddings, fitting=False)
        return novelty(found, most_similar(found, self._vectors(given), self._device)[1])

    def _vectors(self, given: Documents) -> Vectors:
        return self._vectors_of(given.texts or ()) if given.vectors is None else given.vectors

    def _assign(self, documents: Any, embeddings: Any) -> tuple[Ints, Floats]:
        found, given = self._found, read_documents(self, documents, embeddings, fitting=False)
        known = known_rows(found, given.texts, given.vectors)
        topics, strengths = found.topics[known], np.zeros((len(known), len(found.order)))
        strengths[known >= 0] = shares_of_fitted(found, known[known >= 0])
        new = np.flatnonzero(known < 0)
        if len(new):
            some = Documents(
                None if given.texts is None else tuple(given.texts[row] for row in new),
                None if given.vectors is None else given.vectors[new],
            )
            topics[new], strengths[new] = topics_of_new(found, self._vectors(some), self._device, self._limit)
        return topics, strengths

    @property
    def _limit(self) -> float | None:
        return None if self.noise == "assign" else self.max_novelty

    def _topics_by(self, found: Found) -> Callable[[Any], Ints]:
        """Vectors to topics by what was found there, whatever becomes of this model."""
        return partial(topics_of_vectors, found, device=self._device, limit=self._limit)


def topics_of_vectors(found: Found, vectors: Any, device: str, limit: float | None) -> Ints:
    """
    Give vectors the topics that `ThemeModel.predict` gives.

    Parameters
    ----------
    found : Found
        With t topics.
    vectors : array_like, shape (q, d)
        Of documents.
    device : str
        Where the products run.
    limit : float or None
        Novelty beyond which a new document is about no theme.

    Returns
    -------
    ndarray of int64, shape (q,)
        Topics; -1: no theme.
    """
    rows = unit_rows(vectors)
    known = known_rows(found, None, rows)
    topics: Ints = found.topics[known]
    new = np.flatnonzero(known < 0)
    if len(new):
        topics[new] = topics_of_new(found, rows[new], device, limit)[0]
    return topics
