"""UMAP for scikit-learn and for BERTopic, by our neighbors, graph and layout."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from topicgpu.bertopic.checks import (
    MOST,
    check_distances,
    check_finite_rows,
    check_largest,
    check_layout,
    check_not_tiny,
    seed_of,
)
from topicgpu.bertopic.rows import cosine_neighbors, euclidean_nearest, euclidean_neighbors, known
from topicgpu.device import resolve_device
from topicgpu.errors import InputError
from topicgpu.model.documents import unit_rows
from topicgpu.ops.fuzzy_graph import fuzzy_graph, memberships
from topicgpu.ops.layout import curve, epochs, layout
from topicgpu.ops.starts import Start, given, start
from topicgpu.ops.topk import topk
from topicgpu.types import Ints, Neighbors, Vectors

_METRICS = ("euclidean", "cosine", "precomputed")
_SHARE_OF_EPOCHS = 3  # new rows get a third of the passes and a quarter of the steps, as in umap-learn
_SHARE_OF_RATE = 4


class UMAP(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """
    UMAP with umap-learn's names and defaults: deterministic, and without a compiler.

    Parameters
    ----------
    n_neighbors : int
        Neighbors of each row, itself among them, as umap-learn counts; from 2. 0: as many as in a run.
    n_components : int
        Dimensions of the layout, from 1 to 32.
    metric : str
        `euclidean`, `cosine`, or `precomputed`: the rows are distances to all rows of the fit.
    n_epochs : int, optional
        Passes over the graph. None: 500 up to 10,000 rows, else 200.
    learning_rate : float
        Of the first pass.
    init : str or array_like
        `spectral`, `pca`, `random`, or places (n, n_components), which are stretched to 0 to 10 on each axis.
    min_dist : float
        How near to each other rows may be placed.
    spread : float
        Scale of the layout, at least `min_dist`.
    repulsion_strength : float
        Weight of repulsion.
    negative_sample_rate : int
        Rows that repel for one that attracts.
    a, b : float, optional
        Of the similarity of places. None: from `min_dist` and `spread`.
    random_state : int or numpy.random.RandomState, optional
        Seed. None: 0, so that each run gives the same layout.
    device : str
        `auto`, `cpu`, `cuda` or `cuda:N`.

    Attributes
    ----------
    embedding_ : ndarray of float32, shape (n, n_components)
        The layout.
    graph_ : csr_array of float32, shape (n, n)
        What it is of.
    start_ : str
        Where it started from, and why not as asked for.

    Notes
    -----
    The target `y` is not used. Compared by `euclidean`, rows are around their mean, so that little is lost in float32.
    """

    def __init__(
        self,
        n_neighbors: int = 15,
        n_components: int = 2,
        *,
        metric: str = "euclidean",
        n_epochs: int | None = None,
        learning_rate: float = 1.0,
        init: Any = "spectral",
        min_dist: float = 0.1,
        spread: float = 1.0,
        repulsion_strength: float = 1.0,
        negative_sample_rate: int = 5,
        a: float | None = None,
        b: float | None = None,
        random_state: Any = None,
        device: str = "auto",
    ) -> None:
        self.n_neighbors = n_neighbors
        self.n_components = n_components
        self.metric = metric
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.init = init
        self.min_dist = min_dist
        self.spread = spread
        self.repulsion_strength = repulsion_strength
        self.negative_sample_rate = negative_sample_rate
        self.a = a
        self.b = b
        self.random_state = random_state
        self.device = device

    def __sklearn_tags__(self) -> Any:
        """Single precision, whatever comes; a table of distances is square."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags

    @property
    def _n_features_out(self) -> int:
        """How many names `get_feature_names_out` gives."""
        return int(self.embedding_.shape[1])

    def fit(self, X: Any, y: Any = None) -> "UMAP":
        """
        Lay out rows.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Vectors, or distances (n, n).
        y : object
            Not used.

        Returns
        -------
        UMAP
            Itself.

        Raises
        ------
        InputError
            If a setting can't be used, a row is not finite, or `X` is no matrix of distances.
        """
        if self.metric not in _METRICS:
            raise InputError(f"metric = {self.metric!r} must be one of {', '.join(_METRICS)}.")
        check_layout(self)
        if self.n_neighbors < 2 and self.n_neighbors != 0:
            raise InputError(f"n_neighbors = {self.n_neighbors} must be 2 or more, the row itself among them.")
        if (self.a is None) != (self.b is None):
            raise InputError(
                f"a and b go together; got a = {self.a} and b = {self.b}; set both, or min_dist and spread."
            )
        table = validate_data(self, X, ensure_all_finite=False)
        check_finite_rows(table)
        check_not_tiny(table, 1 / MOST)
        if self.metric == "precomputed":
            check_distances(table)
        self.seed_ = seed_of(self.random_state)
        self._device = resolve_device(self.device).used
        self.center_ = table.mean(axis=0, dtype=np.float64)
        self.vectors_ = self._rows(table)
        neighbors = self._neighbors()
        self.graph_ = fuzzy_graph(neighbors.indices, neighbors.distances, self._device)
        first = self._start()
        self.start_ = first.how
        self.embedding_ = self._moved(self.graph_, first.places, self._passes(len(table)))
        return self

    def transform(self, X: Any) -> Vectors:
        """
        Place rows: those of the fit where they are, others among them.

        Parameters
        ----------
        X : array_like of shape (q, d)
            Vectors, or distances (q, n) to the rows of the fit.

        Returns
        -------
        ndarray of float32, shape (q, n_components)
            New rows start at the mean of their neighbors, and are moved by the forces of the layout while the rows of
            the fit stay.

        Raises
        ------
        InputError
            If a row is not finite, or far too large.
        """
        check_is_fitted(self, "embedding_")
        table = validate_data(self, X, reset=False, ensure_all_finite=False)
        check_finite_rows(table)
        vectors = self._rows(table)
        same = known(vectors, self.vectors_)
        places: Vectors = self.embedding_[same]
        new = np.flatnonzero(same < 0)
        if len(new):
            indices, distances = self._nearest(vectors[new])
            weights = memberships(distances, self._device)
            ends = np.arange(len(new) + 1) * indices.shape[1]
            graph = sparse.csr_array(
                (weights.reshape(-1), indices.reshape(-1), ends), shape=(len(new), len(self.vectors_))
            )
            first = (weights[:, :, None] * self.embedding_[indices]).sum(axis=1) / weights.sum(axis=1, keepdims=True)
            passes = self._passes(len(new)) // _SHARE_OF_EPOCHS
            rate = self.learning_rate / _SHARE_OF_RATE
            places[new] = self._moved(graph, first, passes, learning_rate=rate, fixed=self.embedding_)
        return places

    def _rows(self, table: NDArray[np.floating]) -> Vectors:
        """Turn a table into what is compared, in float32."""
        if self.metric == "cosine":
            return unit_rows(table)
        if self.metric == "precomputed":
            if (table < 0).any():
                raise InputError('metric = "precomputed" takes distances, 0 or more; the table has negative ones.')
            check_largest(table, MOST)
            return np.ascontiguousarray(table, dtype=np.float32)
        rows = table - self.center_
        check_largest(rows, MOST)
        return np.ascontiguousarray(rows, dtype=np.float32)

    def _neighbors(self) -> Neighbors:
        """Find the nearest other rows of each row of the fit."""
        k = max(self.n_neighbors - 1, 0)
        if self.metric != "precomputed":
            find = cosine_neighbors if self.metric == "cosine" else euclidean_neighbors
            return find(self.vectors_, k, self.seed_, self._device)
        n = len(self.vectors_)
        others = self.vectors_.copy()
        np.fill_diagonal(others, np.inf)
        indices, distances = _smallest(others, min(k or n - 1, n - 1))
        return Neighbors(indices, distances, "precomputed", True, None, "rows")

    def _nearest(self, rows: Vectors) -> tuple[Ints, Vectors]:
        """Find the rows of the fit that are nearest to new ones."""
        k = min(self.n_neighbors or 15, len(self.vectors_))
        if self.metric == "precomputed":
            return _smallest(rows, k)
        if self.metric == "euclidean":
            return euclidean_nearest(rows, self.vectors_, k, self._device)
        queries, base = (torch.from_numpy(part).to(self._device) for part in (rows, self.vectors_))
        found = topk(queries, base, k)
        return found.indices.cpu().numpy(), np.maximum(1 - found.scores.cpu().numpy(), 0)

    def _start(self) -> Start:
        if not isinstance(self.init, str):
            return given(self.init, (len(self.vectors_), self.n_components), self.seed_)
        vectors = None if self.metric == "precomputed" else self.vectors_
        if vectors is None and self.init == "pca":
            raise InputError('init = "pca" needs vectors, and metric = "precomputed" has none; take "spectral".')
        return start(self.init, self.graph_, vectors, self.n_components, self.seed_)

    def _passes(self, n: int) -> int:
        return epochs(n) if self.n_epochs is None else self.n_epochs

    def _moved(self, graph: sparse.csr_array, first: Vectors, passes: int, **settings: Any) -> Vectors:
        a, b = curve(self.spread, self.min_dist) if self.a is None or self.b is None else (self.a, self.b)
        common = {
            "learning_rate": self.learning_rate,
            "repulsion_strength": self.repulsion_strength,
            "negative_sample_rate": self.negative_sample_rate,
        }
        settings = common | settings
        return layout(graph, first, n_epochs=passes, a=a, b=b, seed=self.seed_, device=self._device, **settings)


def _smallest(table: Vectors, k: int) -> tuple[Ints, Vectors]:
    """Columns with the k smallest numbers of each row, ascending, ties by the lower column; and the numbers."""
    indices = np.argsort(table, axis=1, kind="stable")[:, :k]
    return indices, np.take_along_axis(table, indices, axis=1)
