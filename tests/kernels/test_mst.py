"""The exact tree against one that sees every pair, and the parts that it is made of."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from topicgpu_kernels.mst import plan, reference
from topicgpu_kernels.mst.edges import spans, weigh
from topicgpu_kernels.mst.fused import list_spans
from topicgpu_kernels.mst.near import near_by_tiles, near_by_tree
from topicgpu_kernels.mst.reference import Graph, mst_reference
from topicgpu_kernels.mst.repeats import find_repeats
from topicgpu_kernels.mst.rounds import join
from topicgpu_kernels.mst.tiles import TileSearch
from topicgpu_kernels.mst.trees import TreeSearch

pytestmark = pytest.mark.kernels

CPU = torch.device("cpu")


def oracle(vectors, core):
    """SciPy's tree of all pairs, by their ranks: ranks are distinct and never 0, which SciPy would read as no edge."""
    n = len(vectors)
    low, high = np.triu_indices(n, 1)
    edges = weigh(vectors, core, low, high)
    order = np.lexsort((high, low, edges.distance, edges.weight))
    ranks = np.empty(len(low))
    ranks[order] = np.arange(1, len(low) + 1)
    tree = minimum_spanning_tree(csr_array((ranks, (low, high)), shape=(n, n)))
    return edges.take(order[np.sort(tree.data).astype(np.int64) - 1])


def graph(vectors, k, min_samples):
    indices, distances = near_by_tiles(torch.from_numpy(vectors), max(k, min_samples))
    core = distances[:, min_samples - 1] if min_samples else np.zeros(len(vectors))
    last = distances[:, k - 1] if k else 0.0
    reach = np.full(len(vectors), np.inf) if k == len(vectors) - 1 else np.maximum(last * (1 - 1e-6), core)
    return Graph(vectors, indices[:, :k], core, reach)


def check(given, *, start=reference.every_row_alone):
    found, wanted = mst_reference(given, CPU, start), oracle(given.vectors, given.core)
    for have, want in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(have, want)


def points(kind, n, d, seed):
    random = np.random.default_rng(seed)
    table = random.normal(size=(n, d))
    if kind == "ties":
        return random.integers(0, 3, (n, d)).astype(float)
    if kind == "clusters":
        return table + 50 * random.normal(size=(5, d))[random.integers(0, 5, n)]
    if kind == "two far apart":
        table[::2] += 1e6
    if kind == "single points":
        table[: n // 10] *= 1e4
    return table


KINDS = ["distinct", "ties", "clusters", "two far apart", "single points"]


@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(1, 90),
    d=st.sampled_from([1, 2, 5, 11, 40]),
    single=st.booleans(),
    seed=st.integers(0, 2**16),
    data=st.data(),
)
def test_the_tree_is_that_of_all_pairs_whatever_the_lists_hold(kind, n, d, single, seed, data):
    vectors = points(kind, n, d, seed).astype(np.float32 if single else np.float64)
    k = data.draw(st.sampled_from([0, 1, 3, 15, n - 1]).filter(lambda k: k <= n - 1))
    min_samples = data.draw(st.sampled_from([0, 1, 5]).filter(lambda k: k <= n - 1))
    check(graph(vectors, k, min_samples))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [3, 12], ids=["trees", "products"])
def test_searches_settle_what_short_lists_leave_open(kind, d):
    check(graph(points(kind, 250, d, seed=3), 4, 4))


def test_every_distance_equal():
    check(graph(np.eye(60), 3, 2))


def test_rows_of_a_graph_may_list_themselves_and_each_other_twice():
    given = graph(points("distinct", 80, 3, seed=1), 6, 3)
    own = np.arange(80)[:, None]
    check(given._replace(neighbors=np.hstack((own, given.neighbors, given.neighbors[:, ::-1]))))


@pytest.mark.parametrize(("copies", "n"), [(2, 300), (7, 300), (2000, 5000), (5000, 5000)])
def test_equal_rows_are_tied_to_the_first_of_them(copies, n):
    rows = np.repeat(points("distinct", n // copies + 1, 3, seed=2), copies, axis=0)[:n]
    rows = rows[np.random.default_rng(4).permutation(n)]
    indices, distances = near_by_tree(rows, 6)
    core = distances[:, 4]
    tree = mst_reference(Graph(rows, indices, core, np.maximum(distances[:, -1] * (1 - 1e-6), core)), CPU)
    low, high = tree.ends
    equal = (rows[low] == rows[high]).all(axis=1)
    _, first, group = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    assert equal.sum() == len(rows) - len(first)
    np.testing.assert_array_equal(low[equal], first[group.reshape(-1)[high[equal]]])
    if n < 1000:
        check(Graph(rows, indices, core, distances[:, -1] * (1 - 1e-6)))


def test_rows_that_differ_in_their_core_distance_do_not_stand_for_each_other():
    rows = np.zeros((4, 2))
    repeats = find_repeats(rows, np.array([1.0, 2.0, 1.0, 2.0]), np.arange(4))
    assert repeats.rows.tolist() == [0, 1]
    assert repeats.number.tolist() == [0, 1, 0, 1]


def test_minus_zero_is_zero_among_equal_rows():
    assert find_repeats(np.array([[0.0], [-0.0]]), np.zeros(2), np.arange(2)).rows.tolist() == [0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_components", [2, 9, 60])
def test_a_search_leaves_no_lighter_edge_and_raises_reach_no_further_than_is_true(kind, n_components):
    n = 120
    vectors = points(kind, n, 3, seed=5)
    component = np.arange(n) % n_components
    core = np.sort(np.linalg.norm(vectors[:, None] - vectors, axis=2), axis=1)[:, 3]
    low, high = np.triu_indices(n, 1)
    out = component[low] != component[high]
    every = weigh(vectors, core, low[out], high[out])
    for search in (TreeSearch(vectors, core, workers=1), TreeSearch(vectors, core), TileSearch(vectors, core, CPU)):
        reach = np.zeros(n)
        found = search(np.arange(n), component, np.full(n_components, np.inf), reach)
        names = set(found.name.tolist())
        for number in range(n_components):
            touch = (component[low[out]] == number) | (component[high[out]] == number)
            assert every.take(touch).ordered().name[0] in names
        for row in range(n):
            own = every.take((low[out] == row) | (high[out] == row))
            assert set(own.name[own.weight < reach[row]].tolist()) <= names


def test_a_search_is_only_asked_where_the_lists_settle_nothing():
    given = graph(points("distinct", 300, 2, seed=7), 30, 3)
    known = reference.every_row_alone(given).known

    def search(*_):
        raise AssertionError

    assert len(join(known, np.arange(300), given.reach.copy(), search).name) == 299


def test_inputs_are_not_changed_and_may_be_read_only():
    given = graph(points("clusters", 200, 3, seed=8), 4, 2)
    before = [column.copy() for column in given]
    for column in given:
        column.flags.writeable = False
    mst_reference(given, CPU)
    for was, now in zip(before, given, strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.parametrize("d", [0, 1, 5, 384])
def test_distances_of_lists_are_those_of_edges_to_the_last_bit(d):
    random = np.random.default_rng(9)
    vectors = random.normal(size=(40, d)).astype(np.float32)
    neighbors = random.integers(0, 40, (40, 5))
    lists = list_spans(torch.from_numpy(vectors), torch.from_numpy(neighbors)).numpy()
    rows = np.repeat(np.arange(40), 5)
    np.testing.assert_array_equal(lists.reshape(-1), spans(vectors, rows, neighbors.reshape(-1)))
    np.testing.assert_array_equal(lists.reshape(-1), spans(vectors, neighbors.reshape(-1), rows))
    truth = np.linalg.norm(vectors[rows].astype(float) - vectors[neighbors.reshape(-1)], axis=1)
    np.testing.assert_allclose(lists.reshape(-1), truth, rtol=1e-13)


@settings(deadline=None, max_examples=40)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(1, 70),
    d=st.sampled_from([1, 3, 6]),
    copies=st.integers(1, 6),
    seed=st.integers(0, 2**16),
    data=st.data(),
)
def test_both_ways_find_the_nearest_rows(kind, n, d, copies, seed, data):
    vectors = np.tile(points(kind, n, d, seed), (copies, 1))
    k = data.draw(st.integers(0, len(vectors) - 1))
    apart = spans(vectors, *(ends.reshape(-1) for ends in np.indices((len(vectors),) * 2))).reshape(len(vectors), -1)
    np.fill_diagonal(apart, np.inf)
    wanted = np.sort(apart, axis=1)[:, :k]
    for indices, distances in (near_by_tree(vectors, k), near_by_tiles(torch.from_numpy(vectors), k)):
        np.testing.assert_array_equal(distances, np.take_along_axis(apart, indices, axis=1))
        np.testing.assert_allclose(distances, wanted, rtol=1e-6, atol=1e-6)
        assert all(len(set(row)) == k for row in indices.tolist())
    np.testing.assert_array_equal(near_by_tree(vectors, k)[1], wanted)


@pytest.mark.parametrize("hooked", [1, 2, 3, 4, 5, 1000, 2**20, 2**20 + 1])
def test_ways_double_until_the_longest_ends(hooked):
    assert 2 ** plan.jumps(hooked) >= hooked > 2 ** plan.jumps(hooked) / 2


@pytest.mark.parametrize("n", [1, 255, 256, 257, 1_000_000])
def test_there_is_a_thread_for_every_row(n):
    launches = [
        plan.entry_launch("least_weight", n, 3),
        plan.hook_launch(n),
        plan.jump_launch(n),
        plan.relabel_launch(n),
    ]
    for launch in launches:
        assert 0 <= launch.grid[0] * launch.block[0] - n < launch.block[0]


def test_the_bytes_of_a_pass_by_hand():
    launch = plan.entry_launch("least_weight", 1000, 15)
    assert launch.read_bytes == 1000 * (15 * 12 + 4 + 8 + 8 + 2 * 8)
    assert launch.written_bytes == 2 * 8 * 1000
