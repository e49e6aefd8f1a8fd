"""The layout's contract on CUDA: the reference's positions bit for bit, whatever the run, the stream and the size."""

import numpy as np
import pytest
import torch
from scipy import sparse

from topicgpu_kernels.cuda import launcher
from topicgpu_kernels.layout.fused import layout_fused
from topicgpu_kernels.layout.plan import source
from topicgpu_kernels.layout.problem import prepare
from topicgpu_kernels.layout.reference import layout_reference

pytestmark = [pytest.mark.kernels, pytest.mark.gpu]

CPU = torch.device("cpu")


def graph(n, degree=12, seed=0):
    """A symmetric graph of n vertices on a ring with some ways across; weights in (0, 1]."""
    random = np.random.default_rng(seed)
    steps = np.append(np.arange(1, degree // 2), random.integers(1, max(n, 2), 2))
    rows = np.repeat(np.arange(n), len(steps))
    columns = (rows + np.tile(steps, n)) % n
    weights = random.uniform(1e-3, 1, len(rows)).astype(np.float32)
    one_way = sparse.coo_array((weights, (rows, columns)), shape=(n, n)).tocsr()
    both = one_way.maximum(one_way.T).tocsr()
    both.setdiag(0)
    both.eliminate_zeros()
    both.data.clip(max=1, out=both.data)  # ways that fell together were added up
    return both


def start(n, components, seed=1):
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 5, (n, components)).astype(np.float32))


def problem(edges, device, *, n_epochs=20, **settings):
    settings = {"a": 1.577, "b": 0.895, "learning_rate": 1.0, "repulsion": 5.0, "seed": 7} | settings
    return prepare(edges.indptr, edges.indices, edges.data, n_epochs=n_epochs, device=device, **settings)


def on_cuda(edges, places, device, fixed=None, **settings):
    run = launcher(source(places.shape[1]), device)
    held = None if fixed is None else fixed.to(device)
    return layout_fused(problem(edges, device, **settings), places.to(device), run, held).cpu()


def check_same(edges, places, device, fixed=None, **settings):
    before = places.clone()
    found = on_cuda(edges, places, device, fixed, **settings)
    wanted = layout_reference(problem(edges, CPU, **settings), places, fixed)
    assert found.isfinite().all()
    assert torch.equal(found.view(torch.int32), wanted.view(torch.int32))  # bits: 0 is not -0
    assert torch.equal(places, before)
    assert (found != places).any()


@pytest.mark.parametrize("components", [1, 2, 3, 5, 16, 32])
def test_positions_are_the_references_in_every_dimension(device, components):
    check_same(graph(1003), start(1003, components), device)


@pytest.mark.parametrize("n", [2, 3, 31, 32, 33, 127, 128, 129, 255, 256, 257, 513])
def test_the_last_vertex_of_an_odd_size_moves(device, n):
    check_same(graph(n), start(n, 2), device)


@pytest.mark.parametrize(
    "settings",
    [
        {"n_epochs": 1},
        {"n_epochs": 200},
        {"seed": 0},
        {"seed": 2**64 - 1},
        {"repulsion": 0.0},
        {"repulsion": 40.0},
        {"learning_rate": 0.1},
        {"a": 0.583, "b": 1.334},
    ],
)
def test_positions_are_the_references_under_every_setting(device, settings):
    check_same(graph(700), start(700, 2), device, **settings)


@pytest.mark.parametrize("scale", [1e-3, 1e3, 1e6])
def test_positions_nearer_and_farther_than_the_table_reaches(device, scale):
    check_same(graph(300), start(300, 2) * scale, device)


@pytest.mark.parametrize("scale", [1e-20, 1e-30])
def test_positions_whose_squares_are_below_the_normal_numbers_stay(device, scale):
    places = start(300, 2) * scale
    assert torch.equal(on_cuda(graph(300), places, device), places)


def test_an_axis_on_which_all_are_nearly_at_zero(device):
    places = start(300, 3)
    places[:, 2] *= 2**-35
    check_same(graph(300), places, device)


@pytest.mark.parametrize("n", [1, 33, 500])
def test_new_vertices_among_fixed_ones(device, n):
    fixed = start(700, 2)
    random = np.random.default_rng(3)
    columns = np.concatenate([random.choice(700, 5, replace=False) for _ in range(n)])
    weights = random.uniform(0.1, 1, 5 * n).astype(np.float32)
    edges = sparse.csr_array((weights, columns, np.arange(n + 1) * 5), shape=(n, 700))
    check_same(edges, start(n, 2, seed=2), device, fixed)


def test_vertices_in_one_place_and_vertices_without_an_edge(device):
    edges = graph(400).tolil()
    edges[7], edges[:, [7]] = 0, 0
    places = start(400, 2)
    places[:50] = places[0]
    check_same(edges.tocsr(), places, device)


def test_a_vertex_with_an_edge_to_every_other(device):
    n = 5000
    star = sparse.lil_array((n, n), dtype=np.float32)
    star[0, 1:], star[1:, [0]] = 0.5, 0.5
    check_same(graph(n).maximum(star.tocsr()).tocsr(), start(n, 2), device)


def test_every_run_gives_the_same_positions(device):
    edges, places = graph(20_000), start(20_000, 2)
    first = on_cuda(edges, places, device)
    for _ in range(10):
        assert torch.equal(on_cuda(edges, places, device), first)


def test_positions_on_another_stream(device):
    edges, places = graph(3001), start(3001, 2)
    wanted = on_cuda(edges, places, device)
    stream = torch.cuda.Stream(device)
    with torch.cuda.stream(stream):
        torch.cuda._sleep(50_000_000)  # kernels on any other stream would run before the positions are there
        found = on_cuda(edges, places, device)
    assert torch.equal(found, wanted)


def test_a_million_vertices_are_placed_as_by_the_reference(device):
    check_same(graph(1_000_000), start(1_000_000, 2), device, n_epochs=2)
