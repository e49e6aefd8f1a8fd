"""The layout as an operation: its settings, its refusals, and what it keeps."""

import warnings

import numpy as np
import pytest
from scipy import sparse

from topicgpu.errors import DeviceError, NumericalError, ShapeError
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import curve, epochs, layout, layout_implementation

N = 60


def groups_graph(n=N, k=5, seed=0):
    """The fuzzy graph of three groups, and their numbers."""
    truth = np.repeat(np.arange(3), n // 3)
    rows = 10 * np.eye(3)[truth] + np.random.default_rng(seed).normal(size=(n, 3))
    apart = np.linalg.norm(rows[:, None] - rows, axis=2)
    np.fill_diagonal(apart, np.inf)
    indices = apart.argsort(axis=1)[:, :k]
    return fuzzy_graph(indices, np.take_along_axis(apart, indices, axis=1).astype(np.float32)), truth


GRAPH, TRUTH = groups_graph()
START = np.random.default_rng(1).uniform(0, 10, (N, 2)).astype(np.float32)


def placed(graph=GRAPH, start=START, **settings):
    return layout(graph, start, **{"n_epochs": 50, "a": 1.577, "b": 0.895, "seed": 0} | settings)


def test_groups_are_found_from_a_random_start():
    places = placed(n_epochs=200)
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (TRUTH[apart.argmin(axis=1)] == TRUTH).all()
    assert np.abs(places).max() < 50


def test_no_row_is_thrown_out():
    places = placed(n_epochs=200)
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(apart, np.inf)
    assert apart.min(axis=1).max() < 2


def test_one_seed_gives_one_layout_and_another_seed_another():
    assert np.array_equal(placed(), placed())
    assert not np.array_equal(placed(), placed(seed=1))


def test_what_is_given_may_be_read_only_or_not_contiguous_and_is_not_modified():
    start = np.repeat(START, 2, axis=0)[::2]
    graph = GRAPH.copy()
    for part in (start, graph.data, graph.indices, graph.indptr):
        part.flags.writeable = False
    assert not start.flags.c_contiguous
    assert np.array_equal(placed(graph, start), placed())
    assert np.array_equal(start, START)
    assert np.array_equal(graph.data, GRAPH.data)


def test_edges_that_are_given_twice_add_up_and_those_without_weight_are_none():
    whole = GRAPH.tocoo()
    rows, columns = np.r_[whole.row, whole.row, 0], np.r_[whole.col, whole.col, 30]
    weights = np.r_[whole.data, whole.data, 0].astype(np.float32) / 2
    order = np.argsort(rows, kind="stable")
    begins = np.searchsorted(rows[order], np.arange(N + 1))
    twice = sparse.csr_array((weights[order], columns[order], begins), shape=GRAPH.shape)
    assert twice.nnz == 2 * GRAPH.nnz + 1
    assert np.array_equal(placed(twice), placed())


def test_the_scale_of_the_weights_plays_no_part():
    np.testing.assert_array_equal(placed(GRAPH * np.float32(0.25)), placed())


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows(n):
    graph = sparse.csr_array(np.ones((n, n), dtype=np.float32) - np.eye(n, dtype=np.float32))
    places = placed(graph, START[:n])
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    assert np.array_equal(places, START[:n]) == (n < 2)


def test_two_far_components_stay_apart_and_single_rows_stay_where_they_are():
    graph = sparse.block_diag([GRAPH, sparse.csr_array((1, 1), dtype=np.float32)], format="csr")
    places = placed(graph, np.vstack([START, [[40, 40]]]))
    assert np.array_equal(places[N], [40, 40])
    assert np.isfinite(places).all()


def test_fixed_places_stay_and_new_rows_come_to_theirs():
    fixed = placed(n_epochs=200)
    before = fixed.copy()
    graph = sparse.csr_array((np.ones(6, dtype=np.float32), ([0, 0, 0, 1, 1, 1], [0, 1, 2, 40, 41, 42])), shape=(2, N))
    start = np.array([fixed[:3].mean(axis=0) + 1, fixed[40:43].mean(axis=0) + 1], dtype=np.float32)
    places = placed(graph, start, fixed=fixed)
    apart = np.linalg.norm(places[:, None] - fixed, axis=2)
    assert TRUTH[apart.argmin(axis=1)].tolist() == [0, 2]
    assert np.array_equal(fixed, before)


def test_no_epochs_and_no_rate_leave_the_start():
    for settings in ({"n_epochs": 0}, {"learning_rate": 0.0}):
        assert np.array_equal(placed(**settings), START)


BAD = [
    ({"start": START[:, 0]}, "start must have shape"),
    ({"start": np.zeros((N, 33))}, "1 to 32 columns"),
    ({"start": START[:-1]}, "graph must have shape"),
    ({"fixed": START[:-1]}, "graph must have shape"),
    ({"fixed": np.zeros((N, 3))}, "as many columns"),
    ({"n_epochs": -1}, "n_epochs = -1"),
    ({"seed": -1}, "seed = -1"),
    ({"a": 0.0}, "a = 0.0"),
    ({"b": np.nan}, "b = nan"),
    ({"learning_rate": -1.0}, "learning_rate = -1.0"),
    ({"repulsion_strength": np.inf}, "repulsion_strength = inf"),
    ({"negative_sample_rate": -5}, "negative_sample_rate = -5"),
    ({"impl": "fast"}, "impl = 'fast'"),
]


@pytest.mark.parametrize(("settings", "said"), BAD)
def test_what_cannot_be_is_said_in_one_sentence(settings, said):
    with pytest.raises(ShapeError, match=said) as error:
        placed(**settings)
    assert str(error.value).count(".\n") == 0
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_weights_that_are_none_are_refused(bad):
    graph = GRAPH.copy()
    graph.data[5] = bad
    with pytest.raises(NumericalError, match="weights that are finite, 0 or more"):
        placed(graph)


def test_a_start_that_is_not_finite_is_refused():
    start = START.copy()
    start[7, 1] = np.nan
    with pytest.raises(NumericalError, match="start must be finite; row 7"):
        placed(start=start)


def test_without_a_gpu_the_kernel_is_refused_and_the_reference_is_named():
    with pytest.raises(DeviceError, match="needs an NVIDIA GPU"):
        placed(impl="fused")
    assert np.array_equal(placed(impl="reference"), placed())
    assert layout_implementation("cpu").startswith("reference (torch): ")


@pytest.mark.parametrize(
    ("spread", "min_dist"), [(1.0, 0.1), (1.0, 0.0), (1.0, 0.99), (1.0, 1.0), (3.0, 0.5), (0.5, 0.0)]
)
def test_the_curve_is_umap_learns(spread, min_dist):
    with warnings.catch_warnings():  # of umap-learn, that its neural variant lacks TensorFlow
        warnings.simplefilter("ignore", ImportWarning)
        from umap.umap_ import find_ab_params
    np.testing.assert_allclose(curve(spread, min_dist), find_ab_params(spread, min_dist), rtol=1e-6)


@pytest.mark.parametrize(
    ("spread", "min_dist"), [(0.0, 0.0), (1.0, -0.1), (1.0, 1.5), (np.nan, 0.1), (1.0, np.nan), (1e9, 0.1)]
)
def test_a_curve_that_cannot_be_is_refused(spread, min_dist):
    with pytest.raises(ShapeError, match="must be"):
        curve(spread, min_dist)


def test_epochs_are_umap_learns():
    assert [epochs(n) for n in (1, 10_000, 10_001)] == [500, 500, 200]
