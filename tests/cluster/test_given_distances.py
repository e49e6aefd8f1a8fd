"""The tree of a matrix of distances: against SciPy, with ties, and for few rows."""

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from topicgpu.cluster.given_distances import tree_of_distances


@pytest.mark.parametrize("samples", [1, 4, 59])
def test_the_tree_is_as_light_as_scipys(samples):
    distances = cdist(*[np.random.default_rng(0).normal(size=(60, 3))] * 2)
    edges, weights = tree_of_distances(distances, samples)
    core = np.sort(distances, axis=1)[:, samples]
    reach = np.maximum(distances, np.maximum.outer(core, core))
    expected = np.sort(minimum_spanning_tree(reach).data)
    np.testing.assert_allclose(weights, expected)
    np.testing.assert_array_equal(weights, reach[tuple(edges.T)])
    assert (edges[:, 0] < edges[:, 1]).all()


def test_of_equal_weights_the_nearer_goes_first():
    # A core distance of 4 ties row 0 to rows 1, 2 and 3, which lie at 2, 3 and 4.
    places = np.array([0.0, 2.0, -3.0, 4.0])[:, None]
    edges, weights = tree_of_distances(np.abs(places - places.T), 3)
    assert weights.tolist() == sorted(weights)
    spans = np.abs(places[edges[:, 0], 0] - places[edges[:, 1], 0])
    assert all(spans[at] <= spans[at + 1] for at in range(2) if weights[at] == weights[at + 1])


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows(n):
    edges, weights = tree_of_distances(1 - np.eye(n), 1)
    assert edges.shape == (max(n - 1, 0), 2)
    assert edges.dtype == np.int64
    assert weights.tolist() == [1] * max(n - 1, 0)
