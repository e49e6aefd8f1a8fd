import numpy as np
import pytest
from scipy.spatial.distance import cdist

from topicgpu.ops.fuzzy_graph import fuzzy_graph


def neighbors_of(vectors, k):
    distances = cdist(vectors, vectors, "cosine")
    np.fill_diagonal(distances, np.inf)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return indices, np.take_along_axis(distances, indices, axis=1).astype(np.float32)


def test_weights_of_a_row_add_to_the_logarithm_of_k():
    _, distances = neighbors_of(np.random.default_rng(0).normal(size=(60, 8)), 16)
    # Towards rows past the 60th nothing points back, so the union leaves a row's own weights as they are.
    one_way = np.arange(60)[:, None] * 16 + np.arange(16) + 60
    targets = np.full((960, 16), -1), np.full((960, 16), np.inf, dtype=np.float32)
    graph = fuzzy_graph(np.vstack([one_way, targets[0]]), np.vstack([distances, targets[1]]))
    np.testing.assert_allclose(graph[:60].sum(axis=1), np.log2(17), atol=1e-5)
    assert (graph[:60].max(axis=1).toarray() == 1).all()


def test_an_edge_from_both_ends_is_the_probability_of_either():
    indices = np.array([[1, 2], [0, 2], [1, 0]])
    distances = np.array([[0.1, 0.3], [0.1, 0.2], [0.2, 0.3]], dtype=np.float32)
    graph = fuzzy_graph(indices, distances).toarray()
    assert graph[0, 1] == 1
    np.testing.assert_array_equal(graph, graph.T)
    assert ((graph >= 0) & (graph <= 1)).all()


def test_equal_distances_weigh_the_same():
    graph = fuzzy_graph(np.array([[1, 2], [0, 2], [0, 1]]), np.full((3, 2), 0.5, dtype=np.float32))
    np.testing.assert_array_equal(graph.toarray(), 1 - np.eye(3))


@pytest.mark.parametrize("k", [0, 3])
def test_rows_that_take_no_part_are_empty(k):
    graph = fuzzy_graph(np.full((5, k), -1), np.full((5, k), np.inf, dtype=np.float32))
    assert graph.shape == (5, 5)
    assert graph.nnz == 0


def test_rows_at_one_place_are_nearest_and_so_is_the_next():
    distances = np.array([[0.0, 0.0, 0.4, 0.5]] * 5, dtype=np.float32)
    indices = np.array([[(row + step) % 5 for step in range(1, 5)] for row in range(5)])
    graph = fuzzy_graph(indices, distances)
    assert (graph.data[graph.data == 1].size) >= 15  # two at no distance, and the nearest of the others


def test_a_row_with_one_neighbor_is_tied_to_it():
    graph = fuzzy_graph(np.array([[1], [0], [1]]), np.array([[0.2], [0.2], [0.3]], dtype=np.float32))
    np.testing.assert_array_equal(graph.toarray(), [[0, 1, 0], [1, 0, 1], [0, 1, 0]])


def test_inputs_are_left_as_they_are():
    indices, distances = neighbors_of(np.random.default_rng(4).normal(size=(30, 5)), 7)
    indices.flags.writeable = distances.flags.writeable = False
    fuzzy_graph(indices, distances)


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 4, 14, 59])
@pytest.mark.parametrize("doubled", [False, True])
def test_weights_are_those_of_umap_learn(k, doubled):
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        from umap.umap_ import fuzzy_simplicial_set
    vectors = np.random.default_rng(k).normal(size=(200, 8)).astype(np.float32)
    vectors[100:] = vectors[:100] if doubled else vectors[100:]
    indices, distances = neighbors_of(vectors, k)
    distances = np.maximum(distances, 0)
    # umap-learn counts a row as its own first neighbor.
    theirs = fuzzy_simplicial_set(
        vectors,
        k + 1,
        np.random.RandomState(0),
        "cosine",
        knn_indices=np.hstack([np.arange(200)[:, None], indices]),
        knn_dists=np.hstack([np.zeros((200, 1), dtype=np.float32), distances]),
    )[0].toarray()
    np.testing.assert_allclose(fuzzy_graph(indices, distances).toarray(), theirs, atol=1e-5)
