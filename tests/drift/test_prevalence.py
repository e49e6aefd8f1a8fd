import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from planted.designs import BOTH, PERIODS, units_in, units_of
from topicgpu.drift.changes.prevalence import interval, leave_one_out, prevalence_changes
from topicgpu.drift.shares.intervals import between_sources


def _changes(shares, units, n_segments=None, comparison=BOTH, periods=PERIODS, level=0.05):
    n_segments = np.full(len(shares), 50.0) if n_segments is None else n_segments
    return prevalence_changes(shares, n_segments, units, comparison, periods, "words", level, 0)


def test_a_described_change_by_hand():
    shares = np.array([[0.1], [0.2], [0.3], [0.5], [0.7]])
    (change,) = _changes(shares, units_of([(3, 2)]), np.array([10.0, 10, 10, 10, 10]))
    assert (change.value_from, change.value_to, change.effect) == pytest.approx((0.2, 0.6, 0.4))
    assert change.within == pytest.approx(0.4)
    assert (change.loo_low, change.loo_high) == pytest.approx((0.3, 0.5))
    assert change.ratio == pytest.approx((0.6 + 0.05) / (0.2 + 0.05))
    assert (change.n_from, change.n_to, change.units_from, change.units_to) == (3, 2, 3, 2)
    assert (change.status, change.smallest_p) == ("described", pytest.approx(0.1))
    assert change.why == "3 against 2 sources cannot show a change beyond themselves"
    assert (change.kind, change.unit, change.rests_on) == ("prevalence", "words", None)
    assert np.isnan([change.low, change.high, change.p, change.q, change.detectable]).all()
    assert change.reach(0.05) == np.inf


def test_p_is_that_of_the_studentised_permutation_test():
    shares = np.random.default_rng(0).random((9, 2)) * 0.1
    shares[4:, 1] += 0.15

    def welch(one, other, axis):
        return np.abs(stats.ttest_ind(one, other, equal_var=False, axis=axis).statistic)

    wanted = stats.permutation_test(
        (shares[:4], shares[4:]), welch, n_resamples=np.inf, alternative="greater", vectorized=True
    ).pvalue
    found = _changes(shares, units_of([(4, 5)]))
    assert [change.p for change in found] == pytest.approx(wanted)
    assert [change.status for change in found] == ["tested", "tested"]


def test_the_effect_is_over_all_units_and_within_over_the_kinds_of_both_sides():
    units = units_of([(2, 2), (2, 0)])
    shares = np.array([[0.1], [0.1], [0.7], [0.7], [0.2], [0.2]])
    (change,) = _changes(shares, units)
    assert change.effect == pytest.approx(0.2 - 0.4)
    assert change.within == pytest.approx(0.1)
    assert (change.n_from, change.units_from) == (4, 2)


def test_no_kind_on_both_sides_leaves_the_change_inside_unknown():
    (change,) = _changes(np.array([[0.1], [0.4]]), units_of([(1, 0), (0, 1)]))
    assert change.effect == pytest.approx(0.3)
    assert np.isnan(change.within)
    assert change.why == "no kind of source is on both sides"
    assert change.reach(0.05) == np.inf


def test_sources_without_shares_count_nowhere():
    shares = np.array([[0.1], [np.nan], [0.3], [0.5]])
    (change,) = _changes(shares, units_of([(2, 2)]), np.array([10.0, 0, 10, 10]))
    assert (change.value_from, change.n_from, change.units_from) == (0.1, 1, 1)
    assert change.ratio == pytest.approx(0.45 / 0.15)


def test_a_side_without_shares_gives_no_rows():
    assert _changes(np.array([[0.1], [np.nan]]), units_of([(1, 1)])) == []


def test_the_ratio_of_nothing_to_nothing_is_one_whatever_the_lengths():
    (change,) = _changes(np.zeros((4, 1)), units_of([(2, 2)]), np.array([5.0, 9, 400, 1000]))
    assert change.ratio == 1.0
    assert change.rests_on is None


def test_a_theme_that_never_varies_is_tested_and_not_clear():
    (change,) = _changes(np.full((10, 1), 0.2), units_of([(5, 5)]))
    assert (change.p, change.status) == (1.0, "tested")
    assert change.low < 0 < change.high
    assert np.isnan(change.reach(0.05))


@pytest.mark.parametrize(
    ("before", "after", "rests"),
    [
        ([0.1, 0.1, 0.1], [0.1, 0.1, 0.7], "s0005"),
        ([0.4, 0.0, 0.0], [0.0, 0.0, 0.0], "s0000"),
        ([0.1, 0.1, 0.1], [0.4, 0.4, 0.4], None),
        ([0.1, 0.1, 0.1], [0.1, 0.2, 0.3], None),
        ([0.1, 0.1, 0.1], [0.4], "s0003"),
        ([0.1], [0.4], "s0001"),
        ([0.3], [0.3], None),
    ],
)
def test_a_change_rests_on_the_unit_without_which_less_than_half_is_left(before, after, rests):
    (change,) = _changes(np.array([*before, *after])[:, None], units_of([(len(before), len(after))]))
    assert change.rests_on == rests


def _brute_force(before, after):
    effects = [after.mean(axis=0) - np.delete(before, i, axis=0).mean(axis=0) for i in range(len(before))
               if len(before) > 1]  # fmt: skip
    effects += [np.delete(after, i, axis=0).mean(axis=0) - before.mean(axis=0) for i in range(len(after))
                if len(after) > 1]  # fmt: skip
    return np.min(effects, axis=0), np.max(effects, axis=0)


_shares = st.integers(1, 6).flatmap(lambda k: arrays.arrays(np.float64, (k, 3), elements=st.floats(0, 1)))


@given(_shares, _shares)
def test_range_is_that_of_leaving_out_each_unit(before, after):
    low, high, _ = leave_one_out(before, after)
    if len(before) == len(after) == 1:
        assert np.isnan([low, high]).all()
    else:
        np.testing.assert_allclose([low, high], _brute_force(before, after), atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(2)), elements=st.just(0.0) | st.floats(1e-6, 1)),
    arrays.arrays(np.float64, st.tuples(st.integers(5, 9), st.just(2)), elements=st.just(0.0) | st.floats(1e-6, 1)),
)
def test_an_interval_holds_the_effect_is_no_point_and_needs_five_units_a_side(before, after):
    low, high = interval(before, after, 0, PERIODS)
    effect = after.mean(axis=0) - before.mean(axis=0)
    if len(before) < 5:
        assert np.isnan([low, high]).all()
    else:
        assert (low < high).all()
        assert ((low <= effect + 1e-12) & (effect <= high + 1e-12)).all()
        assert (low >= -1 - 1e-12).all()
        assert (high <= 1 + 1e-12).all()


def test_the_interval_joins_those_of_both_means_by_hand():
    rng = np.random.default_rng(0)
    before, after = rng.random((6, 1)) * 0.2, rng.random((8, 1)) * 0.4
    one, other = between_sources(before, 0, "2024"), between_sources(after, 0, "2025")
    low, high = interval(before, after, 0, PERIODS)
    effect = after.mean() - before.mean()
    assert effect - low[0] == pytest.approx(np.hypot(after.mean() - other.low[0], one.high[0] - before.mean()))
    assert high[0] - effect == pytest.approx(np.hypot(other.high[0] - after.mean(), before.mean() - one.low[0]))


def test_the_interval_covers_the_true_change():
    rng = np.random.default_rng(7)
    before, after = rng.beta(1, 12, (8, 1000)), rng.beta(2, 10, (12, 1000))
    low, high = interval(before, after, 0, PERIODS)
    true = 2 / 12 - 1 / 13
    assert 0.91 <= ((low <= true) & (true <= high)).mean() <= 0.985


def test_rows_do_not_depend_on_the_other_themes():
    shares = np.random.default_rng(0).random((30, 3)) * 0.2
    units = units_of([(15, 15)])
    assert _changes(shares, units)[1].p == _changes(shares[:, [1]], units)[0].p


def test_200_units_and_50_themes_take_no_table_of_assignments_by_units_by_themes():
    units = units_in([0, 1] * 100, [0, 0, 1, 1] * 50)
    shares = np.random.default_rng(0).random((200, 50)) * 0.1
    changes = _changes(shares, units)
    assert len(changes) == 50
    assert min(change.smallest_p for change in changes) == pytest.approx(1e-4)
