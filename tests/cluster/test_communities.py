import sys
from types import ModuleType

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from topicgpu.cluster.coarsening import aggregate, communities_of_groups
from topicgpu.cluster.communities import find_communities
from topicgpu.cluster.grain import find_grain, saving
from topicgpu.cluster.leiden import leiden
from topicgpu.errors import ShapeError
from topicgpu.types import Levels, Neighbors


def cliques(sizes, bridge=0.01):
    """Each group fully joined inside, and to the next group by one weak edge."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    weights = (groups[:, None] == groups).astype(float)
    np.fill_diagonal(weights, 0)
    ends = np.cumsum(sizes)
    for end in ends[:-1]:
        weights[end - 1, end] = weights[end, end - 1] = bridge
    return sparse.csr_array(weights), groups


def planted(n_groups, size, spread, d=16, k=15, seed=0):
    """Neighbors of points around centres."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), size)
    vectors = rng.normal(size=(n_groups, d))[groups] + spread * rng.normal(size=(len(groups), d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    distances = np.maximum(1 - vectors @ vectors.T, 0)
    np.fill_diagonal(distances, np.inf)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(distances, indices, axis=1).astype(np.float32)
    return Neighbors(indices, near, "cosine", True, None, "rows"), groups


def modularity(graph, labels, resolution):
    weights = graph.toarray()
    degree = weights.sum(axis=1)
    same = labels[:, None] == labels
    return ((weights - resolution * np.outer(degree, degree) / degree.sum()) * same).sum() / degree.sum()


def test_a_row_without_edges_is_a_group_of_its_own():
    graph = sparse.csr_array((np.ones(2), ([0, 2], [2, 0])), shape=(5, 5))
    labels = leiden(graph, 1.0, 0)
    assert labels[0] == labels[2]
    assert len(set(labels.tolist())) == 4
    assert leiden(sparse.csr_array((3, 3)), 1.0, 0).tolist() == [0, 1, 2]


def test_weights_between_groups_add_up():
    graph, groups = cliques([3, 4], bridge=0.5)
    np.testing.assert_array_equal(aggregate(graph, groups).toarray(), [[6, 0.5], [0.5, 12]])


@pytest.mark.parametrize("resolution", [0.2, 1.0, 3.0])
def test_joining_groups_sees_what_lies_inside_them(resolution):
    graph, groups = cliques([5, 5, 5, 5, 5, 5], bridge=2.0)
    between = aggregate(graph, groups)
    joined = communities_of_groups(between, resolution, 0)[groups]
    best = max(
        modularity(graph, np.array(labels)[groups], resolution)
        for labels in [
            range(6),
            [0, 0, 1, 1, 2, 2],
            [0, 0, 0, 1, 1, 1],
            [0] * 6,
            [0, 1, 1, 2, 2, 3],
            [0, 0, 1, 1, 1, 2],
        ]
    )
    assert modularity(graph, joined, resolution) >= best - 1e-9


def test_a_saving_is_the_likelihood_less_the_price_of_the_partition():
    graph, groups = cliques([4, 4], bridge=0.5)
    inside, total = 24.0, 25.0
    chance = 2 * 12.5**2 / total
    likelihood = (inside * np.log(inside / chance) + (total - inside) * np.log((total - inside) / (total - chance))) / 2
    partition = np.log(70) + np.log(7) + np.log(8)  # which of 8 choose 4, how large of 7, how many groups of 8
    assert saving(aggregate(graph, groups), np.array([4, 4])) == pytest.approx(0.45 * likelihood - partition)


@pytest.mark.parametrize("seed", range(20))
def test_one_group_saves_nothing(seed):
    weight = np.random.default_rng(seed).uniform(0.1, 50)
    assert saving(sparse.csr_array(np.array([[weight]])), np.array([6])) == pytest.approx(-np.log(6))


def test_what_lies_inside_a_group_is_counted_once_from_each_end():
    # Four groups in a row: the outer ones hold so much that joining an inner one to them, and not the two inner ones,
    # pays only where their own weight counts in full and no more.
    between = np.diag([40.0, 4.0, 4.0, 40.0])
    for one, weight in enumerate((1.0, 1.0, 1.0)):
        between[one, one + 1] = between[one + 1, one] = weight
    graph = sparse.csr_array(between)

    def quality(labels, resolution):
        degree = between.sum(axis=1)
        same = np.equal.outer(labels, labels)
        return ((between - resolution * np.outer(degree, degree) / degree.sum()) * same).sum()

    for resolution in np.geomspace(0.05, 4, 25):
        found = communities_of_groups(graph, float(resolution), 0)
        every = [np.array([a, b, c, d]) for a in range(4) for b in range(4) for c in range(4) for d in range(4)]
        best = max(quality(labels, resolution) for labels in every)
        assert quality(found, resolution) >= best - 1e-9, resolution


@pytest.mark.parametrize(("n_groups", "size"), [(8, 60), (20, 60), (40, 40), (60, 120)])
def test_the_grain_is_that_of_the_data(n_groups, size):
    neighbors, groups = planted(n_groups, size, spread=0.35)
    found = find_communities(neighbors, 0.0, 0)
    assert n_groups * 0.9 <= found.labels.max() + 1 <= n_groups * 1.5
    assert adjusted_rand_score(groups, found.labels) > 0.9


def test_the_chosen_resolution_is_at_least_one():
    neighbors, _ = planted(2, 40, spread=0.2)
    from topicgpu.ops.fuzzy_graph import fuzzy_graph

    assert find_grain(fuzzy_graph(neighbors.indices, neighbors.distances), 0).resolution >= 1


def test_levels_are_nested_and_labels_are_one_of_them():
    neighbors, _ = planted(30, 40, spread=0.5)
    found = find_communities(neighbors, 8.0, 0)
    levels = found.levels
    assert levels.resolutions == (32.0, 8.0, 2.0)
    np.testing.assert_array_equal(levels.groups[levels.chosen], found.labels)
    counts = [len(np.unique(level)) for level in levels.groups]
    assert counts == sorted(counts, reverse=True)
    for finer, coarser in zip(levels.groups, levels.groups[1:], strict=False):
        assert len({*zip(finer.tolist(), coarser.tolist(), strict=True)}) == len(np.unique(finer))


def test_levels_that_are_not_nested_are_refused():
    with pytest.raises(ShapeError, match="union"):
        Levels(np.array([[0, 0, 1], [0, 1, 1]]), (2.0, 1.0), 0)


def test_rows_that_take_no_part_are_in_no_level():
    neighbors, _ = planted(4, 30, spread=0.3)
    n = len(neighbors)
    indices = np.vstack([neighbors.indices, np.full((2, 15), -1)])
    distances = np.vstack([neighbors.distances, np.full((2, 15), np.inf, dtype=np.float32)])
    found = find_communities(Neighbors(indices, distances, "cosine", True, None, "rows"), 0.0, 0)
    assert (found.levels.groups[:, n:] == -1).all()
    assert (found.levels.groups[:, :n] >= 0).all()


def test_strengths_are_shares():
    neighbors, _ = planted(12, 30, spread=0.8)
    strengths = find_communities(neighbors, 0.0, 0).strengths
    assert (strengths >= 0).all()
    assert (strengths <= 1).all()
    assert strengths.min() < 1


def test_threads_change_no_label():
    import torch

    from topicgpu.config import NeighborsSection
    from topicgpu.neighbors import find_neighbors
    from topicgpu.types import Embeddings, Repeats

    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(20, 48))[np.repeat(np.arange(20), 60)] + rng.normal(size=(1200, 48))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    embeddings = Embeddings(vectors, np.ones(1200, dtype=bool), "encoder", "revision", (), "rows")
    nothing = np.empty(0, dtype=np.int64)
    repeats = Repeats(nothing, nothing, (), np.empty(0), 1200, "rows")
    threads, found = torch.get_num_threads(), []
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            neighbors = find_neighbors(embeddings, repeats, NeighborsSection(), "cpu")
            found.append(find_communities(neighbors, 0.0, 0).levels.groups)
    finally:
        torch.set_num_threads(threads)
    np.testing.assert_array_equal(*found)


@pytest.fixture
def stand_in_for_cugraph(monkeypatch):
    """Modules with the calls that cuGraph documents, answered by the host's search: no GPU has run the real ones."""

    class Column:
        def __init__(self, values):
            self.values = np.asarray(values)

        def to_numpy(self):
            return self.values

    class Graph:
        def from_cudf_edgelist(self, edges, *, source, destination, edge_attr):
            self.edges = edges[source], edges[destination], edges[edge_attr]

    def search(graph, *, resolution, random_state):
        source, target, weight = graph.edges
        assert (source < target).all()  # an undirected edge is given once
        n = int(target.max()) + 1
        both = sparse.csr_array((np.tile(weight, 2), (np.r_[source, target], np.r_[target, source])), shape=(n, n))
        both.sort_indices()
        labels = leiden(both, resolution, random_state)
        order = np.random.default_rng(0).permutation(n)
        return {"vertex": Column(order), "partition": Column(labels[order])}, 0.0

    cugraph, cudf = ModuleType("cugraph"), ModuleType("cudf")
    cugraph.Graph, cugraph.leiden, cudf.DataFrame = Graph, search, dict
    monkeypatch.setitem(sys.modules, "cugraph", cugraph)
    monkeypatch.setitem(sys.modules, "cudf", cudf)
    monkeypatch.setattr("topicgpu.cluster.cugraph.find_spec", lambda name: sys.modules.get(name))


def test_what_cugraph_would_be_asked_and_what_is_made_of_its_answer(stand_in_for_cugraph):
    graph, groups = cliques([6, 8, 5])
    labels = leiden(graph, 1.0, 0, device="cuda:0")
    assert {*zip(groups.tolist(), labels.tolist(), strict=True)} == {(0, 0), (1, 1), (2, 2)}


def test_the_host_searches_where_cugraph_is_missing():
    graph, groups = cliques([6, 8, 5])
    assert adjusted_rand_score(groups, leiden(graph, 1.0, 0, device="cuda:0")) == 1.0
