"""The Boruvka kernels' own source, run by g++, against SciPy's minimum spanning tree of all pairs."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from kernels.emulation.emulated import NEEDS_COMPILER, emulated
from topicgpu_kernels.launch import Source
from topicgpu_kernels.mst import plan
from topicgpu_kernels.mst.fused import forest_fused

pytestmark = [pytest.mark.kernels, NEEDS_COMPILER]

SEEDS = (0, 1, 2)  # 0: threads in rising order


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """Few rows make many blocks."""
    monkeypatch.setattr(plan, "THREADS", 32)


def all_pairs(rows, min_samples):
    """Distances and core distances; whole coordinates make many of them equal."""
    distances = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(2))
    core = np.sort(distances, axis=1)[:, min(min_samples, len(rows) - 1)]
    return distances, core


def lists(distances, k):
    """The k nearest of each row but itself, of equal ones the lower first."""
    apart = distances + np.where(np.eye(len(distances), dtype=bool), np.inf, 0)
    order = np.argsort(apart, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distances, order, axis=1)


def tree(distances, core):
    """Edges of the one tree that is least in the order of weight, distance, lower row, other row: a set of pairs."""
    low, high = np.triu_indices(len(distances), 1)
    length = distances[low, high]
    weight = np.maximum(length, np.maximum(core[low], core[high]))
    ranks = np.empty(len(low))
    ranks[np.lexsort((high, low, length, weight))] = np.arange(1, len(low) + 1)
    found = minimum_spanning_tree(csr_array((ranks, (low, high)), shape=distances.shape)).tocoo()
    return set(zip(found.row.tolist(), found.col.tolist(), strict=True))


def forest(distances, core, k, seed):
    neighbors, near = lists(distances, k)
    reach = np.maximum(near[:, -1], core) if k < len(core) - 1 else np.full(len(core), np.inf)
    given = [torch.from_numpy(np.ascontiguousarray(each)) for each in (neighbors, near, core, reach)]
    return forest_fused(*given, emulated(Source("topicgpu_kernels.mst"), seed))


def points(n, seed, *, whole):
    random = np.random.default_rng(seed)
    return random.integers(0, 6, (n, 2)).astype(float) if whole else random.normal(size=(n, 3))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("whole", [False, True], ids=["distinct", "ties"])
@pytest.mark.parametrize("n", [2, 3, 31, 257])
def test_of_all_pairs_the_forest_is_the_tree(n, whole, seed):
    distances, core = all_pairs(points(n, n, whole=whole), 3)
    found = forest(distances, core, n - 1, seed)
    assert set(map(tuple, found.edges.tolist())) == tree(distances, core)
    assert len(found.edges) == n - 1
    assert (found.component == found.component[0]).all()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("whole", [False, True], ids=["distinct", "ties"])
def test_of_short_lists_every_edge_is_the_trees_and_components_are_its_pieces(whole, seed):
    n = 300
    distances, core = all_pairs(points(n, 7, whole=whole), 4)
    found = forest(distances, core, 6, seed)
    edges = set(map(tuple, found.edges.tolist()))
    assert edges <= tree(distances, core)
    assert len(edges) == len(found.edges)
    joined = csr_array((np.ones(len(edges)), tuple(found.edges.T.numpy())), shape=(n, n))
    _, component = connected_components(joined, directed=False)
    labels = np.unique(found.component.numpy(), return_inverse=True)[1]
    assert len(set(zip(labels.tolist(), component.tolist(), strict=True))) == component.max() + 1 == labels.max() + 1
    if not whole:
        assert len(edges) > n * 3 // 4
