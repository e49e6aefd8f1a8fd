"""A layout of our neighbors in BERTopic's place for one."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from topicgpu.bertopic.rows import cosine_neighbors, known
from topicgpu.device import resolve_device
from topicgpu.model.documents import unit_rows
from topicgpu.model.nearest import nearest_rows
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import layout
from topicgpu.types import Vectors


class UMAP(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """
    UMAP's layout, of our neighbors, in BERTopic's place `umap_model`.

    Parameters
    ----------
    n_neighbors : int
        Neighbors of each row; 0: 30 among up to 10,000 rows, else 15.
    n_components : int
        Dimensions of the layout.
    min_dist : float
        How near to each other rows may be placed.
    random_state : int
        Of the layout.
    device : str
        Where neighbors are found.

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, n_components)
        The layout; the metric is the cosine.
    """

    def __init__(
        self,
        n_neighbors: int = 15,
        n_components: int = 5,
        min_dist: float = 0.0,
        random_state: int = 0,
        device: str = "auto",
    ) -> None:
        self.n_neighbors = n_neighbors
        self.n_components = n_components
        self.min_dist = min_dist
        self.random_state = random_state
        self.device = device

    def __sklearn_tags__(self) -> Any:
        """Single precision, whatever comes."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def fit(self, X: Any, y: Any = None) -> "UMAP":
        """
        Lay out vectors.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Vectors.
        y : object
            Not used.

        Returns
        -------
        UMAP
            Itself.
        """
        self.vectors_ = unit_rows(validate_data(self, X))
        device = resolve_device(self.device).used
        neighbors = cosine_neighbors(self.vectors_, self.n_neighbors, self.random_state, device)
        graph = fuzzy_graph(neighbors.indices, neighbors.distances, device)
        n_components = min(self.n_components, *self.vectors_.shape)
        self.embedding_ = layout(self.vectors_, graph, n_components, self.min_dist, self.random_state)
        return self

    def transform(self, X: Any) -> Vectors:
        """
        Place vectors: those of the fit where they are, others between their nearest.

        Parameters
        ----------
        X : array_like of shape (q, d)
            Vectors.

        Returns
        -------
        ndarray of float32, shape (q, n_components)
            Means of the places of the ten nearest rows, weighted by cosine.
        """
        check_is_fitted(self, "embedding_")
        vectors = unit_rows(validate_data(self, X, reset=False))
        same = known(vectors, self.vectors_)
        places: Vectors = self.embedding_[same]
        new = np.flatnonzero(same < 0)
        if len(new):
            rows, cosines = nearest_rows(vectors[new], self.vectors_, resolve_device(self.device).used)
            weights = np.clip(cosines, 1e-6, None)
            weights /= weights.sum(axis=1, keepdims=True)
            places[new] = np.einsum("qk,qkc->qc", weights, self.embedding_[rows])
        return places
