"""Step 1: the driver of the fused topk (groups, certificate, second try) on plain torch, against the oracle."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.contract import check_close, check_exact, oracle, whole_numbers
from kernels.plans import small_plan
from topicgpu_kernels.topk import parts_torch
from topicgpu_kernels.topk.fused import Found, topk_fused
from topicgpu_kernels.topk.halves import halve, score_error, score_scale
from topicgpu_kernels.topk.keys import LOWEST, from_keys, to_keys

pytestmark = pytest.mark.kernels

ULP = 2.0**-10  # the last place of float16 between 1 and 2


def fused(queries, base, k, *, exclude_self=False, **settings) -> Found:
    plan = small_plan(queries, base, k, **settings)
    return topk_fused(queries, base, k, exclude_self=exclude_self, plan=plan, parts=parts_torch)


def topk(queries, base, k, **settings):
    return fused(queries, base, k, **settings)[:2]


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 20),
    m=st.integers(9, 90),
    d=st.integers(1, 9),
    offset=st.sampled_from([0, 60_000]),
    spread=st.integers(0, 40),
    exclude_self=st.booleans(),
    seed=st.integers(0, 2**16),
    data=st.data(),
)
def test_the_ranking_is_float32s_where_16_bits_cannot_tell(n, m, d, offset, spread, exclude_self, seed, data):
    # Whole numbers near 60,000 lose five bits in float16, and their products with small ones are exact in float32.
    base = whole_numbers(m, d, spread, seed) + offset
    queries = base % 4 if exclude_self else whole_numbers(n, d, 3, seed + 1)
    k = data.draw(st.integers(1, m - exclude_self))
    check_exact(topk, queries, base, k, exclude_self=exclude_self)


@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("k", [1, 7, 60])
def test_first_and_last_k(k, exclude_self):
    rows = whole_numbers(61, 7, 2, seed=1)
    check_exact(topk, rows, rows, k, exclude_self=exclude_self)


@pytest.mark.parametrize("m", [1, 3, 4, 5, 8, 9])
def test_bases_around_a_group_and_a_tile(m):
    base = -whole_numbers(m, 5, 3, seed=2).abs()  # no score above that of a row of padding
    check_exact(topk, base[:1].abs(), base, 1, widths=(1,))


def test_duplicates_by_the_thousand_go_to_the_lower_index():
    rows = whole_numbers(8, 6, 3, seed=3).repeat(400, 1)
    check_exact(topk, rows[:50], rows, 5, widths=(7, 56))


def test_ties_inside_the_chosen_groups_need_no_reference():
    rows = -whole_numbers(400, 6, 3, seed=14).abs()
    rows[::37] = 1
    found = fused(torch.ones(1, 6), rows, 5, widths=(7,))
    assert found.indices.tolist() == [[0, 37, 74, 111, 148]]
    assert found.filtered == 0  # eleven groups tie, and seven are rescored
    found = fused(torch.ones(1, 6), rows, 5, widths=(11,))
    assert found.indices.tolist() == [[0, 37, 74, 111, 148]]
    assert found.filtered == 1


def test_equal_rows_have_equal_scores_wherever_they_stand():
    row = torch.randn(1, 383, generator=torch.Generator().manual_seed(4))
    found = fused(row, row.repeat(301, 1), 300)
    assert found.indices.tolist() == [list(range(300))]
    assert (found.scores == found.scores[0, 0]).all()


def test_zero_rows_tie_with_one_another():
    rows = whole_numbers(50, 4, 2, seed=5)
    rows[::3] = 0
    check_exact(topk, rows, rows, 20)


def test_minus_zero_is_zero():
    base = torch.tensor([[-0.0], [0.0], [-0.0]])
    assert topk(torch.tensor([[1.0], [-1.0]]), base, 3)[1].tolist() == [[0, 1, 2], [0, 1, 2]]


@pytest.mark.parametrize(("large", "small"), [(2.0**100, 2.0**-110), (2.0**-140, 2.0**120), (2.0**50, 2.0**60)])
def test_any_scale_that_float32_holds(large, small):
    rows = whole_numbers(40, 6, 3, seed=6)
    check_exact(topk, rows * large, rows * small, 5)


def test_queries_of_many_scales_beside_one_another():
    queries, base = whole_numbers(20, 6, 3, seed=7), whole_numbers(60, 6, 3, seed=8)
    found = fused(queries * 2.0 ** torch.arange(-60, 60, 6)[:, None], base, 5)
    assert torch.equal(found.indices, topk(queries, base, 5)[1])
    assert found.filtered == fused(queries, base, 5).filtered


@pytest.mark.parametrize("hidden_behind", ["one group", "a chosen group fewer", "all groups"])
def test_a_row_that_rounding_puts_behind_others_is_found(hidden_behind):
    # Sums of two: the best row loses 0.98 ULP in float16, and the others gain 0.49.
    count = 200
    others = {"one group": 1, "a chosen group fewer": 3, "all groups": count}[hidden_behind]
    base = torch.ones(count * 4, 2)
    base[: others * 4, 0] += 0.51 * ULP
    base[-1] += 0.49 * ULP
    found = fused(torch.ones(1, 2), base, 1, widths=(3, 24))
    assert found.indices.tolist() == [[len(base) - 1]]
    assert found.filtered == 0  # neither try can prove it: 175 groups more are as good in 16 bits


def test_the_last_of_the_k_decides_whether_a_row_is_proved():
    base = torch.ones(800, 2)
    base[:16, 0] += 0.51 * ULP
    base[0] = 2
    base[-1] += 0.49 * ULP
    found = fused(torch.ones(1, 2), base, 2, widths=(4,))
    assert found.indices.tolist() == [[0, len(base) - 1]]
    assert found.filtered == 0


def test_a_second_try_proves_what_the_first_could_not():
    base = torch.ones(800, 2) / 2
    base[:40, 0] = 1 + 0.51 * ULP
    base[:40, 1] = 1
    base[39] = 1 + 0.49 * ULP
    assert fused(torch.ones(1, 2), base, 1, widths=(3,))[1:3] == (torch.tensor([[39]]), 0.0)
    assert fused(torch.ones(1, 2), base, 1, widths=(3, 12))[1:3] == (torch.tensor([[39]]), 1.0)


def test_separated_scores_need_no_second_try():
    rows = torch.nn.functional.normalize(torch.randn(600, 48, generator=torch.Generator().manual_seed(9)), dim=1)
    assert fused(rows, rows, 5, exclude_self=True, widths=(12,)).filtered > 0.95


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_unit_rows(dtype):
    rows = torch.nn.functional.normalize(torch.randn(300, 33, generator=torch.Generator().manual_seed(10)), dim=1)
    check_close(topk, rows.to(dtype), rows.to(dtype), 15, exclude_self=True)


def test_16_bit_rows_are_summed_in_float32():
    rows = whole_numbers(40, 300, 15, seed=11)
    check_exact(topk, rows.half(), rows.half(), 7)


def test_rows_that_lie_apart_in_memory():
    rows = whole_numbers(40, 18, 3, seed=12)
    check_exact(topk, rows[1:, 1::2], rows[1:, 1::2], 7, exclude_self=True)


@pytest.mark.parametrize("exact", [False, True])
def test_a_score_beyond_float32_is_left_to_the_reference(exact):
    base = torch.full((40, 2), 3e38)
    base[1:] = 0
    found = fused(torch.tensor([[3e38, -3e38], [1.0, 1.0]]), base, 2, exact=exact)
    assert not found.scores.isfinite().all(dim=1).any()
    assert found.filtered == 0


def test_fast_states_the_recall_of_what_it_found():
    rows = torch.nn.functional.normalize(torch.randn(400, 16, generator=torch.Generator().manual_seed(13)), dim=1)
    found = fused(rows, rows, 6, exclude_self=True, exact=False)
    _, wanted = oracle(rows, rows, 6, exclude_self=True)
    wanted = torch.from_numpy(wanted)
    sample = torch.linspace(0, 399, 256).long()
    hits = (found.indices[sample][:, :, None] == wanted[sample][:, None, :]).any(dim=1).double().mean().item()
    assert found.recall == pytest.approx(hits)
    assert 0.98 < found.recall <= 1


def test_fast_counts_what_it_missed():
    base = torch.ones(80, 2)
    base[:40, 0] += 0.51 * ULP
    base[-1] += 0.49 * ULP
    assert fused(torch.ones(3, 2), base, 1, exact=False).recall == 0


def test_no_queries():
    found = fused(torch.ones(0, 3), torch.ones(20, 3), 2)
    assert (found.indices.shape, found.filtered, found.recall) == ((0, 2), 1.0, 1.0)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**16), d=st.integers(1, 70), scale=st.sampled_from([1e-38, 1e-3, 1.0, 1e15]))
def test_16_bit_scores_are_within_the_bound_of_float32s(seed, d, scale):
    random = torch.Generator().manual_seed(seed)
    queries, base = torch.randn(6, d, generator=random) * scale, torch.randn(16, d, generator=random)
    base[::2] *= 1e-4
    first = halve(queries, each_row=True, row_multiple=8, column_multiple=8)
    second = halve(base, each_row=False, row_multiple=8, column_multiple=8)
    scores = first.rows.float() @ second.rows.float().T
    off = (scores[:6].double() * score_scale(first, second)[:, None] - (queries @ base.T).double()).abs().amax(dim=1)
    assert (off <= score_error(first, second, d)).all()


@given(st.lists(st.tuples(st.floats(width=32, allow_nan=False), st.integers(0, 2**32 - 1)), min_size=1))
def test_keys_order_by_score_then_index_and_can_be_read_back(pairs):
    scores = torch.tensor([score for score, _ in pairs], dtype=torch.float32)
    columns = torch.tensor([column for _, column in pairs])
    keys = to_keys(scores, columns)
    assert (keys > LOWEST).all()
    wanted = sorted(range(len(pairs)), key=lambda place: (-pairs[place][0], pairs[place][1]))
    read = from_keys(keys.sort(descending=True).values)
    assert read[0].tolist() == [pairs[place][0] for place in wanted]
    assert read[1].tolist() == [pairs[place][1] for place in wanted]
