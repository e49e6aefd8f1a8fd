"""From a spanning tree to clusters by hdbscan's own steps: the one module that calls what it keeps private."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Floats, Ints


class Selection(NamedTuple):
    """Which clusters of the tree are taken; names, defaults and meaning as in `hdbscan.HDBSCAN`."""

    min_cluster_size: int = 5
    cluster_selection_method: str = "eom"
    cluster_selection_epsilon: float = 0.0
    cluster_selection_epsilon_max: float = np.inf
    cluster_selection_persistence: float = 0.0
    allow_single_cluster: bool = False
    max_cluster_size: int = 0


@dataclass(frozen=True)
class DensityTree:
    """Clusters of n rows, and the trees that they were taken from, in hdbscan's form."""

    linkage: Floats  # (n - 1, 4) as in scipy.cluster.hierarchy
    condensed: NDArray[np.void]  # parent, child, lambda_val, child_size
    labels: Ints  # (n,), -1 for noise
    probabilities: Floats  # (n,) in [0, 1]
    persistence: Floats  # a cluster each, in [0, 1]


_EDGE = [("parent", np.intp), ("child", np.intp), ("lambda_val", np.float64), ("child_size", np.intp)]


def density_tree(edges: Ints, weights: Floats, selection: Selection) -> DensityTree:
    """
    Take the clusters of a minimum spanning tree that last over many densities.

    Parameters
    ----------
    edges : ndarray
        (n - 1, 2) rows.
    weights : ndarray
        (n - 1,) ascending; edges of one weight join in the order given.
    selection : Selection
        What counts as a cluster.

    Returns
    -------
    DensityTree
        All noise where there are fewer rows than the least cluster has.

    Notes
    -----
    O(n), compiled.

    References
    ----------
    .. [1] R. Campello, D. Moulavi and J. Sander, Density-based clustering based on hierarchical density estimates,
       PAKDD 2013.
    """
    from hdbscan._hdbscan_linkage import label
    from hdbscan._hdbscan_tree import compute_stability, condense_tree, get_clusters, simplify_hierarchy

    if not len(edges):
        return DensityTree(np.empty((0, 4)), np.empty(0, dtype=_EDGE), np.full(1, -1), np.zeros(1), np.zeros(0))
    linkage = label(np.column_stack([edges, weights]).astype(np.float64))
    condensed = condense_tree(linkage, selection.min_cluster_size)
    if selection.cluster_selection_persistence > 0 and (condensed["child_size"] > 1).any():
        condensed = simplify_hierarchy(condensed, selection.cluster_selection_persistence)
    labels, probabilities, persistence = get_clusters(
        condensed,
        compute_stability(condensed),
        selection.cluster_selection_method,
        selection.allow_single_cluster,
        False,  # the way of the authors' Java program
        float(selection.cluster_selection_epsilon),
        selection.max_cluster_size,
        float(selection.cluster_selection_epsilon_max),
    )
    return DensityTree(linkage, condensed, labels.astype(np.int64), probabilities, persistence)


def outlier_scores(tree: DensityTree) -> Floats:
    """
    Say how far each row is outside the densest part of its surroundings (GLOSH).

    Parameters
    ----------
    tree : DensityTree
        Of n rows.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]; 1 where that part is rows that are all equal, and the row is none of them.

    References
    ----------
    .. [1] R. Campello, D. Moulavi, A. Zimek and J. Sander, Hierarchical density estimates for data clustering,
       visualization, and outlier detection, ACM TKDD 10(1), 2015.
    """
    from hdbscan._hdbscan_tree import outlier_scores as glosh

    if not len(tree.condensed):
        return np.zeros(len(tree.labels))
    scores: Floats = glosh(tree.condensed)
    return np.where(np.isnan(scores), 1.0, scores)  # equal rows are infinitely dense: the limit of (inf - x) / inf


def selected_clusters(tree: DensityTree) -> list[int]:
    """
    Find each cluster's node of the condensed tree.

    Parameters
    ----------
    tree : DensityTree
        With c clusters.

    Returns
    -------
    list of int
        c nodes by label: the lowest one that all rows of a cluster are below.

    Notes
    -----
    hdbscan takes the first node that a row hangs on itself. A cluster that splits before it loses a row has none, so
    one half of it stands for all there, and the numbers of clusters can be swapped.
    """
    parents, children = tree.condensed["parent"], tree.condensed["child"]
    above = dict(zip(children.tolist(), parents.tolist(), strict=True))
    nodes: list[set[int]] = [set() for _ in range(tree.labels.max(initial=-1) + 1)]
    for row in np.flatnonzero(tree.labels >= 0).tolist():
        nodes[tree.labels[row]].add(above[row])
    for below in nodes:
        while len(below) > 1:
            last = max(below)  # a node's number is larger than that of the one above it
            below.remove(last)
            below.add(above[last])
    return [below.pop() for below in nodes]


def condensed_tree(tree: DensityTree) -> Any:
    """
    Show the condensed tree as hdbscan does.

    Parameters
    ----------
    tree : DensityTree
        Any.

    Returns
    -------
    hdbscan.plots.CondensedTree
        With its plots and conversions; its clusters are those of `selected_clusters`.
    """
    from hdbscan.plots import CondensedTree

    shown = CondensedTree(tree.condensed, tree.labels)
    shown._select_clusters = selected_clusters(tree).copy
    return shown


def single_linkage_tree(tree: DensityTree) -> Any:
    """
    Show the dendrogram as hdbscan does.

    Parameters
    ----------
    tree : DensityTree
        Any.

    Returns
    -------
    hdbscan.plots.SingleLinkageTree
        With its plots, conversions and cuts.
    """
    from hdbscan.plots import SingleLinkageTree

    return SingleLinkageTree(tree.linkage)


def minimum_spanning_tree(edges: Ints, weights: Floats, rows: NDArray[Any]) -> Any:
    """
    Show a spanning tree as hdbscan does.

    Parameters
    ----------
    edges : ndarray
        (n - 1, 2) rows.
    weights : ndarray
        (n - 1,) of them.
    rows : ndarray
        (n, d) the data.

    Returns
    -------
    hdbscan.plots.MinimumSpanningTree
        With its plots and conversions.
    """
    from hdbscan.plots import MinimumSpanningTree

    return MinimumSpanningTree(np.column_stack([edges, weights]), rows)


def prediction_data(tree: DensityTree, rows: NDArray[Any], min_samples: int) -> Any:
    """
    Make what hdbscan's own functions on new rows and on memberships ask of a model.

    Parameters
    ----------
    tree : DensityTree
        Of n rows.
    rows : ndarray
        (n, d) the data, compared by Euclidean distance.
    min_samples : int
        As in the fit.

    Returns
    -------
    hdbscan.prediction.PredictionData
        With exemplars of each cluster.
    """
    from hdbscan.prediction import PredictionData

    return PredictionData(rows, condensed_tree(tree), min_samples)
