"""The layout's reference against its formulas, written out vertex by vertex, and the parts that it is made of."""

import numpy as np
import pytest
import torch
from scipy import sparse

from topicgpu_kernels.layout.draws import DRAWS, draw
from topicgpu_kernels.layout.forces import ENTRIES, LARGEST, LEAST, LEAST_BITS, STEP_BITS, force_table
from topicgpu_kernels.layout.problem import prepare
from topicgpu_kernels.layout.reference import layout_reference
from topicgpu_kernels.layout.slices import SLICES, deal

pytestmark = pytest.mark.kernels

A, B = 1.577, 0.895
SEED = 2**63 + 9


def philox(counter, key):
    """Four words of Philox 4x64-10 by whole numbers of any size (Salmon, Moraes, Dror and Shaw, 2011)."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * a, 0xCA5A826395121157 * c
        a, b, c, d = (second >> 64) ^ b ^ k, second % 2**64, (first >> 64) ^ d ^ m, first % 2**64
        k, m = (k + 0x9E3779B97F4A7C15) % 2**64, (m + 0xBB67AE8584CAA73B) % 2**64
    return a, b, c, d


def drawn(vertex, part, epoch, among, seed=SEED):
    return [(word >> 32) * among >> 32 for word in philox((vertex, part, epoch, 0), (seed, 0))]


def attraction(s):
    return 2 * A * B * s ** (B - 1) / (1 + A * s**B)


def repulsion(s):
    return np.minimum(2 * B / ((1e-3 + s) * (1 + A * s**B)), 4 / np.sqrt(s))


def random_graph(n, degree=4, seed=0):
    random = np.random.default_rng(seed)
    weights = random.uniform(1e-3, 1, n * degree).astype(np.float32)
    half = sparse.coo_array((weights, (np.repeat(np.arange(n), degree), random.integers(0, n, n * degree))), (n, n))
    whole = half.tocsr().maximum(half.tocsr().T).tocsr()
    whole.setdiag(0)
    whole.eliminate_zeros()
    return whole


def star(n):
    """Vertex 0 joined to all others, and these to the next."""
    rows, columns = np.zeros(n - 1, dtype=int), np.arange(1, n)
    half = sparse.coo_array((np.ones(2 * n - 3), (np.r_[rows, columns[:-1]], np.r_[columns, columns[1:]])), (n, n))
    return (half + half.T).tocsr()


def problem(graph, n_epochs=1, repelled=5.0, seed=SEED):
    settings = {"a": A, "b": B, "learning_rate": 1.0, "repulsion": repelled, "device": torch.device("cpu")}
    graph = sparse.csr_array(graph)
    graph.sort_indices()
    return prepare(graph.indptr, graph.indices, graph.data.astype(np.float32), n_epochs=n_epochs, seed=seed, **settings)


def places(n, c=2, seed=1, scale=3.0):
    return torch.from_numpy(np.random.default_rng(seed).normal(0, scale, (n, c)).astype(np.float32))


def oracle(given, start, fixed=None, slowed=True):
    """The formulas in float64, vertex by vertex."""
    now = start.double().numpy().copy()
    for epoch, rate in enumerate(map(float, given.rates)):
        for part, (offsets, columns, weights) in enumerate(given.slices):
            others = now if fixed is None else fixed.double().numpy()
            after = now.copy()
            for vertex in range(len(now)):
                push = np.zeros(now.shape[1])
                edges = range(int(offsets[vertex]), int(offsets[vertex + 1]))
                for edge in edges:
                    way = others[columns[edge]] - now[vertex]
                    force = attraction(way @ way) * float(weights[edge]) * rate if way.any() else 0
                    after[vertex] += way * force / (1 + len(edges) * force if slowed else 1)
                for other in drawn(vertex, part, epoch, len(others), given.seed):
                    way = now[vertex] - others[other]
                    if way.any():
                        push += way * repulsion(way @ way) * float(given.repulsion[vertex])
                after[vertex] += np.clip(push, -4, 4) * rate
            now = after
    return now


@pytest.mark.parametrize(("c", "scale"), [(1, 60.0), (2, 3.0), (5, 3.0)])
def test_vertices_move_as_the_formulas_say(c, scale):
    given, start = problem(random_graph(40)), places(40, c, scale=scale)
    found, wanted = layout_reference(given, start).numpy(), oracle(given, start)
    assert np.abs(wanted - start.numpy()).max() > 1
    np.testing.assert_allclose(found, wanted, atol=0.02)


def test_new_vertices_move_among_fixed_ones_as_the_formulas_say():
    random = np.random.default_rng(0)
    graph = sparse.random_array((12, 30), density=0.3, random_state=random, format="csr")
    given, start, fixed = problem(graph), places(12), places(30, seed=2)
    before = fixed.clone()
    np.testing.assert_allclose(layout_reference(given, start, fixed).numpy(), oracle(given, start, fixed), atol=0.02)
    assert torch.equal(fixed, before)


@pytest.mark.parametrize("key", [0, 7, SEED, 2**64 - 1])
def test_draws_are_the_words_of_philox(key):
    for epoch, part, among in ((0, 0, 5), (0, 1, 40), (199, 7, 2**31 - 1)):
        found = draw(3, among, key, epoch, part)
        assert found.shape == (DRAWS, 3)
        assert found.T.tolist() == [drawn(vertex, part, epoch, among, key) for vertex in range(3)]


def test_draws_are_even():
    counts = np.bincount(draw(100_000, 10, 3, 0, 0).numpy().ravel(), minlength=10)
    assert ((counts - 40_000) ** 2 / 40_000).sum() < 30  # chi-squared of 9 degrees: one seed in 2,000


@pytest.mark.parametrize(("a", "b"), [(1.577, 0.895), (1.933, 0.79), (0.115, 1.929), (5.78, 0.79)])
def test_the_table_is_near_the_formulas(a, b, monkeypatch):
    monkeypatch.setattr(f"{__name__}.A", a)
    monkeypatch.setattr(f"{__name__}.B", b)
    squared = np.exp(np.random.default_rng(0).uniform(np.log(2 * LEAST), np.log(LARGEST), 200_000)).astype(np.float32)
    bits = squared.view(np.int32)
    entries = (bits - LEAST_BITS) >> STEP_BITS
    within = (bits & ((1 << STEP_BITS) - 1)) / 2**STEP_BITS
    table = force_table(a, b).numpy()
    assert table.shape == (4, ENTRIES)
    assert (table[:, 0] == 0).all()
    for values, slopes, formula in ((table[0], table[1], attraction), (table[2], table[3], repulsion)):
        wanted = formula(squared.astype(np.float64))
        off = np.abs((values[entries] + slopes[entries] * within) / wanted - 1)
        assert off.max() < 6e-3
        assert len(np.unique(entries[off > 2e-3])) <= 2  # where repulsion comes to its limit, and leaves it


def test_slices_hold_every_edge_once_and_no_vertex_twice_as_often_as_another_slice():
    graph = random_graph(500, 9)
    graph.data[:] = np.round(graph.data, 1) + np.float32(0.05)  # many weights tie
    slices = deal(graph.indptr, graph.indices, graph.data)
    counts = np.stack([part.offsets.diff().numpy() for part in slices])
    assert len(slices) == SLICES
    assert (np.ptp(counts, axis=0) <= 1).all()
    dealt = []
    for part in slices:
        rows = np.repeat(np.arange(500), part.offsets.diff().numpy())
        dealt += zip(rows.tolist(), part.columns.tolist(), part.weights.tolist(), strict=True)
    whole = graph.tocoo()
    assert sorted(dealt) == sorted(zip(whole.row.tolist(), whole.col.tolist(), whole.data.tolist(), strict=True))


def test_the_heaviest_edges_of_vertices_are_spread_over_the_slices():
    graph = random_graph(400, 9)
    heaviest = sum(
        int((part.weights == graph.data.reshape(-1).max()).sum())
        for part in deal(graph.indptr, graph.indices, graph.data)
    )
    assert heaviest == (graph.data == graph.data.max()).sum()
    ones = sparse.csr_array((np.ones(400), np.arange(400), np.arange(401)))  # one edge each
    assert [len(part.columns) for part in deal(ones.indptr, ones.indices, ones.data.astype("f4"))] == [50] * SLICES


def test_any_number_of_threads_gives_the_same_bits():
    given, start = problem(random_graph(9000, 6), n_epochs=2), places(9000)  # more than torch gives to one thread
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 4, 1):
            torch.set_num_threads(threads)
            found.append(layout_reference(given, start).numpy().tobytes())
    finally:
        torch.set_num_threads(before)
    assert len(set(found)) == 1


def test_another_seed_gives_another_layout():
    graph, start = random_graph(60), places(60)
    assert not torch.equal(layout_reference(problem(graph), start), layout_reference(problem(graph, seed=1), start))


def test_a_vertex_of_thousands_of_edges_is_not_thrown_out():
    given, start = problem(star(300), repelled=0.0), places(300, scale=1.0)
    assert np.abs(oracle(given, start, slowed=False)[0]).max() > 10  # what a plain step would do
    assert np.abs(layout_reference(given, start).numpy()[0]).max() < 1


def test_a_vertex_of_thousands_of_edges_is_not_pushed_out():
    start = places(5000)
    free = problem(star(5000), n_epochs=20)
    found = layout_reference(free, start).numpy()
    from_middle = np.linalg.norm(found - np.median(found, axis=0), axis=1)
    assert from_middle[0] < from_middle.max() < 30


def test_the_order_of_the_vertices_plays_no_part_without_draws():
    graph, start = random_graph(80), places(80)
    # A vertex's first slice goes by its number: whole turns of the slices keep it.
    order = (np.arange(80) + 3 * SLICES) % 80
    plain = layout_reference(problem(graph, 20, repelled=0.0), start)
    turned = layout_reference(problem(graph[order][:, order], 20, repelled=0.0), start[order])
    np.testing.assert_allclose(turned.numpy(), plain[order].numpy(), atol=1e-3)


def test_vertices_in_one_place_stay_there_and_are_finite():
    start = torch.ones((50, 2))
    assert torch.equal(layout_reference(problem(random_graph(50), 5), start), start)


def test_vertices_without_an_edge_stay_where_they_are():
    graph = random_graph(50).tolil()
    graph[7], graph[:, [7]] = 0, 0
    start = places(50)
    moved = layout_reference(problem(graph.tocsr(), 5), start)
    assert torch.equal(moved[7], start[7])
    assert not (moved == start).any(dim=1)[[0, 6, 8, 49]].any()
    empty = sparse.csr_array((4, 4), dtype=np.float32)
    assert torch.equal(layout_reference(problem(empty, 5), start[:4]), start[:4])


def test_what_is_given_is_not_modified():
    graph, start = random_graph(50), places(50)
    data, before = graph.data.copy(), start.clone()
    first = layout_reference(problem(graph, 5), start)
    assert torch.equal(first, layout_reference(problem(graph, 5), start))
    assert np.array_equal(graph.data, data)
    assert torch.equal(start, before)
