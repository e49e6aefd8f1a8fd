from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from planted.designs import BOTH, units_in, units_of
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.studentised import differences
from topicgpu.drift.changes.testing import run_test
from topicgpu.drift.units import Kind


def _test(units, comparison=BOTH, n_periods=2, shares=None, level=0.05, usable=None):
    shares = np.random.default_rng(0).random((len(units), 2)) if shares is None else shares

    def clearness(made, later):
        return differences(made, later, shares[made.rows]).clearness

    usable = np.ones(len(units), dtype=bool) if usable is None else usable
    return run_test(units, comparison, usable, clearness, shares.shape[1], range(n_periods), level, 0)


@pytest.mark.parametrize(
    ("sizes", "kind", "why"),
    [
        ([(3, 2)], "source", "3 against 2 sources cannot show a change beyond themselves"),
        ([(2, 2)], "source", "2 against 2 sources cannot show a change beyond themselves"),
        ([(1, 1)], "source", "1 against 1 source cannot show a change beyond themselves"),
        ([(3, 2)], "date", "3 against 2 dates cannot show a change beyond themselves"),
        ([(3, 2)], "series", "3 against 2 series cannot show a change beyond themselves"),
        ([(2, 2), (4, 0)], "source",
         "2 against 2 sources of kinds that both sides have cannot show a change beyond themselves"),
        ([(5, 0), (0, 5)], "source", "no kind of source is on both sides"),
    ],
)  # fmt: skip
def test_a_design_that_cannot_show_it_is_described_and_says_why(sizes, kind, why):
    outcome = _test(replace(units_of(sizes), kind=kind))
    assert outcome.why == why
    assert np.isnan(outcome.p).all()
    assert np.isnan(outcome.p_shift).all()


def test_a_described_design_still_has_its_assignments_to_describe_by():
    outcome = _test(units_of([(3, 2)]))
    assert outcome.later.shape == (10, 5)
    assert outcome.statistics.shape == (10, 2)
    assert _test(units_of([(5, 0), (0, 5)])).later is None


def test_the_smallest_p_of_the_design_is_what_decides():
    units = units_of([(4, 4)])
    assert _test(units, level=2 / 70 + 1e-9).why is None
    assert _test(units, level=2 / 70 - 1e-9).why is not None


def test_units_without_a_measure_take_no_part():
    outcome = _test(units_of([(4, 5)]), usable=np.array([True] * 8 + [False]))
    assert outcome.design.later.sum() == 4
    assert outcome.p.shape == (2,)


def test_the_circle_is_turned_from_24_periods_on():
    span = Comparison("span", tuple(range(8)), tuple(range(16, 24)))
    ramp = np.arange(24.0)[:, None] + np.random.default_rng(0).random((24, 1))
    outcome = _test(units_in(range(24)), span, 24, ramp)
    assert outcome.p[0] <= 2e-4
    assert outcome.p_shift[0] == pytest.approx(1 / 24)
    assert np.isnan(_test(units_in(range(24)), span, 23, ramp).p_shift).all()


def test_neighbouring_comparisons_measure_each_place_of_the_circle_once():
    units, shares = units_in(np.repeat(np.arange(24), 6)), np.random.default_rng(0).random((144, 1))
    usable, turned, measured = np.ones(144, dtype=bool), {}, []

    def clearness(made, later):
        measured.append(len(later))
        return differences(made, later, shares[made.rows]).clearness

    neighbours = [Comparison("period", (period,), (period + 1,)) for period in range(23)]
    known, anew = (
        [run_test(units, pair, usable, clearness, 1, range(24), 0.05, 0, kept).p_shift[0] for pair in neighbours]
        for kept in (turned, None)
    )
    assert known == anew
    assert measured.count(1) == 24 + 23 * 24


def test_slow_wander_is_clear_by_the_first_null_and_not_by_the_second():
    span = Comparison("span", tuple(range(8)), tuple(range(16, 24)))
    wave = np.sin((np.arange(24) - 1) * 2 * np.pi / 24)[:, None]
    outcome = _test(units_in(range(24)), span, 24, wave)
    assert outcome.p[0] <= 0.001
    assert outcome.p_shift[0] > 0.05


def test_with_fewer_than_twenty_rotations_that_can_be_told_nothing_turns_up():
    # Of 26 periods those in the middle are of a kind of their own: no place there can be compared.
    period = np.repeat(np.arange(26), 6)
    units = units_in(period, ((period >= 7) & (period < 19) & (period % 2 == 0)).astype(int))
    span = Comparison("span", tuple(range(4)), tuple(range(22, 26)))
    assert _test(units, span, 26).turns.all()
    alone = replace(units, stratum=np.where((period >= 4) & (period < 22), period, 0), strata=(None,) * 26)
    outcome = _test(alone, Comparison("period", (0,), (1,)), 26)
    assert outcome.why is None
    assert not outcome.turns.any()


def test_dates_that_mix_kinds_differently_are_described():
    talk, call = Kind("talk", None), Kind("call", None)
    few, many = Counter({talk: 1, call: 4}), Counter({talk: 4, call: 1})
    units = replace(units_of([(6, 6)]), kind="date", strata=(None,))
    outcome = _test(replace(units, mixed={unit: few if unit < 6 else many for unit in range(12)}))
    assert outcome.why == "the dates of the two sides mix kinds of source differently"
    assert np.isnan(outcome.p).all()
    assert _test(replace(units, mixed=dict.fromkeys(range(12), few))).why is None
