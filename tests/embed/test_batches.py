from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.embed.batches import batch_size, longest_first

LENGTHS = st.lists(st.integers(1, 600), min_size=1, max_size=200)
BUDGET = st.integers(1, 4096)
PAD_TO = st.sampled_from([None, 1, 8, 16])


def plan(lengths, budget, pad_to):
    """All batches, as the engine makes them: rows and how wide each row is in memory."""
    lengths = np.array(lengths, dtype=np.int64)
    order = longest_first(lengths)
    while len(order):
        rows = order[: batch_size(lengths[order], budget, pad_to)]
        longest = int(lengths[rows].max())
        widths = lengths[rows] if pad_to is None else np.full(len(rows), -(-longest // pad_to) * pad_to)
        yield rows.tolist(), widths.tolist()
        order = order[len(rows) :]


@given(LENGTHS, BUDGET, PAD_TO)
def test_every_row_is_in_one_batch(lengths, budget, pad_to):
    rows = [row for batch, _ in plan(lengths, budget, pad_to) for row in batch]
    assert sorted(rows) == list(range(len(lengths)))


@given(LENGTHS, BUDGET, PAD_TO)
def test_only_a_single_text_exceeds_the_budget(lengths, budget, pad_to):
    for batch, widths in plan(lengths, budget, pad_to):
        assert sum(widths) <= budget or len(batch) == 1


@given(LENGTHS, BUDGET, PAD_TO)
def test_a_batch_is_closed_only_where_no_further_text_fits(lengths, budget, pad_to):
    batches = list(plan(lengths, budget, pad_to))
    for (_, widths), (following, _) in pairwise(batches):
        further = widths[0] if pad_to else lengths[following[0]]
        assert sum(widths) + further > budget


@given(LENGTHS)
def test_the_longest_come_first_and_equal_lengths_in_their_order(lengths):
    rows = longest_first(np.array(lengths)).tolist()
    assert rows == sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))


def test_padding_counts():
    lengths = np.array([17, 9, 3, 1])
    assert batch_size(lengths, 64, None) == 4
    assert batch_size(lengths, 64, 16) == 2  # 32 tokens each
    assert batch_size(lengths, 26, None) == 2
    assert batch_size(lengths, 25, None) == 1
    assert batch_size(lengths, 16, None) == 1
