import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.embed.batches import plan_batches

LENGTHS = st.lists(st.integers(0, 600), max_size=200)
BUDGET = st.integers(64, 4096)


@given(LENGTHS, BUDGET)
def test_every_row_is_in_one_batch(lengths, budget):
    rows = [row for batch, _ in plan_batches(lengths, budget) for row in batch]
    assert sorted(rows) == list(range(len(lengths)))


@given(LENGTHS, BUDGET)
def test_only_a_single_text_exceeds_the_budget(lengths, budget):
    for batch, width in plan_batches(lengths, budget):
        assert len(batch) * width <= budget or len(batch) == 1


@given(LENGTHS, BUDGET)
def test_a_batch_is_as_wide_as_its_longest_text_and_no_wider_than_needed(lengths, budget):
    for batch, width in plan_batches(lengths, budget):
        longest = max(lengths[row] for row in batch)
        assert width % 8 == 0
        assert 0 <= width - longest < 8 or (longest == 0 and width == 8)


@given(LENGTHS, BUDGET)
def test_the_longest_come_first_and_equal_lengths_in_their_order(lengths, budget):
    rows = [row for batch, _ in plan_batches(lengths, budget) for row in batch]
    assert rows == sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))


@given(LENGTHS, BUDGET)
def test_a_batch_is_closed_only_where_no_further_text_fits(lengths, budget):
    batches = list(plan_batches(lengths, budget))
    for batch, width in batches[:-1]:
        assert (len(batch) + 1) * width > budget


def test_arrays_and_lists_plan_the_same():
    lengths = [3, 9, 9, 700, 1]
    plans = [list(plan_batches(kind(lengths), 64)) for kind in (list, np.array)]
    assert [(batch.tolist(), width) for batch, width in plans[0]] == [([3], 704), ([1, 2, 0, 4], 16)]
    assert [(batch.tolist(), width) for batch, width in plans[1]] == [([3], 704), ([1, 2, 0, 4], 16)]
