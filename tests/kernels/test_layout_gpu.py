"""The layout's contract on CUDA: the reference's positions bit for bit, whatever the run, the stream and the size."""

import numpy as np
import pytest
import torch
from scipy import sparse

from topicgpu.ops.gpu import cupy_problem
from topicgpu.ops.layout import layout

pytestmark = [pytest.mark.kernels, pytest.mark.gpu]


@pytest.fixture(scope="module")
def device():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = torch.device("cuda", torch.cuda.current_device())
    if problem := cupy_problem(device):
        pytest.skip(str(problem))
    return device


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
    return np.random.default_rng(seed).normal(0, 5, (n, components)).astype(np.float32)


def place(edges, places, *, impl, device, n_epochs=20, **settings):
    settings = {"a": 1.577, "b": 0.895, "seed": 7} | settings
    return layout(edges, places, n_epochs=n_epochs, impl=impl, device=device, **settings)


def check_same(edges, places, device, **settings):
    before = places.copy()
    found = place(edges, places, impl="fused", device=device, **settings)
    wanted = place(edges, places, impl="reference", device=torch.device("cpu"), **settings)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found.view(np.int32), wanted.view(np.int32))  # bits: 0 is not -0
    np.testing.assert_array_equal(places, before)
    assert (found != places).any()


@pytest.mark.parametrize("components", [2, 3, 5, 16, 32])
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
        {"seed": 2**32 - 1},
        {"negative_sample_rate": 0},
        {"negative_sample_rate": 20},
        {"repulsion_strength": 0.25},
        {"learning_rate": 0.1},
        {"a": 0.583, "b": 1.334},
    ],
)
def test_positions_are_the_references_under_every_setting(device, settings):
    check_same(graph(700), start(700, 2), device, **settings)


@pytest.mark.parametrize("scale", [1e-30, 1e-18, 1e-6, 1e3])
def test_positions_so_near_or_far_that_products_leave_the_normal_numbers(device, scale):
    check_same(graph(300), start(300, 2) * np.float32(scale), device)


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
    first = place(edges, places, impl="fused", device=device)
    for _ in range(10):
        np.testing.assert_array_equal(place(edges, places, impl="fused", device=device), first)


def test_positions_on_another_stream(device):
    edges, places = graph(3001), start(3001, 2)
    wanted = place(edges, places, impl="fused", device=device)
    stream = torch.cuda.Stream(device)
    with torch.cuda.stream(stream):
        torch.cuda._sleep(50_000_000)  # kernels on any other stream would run before the positions are there
        found = place(edges, places, impl="fused", device=device)
    np.testing.assert_array_equal(found, wanted)


def test_a_million_vertices_are_placed_as_by_the_reference(device):
    check_same(graph(1_000_000), start(1_000_000, 2), device, n_epochs=2)
