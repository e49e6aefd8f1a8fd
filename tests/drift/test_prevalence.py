import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from planted.designs import BOTH, PERIODS, units_in, units_of
from topicgpu.drift.changes.prevalence import interval, prevalence_changes
from topicgpu.drift.shares.intervals import between_sources


def _changes(shares, units, n_segments=None, comparison=BOTH, periods=PERIODS, level=0.05):
    n_segments = np.full(len(shares), 50.0) if n_segments is None else n_segments
    return prevalence_changes(shares, n_segments, units, comparison, periods, range(len(periods)), "words", level, 0)


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
    assert np.isnan([change.low, change.high, change.within_low, change.p, change.q]).all()
    assert (change.detectable, change.reach) == (np.inf, None)


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
    assert np.isnan([change.within_loo_low, change.within_loo_high]).all()
    assert change.why == "no kind of source is on both sides"
    assert change.detectable == np.inf


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
    assert np.isnan([change.low, change.high, change.within_low, change.within_high, change.reach(0.05)]).all()


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


@settings(deadline=None, max_examples=40)
@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(2)), elements=st.just(0.0) | st.floats(1e-6, 1)),
    arrays.arrays(np.float64, st.tuples(st.integers(5, 9), st.just(2)), elements=st.just(0.0) | st.floats(1e-6, 1)),
)
def test_an_interval_holds_the_effect_is_no_point_and_needs_five_units_a_side_that_differ(before, after):
    low, high = interval(before, after, 0, PERIODS)
    effect = after.mean(axis=0) - before.mean(axis=0)
    none = (np.ptp(before, axis=0) == 0) | (np.ptp(after, axis=0) == 0) | (len(before) < 5)
    assert (np.isnan(low) == none).all()
    assert (np.isnan(high) == none).all()
    low, high, effect = low[~none], high[~none], effect[~none]
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


def test_the_interval_of_what_is_tested_is_that_of_its_own_test():
    shares = np.random.default_rng(0).random((20, 1)) * 0.2
    shares[:8] += 0.3
    (change,) = _changes(shares, units_of([(8, 12)]))
    wanted = stats.ttest_ind(shares[8:, 0], shares[:8, 0], equal_var=False).confidence_interval()
    # Satterthwaite's freedom for equal spreads, where Welch's is from those found: not quite the same ends.
    assert (change.within_low, change.within_high) == pytest.approx(tuple(wanted), abs=0.01)
    assert (change.within_loo_low, change.within_loo_high) == pytest.approx((change.loo_low, change.loo_high))


def test_a_change_inside_kinds_that_the_mix_turns_round_has_figures_of_its_own():
    rng = np.random.default_rng(0)
    units = units_of([(3, 12), (12, 3)])
    podcast = units.stratum == 0
    shares = (np.where(podcast, 0.6, 0.25) - 0.1 * (units.period == 1) + rng.normal(0, 0.01, len(units)))[:, None]
    (change,) = _changes(shares, units)
    assert change.effect > 0.1
    assert change.within_low < change.within < change.within_high < -0.08
    assert change.within_loo_high < -0.08
    assert change.p < 0.001


def test_a_tested_change_rests_on_a_unit_of_the_test():
    # Inside the kind of both sides nothing rests on one unit; the one unit of the other kind carries the raw change.
    shares = np.array([[0.1], [0.12], [0.14], [0.16], [0.9], [0.2], [0.22], [0.24], [0.26]])
    units = units_of([(4, 4), (1, 0)])
    (change,) = _changes(shares, units)
    assert change.status == "tested"
    assert change.effect < 0 < change.within
    assert change.rests_on is None
