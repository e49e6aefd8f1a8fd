"""The nearest known rows of new ones: against plain distances, by the tree and by differences."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from topicgpu.errors import NumericalError, ShapeError
from topicgpu.ops.nearest_to import nearest_to


def rows(n, d, seed=0, dtype=torch.float64):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(n, d))).to(dtype)


@pytest.mark.parametrize("d", [1, 3, 10, 11, 60])
@pytest.mark.parametrize("k", [1, 7, 40])
def test_the_nearest_rows_and_their_distances_are_found(d, k):
    base, new = rows(40, d), rows(9, d, seed=1)
    found = nearest_to(new, base, k)
    expected = cdist(new, base)
    np.testing.assert_array_equal(found.indices, np.argsort(expected, axis=1)[:, :k])
    np.testing.assert_allclose(found.distances, np.sort(expected, axis=1)[:, :k])


@pytest.mark.parametrize("d", [4, 40])
def test_a_row_is_answered_alike_alone_and_among_others(d):
    base, new = rows(50, d), rows(30, d, seed=1)
    together = nearest_to(new, base, 5)
    for at, row in enumerate(new):
        assert torch.equal(nearest_to(row[None], base, 5).distances[0], together.distances[at])


@pytest.mark.parametrize("d", [3, 30])
def test_single_and_double_precision_may_meet(d):
    base = rows(20, d, dtype=torch.float32)
    found = nearest_to(base.double(), base, 1)
    assert found.indices[:, 0].tolist() == list(range(20))
    assert found.distances.tolist() == [[0.0]] * 20


@pytest.mark.parametrize("d", [3, 30])
def test_no_queries_find_nothing(d):
    assert nearest_to(rows(0, d), rows(5, d), 2).indices.shape == (0, 2)


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ShapeError, match="one width"):
        nearest_to(rows(2, 3), rows(5, 4), 1)
    with pytest.raises(ShapeError, match="k = 6"):
        nearest_to(rows(2, 3), rows(5, 3), 6)
    with pytest.raises(NumericalError, match="queries"):
        nearest_to(torch.full((1, 3), torch.nan), rows(5, 3), 1)
