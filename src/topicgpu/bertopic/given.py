"""Topics that are there in BERTopic's place for a search."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin

from topicgpu.errors import InputError
from topicgpu.types import Ints


class GivenTopics(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """
    Topics that are there, in BERTopic's place `hdbscan_model`.

    Parameters
    ----------
    topics_of : callable
        Vectors to topics, for new documents.
    strengths : ndarray, shape (n,)
        Of the documents of the fit.
    """

    def __init__(self, topics_of: Callable[[Any], Ints], strengths: NDArray[Any]) -> None:
        self.topics_of = topics_of
        self.strengths = strengths

    def fit(self, X: Any, y: Any = None) -> "GivenTopics":
        """
        Take the topics.

        Parameters
        ----------
        X : object
            Not used.
        y : sequence of int
            Topics of the documents.

        Returns
        -------
        GivenTopics
            Itself.
        """
        if y is None:
            raise InputError("y must hold the topics that are given.")
        self.labels_, self.probabilities_ = np.asarray(y), self.strengths
        return self

    def predict(self, X: Any) -> Ints:
        """
        Give new documents topics.

        Parameters
        ----------
        X : array_like of shape (q, d)
            Vectors.

        Returns
        -------
        ndarray of int64, shape (q,)
            Topics; -1 for none.
        """
        return self.topics_of(X)
