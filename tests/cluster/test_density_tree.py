"""hdbscan's private steps: in the versions that are allowed, and no others, they are what we call."""

import tomllib
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from hdbscan import HDBSCAN
from packaging.requirements import Requirement

from planted.densities import distinct
from topicgpu.cluster.density_tree import Selection, density_tree, outlier_scores

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
# This file and tests/bertopic/test_hdbscan.py have passed on these. Run both on a new one before it is allowed.
PROVED = ("0.8.42", "0.8.43", "0.8.44")
NOT_PROVED = ("0.8.40", "0.8.41", "0.8.45", "0.8.100", "0.9.0", "1.0")
ROWS = distinct()["blobs in noise"]


def allowed():
    needs = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    return next(need.specifier for need in map(Requirement, needs) if need.name == "hdbscan")


def test_the_versions_that_are_allowed_are_those_that_were_proved():
    assert [version for version in PROVED if version not in allowed()] == []
    assert [version for version in NOT_PROVED if version in allowed()] == []


def test_the_version_that_is_installed_is_allowed():
    assert metadata.version("hdbscan") in allowed()


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(10, "leaf"),
        Selection(10, cluster_selection_epsilon=1.5),
        Selection(10, cluster_selection_epsilon_max=0.5),
        Selection(10, cluster_selection_persistence=0.2),
        Selection(60, allow_single_cluster=True),
        Selection(10, max_cluster_size=60),
    ],
    ids=str,
)
def test_of_hdbscans_own_edges_come_hdbscans_own_clusters(selection):
    model = HDBSCAN(**selection._asdict(), gen_min_span_tree=True, core_dist_n_jobs=1).fit(ROWS)
    edges = model._min_spanning_tree  # in the order in which hdbscan joined them
    tree = density_tree(edges[:, :2].astype(np.int64), edges[:, 2], selection)
    np.testing.assert_array_equal(tree.labels, model.labels_)
    np.testing.assert_array_equal(tree.probabilities, model.probabilities_)
    np.testing.assert_array_equal(tree.persistence, model.cluster_persistence_)
    np.testing.assert_array_equal(tree.condensed, model.condensed_tree_.to_numpy())
    np.testing.assert_array_equal(outlier_scores(tree), model.outlier_scores_)


def test_a_row_beside_equal_rows_is_an_outlier_and_no_nan():
    # hdbscan says NaN: the equal rows are infinitely dense, and infinity less the row's density over infinity is none.
    edges = np.column_stack([np.arange(9), np.arange(1, 10)])
    tree = density_tree(edges, np.array([0.0] * 8 + [1.0]), Selection(3))
    assert outlier_scores(tree).tolist() == [0] * 9 + [1]


def test_edges_of_one_weight_join_in_the_order_given():
    # Row 2 lies at one distance from two pairs: with the first of them it makes a cluster of three.
    edges, weights = np.array([[0, 1], [3, 4], [1, 2], [2, 3], [4, 5]]), np.array([1.0, 1.0, 2.0, 2.0, 9.0])
    one = density_tree(edges, weights, Selection(2)).linkage
    other = density_tree(edges[[0, 1, 3, 2, 4]], weights, Selection(2)).linkage
    assert one[2, :2].tolist() == [6, 2]
    assert other[2, :2].tolist() == [2, 7]
