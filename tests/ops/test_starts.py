"""Where layouts start from."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import ArpackNoConvergence
from threadpoolctl import threadpool_limits

from topicgpu.errors import NumericalError, ShapeError
from topicgpu.ops import starts
from topicgpu.ops.starts import SPAN, given, principal_axes, spanned, start

WAYS = ("spectral", "pca", "random")


def ring(n):
    """Each vertex joined to the next, and the last to the first."""
    rows = np.arange(n)
    # Not all of one weight: Lanczos's method finds one mode of those that are equally slow.
    weights = np.random.default_rng(0).uniform(0.95, 1, n).astype(np.float32)
    half = sparse.csr_array((weights, (rows, (rows + 1) % n)), shape=(n, n))
    return half.maximum(half.T).tocsr()


def rows(n, d=8, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", [20, 300])
def test_every_start_spans_ten_and_is_the_same_each_time(way, n):
    found = start(way, ring(n), rows(n), 2, 3)
    assert found.places.dtype == np.float32
    assert found.places.shape == (n, 2)
    np.testing.assert_allclose(np.ptp(found.places, axis=0), SPAN, rtol=0.05)
    assert found.how == {"spectral": "spectral", "pca": "principal axes", "random": "random"}[way]
    assert np.array_equal(start(way, ring(n), rows(n), 2, 3).places, found.places)
    assert not np.array_equal(start(way, ring(n), rows(n), 2, 4).places, found.places)


@pytest.mark.parametrize("way", WAYS)
def test_threads_of_the_linear_algebra_play_no_part(way):
    found = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads, user_api="blas"):
            found.append(start(way, ring(2000), rows(2000, 64), 2, 0).places)
    assert np.array_equal(*found)


@pytest.mark.parametrize("n", [30, 120])
def test_the_slowest_modes_of_a_ring_are_a_circle(n):
    places = start("spectral", ring(n), None, 2, 0).places - SPAN / 2
    radius = np.linalg.norm(places, axis=1)
    assert radius.min() > 0.8 * radius.max()
    steps = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)
    assert steps.max() < 2 * np.pi * SPAN / 2 / n * 1.5


@pytest.mark.parametrize("vectors", [None, rows(110)])
def test_components_lie_apart(vectors):
    graph = sparse.block_diag([ring(60), ring(40), ring(10)], format="csr")
    places = start("spectral", graph, vectors, 2, 0).places
    boxes = [(part.min(axis=0), part.max(axis=0)) for part in np.split(places, [60, 100])]
    for low, high in boxes[1:]:  # the largest is in the middle
        assert ((low >= boxes[0][1] - 0.05) | (high <= boxes[0][0] + 0.05)).any()


def test_two_far_components_lie_where_their_vectors_are():
    vectors = np.r_[np.zeros((50, 3)), np.tile([9, 0, 0], (40, 1)), np.tile([-9, 0, 0], (40, 1))].astype(np.float32)
    graph = sparse.block_diag([ring(50), ring(40), ring(40)], format="csr")
    parts = np.split(start("spectral", graph, vectors, 2, 0).places, [50, 90])
    middle, right, left = (part[:, 0].mean() for part in parts)
    assert left < middle < right


def test_single_vertices_and_pairs_have_places_of_their_own():
    graph = sparse.block_diag([ring(30), ring(2), sparse.csr_array((1, 1)), sparse.csr_array((1, 1))], format="csr")
    places = start("spectral", graph, None, 2, 0).places
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) == 34


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_vertices(way, n):
    graph = ring(n) if n > 1 else sparse.csr_array((n, n), dtype=np.float32)
    found = start(way, graph, rows(n), 2, 0)
    assert found.places.shape == (n, 2)
    assert np.isfinite(found.places).all()


@pytest.mark.parametrize("way", WAYS)
def test_more_axes_than_the_vectors_or_the_modes_have(way):
    found = start(way, ring(4), rows(4, 2), 7, 0)
    assert found.places.shape == (4, 7)
    assert np.isfinite(found.places).all()


def test_rows_in_one_place_part():
    places = start("pca", ring(1000), np.ones((1000, 4), dtype=np.float32), 2, 0).places
    assert len(np.unique(places, axis=0)) == 1000
    assert np.abs(places).max() < 0.01


def test_modes_that_are_not_found_give_way_to_the_principal_axes_with_the_reason(monkeypatch):
    def never(*_, **__):
        raise ArpackNoConvergence("no convergence", np.empty(0), np.empty((0, 0)))

    monkeypatch.setattr(starts, "eigsh", never)
    found = start("spectral", ring(300), rows(300), 2, 0)
    assert found.how == "principal axes: the modes of the graph were not found in 500 restarts"
    assert np.array_equal(found.places, start("pca", ring(300), rows(300), 2, 0).places)
    assert start("spectral", ring(300), None, 2, 0).how.startswith("random: the modes")


def test_without_vectors_there_are_no_principal_axes():
    assert start("pca", ring(30), None, 2, 0).how == "random: there are no vectors"


def test_given_places_are_stretched_and_checked():
    places = rows(20, 2)
    found = given(places.tolist(), (20, 2), 0)
    np.testing.assert_allclose(found.places, spanned(places), atol=0.01)
    with pytest.raises(ShapeError, match=r"shape \(20, 3\); got \(20, 2\)"):
        given(places, (20, 3), 0)
    places[4, 1] = np.inf
    with pytest.raises(NumericalError, match="row 4"):
        given(places, (20, 2), 0)


def test_no_axes_are_refused():
    with pytest.raises(ShapeError, match="n_components = 0"):
        start("pca", ring(30), rows(30), 0, 0)


def test_principal_axes_are_centred_ordered_and_directed():
    table = rows(200, 3) * np.array([1, 5, 2], dtype=np.float32) + 100
    places = principal_axes(table, 2)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-4)
    assert places[:, 0].std() > places[:, 1].std()
    assert np.corrcoef(places[:, 0], table[:, 1])[0, 1] > 0.99
