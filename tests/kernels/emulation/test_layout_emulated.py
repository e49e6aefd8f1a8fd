"""The layout's kernel, its own source run by g++, against the reference in torch: the same bits."""

import numpy as np
import pytest
import torch
from scipy import sparse

from kernels.emulation.emulated import NEEDS_COMPILER, emulated
from topicgpu_kernels.layout import plan
from topicgpu_kernels.layout.fused import layout_fused
from topicgpu_kernels.layout.problem import prepare
from topicgpu_kernels.layout.reference import layout_reference

pytestmark = [pytest.mark.kernels, NEEDS_COMPILER]

SEEDS = (0, 1, 2)  # 0: threads in rising order


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """Few vertices make many blocks."""
    monkeypatch.setattr(plan, "THREADS", 32)


def problem(n, *, epochs=3, degree=4, columns=None):
    """A graph of n vertices with `degree` edges from each, to vertices drawn among `columns`, and from those back."""
    random = np.random.default_rng(n)
    shape = (n, columns or n)
    rows, ends = np.repeat(np.arange(n), degree), random.integers(0, shape[1], n * degree)
    weights = random.uniform(1e-3, 1, n * degree).astype(np.float32)
    graph = sparse.coo_array((weights, (rows, ends)), shape=shape).tocsr()
    if columns is None:
        graph = graph.maximum(graph.T).tocsr()
    settings = {"a": 1.577, "b": 0.895, "n_epochs": epochs, "learning_rate": 1.0, "repulsion": 5.0, "seed": 2**63 + 9}
    return prepare(graph.indptr, graph.indices, graph.data, **settings, device=torch.device("cpu"))


def places(n, components, *, seed=1, scale=5.0):
    drawn = np.random.default_rng(seed).normal(0, scale, (n, components))
    return torch.from_numpy(drawn.astype(np.float32))


def check_same(given, start, *, fixed=None, seed=0):
    before = start.clone()
    found = layout_fused(given, start, emulated(plan.source(start.shape[1]), seed), fixed)
    wanted = layout_reference(given, start, fixed)
    assert torch.equal(found.view(torch.int32), wanted.view(torch.int32))  # bits: 0 is not -0
    assert torch.equal(start, before)
    assert (found != start).any(dim=1).all()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [2, 31, 32, 33, 97])
def test_every_vertex_to_the_last_is_where_the_reference_has_it(n, seed):
    check_same(problem(n), places(n, 2), seed=seed)


@pytest.mark.parametrize("components", [1, 3, 5, 32])
def test_any_number_of_axes(components):
    check_same(problem(40), places(40, components))


@pytest.mark.parametrize("seed", SEEDS)
def test_new_vertices_move_among_others_that_stay(seed):
    check_same(problem(33, columns=50), places(33, 2), fixed=places(50, 2, seed=2), seed=seed)


@pytest.mark.parametrize("scale", [1e-3, 1e3, 1e6])
def test_places_nearer_and_farther_than_the_table_reaches(scale):
    check_same(problem(60), places(60, 2, scale=scale))
