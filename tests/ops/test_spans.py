"""Shared stretches of text, against counting characters one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.ops.spans import Spans, merged_spans, overlaps

stretches = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(1, 8)), max_size=8)


def spans(rows):
    starts = np.array([start for _, start, _ in rows], dtype=np.int64)
    return Spans([source for source, _, _ in rows], starts, starts + [length for _, _, length in rows])


def characters(table):
    return [
        {(source, place) for place in range(start, end)}
        for source, start, end in zip(table.source_id, table.start_char, table.end_char, strict=True)
    ]


def apart(rows):
    """Those that overlap none before them."""
    kept = []
    for row in rows:
        if not any(characters(spans([row]))[0] & own for own in characters(spans(kept))):
            kept.append(row)
    return kept


@given(stretches, stretches)
def test_every_pair_that_shares_text_is_found_with_how_much(left, right):
    one, other = spans(left), spans(apart(right))
    expected = [
        (i, j, len(a & b)) for i, a in enumerate(characters(one)) for j, b in enumerate(characters(other)) if a & b
    ]
    found = overlaps(one, other)
    assert sorted(zip(*(column.tolist() for column in found), strict=True)) == expected
    assert found.left.tolist() == sorted(found.left.tolist())


@given(stretches)
def test_merged_stretches_are_the_same_text_and_do_not_overlap(rows):
    merged = characters(merged_spans(spans(rows)))
    assert set().union(*merged) == set().union(*characters(spans(rows)))
    assert sum(map(len, merged)) == len(set().union(*merged))


def test_other_sources_share_nothing():
    found = overlaps(spans([("a", 0, 5)]), spans([("b", 0, 5)]))
    assert len(found.left) == 0
