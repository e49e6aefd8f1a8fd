import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from planted.designs import BOTH, units_of
from topicgpu.drift.changes.design import Design, design
from topicgpu.drift.changes.left_out import leave_one_out
from topicgpu.drift.changes.studentised import differences


def _left(made, shares):
    """Brute force: the difference inside the strata that are still on both sides."""
    for gone in range(len(made.rows)):
        kept = np.arange(len(made.rows)) != gone
        both = np.intersect1d(made.stratum[kept & made.later], made.stratum[kept & ~made.later])
        kept &= np.isin(made.stratum, both)
        rest = Design(made.rows[kept], made.later[kept], np.searchsorted(both, made.stratum[kept]), made.left_out)
        if kept.any():
            yield differences(rest, rest.later[None], shares[kept]).size[0]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=3).flatmap(
        lambda sizes: st.tuples(
            st.just(sizes), arrays.arrays(np.float64, (sum(map(sum, sizes)), 2), elements=st.floats(0, 1))
        )
    )
)
def test_range_is_that_of_leaving_out_each_unit(case):
    sizes, shares = case
    made = design(units_of(sizes), BOTH, np.ones(len(shares), dtype=bool))
    low, high, _ = leave_one_out(made, shares)
    left = list(_left(made, shares))
    if left:
        np.testing.assert_allclose([low, high], [np.min(left, axis=0), np.max(left, axis=0)], atol=1e-12)
    else:
        assert np.isnan([low, high]).all()


@pytest.mark.parametrize(
    ("shares", "rests"), [([0.1, 0.1, 0.5, 0.5, 0.1, 0.9], 5), ([0.1, 0.2, 0.5, 0.6, 0.1, 0.4], -1)]
)
def test_a_change_rests_on_the_unit_without_which_less_than_half_is_left(shares, rests):
    made = design(units_of([(2, 1), (2, 1)]), BOTH, np.ones(6, dtype=bool))
    assert leave_one_out(made, np.array(shares)[:, None]).rests_on == [rests]


def test_no_unit_has_nothing_to_leave_out():
    made = design(units_of([(1, 0)]), BOTH, np.ones(1, dtype=bool))
    low, high, rests = leave_one_out(made, np.ones((0, 2)))
    assert np.isnan([low, high]).all()
    assert rests.tolist() == [-1, -1]
