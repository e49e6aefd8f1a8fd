"""CuPy compiles kernels so that float32 numbers below 2^-126 are 0, as the emulation has it: no result may show it."""

import numpy as np
import pytest
import torch
from scipy import sparse

from kernels.emulation.emulated import emulated
from topicgpu_kernels.launch import Source
from topicgpu_kernels.layout.fused import layout_fused
from topicgpu_kernels.layout.plan import source
from topicgpu_kernels.layout.problem import prepare
from topicgpu_kernels.layout.reference import layout_reference
from topicgpu_kernels.mst.fused import forest_fused

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("scale", [0, 2**-35, 2**-10])
def test_places_are_the_references_where_an_axis_is_nearly_zero(scale):
    random = np.random.default_rng(0)
    n = 200
    half = sparse.random_array((n, n), density=0.04, random_state=random, dtype=np.float32)
    edges = half.maximum(half.T).tocsr()
    places = torch.from_numpy(random.normal(0, 5, (n, 3)).astype(np.float32))
    places[:, 2] *= scale
    problem = prepare(
        *(edges.indptr, edges.indices, edges.data),
        **{"a": 1.577, "b": 0.895, "n_epochs": 20, "learning_rate": 1.0, "repulsion": 5.0, "seed": 7},
        device=torch.device("cpu"),
    )
    found, wanted = layout_fused(problem, places, emulated(source(3))), layout_reference(problem, places)
    assert torch.equal(found.view(torch.int32), wanted.view(torch.int32))


def test_the_tree_is_the_same_at_distances_below_the_normal_numbers():
    n = 60
    rows = torch.from_numpy(np.random.default_rng(1).normal(size=(n, 2)))
    distances, neighbors = torch.cdist(rows, rows).sort(dim=1)
    lists = neighbors[:, 1:].contiguous(), distances[:, 1:].contiguous()
    reach = torch.full((n,), torch.inf, dtype=torch.float64)
    run = emulated(Source("topicgpu_kernels.mst"))
    wanted = forest_fused(*lists, lists[1][:, 4].contiguous(), reach, run).edges
    small = lists[1] * 1e-312
    assert 0 < small.max() < torch.finfo(torch.float64).tiny
    found = forest_fused(lists[0], small, small[:, 4].contiguous(), reach, run).edges
    assert len(wanted) == n - 1
    assert torch.equal(found, wanted)
