"""Step 5: the same contracts on CUDA, and what no interpreter shows: tensor cores' sums, long offsets, whole sizes."""

import pytest
import torch

from kernels.contract import check_close, check_exact, oracle, whole_numbers
from kernels.plans import small_plan
from topicgpu.ops.topk import topk
from topicgpu_kernels.topk import parts_torch
from topicgpu_kernels.topk.fused import topk_fused
from topicgpu_kernels.topk.halves import halve, score_error, score_scale
from topicgpu_kernels.topk.plan import TILES, architecture
from topicgpu_kernels.topk.reference import topk_reference

pytestmark = [pytest.mark.kernels, pytest.mark.gpu]


@pytest.fixture(scope="module")
def tile():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    arch = architecture(torch.cuda.get_device_capability())
    if arch is None:
        pytest.skip("the CUDA device is older than the kernels")
    return TILES[arch]


@pytest.fixture
def fused(tile):
    from topicgpu_kernels.topk import parts_triton

    def call(queries, base, k, *, exclude_self=False):
        plan = small_plan(queries, base, k, tile=tile, group=32, query_block=512)
        return topk_fused(queries, base, k, exclude_self=exclude_self, plan=plan, parts=parts_triton)[:2]

    return call


def unit_rows(n, d, seed):
    rows = torch.randn(n, d, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(rows, dim=1).cuda()


@pytest.mark.parametrize("d", [1, 37, 384, 1000])
@pytest.mark.parametrize("exclude_self", [False, True])
def test_exact_scores_and_ties(fused, d, exclude_self):
    rows = whole_numbers(1301, d, 2, seed=1).cuda()
    check_exact(fused, rows, rows, 15, exclude_self=exclude_self)


def test_duplicates_by_the_thousand(fused):
    rows = whole_numbers(8, 37, 3, seed=2).repeat(400, 1).cuda()
    check_exact(fused, rows[:600], rows, 5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_unit_rows(fused, dtype):
    rows = unit_rows(3001, 384, seed=3).to(dtype)
    check_close(fused, rows, rows, 15, exclude_self=True)


@pytest.mark.parametrize(("n", "m", "d"), [(1, 1, 1), (129, 257, 65), (1000, 3001, 384), (3, 100, 4096)])
def test_every_cell_of_the_group_maxima_is_written(tile, n, m, d):
    from topicgpu_kernels.topk import parts_triton

    queries, base = -whole_numbers(n, d, 3, seed=4).abs().cuda(), whole_numbers(m, d, 3, seed=5).abs().cuda()
    plan = small_plan(queries, base, 1, tile=tile, group=32)
    first = halve(queries, each_row=True, row_multiple=tile.queries, column_multiple=tile.depth)
    second = halve(base, each_row=False, row_multiple=tile.base, column_multiple=tile.depth)
    wanted, found = torch.full((2, n, plan.groups), torch.nan, device="cuda")
    parts_torch.group_max(first.rows, second.rows, wanted, 2, plan)
    parts_triton.group_max(first.rows, second.rows, found, 2, plan)
    assert torch.equal(found, wanted)


@pytest.mark.parametrize("d", [16, 384, 4096])
def test_tensor_cores_stay_within_the_bound(tile, d):
    from topicgpu_kernels.topk import parts_triton

    queries, base = unit_rows(512, d, seed=6), unit_rows(4096, d, seed=7) * 3
    plan = small_plan(queries, base, 1, tile=tile, group=32)
    first = halve(queries, each_row=True, row_multiple=tile.queries, column_multiple=tile.depth)
    second = halve(base, each_row=False, row_multiple=tile.base, column_multiple=tile.depth)
    maxima = torch.empty(512, plan.groups, device="cuda")
    parts_triton.group_max(first.rows, second.rows, maxima, len(base), plan)
    true = (queries.double() @ base.double().T).view(512, -1, 32).amax(dim=2)
    off = (maxima.double() * score_scale(first, second)[:, None] - true).abs().amax(dim=1)
    assert (off <= score_error(first, second, d)).all()


@pytest.mark.usefixtures("tile")
def test_the_cpu_and_cuda_agree_on_separated_scores():
    rows = unit_rows(20_000, 64, seed=8)
    wanted, _ = oracle(rows[:500], rows, 12, exclude_self=False)
    separated = torch.from_numpy(-(wanted[:, 1:] - wanted[:, :-1])).amin(dim=1) > 1e-5
    on_cuda = topk(rows[:500], rows, 11, impl="fused")
    on_cpu = topk(rows[:500].cpu(), rows.cpu(), 11)
    assert separated.sum() > 100
    assert torch.equal(on_cuda.indices.cpu()[separated], on_cpu.indices[separated])


@pytest.mark.usefixtures("tile")
def test_fast_finds_nearly_all_and_says_so():
    rows = unit_rows(20_000, 384, seed=9)
    found = topk(rows, rows, 15, exclude_self=True, impl="fused", mode="fast")
    assert 0.99 < found.recall <= 1


@pytest.mark.usefixtures("tile")
def test_a_base_of_more_than_two_to_the_31_values():
    if torch.cuda.mem_get_info()[0] < 24 << 30:
        pytest.skip("needs 24 GB of free GPU memory")
    base = torch.nn.functional.normalize(torch.randn(6_000_000, 384, device="cuda"), dim=1)
    queries = base[-200:] + 0.01
    found = topk(queries, base, 5, impl="fused")
    scores, indices = topk_reference(queries, base, 5)
    assert torch.equal(found.indices[:, 0], indices[:, 0])
    assert torch.allclose(found.scores, scores, atol=1e-5)
