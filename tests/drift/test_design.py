import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planted.designs import BOTH, design_of, units_in, units_of
from topicgpu.drift.changes.circle import rotations
from topicgpu.drift.changes.design import Comparison, _dealt, assignments, comparisons, design, p_values
from topicgpu.drift.changes.studentised import differences


@pytest.mark.parametrize(
    ("n", "pairs", "span"),
    [
        (0, [], None),
        (1, [], None),
        (2, [(0, 1)], None),
        (3, [(0, 1), (1, 2)], ((0,), (2,))),
        (7, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)], ((0, 1), (5, 6))),
    ],
)
def test_neighbours_are_compared_and_the_first_third_with_the_last(n, pairs, span):
    made = comparisons(n)
    assert [(each.earlier[0], each.later[0]) for each in made if each.level == "period"] == pairs
    assert [(each.earlier, each.later) for each in made if each.level == "span"] == ([] if span is None else [span])


def test_sides_are_named_by_their_ends():
    assert Comparison("span", (0, 1), (3,)).labels(("a", "b", "c", "d")) == ("a–b", "d")


def test_units_of_a_stratum_on_one_side_only_are_left_out():
    made = design(units_in([0, 0, 0, 1, 1, 1, 2], [5, 2, 7, 5, 5, 8, 2]), BOTH, np.ones(7, dtype=bool))
    assert made.rows.tolist() == [0, 3, 4]
    assert made.later.tolist() == [False, True, True]
    assert made.stratum.tolist() == [0, 0, 0]
    assert made.left_out.tolist() == [1, 2, 5]


def test_a_unit_in_which_nothing_is_measured_is_neither_in_nor_left_out():
    usable = np.array([True, False, True, True])
    made = design(units_in([0, 0, 1, 1]), BOTH, usable)
    assert (made.rows.tolist(), made.left_out.tolist()) == ([0, 2, 3], [])


def test_no_common_stratum_makes_an_empty_design():
    made = design(units_in([0, 1], [0, 1]), BOTH, np.ones(2, dtype=bool))
    assert (len(made.rows), made.number, made.smallest_p) == (0, 1, 1.0)


def _every_way(made):
    for chosen in itertools.product([False, True], repeat=len(made.later)):
        way = np.array(chosen, dtype=bool)
        if all(way[made.stratum == s].sum() == made.later[made.stratum == s].sum() for s in np.unique(made.stratum)):
            yield tuple(way.tolist())


_sides = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=3)


@settings(deadline=None, max_examples=50)
@given(_sides.filter(lambda sizes: sum(map(sum, sizes)) <= 11))
def test_all_ways_are_taken_each_once_and_the_observed_first(sizes):
    made = design(units_of(sizes), BOTH, np.ones(sum(map(sum, sizes)), dtype=bool))
    dealt = assignments(made, 0)
    assert dealt[0].tolist() == made.later.tolist()
    assert {tuple(row) for row in dealt.tolist()} == set(_every_way(made))
    assert len(dealt) == made.number


@settings(deadline=None, max_examples=40)
@given(_sides.filter(lambda sizes: sum(map(sum, sizes)) <= 11))
def test_smallest_p_is_that_of_the_clearest_change_there_can_be(sizes):
    made = design(units_of(sizes), BOTH, np.ones(sum(map(sum, sizes)), dtype=bool))
    rng = np.random.default_rng(0)
    clear = (made.later * 10.0 + rng.random(len(made.later)))[:, None] + 100.0 * made.stratum[:, None]
    size = np.abs(differences(made, assignments(made, 0), clear).size)
    assert p_values(size)[0] == pytest.approx(made.smallest_p)


def test_smallest_p_by_hand():
    assert design_of([0, 0, 1, 1]).smallest_p == pytest.approx(2 / 6)
    assert design_of([0, 0, 0, 1, 1]).smallest_p == pytest.approx(1 / 10)
    assert design_of([0] * 4 + [1] * 4).smallest_p == pytest.approx(2 / 70)
    assert design_of([0, 1] * 6, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]).smallest_p == pytest.approx(2 / 64)
    assert design_of([0] * 50 + [1] * 50).smallest_p == pytest.approx(1e-4)


def test_drawn_assignments_keep_each_stratum_and_depend_on_the_seed_and_on_the_design_alone():
    made = design_of([0] * 12 + [1] * 12 + [0] * 5 + [1] * 3, [0] * 24 + [1] * 8)
    dealt = assignments(made, 0)
    assert dealt.shape == (10_000, 32)
    assert dealt[0].tolist() == made.later.tolist()
    assert (dealt[:, :24].sum(axis=1) == 12).all()
    assert (dealt[:, 24:].sum(axis=1) == 3).all()
    np.testing.assert_allclose(dealt[1:].mean(axis=0), [0.5] * 24 + [3 / 8] * 8, atol=0.025)
    together = dealt[1:].astype(float).T @ dealt[1:] / len(dealt)
    np.testing.assert_allclose(together[:24, :24][~np.eye(24, dtype=bool)], 12 / 24 * 11 / 23, atol=0.025)
    np.testing.assert_allclose(together[:24, 24:], 12 / 24 * 3 / 8, atol=0.025)
    _dealt.cache_clear()
    np.testing.assert_array_equal(dealt, assignments(replace(made, rows=made.rows + 7), 0))
    assert (dealt != assignments(made, 1)).any()


def test_p_counts_ties_that_only_rounding_tells_apart():
    assert p_values(np.array([[0.3], [0.1 + 0.2], [0.1], [0.3 - 1e-12]])) == pytest.approx([0.75])


def test_p_leaves_out_what_could_not_be_told():
    table = np.array([[2.0, np.nan, np.inf], [np.nan, 1.0, np.inf], [3.0, 1.0, 1.0], [1.0, 2.0, np.nan]])
    np.testing.assert_allclose(p_values(table), [2 / 3, np.nan, 2 / 3])


def test_rotations_go_once_round_the_circle_and_begin_where_it_is():
    units = units_in([0, 0, 1, 2, 2, 2])
    turned = [design(units, place, np.ones(6, dtype=bool)) for place in rotations(BOTH, range(3))]
    assert [each.rows.tolist() for each in turned] == [[0, 1, 2], [2, 3, 4, 5], [0, 1, 3, 4, 5]]
    assert [each.later.tolist()[0] for each in turned] == [False, False, True]


def test_rotations_pass_over_periods_that_can_not_be_compared():
    pair = Comparison("period", (1,), (4,))
    assert [place[1:] for place in rotations(pair, (0, 1, 4))] == [((1,), (4,)), ((4,), (0,)), ((0,), (1,))]
