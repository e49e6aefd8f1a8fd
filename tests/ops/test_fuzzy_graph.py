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
    np.testing.assert_allclose(graph[:60].sum(axis=1), np.log2(16), atol=1e-4)
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


@pytest.mark.slow
def test_weights_are_those_of_umap_learn():
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        from umap.umap_ import fuzzy_simplicial_set
    vectors = np.random.default_rng(1).normal(size=(200, 8)).astype(np.float32)
    indices, distances = neighbors_of(vectors, 14)
    # umap-learn counts a row as its own first neighbor.
    theirs = fuzzy_simplicial_set(
        vectors,
        15,
        np.random.RandomState(0),
        "cosine",
        knn_indices=np.hstack([np.arange(200)[:, None], indices]),
        knn_dists=np.hstack([np.zeros((200, 1), dtype=np.float32), distances]),
    )[0].toarray()
    ours = fuzzy_graph(indices, distances).toarray()
    assert ((ours > 0) == (theirs > 0)).all()
    assert np.corrcoef(ours[ours > 0], theirs[ours > 0])[0, 1] > 0.99
