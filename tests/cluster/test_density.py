"""Method density: the tree in five dimensions of the layout, and rows that take no part."""

import numpy as np
import pytest

from cluster.test_find import clustered, grouped
from planted.densities import distinct
from topicgpu.cluster.density import find_dense_groups, spanning_tree
from topicgpu.ops.layout import layout_implementation
from topicgpu.ops.mst import mst_implementation
from topicgpu.types import Neighbors


def test_the_layout_is_of_five_dimensions_and_the_groups_are_those_of_its_tree(monkeypatch):
    groups = np.repeat([0, 1], 30)
    asked = []

    def flat(graph, start, **_):
        asked.append((graph.shape, start.shape))
        return (10 * groups[:, None] + np.random.default_rng(0).normal(size=start.shape)).astype("f4")

    monkeypatch.setattr("topicgpu.cluster.density.layout", flat)
    indices = np.array([(np.arange(1, 4) + row) % 60 for row in range(60)])
    indices = np.concatenate([indices, np.full((2, 3), -1)])  # the last two take no part
    distances = np.where(indices >= 0, 0.5, np.inf).astype(np.float32)
    labels, strengths = find_dense_groups(
        np.eye(62, 8, dtype=np.float32), Neighbors(indices, distances, "cosine", True, None, "rows"), 8, 0
    )
    assert asked == [((60, 60), (60, 5))]
    kept = labels[:60] >= 0
    assert kept.mean() > 0.9
    assert len(set(labels[:30][kept[:30]])) == len(set(labels[30:60][kept[30:]])) == 1
    assert labels[60:].tolist() == [-1, -1]
    assert strengths[60:].tolist() == [0, 0]
    assert strengths.max() <= 1


@pytest.mark.slow
def test_the_manifest_says_what_was_done():
    method, *ran = clustered(grouped([40, 40])[0], method="density").method.split("; ")
    assert method == "density: HDBSCAN on a UMAP layout, least size 8"
    assert ran[0] == "layout: " + layout_implementation("cpu")
    assert ran[1] == "mst: " + mst_implementation("cpu")


def test_the_tree_does_not_depend_on_how_many_neighbors_are_listed(monkeypatch):
    rows = distinct()["uniform noise"]
    tree = spanning_tree(rows, 5, "cpu")
    monkeypatch.setattr("topicgpu.cluster.density._BEYOND", 0)
    short = spanning_tree(rows[:200], 5, "cpu")
    monkeypatch.setattr("topicgpu.cluster.density._BEYOND", 150)
    np.testing.assert_array_equal(spanning_tree(rows[:200], 5, "cpu").edges, short.edges)
    assert len(tree.edges) == len(rows) - 1


def test_of_equal_weights_a_row_goes_first_to_the_nearest_row_that_is_no_less_dense():
    # The core distance of the row at 0 is 3: it ties the row to those at -2 and 3, and weighs nothing between others.
    rows = np.array([-4.5, -4, -2, 0, 3, 4, 4.5])[:, None]
    edges, weights, _ = spanning_tree(rows, 2, "cpu")
    assert [tuple(edge) for edge in edges[weights == 3]] == [(2, 3), (3, 4)]
    turned, _, _ = spanning_tree(-rows * [1.0], 2, "cpu")
    assert {tuple(edge) for edge in turned} == {tuple(edge) for edge in edges}


@pytest.mark.parametrize("n", [0, 1])
def test_one_row_has_nothing_to_join(n):
    assert spanning_tree(np.zeros((n, 2)), 5, "cpu").edges.shape == (0, 2)
