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


@pytest.mark.parametrize("block", [1, 3, 16, 33, 64, None])
@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("symmetric", [False, True])
def test_blocks_do_not_change_the_ranking(block, exclude_self, symmetric):
    rows = whole_numbers(61, 7, 2, seed=1)
    base = rows if symmetric else rows.clone()
    check_exact(topk_reference, rows, base, 9, exclude_self=exclude_self, block=block)


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 40),
    m=st.integers(1, 90),
    d=st.integers(1, 9),
    spread=st.integers(0, 2),
    block=st.integers(1, 100),
    seed=st.integers(0, 2**16),
    data=st.data(),
)
def test_ties_go_to_the_lower_index(n, m, d, spread, block, seed, data):
    k = data.draw(st.integers(1, m))
    check_exact(
        topk_reference, whole_numbers(n, d, spread, seed), whole_numbers(m, d, spread, seed + 1), k, block=block
    )


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(2, 90),
    d=st.integers(1, 9),
    spread=st.integers(0, 2),
    block=st.integers(1, 100),
    exclude_self=st.booleans(),
    seed=st.integers(0, 2**16),
    data=st.data(),
)
def test_ties_go_to_the_lower_index_where_a_product_serves_both_rows(n, d, spread, block, exclude_self, seed, data):
    k = data.draw(st.integers(1, n - exclude_self))
    rows = whole_numbers(n, d, spread, seed)
    check_exact(topk_reference, rows, rows, k, exclude_self=exclude_self, block=block)


@pytest.mark.parametrize("k", [1, 36])
def test_first_and_last_k_without_self(k):
    rows = whole_numbers(37, 5, 3, seed=2)
    check_exact(topk_reference, rows, rows, k, exclude_self=True, block=10)


def test_all_rows_equal():
    rows = torch.ones(300, 4)
    check_exact(topk_reference, rows, rows, 5, exclude_self=True, block=64)


def test_zero_rows_tie_with_one_another():
    rows = whole_numbers(50, 4, 2, seed=3)
    rows[::3] = 0
    check_exact(topk_reference, rows, rows, 20, block=16)


@pytest.mark.parametrize("sign", [-1, 1])
def test_every_column_is_better_than_the_one_before(sign):
    # The sieve lets everything through, or nothing after the first tile.
    base = sign * torch.arange(1.0, 2001)[:, None]
    check_exact(topk_reference, torch.ones(40, 1), base, 15, block=32)


def test_thousands_of_duplicates_in_every_tile():
    rows = whole_numbers(3000, 6, 2, seed=8)
    rows[::2] = rows[0]
    rows[1::5] = rows[1]
    check_exact(topk_reference, rows, rows, 15, exclude_self=True, block=256)


@pytest.mark.parametrize("k", [3, 4, 5])
def test_ties_at_the_border_of_a_tile(k):
    rows = torch.zeros(64, 2)
    rows[14:18, 0] = 1  # two on either side of the first border
    rows[30:34, 1] = 1
    check_exact(topk_reference, rows, rows, k, exclude_self=True, block=16)


def test_minus_zero_ties_with_zero():
    base = torch.tensor([[-0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    _, indices = topk_reference(torch.tensor([[1.0, 0.0]]), base, 3)
    assert indices.tolist() == [[2, 0, 1]]


def test_a_score_that_is_no_number_comes_first_and_is_seen():
    rows = torch.full((40, 2), 3e38)
    rows[:, 1] *= -1
    rows[20:, 1] *= -1  # inf - inf for some pairs alone
    scores, _ = topk_reference(rows, rows, 3, block=16)
    assert not scores.isfinite().all()


@pytest.mark.parametrize("symmetric", [False, True])
def test_views_are_read_as_they_lie(symmetric):
    table = whole_numbers(14, 100, 2, seed=9)
    rows = table.T[::2]
    check_exact(topk_reference, rows, rows if symmetric else rows.clone(), 6, exclude_self=True, block=16)


@pytest.mark.parametrize("block", [None, 500])
def test_threads_and_the_symmetric_path_change_nothing(block):
    rows = torch.nn.functional.normalize(torch.randn(2100, 384, generator=torch.Generator().manual_seed(1)), dim=1)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = topk_reference(rows, rows, 15, exclude_self=True, block=block)
        torch.set_num_threads(2)
        two = topk_reference(rows, rows, 15, exclude_self=True, block=block)
    finally:
        torch.set_num_threads(threads)
    plain = topk_reference(rows, rows.clone(), 15, exclude_self=True, block=block)
    for other in (two, plain):
        assert torch.equal(one[1], other[1])
        assert torch.equal(one[0], other[0])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_16_bit_rows_are_summed_in_float32(dtype):
    # 300 products of 15 x 15 add to 67,500: over float16's largest number, and more digits than bfloat16 keeps.
    rows = whole_numbers(40, 300, 15, seed=4).to(dtype)
    check_exact(topk_reference, rows, rows, 7, block=16)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_unit_rows(dtype):
    rows = torch.nn.functional.normalize(torch.randn(500, 33, generator=torch.Generator().manual_seed(5)), dim=1)
    check_close(topk_reference, rows.to(dtype), rows.to(dtype), 15, exclude_self=True, block=100)


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
    check_exact(topk_reference, rows, rows, 15, exclude_self=exclude_self, block=300)


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
