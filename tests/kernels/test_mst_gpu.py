"""The spanning tree's contract on CUDA: the reference's tree, whatever the run, the stream and the size."""

import pytest
import torch

from topicgpu.ops.mst import mst, nearest
from topicgpu_kernels.cuda import launcher
from topicgpu_kernels.launch import Source
from topicgpu_kernels.mst.fused import forest_fused

pytestmark = [pytest.mark.kernels, pytest.mark.gpu]


def normal(n, d, seed=0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def whole(n, d, high, seed=0):
    """Rows of small whole numbers: distances tie by the thousand, and many rows are the same."""
    return torch.randint(high, (n, d), generator=torch.Generator().manual_seed(seed)).double()


ROWS = {
    "even": normal(3001, 5),
    "wide": normal(1000, 384),
    "ties": whole(2000, 2, 30),
    "duplicates": whole(8, 3, 4).repeat(300, 1),
    "all equal": torch.ones(1500, 2, dtype=torch.float64),
    "two far": torch.cat((normal(700, 2), normal(701, 2, seed=1) + 1e6)),
    "single points apart": torch.cat((normal(1000, 2), torch.tensor([[1e3, 0.0], [0.0, -2e3], [4e3, 4e3]]).double())),
}


def both(rows, k, device, min_samples=5):
    """The fused tree and the reference's, of the same lists."""
    near = nearest(rows, k)
    core = near.distances[:, min(min_samples, k) - 1]
    lists = (rows, near.indices, near.distances, core)
    return mst(*(part.to(device) for part in lists), impl="fused"), mst(*lists, impl="reference")


def check_same(found, wanted):
    assert (found.edges == wanted.edges).all()
    assert (found.weights == wanted.weights).all()  # to the last bit
    assert found.how.startswith("fused (CUDA C++")


@pytest.mark.parametrize("name", ROWS)
def test_the_tree_is_the_references(device, name):
    check_same(*both(ROWS[name], 15, device))


@pytest.mark.parametrize("n", [2, 3, 31, 32, 33, 255, 256, 257, 513])
def test_the_last_row_of_an_odd_size_counts(device, n):
    check_same(*both(normal(n, 3, seed=n), min(7, n - 1), device))


@pytest.mark.parametrize("name", ["even", "ties", "duplicates"])
def test_every_run_gives_the_same_tree(device, name):
    first, _ = both(ROWS[name], 15, device)
    for _ in range(10):
        again, _ = both(ROWS[name], 15, device)
        check_same(again, first)


def test_a_tree_on_another_stream(device):
    near = nearest(ROWS["ties"], 15)
    core = near.distances[:, 4]
    wanted = mst(ROWS["ties"], near.indices, near.distances, core, impl="reference")
    stream = torch.cuda.Stream(device)
    with torch.cuda.stream(stream):
        # The lists come late on this stream: kernels on any other would read what is there before.
        torch.cuda._sleep(50_000_000)
        lists = [part.to(device, non_blocking=True) for part in (ROWS["ties"], near.indices, near.distances, core)]
        found = mst(*lists, impl="fused")
    check_same(found, wanted)


def test_complete_lists_settle_the_whole_tree_on_the_device(device):
    rows = whole(600, 2, 12)
    near = nearest(rows, 599)
    core, reach = near.distances[:, 4], torch.full((600,), torch.inf, dtype=torch.float64)
    run = launcher(Source("topicgpu_kernels.mst"), device)
    forest = forest_fused(*(part.to(device) for part in (near.indices, near.distances, core, reach)), run)
    assert len(forest.edges) == 599
    assert len(forest.component.unique()) == 1
    wanted = mst(rows, near.indices, near.distances, core, impl="reference")
    assert sorted(map(tuple, forest.edges.tolist())) == sorted(map(tuple, wanted.edges.tolist()))


def test_a_million_rows_on_a_line(device):
    n = 1_000_000  # two neighbors to either side settle the tree, which is the line itself
    gaps = torch.rand(n, generator=torch.Generator().manual_seed(3), dtype=torch.float64) + 0.5
    places = gaps.cumsum(0)
    steps = torch.tensor([-2, -1, 1, 2])
    near = (torch.arange(n)[:, None] + steps).clamp(0, n - 1)
    spans = (places[near] - places[:, None]).abs()
    core, reach = torch.zeros(n, dtype=torch.float64), torch.full((n,), torch.inf, dtype=torch.float64)
    run = launcher(Source("topicgpu_kernels.mst"), device)
    forest = forest_fused(*(part.to(device) for part in (near, spans, core, reach)), run)
    low, high = forest.edges.cpu().sort(dim=0).values.T
    assert torch.equal(low, torch.arange(n - 1))
    assert torch.equal(high, low + 1)
