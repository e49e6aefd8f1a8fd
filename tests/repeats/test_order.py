from hypothesis import given
from hypothesis import strategies as st

from topicgpu.repeats.order import Gap, gaps


def test_what_lies_between_pairs_in_order():
    left, right = ["a"] * 6, ["x"] * 2 + ["b"] * 6
    found = list(gaps([(1, 3), (3, 4), (4, 6)], left, right))
    assert found == [
        Gap(range(0, 1), range(2, 3), range(2, 4)),  # never before the source begins
        Gap(range(2, 3), range(4, 4), range(3, 5)),
        Gap(range(4, 4), range(5, 6), range(4, 7)),
        Gap(range(5, 6), range(7, 8), range(6, 8)),
    ]


def test_order_has_to_show_itself():
    sources = ["a"] * 9
    assert not list(gaps([(1, 1), (4, 4)], sources, sources)), "two pairs are always in some order"
    assert not list(gaps([(1, 7), (3, 4), (5, 5), (7, 6)], sources, sources)), "one in four is out of it"
    assert not list(gaps([(1, 1), (4, 4), (7, 7)], sources, sources, least_share=0.5)), "too few of the rows"
    assert list(gaps([(1, 1), (4, 4), (7, 7)], sources, sources, least_share=0.3))
    three = ["a", "b", "c"]
    assert not list(gaps([(0, 0), (1, 1), (2, 2)], three, three)), "one pair of each two sources"


def test_a_pair_out_of_order_bounds_no_gap():
    sources = ["a"] * 20
    pairs = [(row, 19 if row == 10 else row) for row in range(19)]
    bounds = {(gap.left.start - 1, gap.right.start - 1) for gap in gaps(pairs, sources, sources)}
    assert (10, 19) not in bounds
    assert (8, 8) in bounds


@given(st.permutations(range(12)))
def test_gaps_never_overlap(order):
    sources = ["a"] * 12
    found = list(gaps(enumerate(order), sources, sources))
    lefts = [row for gap in found for row in gap.left]
    assert lefts == sorted(set(lefts))
