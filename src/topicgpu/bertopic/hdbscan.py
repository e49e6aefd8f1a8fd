"""HDBSCAN on our spanning tree, with hdbscan's names, in BERTopic's place for it."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from topicgpu.bertopic.checks import check_distances, check_finite_rows, check_largest, check_selection
from topicgpu.cluster.density import spanning_tree
from topicgpu.cluster.density_tree import (
    Selection,
    condensed_tree,
    density_tree,
    minimum_spanning_tree,
    outlier_scores,
    prediction_data,
    single_linkage_tree,
)
from topicgpu.cluster.given_distances import tree_of_distances
from topicgpu.cluster.joining import join
from topicgpu.device import resolve_device
from topicgpu.errors import InputError
from topicgpu.ops.mst import nearest
from topicgpu.ops.nearest_to import nearest_to
from topicgpu.types import Floats, Ints

_MOST = 1e150  # of a coordinate, or a distance: sums of squares fit into float64


class HDBSCAN(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """
    HDBSCAN: clusters of any shape and density, and noise.

    Parameters
    ----------
    min_cluster_size : int
        Smaller groups are noise, or rows that fall out of a larger one.
    min_samples : int, optional
        The distance to the neighbor of this rank is a row's core distance; None: `min_cluster_size`. Beyond n - 1 it is
        n - 1.
    cluster_selection_epsilon : float
        Clusters below this distance are not split.
    cluster_selection_persistence : float
        Clusters that last less than this are joined with the one beside them.
    max_cluster_size : int
        Larger clusters are split, with `eom`; 0: of any size.
    metric : str
        `euclidean`, or `precomputed` where `X` is the matrix of distances.
    alpha : float
        What distances, but not core distances, are divided by.
    cluster_selection_method : str
        `eom`: the clusters that last longest; `leaf`: the smallest.
    allow_single_cluster : bool
        All rows may be one cluster.
    prediction_data : bool
        Keep what `hdbscan.membership_vector` and its like ask for; `predict` needs it not.
    cluster_selection_epsilon_max : float
        Clusters that only form above this distance are split, with `eom`.
    device : str
        Where the tree is found: `auto`, `cpu`, `cuda` or `cuda:N`.

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n,)
        Clusters; -1 for noise.
    probabilities_ : ndarray of float64, shape (n,)
        How deep in its cluster a row lies, in [0, 1]; 0 for noise.
    cluster_persistence_ : ndarray of float64, shape (n_clusters,)
        How long each cluster lasts, in [0, 1].

    Notes
    -----
    The minimum spanning tree is exact, which `hdbscan` is with `approx_min_span_tree=False`. Condensing, selection,
    strengths and outlier scores are that package's own functions. A row whose core distance is larger than its distance
    to several others is tied to all of them at one weight: the nearest goes first, on every machine.

    References
    ----------
    .. [1] R. Campello, D. Moulavi and J. Sander, Density-based clustering based on hierarchical density estimates,
       PAKDD 2013.
    .. [2] L. McInnes, J. Healy and S. Astels, hdbscan: Hierarchical density based clustering, JOSS 2(11), 2017.
    """

    def __init__(
        self,
        min_cluster_size: int = 5,
        min_samples: int | None = None,
        cluster_selection_epsilon: float = 0.0,
        cluster_selection_persistence: float = 0.0,
        max_cluster_size: int = 0,
        metric: str = "euclidean",
        alpha: float = 1.0,
        *,
        cluster_selection_method: str = "eom",
        allow_single_cluster: bool = False,
        prediction_data: bool = False,
        cluster_selection_epsilon_max: float = np.inf,
        device: str = "auto",
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_epsilon = cluster_selection_epsilon
        self.cluster_selection_persistence = cluster_selection_persistence
        self.max_cluster_size = max_cluster_size
        self.metric = metric
        self.alpha = alpha
        self.cluster_selection_method = cluster_selection_method
        self.allow_single_cluster = allow_single_cluster
        self.prediction_data = prediction_data
        self.cluster_selection_epsilon_max = cluster_selection_epsilon_max
        self.device = device

    def __sklearn_tags__(self) -> Any:
        """Say that a matrix of distances has its rows and columns chosen together."""
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags

    def fit(self, X: Any, y: Any = None) -> "HDBSCAN":
        """
        Find the clusters of rows.

        Parameters
        ----------
        X : array_like of shape (n, d), or (n, n) with metric `precomputed`
            Rows, or distances between them; not modified.
        y : object
            Not used.

        Returns
        -------
        HDBSCAN
            Itself.

        Raises
        ------
        InputError
            If a setting is none of its values, a row is not finite, or `X` is no matrix of distances.

        Notes
        -----
        A row with NaN has no distance to any other: it is refused, since the model that made it is what needs mending.
        """
        check_selection(self)
        rows = self._read(X)
        samples = self.min_samples or self.min_cluster_size
        if self.metric == "precomputed":
            check_distances(rows)
            samples = min(samples, len(rows) - 1)
            edges, weights = tree_of_distances(rows, samples, self.alpha)
        else:
            edges, weights, _ = spanning_tree(rows, samples, resolve_device(self.device).used, self.alpha)
        self._rows, self._edges, self._weights = rows, edges, weights
        self._tree = density_tree(edges, weights, Selection(*(getattr(self, name) for name in Selection._fields)))
        self.labels_, self.probabilities_ = self._tree.labels, self._tree.probabilities
        self.cluster_persistence_ = self._tree.persistence
        if self.prediction_data:
            self.prediction_data_ = self._prediction_data()
        return self

    def predict(self, X: Any) -> Ints:
        """
        Give new rows the cluster that they would fall into.

        Parameters
        ----------
        X : array_like of shape (q, d)
            Rows of the kind that were fitted.

        Returns
        -------
        ndarray of int64, shape (q,)
            Clusters; -1 for noise.
        """
        return self.approximate_predict(X)[0]

    def approximate_predict(self, X: Any) -> tuple[Ints, Floats]:
        """
        Give new rows the cluster that they would fall into, with the tree left as it is.

        Parameters
        ----------
        X : array_like of shape (q, d)
            Rows of the kind that were fitted.

        Returns
        -------
        labels : ndarray of int64, shape (q,)
            Clusters; -1 for noise.
        strengths : ndarray of float64, shape (q,)
            How deep in its cluster a row lies, in [0, 1]; 0 for noise.

        Raises
        ------
        InputError
            If the fit was on a matrix of distances, or a row is not finite.

        Notes
        -----
        What `hdbscan.approximate_predict` answers: a fitted row counts as its own first neighbor there, and so it does
        here. One search for 2 `min_samples` neighbors of each row.
        """
        check_is_fitted(self, "labels_")
        if self.metric == "precomputed":
            raise InputError('predict needs rows, and the fit was on distances; fit rows with metric="euclidean".')
        rows = self._read(X, reset=False)
        n = len(self._rows)
        samples = min(self.min_samples or self.min_cluster_size, n)
        device = resolve_device(self.device).used
        fitted = torch.tensor(self._rows, device=device)
        core = nearest(fitted, samples - 1).distances[:, -1:].sum(dim=1).cpu().numpy()  # 0 of no others
        near = nearest_to(torch.tensor(rows, device=device), fitted, min(2 * samples, n))
        indices, distances = near.indices.cpu().numpy(), near.distances.cpu().numpy()
        own = distances[:, [min(samples, distances.shape[1] - 1)]]
        reach = np.maximum(np.maximum(distances, own), core[indices])
        first = reach.argmin(axis=1)[:, None]
        return join(self._tree, *(np.take_along_axis(table, first, axis=1)[:, 0] for table in (indices, reach)))

    @property
    def outlier_scores_(self) -> Floats:
        """(n,) how far each row is outside the densest part of its surroundings, in [0, 1] (GLOSH)."""
        return outlier_scores(self._fitted())

    @property
    def condensed_tree_(self) -> Any:
        """The condensed tree, as hdbscan's object."""
        return condensed_tree(self._fitted())

    @property
    def single_linkage_tree_(self) -> Any:
        """The dendrogram, as hdbscan's object."""
        return single_linkage_tree(self._fitted())

    @property
    def minimum_spanning_tree_(self) -> Any:
        """The spanning tree, as hdbscan's object; it is always there."""
        self._fitted()
        return minimum_spanning_tree(self._edges, self._weights, self._rows)

    @property
    def exemplars_(self) -> list[Any]:
        """Rows of each cluster's densest places."""
        self._fitted()
        exemplars: list[Any] = self._prediction_data().exemplars
        return exemplars

    def _read(self, X: Any, reset: bool = True) -> NDArray[Any]:
        """Take rows as floats in an order that torch reads, finite and with squares that are."""
        rows = validate_data(self, X, dtype=[np.float64, np.float32], reset=reset, ensure_all_finite=False)
        check_finite_rows(rows)
        check_largest(rows, _MOST)
        return np.ascontiguousarray(rows)

    def _fitted(self) -> Any:
        if not hasattr(self, "_tree"):
            raise AttributeError("this HDBSCAN is not fitted yet; call fit first.")
        return self._tree

    def _prediction_data(self) -> Any:
        if self.metric == "precomputed":
            raise AttributeError('there are no rows to show with metric="precomputed"; fit rows.')
        samples = min(self.min_samples or self.min_cluster_size, len(self._rows))
        return prediction_data(self._tree, self._rows, samples)
