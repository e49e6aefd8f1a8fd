"""Parts for BERTopic: our encoder, our layout and our groups in its places."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from topicgpu.cluster import find_clusters
from topicgpu.config import ClusterSection, NeighborsSection
from topicgpu.device import resolve_device
from topicgpu.errors import InputError
from topicgpu.model.documents import unit_rows
from topicgpu.model.nearest import same_as
from topicgpu.model.settings import encoder_of
from topicgpu.neighbors import find_neighbors
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import layout
from topicgpu.ops.topk import topk
from topicgpu.types import Embeddings, Ints, Neighbors, Repeats

with warnings.catch_warnings():
    # umap-learn says at import that its neural variant, which is not used here, lacks TensorFlow.
    warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
    from bertopic.backend import BaseEmbedder

__all__ = ["HDBSCAN", "UMAP", "Embedder", "GivenTopics"]

Vectors = NDArray[np.float32]
_NEAREST = 10  # as for new documents of a ThemeModel
_FEW, _MANY = 15, 30  # neighbors, as in a run: more among up to 10,000 rows
_FEW_ROWS = 10_000
_UNIT = 1e-3  # how far from 1 lengths may be of rows that count as unit vectors


class Embedder(BaseEmbedder):  # type: ignore[misc]
    """
    An encoder of topicgpu in BERTopic's place `embedding_model`.

    Parameters
    ----------
    embedding_model : None, str, callable or object
        As for `ThemeModel`; None: the packaged all-MiniLM-L6-v2. Loaded when it is first needed.
    device : str
        `auto`, `cpu`, `cuda` or `cuda:N`.
    """

    def __init__(self, embedding_model: Any = None, device: str = "auto") -> None:
        super().__init__(embedding_model)
        self.device = device

    def embed(self, documents: Sequence[str], verbose: bool = False) -> Vectors:
        """
        Embed texts.

        Parameters
        ----------
        documents : sequence of str
            Documents or words.
        verbose : bool
            Not used.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Unit vectors.
        """
        return encoder_of(self.embedding_model, self.device).encode(list(documents))


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
        neighbors = _cosine_neighbors(self.vectors_, self.n_neighbors, self.random_state, device)
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
        known = _known(vectors, self.vectors_)
        places: Vectors = self.embedding_[known]
        new = np.flatnonzero(known < 0)
        if len(new):
            rows, cosines = _nearest(vectors[new], self.vectors_, resolve_device(self.device).used)
            weights = np.clip(cosines, 1e-6, None)
            weights /= weights.sum(axis=1, keepdims=True)
            places[new] = np.einsum("qk,qkc->qc", weights, self.embedding_[rows])
        return places


class HDBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """
    Our groups in BERTopic's place `hdbscan_model`: communities of the graph of neighbors, whatever the rows are.

    Parameters
    ----------
    min_cluster_size : int
        Smaller groups are noise.
    random_state : int
        Of the search.
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

    def __init__(self, min_cluster_size: int = 8, random_state: int = 0, device: str = "auto") -> None:
        self.min_cluster_size = min_cluster_size
        self.random_state = random_state
        self.device = device

    def fit(self, X: Any, y: Any = None) -> "HDBSCAN":
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
        HDBSCAN
            Itself.
        """
        rows = validate_data(self, X, dtype=np.float32)
        device = resolve_device(self.device).used
        self.unit_ = bool(np.allclose(np.linalg.norm(rows, axis=1), 1, atol=_UNIT))
        self.center_ = np.zeros(rows.shape[1], dtype=np.float32) if self.unit_ else rows.mean(axis=0)
        self.vectors_ = unit_rows(rows) if self.unit_ else rows - self.center_
        find = _cosine_neighbors if self.unit_ else _euclidean_neighbors
        neighbors = find(self.vectors_, 0, self.random_state, device)
        config = ClusterSection(min_size=self.min_cluster_size)
        clusters = find_clusters(_embeddings(self.vectors_), neighbors, config, self.random_state, device)
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
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        rows = unit_rows(rows) if self.unit_ else rows - self.center_
        known = _known(rows, self.vectors_)
        groups: Ints = self.labels_[known]
        new = np.flatnonzero(known < 0)
        if len(new):
            pair = (rows[new], self.vectors_)
            pair = pair if self.unit_ else (_as_queries(pair[0]), _as_base(pair[1]))
            nearest, _ = _nearest(*pair, resolve_device(self.device).used)
            votes = np.zeros((len(new), int(self.labels_.max(initial=-1)) + 2), dtype=np.int64)
            np.add.at(votes, (np.arange(len(new))[:, None], self.labels_[nearest]), 1)  # -1 is the last column
            most = votes.argmax(axis=1)
            groups[new] = np.where(most == votes.shape[1] - 1, -1, most)
        return groups


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


def _known(rows: Vectors, old: Vectors) -> Ints:
    """Row of the fit that each one is, byte for byte; -1: none."""
    return same_as([row.tobytes() for row in rows], [row.tobytes() for row in old])


def _embeddings(vectors: Vectors) -> Embeddings:
    return Embeddings(vectors, np.ones(len(vectors), dtype=bool), "given", "", (), "rows")


def _cosine_neighbors(vectors: Vectors, k: int, seed: int, device: str) -> Neighbors:
    nothing = np.zeros(0, dtype=np.int64)
    repeats = Repeats(nothing, nothing, (), np.zeros(0), len(vectors), "rows")
    return find_neighbors(_embeddings(vectors), repeats, NeighborsSection(k=k), device, seed)


def _euclidean_neighbors(rows: Vectors, k: int, _seed: int, device: str) -> Neighbors:
    """Exact: the nearest row has the largest x y - y y / 2, which is a product of rows with one more column."""
    k = min(k or (_MANY if len(rows) <= _FEW_ROWS else _FEW), len(rows) - 1)
    if k < 1:
        empty = np.zeros((len(rows), 0))
        return Neighbors(empty.astype(np.int64), empty.astype(np.float32), "euclidean", True, None, "rows")
    queries, base = (torch.from_numpy(part).to(device) for part in (_as_queries(rows), _as_base(rows)))
    indices = topk(queries, base, k, exclude_self=True).indices.cpu().numpy()
    distances = np.linalg.norm(rows[:, None] - rows[indices], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")  # the products were rounded
    indices, distances = (np.take_along_axis(table, order, axis=1) for table in (indices, distances))
    return Neighbors(indices, distances.astype(np.float32), "euclidean", True, None, "rows")


def _as_queries(rows: Vectors) -> Vectors:
    return np.column_stack([rows, np.ones(len(rows), dtype=np.float32)])


def _as_base(rows: Vectors) -> Vectors:
    return np.column_stack([rows, -(rows**2).sum(axis=1) / 2])


def _nearest(rows: Vectors, base: Vectors, device: str) -> tuple[Ints, Vectors]:
    found = topk(torch.from_numpy(rows).to(device), torch.from_numpy(base).to(device), min(_NEAREST, len(base)))
    return found.indices.cpu().numpy(), found.scores.cpu().numpy()
