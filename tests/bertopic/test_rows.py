"""Neighbors by distance: exact, also where products in float32 would round them away."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from topicgpu.bertopic.rows import euclidean_nearest, euclidean_neighbors


@pytest.mark.parametrize("apart", [0, 1e3, 1e6])
def test_neighbors_in_groups_far_apart_are_the_nearest(apart):
    rows = np.random.default_rng(0).normal(size=(200, 5))
    rows[100:] += apart
    rows = (rows - rows.mean(axis=0)).astype(np.float32)
    distances = cdist(rows.astype(np.float64), rows.astype(np.float64))
    np.fill_diagonal(distances, np.inf)
    wanted = np.sort(distances, axis=1)[:, :10]
    assert euclidean_neighbors(rows, 10, 0, "cpu").distances == pytest.approx(wanted, rel=1e-5)
    new, old = rows[::2], rows[1::2]
    _, found = euclidean_nearest(new, old, 10, "cpu")
    assert found == pytest.approx(np.sort(distances[::2, 1::2], axis=1)[:, :10], rel=1e-5)
