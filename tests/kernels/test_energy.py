import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from topicgpu_kernels.energy.reference import energy_reference

pytestmark = pytest.mark.kernels


def double_loop(vectors, weights, groups, n_groups, bandwidth=None):
    """The definition, pair by pair, in float64."""
    table = torch.zeros(n_groups, n_groups, dtype=torch.float64)
    rows, weights = vectors.double(), weights.double()
    for i in range(len(rows)):
        for j in range(len(rows)):
            value = math.dist(rows[i].tolist(), rows[j].tolist())
            if bandwidth is not None:
                value = math.exp(-(value**2) / (2 * bandwidth**2))
            table[groups[i], groups[j]] += weights[i] * weights[j] * value
    return table


def drawn(n, d, n_groups, seed):
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(n, d, generator=generator)
    weights = torch.rand(n, generator=generator)
    return vectors, weights, torch.randint(0, n_groups, (n,), generator=generator)


def test_by_hand():
    vectors = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    table = energy_reference(vectors, torch.tensor([1.0, 2.0, 0.5]), torch.tensor([0, 1, 0]), 2)
    # Within group 0: 0.5 * 1 in both orders; across: 1 * 2 * 5 and 0.5 * 2 * sqrt(18).
    across = 10 + math.sqrt(18)
    torch.testing.assert_close(table, torch.tensor([[1.0, across], [across, 0.0]], dtype=torch.float64))


@settings(deadline=None, max_examples=25)
@given(
    n=st.integers(0, 24),
    d=st.integers(1, 5),
    n_groups=st.integers(1, 6),
    block=st.integers(1, 30),
    bandwidth=st.sampled_from([None, 0.5, 3.0]),
    seed=st.integers(0, 2**16),
)
def test_equals_the_double_loop(n, d, n_groups, block, bandwidth, seed):
    given = drawn(n, d, n_groups, seed)
    found = energy_reference(*given, n_groups, bandwidth=bandwidth, block=block)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, double_loop(*given, n_groups, bandwidth), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("block", [1, 7, 64, 2048])
def test_the_table_is_symmetric_to_the_last_digit(block):
    table = energy_reference(*drawn(150, 3, 11, 1), 11, block=block)
    assert torch.equal(table, table.T)


def test_groups_that_no_row_has_are_zero():
    vectors, weights, groups = drawn(20, 3, 2, 2)
    table = energy_reference(vectors, weights, groups * 3, 5)
    assert table[[1, 2, 4]].abs().sum() == table[:, [1, 2, 4]].abs().sum() == 0
    torch.testing.assert_close(table[[0, 3]][:, [0, 3]], energy_reference(vectors, weights, groups, 2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_16_bit_rows_count_as_what_they_hold(dtype):
    vectors, weights, groups = drawn(30, 4, 3, 3)
    rows = vectors.to(dtype)
    torch.testing.assert_close(
        energy_reference(rows, weights, groups, 3, block=8), double_loop(rows, weights, groups, 3), rtol=1e-12, atol=0
    )


def test_near_equal_rows_keep_their_digits_far_from_the_origin():
    # In float32 the squares are 64 here and the distances' 1e-6: a product would leave nothing of them.
    generator = torch.Generator().manual_seed(4)
    vectors = torch.ones(40, 64) + 1e-3 * torch.randn(40, 64, generator=generator) / 8
    weights, groups = torch.ones(40), torch.arange(40) % 2
    wanted = double_loop(vectors, weights, groups, 2)
    torch.testing.assert_close(energy_reference(vectors, weights, groups, 2), wanted, rtol=1e-12, atol=0)


def test_two_tight_clumps_far_from_each_other_stay_within_the_stated_error():
    generator = torch.Generator().manual_seed(5)
    clumps = torch.tensor([[1.0] * 16, [-1.0] * 16]).repeat_interleave(15, dim=0)
    vectors = clumps + 1e-4 * torch.randn(30, 16, generator=generator)
    groups = torch.arange(30) // 15
    found = energy_reference(vectors, torch.ones(30), groups, 2)
    wanted = double_loop(vectors, torch.ones(30), groups, 2)
    sum_of_norms, pairs = 8.1, 15 * 15
    limit = pairs * 20 * 2**-53 * sum_of_norms**2 / 1e-4
    assert (found - wanted).abs().max() <= limit
    assert limit < 1e-3 * wanted.min()


def test_equal_rows_are_no_distance_apart():
    assert energy_reference(torch.full((50, 3), 0.1), torch.ones(50), torch.arange(50) % 4, 4, block=8).abs().max() == 0


def test_a_row_is_no_distance_from_itself():
    vectors = torch.nn.functional.normalize(drawn(64, 96, 1, 6)[0], dim=1) * 100
    alone = energy_reference(vectors, torch.ones(64), torch.arange(64), 64, block=20)
    assert alone.diagonal().abs().max() == 0


def _cuda():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return torch.device("cuda")


@pytest.mark.gpu
@pytest.mark.parametrize("bandwidth", [None, 2.0])
def test_cpu_and_cuda_agree(bandwidth):
    device = _cuda()
    given = drawn(3000, 96, 40, 7)
    there = energy_reference(*(part.to(device) for part in given), 40, bandwidth=bandwidth, block=512)
    torch.testing.assert_close(there.cpu(), energy_reference(*given, 40, bandwidth=bandwidth), rtol=1e-10, atol=0)


@pytest.mark.gpu
def test_one_device_gives_one_table():
    given = [part.to(_cuda()) for part in drawn(3000, 96, 40, 8)]
    assert torch.equal(energy_reference(*given, 40), energy_reference(*given, 40))
