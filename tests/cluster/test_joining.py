"""Where new rows join: a tree that is small enough to be read."""

import numpy as np
import pytest

from topicgpu.cluster.density_tree import Selection, density_tree
from topicgpu.cluster.joining import join

# Two runs of four rows, 1 apart and 2 apart, with 8 between the runs, and a row alone at 20.
EDGES = np.array([[0, 1], [1, 2], [2, 3], [4, 5], [5, 6], [6, 7], [3, 4], [7, 8]])
WEIGHTS = np.array([1.0, 1, 1, 2, 2, 2, 8, 20])


@pytest.fixture
def tree():
    found = density_tree(EDGES, WEIGHTS, Selection(3))
    assert found.labels[8] == -1
    assert len(set(found.labels[:4])) == len(set(found.labels[4:8])) == 1
    assert found.labels[0] != found.labels[4]
    return found


def test_a_row_as_near_as_its_neighbors_is_wholly_in_their_cluster(tree):
    labels, strengths = join(tree, np.array([1, 5]), np.array([1.0, 2.0]))
    assert labels.tolist() == [tree.labels[1], tree.labels[5]]
    assert strengths.tolist() == [1, 1]


def test_a_row_farther_out_is_in_it_by_as_much_as_it_is_dense(tree):
    labels, strengths = join(tree, np.array([1, 5]), np.array([4.0, 4.0]))
    assert labels.tolist() == [tree.labels[1], tree.labels[5]]
    np.testing.assert_allclose(strengths, [1 / 4, 2 / 4])


def test_a_row_that_comes_when_the_clusters_are_one_is_noise(tree):
    labels, strengths = join(tree, np.array([1, 5, 8]), np.array([8.0, 9.0, 20.0]))
    assert labels.tolist() == [-1, -1, -1]
    assert strengths.tolist() == [0, 0, 0]


def test_without_clusters_all_is_noise():
    nothing = density_tree(EDGES, WEIGHTS, Selection(6))
    labels, strengths = join(nothing, np.array([0]), np.array([0.0]))
    assert (labels.tolist(), strengths.tolist()) == ([-1], [0])
