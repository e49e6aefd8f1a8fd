import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.contract import check_close, check_exact, oracle, whole_numbers
from topicgpu_kernels.topk.reference import topk_reference

pytestmark = pytest.mark.kernels


def test_by_hand():
    base = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    scores, indices = topk_reference(base[:1], base, 3)
    assert indices.tolist() == [[0, 2, 3]]
    assert scores.tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize(("query_block", "base_block"), [(1, 1), (3, 5), (7, 64), (1024, 4096)])
@pytest.mark.parametrize("exclude_self", [False, True])
def test_blocks_do_not_change_the_ranking(query_block, base_block, exclude_self):
    rows = whole_numbers(61, 7, 2, seed=1)
    check_exact(
        topk_reference, rows, rows, 9, exclude_self=exclude_self, query_block=query_block, base_block=base_block
    )


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 40),
    m=st.integers(1, 90),
    d=st.integers(1, 9),
    spread=st.integers(0, 2),
    query_block=st.integers(1, 50),
    base_block=st.integers(1, 100),
    seed=st.integers(0, 2**16),
    data=st.data(),
)
def test_ties_go_to_the_lower_index(n, m, d, spread, query_block, base_block, seed, data):
    k = data.draw(st.integers(1, m))
    check_exact(
        topk_reference,
        whole_numbers(n, d, spread, seed),
        whole_numbers(m, d, spread, seed + 1),
        k,
        query_block=query_block,
        base_block=base_block,
    )


@pytest.mark.parametrize("k", [1, 36])
def test_first_and_last_k_without_self(k):
    rows = whole_numbers(37, 5, 3, seed=2)
    check_exact(topk_reference, rows, rows, k, exclude_self=True, query_block=8, base_block=10)


def test_all_rows_equal():
    rows = torch.ones(300, 4)
    check_exact(topk_reference, rows, rows, 5, exclude_self=True, query_block=64, base_block=64)


def test_zero_rows_tie_with_one_another():
    rows = whole_numbers(50, 4, 2, seed=3)
    rows[::3] = 0
    check_exact(topk_reference, rows, rows, 20, base_block=16)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_16_bit_rows_are_summed_in_float32(dtype):
    # 300 products of 15 x 15 add to 67,500: over float16's largest number, and more digits than bfloat16 keeps.
    rows = whole_numbers(40, 300, 15, seed=4).to(dtype)
    check_exact(topk_reference, rows, rows, 7, base_block=16)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_unit_rows(dtype):
    rows = torch.nn.functional.normalize(torch.randn(500, 33, generator=torch.Generator().manual_seed(5)), dim=1)
    check_close(topk_reference, rows.to(dtype), rows.to(dtype), 15, exclude_self=True, query_block=128, base_block=100)


def _cuda():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return torch.device("cuda")


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("exclude_self", [False, True])
def test_contract_on_cuda(dtype, exclude_self):
    device = _cuda()
    rows = whole_numbers(1001, 37, 2, seed=6).to(device, dtype)
    check_exact(topk_reference, rows, rows, 15, exclude_self=exclude_self, query_block=256, base_block=300)


@pytest.mark.gpu
def test_cpu_and_cuda_agree_on_separated_scores():
    device = _cuda()
    rows = torch.nn.functional.normalize(torch.randn(2000, 64, generator=torch.Generator().manual_seed(7)), dim=1)
    wanted, _ = oracle(rows, rows, 11, exclude_self=True)
    separated = torch.from_numpy((-np.diff(wanted, axis=1)).min(axis=1) > 1e-5)
    assert separated.sum() > 100
    _, on_cpu = topk_reference(rows, rows, 10, exclude_self=True)
    _, on_cuda = topk_reference(rows.to(device), rows.to(device), 10, exclude_self=True)
    assert torch.equal(on_cpu[separated], on_cuda.cpu()[separated])
