import numpy as np
import pytest

from planted.units import said
from topicgpu.drift.changes.content import content_changes
from topicgpu.drift.changes.design import Comparison, comparisons


def _changes(corpus, compared=None, seed=0):
    n_periods = int(corpus.units.period.max()) + 1
    compared = comparisons(n_periods) if compared is None else compared
    return content_changes(
        corpus.counts, corpus.units, corpus.primary, corpus.vectors, compared, range(n_periods), level=0.05, seed=seed
    )


def test_a_change_solved_by_hand():
    # A source of each period, ten segments that are all alike: at a distance of 2 between the sides.
    corpus = said([10, 10], [0, 1], vectors=np.repeat([[1.0, 0.0], [-1.0, 0.0]], 10, axis=0))
    (change,) = _changes(corpus).changes
    assert change.effect == pytest.approx(2 * 2.0)  # 2 E|X - Y|, and no distance on either side
    assert change.within == pytest.approx(change.effect)
    assert change.expected == pytest.approx(change.effect)  # dealt out the other way round, the same
    assert change.within_expected == pytest.approx(change.within)
    assert (change.n_from, change.n_to, change.units_from, change.units_to) == (1, 1, 1, 1)
    assert (change.status, change.unit, change.rests_on) == ("described", "distance", None)
    assert np.isnan([change.p, change.loo_low, change.loo_high, change.low]).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_a_move_of_all_sources_is_found_and_none_is_not(seed):
    moved = said([12] * 12, [0] * 6 + [1] * 6, shift=1.0, seed=seed)
    still = said([12] * 12, [0] * 6 + [1] * 6, shift=0.0, seed=seed)
    (found,), (none,) = _changes(moved).changes, _changes(still).changes
    assert found.status == none.status == "tested"
    assert found.p == found.smallest_p == pytest.approx(2 / 924)
    assert none.p > 0.05
    assert found.effect > 2 * found.expected
    assert none.effect < 2 * none.expected
    assert (found.within_loo_low, found.within_loo_high) == pytest.approx((found.loo_low, found.loo_high))


def test_what_is_tested_has_a_chance_of_its_own():
    # A kind far from the other comes on the later side: the raw distance and its chance are those of the mix.
    sides = [0] * 9 + [1] * 9
    strata = [0] * 7 + [1] * 2 + [0] * 2 + [1] * 7
    (change,) = _changes(said([10] * 18, sides, strata=strata, by_stratum=3.0)).changes
    assert change.effect == pytest.approx(change.expected, rel=0.2)
    assert change.within_expected < change.expected / 3
    assert change.within == pytest.approx(change.within_expected, rel=0.8)


def test_a_unit_with_few_segments_is_left_out_of_both_the_test_and_the_effect():
    corpus = said([12, 12, 4, 12, 12], [0, 0, 0, 1, 1])
    (change,) = _changes(corpus).changes
    assert (change.n_from, change.units_from, change.n_to) == (2, 2, 2)


def test_ten_thousand_sources_of_one_segment_are_said_to_be_too_short_and_not_allocated_for():
    corpus = said([1] * 10_000, [0] * 5_000 + [1] * 5_000)
    found = _changes(corpus)
    (change,) = found.changes
    assert np.isnan([change.effect, change.expected, change.p]).all()
    assert change.why == "a side has no source with 5 segments of it"
    assert found.notes == (
        "What is said inside themes could not be compared: no source has 5 segments of one theme; "
        "a coarser drift.unit gathers sources.",
    )


def test_of_a_date_all_sources_speak_together():
    of_source = np.repeat(np.arange(16), 25)
    corpus = said([1] * 400, (np.arange(16) >= 8).astype(int).tolist(), shift=1.5, of_source=of_source)
    (change,) = _changes(corpus).changes
    assert (change.n_from, change.units_from, change.status) == (200, 8, "tested")
    assert change.p < 0.01


def test_a_change_of_mix_is_not_a_change_of_content():
    # Two kinds of source that say different things; the later period has more of the second.
    strata = [0] * 8 + [1] * 4 + [0] * 4 + [1] * 8
    corpus = said([10] * 24, [0] * 12 + [1] * 12, strata=strata, by_stratum=3.0)
    (change,) = _changes(corpus).changes
    assert change.p > 0.05
    assert change.expected == pytest.approx(change.effect, rel=0.2)
    assert change.within < change.effect / 2


def test_what_one_source_alone_says_rests_on_it():
    corpus = said([10] * 9, [0] * 6 + [1] * 3, outlier=8)
    (change,) = _changes(corpus).changes
    assert change.rests_on == corpus.units.ids[8]
    assert change.loo_low < change.effect / 2 < change.loo_high
    assert _changes(said([10] * 9, [0] * 6 + [1] * 3, shift=1.0)).changes[0].rests_on is None


def test_what_is_no_farther_than_chance_rests_on_nothing():
    # Of two sides of one size, a source unlike the others is as far off wherever it is dealt.
    (change,) = _changes(said([10] * 12, [0] * 6 + [1] * 6, outlier=11)).changes
    assert change.effect == pytest.approx(change.expected, rel=0.1)
    assert change.rests_on is None


def test_strata_of_one_side_alone_are_described():
    (change,) = _changes(said([10] * 4, [0, 0, 1, 1], strata=[0, 0, 1, 1])).changes
    assert change.why == "no kind of source is on both sides"
    assert change.effect > 0
    assert np.isnan([change.within, change.expected]).all()


def test_what_is_drawn_is_said():
    corpus = said([100, 80, 10, 100], [0, 0, 1, 1])
    assert _changes(corpus).notes == (
        "Content was compared on 202 of 290 segments: at most 64 of a theme and source, drawn at random.",
    )


def test_rows_are_in_the_order_of_comparisons_and_then_of_themes():
    corpus = said([10] * 6, [0, 0, 1, 1, 2, 2], n_themes=2)
    changes = _changes(corpus).changes
    assert [change.theme for change in changes] == [0, 1] * 3
    assert changes[4].comparison == Comparison("span", (0,), (2,))


def test_the_units_of_twenty_four_periods_are_rotated_too():
    corpus = said([8] * 48, [period for period in range(24) for _ in range(2)])
    spans = [change for change in _changes(corpus, comparisons(24)[-1:]).changes if change.status == "tested"]
    assert spans
    assert spans[0].p_shift == pytest.approx(round(spans[0].p_shift * 24) / 24)


def test_what_could_be_seen_is_said_once_a_p_is_asked_for():
    (tested,) = _changes(said([12] * 12, [0] * 6 + [1] * 6)).changes
    assert tested.effect < tested.reach(0.05) < tested.reach(0.01)
    (described,) = _changes(said([12] * 4, [0, 0, 1, 1])).changes
    assert (described.reach, described.detectable) == (None, np.inf)
