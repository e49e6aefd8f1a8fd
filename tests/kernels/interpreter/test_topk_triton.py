"""Step 2: the Triton kernels' own source under Triton's interpreter, against their oracle in plain torch."""

import os

import pytest
import torch

if os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("Triton's interpreter needs a process of its own (make test-kernels)", allow_module_level=True)

pytest.importorskip("triton", reason="Triton comes for Linux alone")

from kernels.contract import check_close, check_exact, whole_numbers
from kernels.plans import small_plan
from topicgpu_kernels.topk import parts_torch, parts_triton
from topicgpu_kernels.topk.fused import topk_fused
from topicgpu_kernels.topk.halves import halve
from topicgpu_kernels.topk.plan import TILES, Tile

pytestmark = pytest.mark.kernels

SIXTEEN = Tile(queries=16, base=64, depth=16, warps=1, stages=1)


def compare_group_max(tile, n, m, d, *, exclude_self, seed=0, group=32):
    """Every cell of a poisoned output equals the oracle's, bit for bit: the scores are whole numbers."""
    queries, base = -whole_numbers(n, d, 3, seed).abs(), whole_numbers(m, d, 3, seed + 1).abs()  # padding would win
    plan = small_plan(queries, base, 1, tile=tile, group=group, query_block=n)
    sizes = {"row_multiple": tile.base, "column_multiple": tile.depth}
    first, second = halve(queries, each_row=True, **sizes), halve(base, each_row=False, **sizes)
    own = 2 if exclude_self else m
    wanted, found = torch.full((2, n, plan.groups), torch.nan)
    parts_torch.group_max(first.rows, second.rows, wanted, own, plan)
    parts_triton.group_max(first.rows, second.rows, found, own, plan)
    assert not found.isnan().any()
    assert torch.equal(found, wanted)


def compare_rescore(n, m, d, width, *, exclude_self, seed=0, group=32):
    """Every cell of a poisoned output equals the oracle's, bit for bit: the scores are whole numbers."""
    queries, base = whole_numbers(n, d, 3, seed), whole_numbers(m, d, 3, seed + 1)
    plan = small_plan(queries, base, 1, tile=SIXTEEN, group=group)
    random = torch.Generator().manual_seed(seed)
    groups = torch.stack([torch.randperm(plan.groups, generator=random)[:width] for _ in range(n)])
    groups[0, 0] = plan.groups - 1  # the last group is the one that may be cut short
    own = groups[:, 0] * group + 1 if exclude_self else torch.full((n,), m)
    wanted, found = torch.full((2, n, width * group), 123)
    parts_torch.rescore(queries, base, groups, own, wanted, plan)
    parts_triton.rescore(queries, base, groups, own, found, plan)
    assert torch.equal(found, wanted)


@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("arch", TILES)
def test_group_max_with_the_tiles_of_each_architecture(arch, exclude_self):
    compare_group_max(TILES[arch], n=133, m=547, d=101, exclude_self=exclude_self)


@pytest.mark.parametrize("m", [1, 31, 32, 33, 63, 64, 65, 128])
def test_group_max_at_the_borders_of_groups_and_tiles(m):
    compare_group_max(SIXTEEN, n=17, m=m, d=5, exclude_self=m > 2, seed=m)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 48])
def test_group_max_at_the_borders_of_query_tiles(n):
    compare_group_max(SIXTEEN, n=n, m=100, d=16, exclude_self=False, seed=n)


@pytest.mark.parametrize("d", [1, 16, 17, 384])
def test_group_max_of_any_width(d):
    compare_group_max(SIXTEEN, n=5, m=70, d=d, exclude_self=True, seed=d)


@pytest.mark.parametrize("group", [1, 16])
def test_group_max_leaves_out_each_rows_own_column(group):
    compare_group_max(SIXTEEN, n=33, m=70, d=5, exclude_self=True, group=group)  # groups of one: cell by cell


@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("d", [1, 127, 128, 129, 384])
def test_rescore_of_any_width(d, exclude_self):
    compare_rescore(n=3, m=101, d=d, width=3, exclude_self=exclude_self, seed=d)


@pytest.mark.parametrize("m", [1, 31, 32, 33])
def test_rescore_at_the_borders_of_groups(m):
    compare_rescore(n=2, m=m, d=7, width=1, exclude_self=m > 1, seed=m)


def topk(queries, base, k, *, exclude_self=False):
    plan = small_plan(queries, base, k, tile=SIXTEEN, group=16, query_block=16)
    return topk_fused(queries, base, k, exclude_self=exclude_self, plan=plan, parts=parts_triton)[:2]


@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("k", [1, 6, 76])
def test_the_whole_topk_breaks_ties_by_the_lower_index(k, exclude_self):
    rows = whole_numbers(77, 5, 1, seed=1)
    check_exact(topk, rows, rows, k, exclude_self=exclude_self)


def test_the_whole_topk_of_duplicates():
    rows = whole_numbers(7, 5, 2, seed=2).repeat(20, 1)
    check_exact(topk, rows[:20], rows, 4)


def test_the_whole_topk_of_unit_rows():
    rows = torch.nn.functional.normalize(torch.randn(90, 33, generator=torch.Generator().manual_seed(3)), dim=1)
    check_close(topk, rows, rows, 5, exclude_self=True)


def test_equal_rows_have_equal_scores():
    row = torch.randn(1, 383, generator=torch.Generator().manual_seed(4))
    scores, indices = topk(row, row.repeat(101, 1), 100)
    assert indices.tolist() == [list(range(100))]
    assert (scores == scores[0, 0]).all()
