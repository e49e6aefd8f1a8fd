"""Communities of the neighbor graph in BERTopic's place for clusters."""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from topicgpu.bertopic.checks import MOST, check_finite_rows, check_largest, seed_of
from topicgpu.bertopic.rows import cosine_neighbors, embeddings, euclidean_nearest, euclidean_neighbors, known
from topicgpu.cluster import find_clusters
from topicgpu.config import ClusterSection
from topicgpu.device import resolve_device
from topicgpu.errors import InputError
from topicgpu.model.documents import unit_rows
from topicgpu.model.nearest import nearest_rows
from topicgpu.types import Ints, Vectors

_VOTES = 10  # of the nearest rows, for a new one
_UNIT = 1e-3  # how far from 1 lengths may be of rows that count as unit vectors


class Communities(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """
    Communities of the graph of neighbors in BERTopic's place `hdbscan_model`, whatever the rows are.

    Parameters
    ----------
    min_cluster_size : int
        Smaller groups are noise.
    random_state : int, RandomState or None
        Of the search. None: 0.
    device : str
        Where neighbors are found.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        Groups by falling size; -1 for noise.
    probabilities_ : ndarray of float32, shape (n,)
        Share of a row's edge weight that stays inside its group.

    Notes
    -----
    Unit vectors are compared by cosine, as in a run; other rows, such as a layout, by Euclidean distance. Best on the
    vectors themselves, with BERTopic's `BaseDimensionalityReduction()` in the place of the layout.
    """

    def __init__(self, min_cluster_size: int = 8, random_state: Any = 0, device: str = "auto") -> None:
        self.min_cluster_size = min_cluster_size
        self.random_state = random_state
        self.device = device

    def fit(self, X: Any, y: Any = None) -> "Communities":
        """
        Group rows.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Vectors, or places of a layout.
        y : object
            Not used.

        Returns
        -------
        Communities
            Itself.
        """
        size: Any = self.min_cluster_size
        if not isinstance(size, Integral) or size < 2:
            raise InputError(f"min_cluster_size must be a whole number from 2 on; got {size!r}.")
        seed = seed_of(self.random_state)
        rows = validate_data(self, X, dtype=[np.float64, np.float32], ensure_all_finite=False)
        check_finite_rows(rows)
        device = resolve_device(self.device).used
        self.unit_ = bool(np.allclose(np.linalg.norm(rows, axis=1), 1, atol=_UNIT))
        self.center_ = np.zeros(rows.shape[1]) if self.unit_ else rows.mean(axis=0, dtype=np.float64)
        self.vectors_ = self._compared(rows)
        find = cosine_neighbors if self.unit_ else euclidean_neighbors
        neighbors = find(self.vectors_, 0, seed, device)
        config = ClusterSection(min_size=self.min_cluster_size)
        clusters = find_clusters(embeddings(self.vectors_), neighbors, config, seed, device)
        self.labels_, self.probabilities_ = clusters.labels, clusters.strengths
        return self

    def predict(self, X: Any) -> Ints:
        """
        Give rows the group that most of their nearest rows are in.

        Parameters
        ----------
        X : array_like of shape (q, d)
            Rows of the kind that were fitted.

        Returns
        -------
        ndarray of int64, shape (q,)
            Groups; -1 for noise.
        """
        check_is_fitted(self, "labels_")
        rows = validate_data(self, X, dtype=[np.float64, np.float32], reset=False, ensure_all_finite=False)
        check_finite_rows(rows)
        rows = self._compared(rows)
        same = known(rows, self.vectors_)
        groups: Ints = self.labels_[same]
        new = np.flatnonzero(same < 0)
        if len(new):
            device = resolve_device(self.device).used
            if self.unit_:
                nearest, _ = nearest_rows(rows[new], self.vectors_, device)
            else:
                nearest, _ = euclidean_nearest(rows[new], self.vectors_, min(_VOTES, len(self.vectors_)), device)
            votes = np.zeros((len(new), int(self.labels_.max(initial=-1)) + 2), dtype=np.int64)
            np.add.at(votes, (np.arange(len(new))[:, None], self.labels_[nearest]), 1)  # -1 is the last column
            most = votes.argmax(axis=1)
            groups[new] = np.where(most == votes.shape[1] - 1, -1, most)
        return groups

    def _compared(self, rows: Any) -> Vectors:
        """Turn rows into unit vectors, or into places around zero."""
        if self.unit_:
            return unit_rows(rows)
        places = rows - self.center_
        check_largest(places, MOST)
        return np.ascontiguousarray(places, dtype=np.float32)
