import itertools

import numpy as np
import pytest

from planted.evidence import evidence_of
from planted.tables import Row, tables
from topicgpu.drift.findings.presence import can_test, presences


def _corpus(years, genres=None, words=10):
    """One source a number: the year it is of, and whether the theme is in it."""
    rows, dates = [], {}
    for index, (year, there) in enumerate(years):
        source = f"s{index:03}"
        dates[source] = str(year)
        rows += [Row(source, ("x",) if there else ("y",), words=words)]
    kinds = None if genres is None else {f"s{index:03}": genre for index, genre in enumerate(genres)}
    return evidence_of(tables(rows, dates, kinds, theme_ids=["x", "y"]), period="year")


def _x(years, genres=None, level=0.05):
    return presences(_corpus(years, genres), level)[0]


def _years(text):
    """A letter a year from 2000: x where the theme is there."""
    return [(2000 + index, letter == "x") for index, letter in enumerate(text)]


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        ("....", "absent"),
        ("..xx", "appears"),
        ("xx..", "fades"),
        ("xxxx", "persists"),
        ("x..x", "returns"),
        (".xx.", "comes and goes"),
        ("x.x.x", "comes and goes"),
        ("...xx...", "comes and goes"),
        (".x..x....x", "comes and goes"),  # a silence no longer than those between
    ],
)
def test_kinds(talk, kind):
    assert _x(_years(talk)).kind == kind


def test_periods_words_and_gap_are_named():
    found = _x(_years("..x..x."))
    assert (found.first, found.last, found.gap) == ("2002", "2005", ("2003", "2004"))
    assert (found.words_before, found.words_after) == (20, 10)
    assert found.evidence == ("s002:0-100", "s005:0-100")


def _dealt(years, strata):
    """All ways of dealing the years out inside strata, the slow way: how often the end is as silent."""
    years, strata = np.array(years), np.array(strata)
    inside = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    ways = []
    for orders in itertools.product(*(itertools.permutations(rows) for rows in inside)):
        dealt = years.copy()
        for rows, order in zip(inside, orders, strict=True):
            dealt[rows] = years[list(order)]
        ways.append(dealt)
    return np.array(ways)


@pytest.mark.parametrize("strata", ["aaaaaaaa", "aabbaabb"])
@pytest.mark.parametrize("there", ["...x.xxx", "....xxxx", "xxxx....", "xx.x....", ".x.x.x.x"])
def test_p_is_that_of_all_ways_to_deal_the_periods_out(there, strata):
    years = [2000, 2000, 2001, 2001, 2002, 2002, 2003, 2003]
    has = np.array([letter == "x" for letter in there])
    found = _x(list(zip(years, has.tolist(), strict=True)), strata, level=0.9)
    ways = _dealt(years, list(strata))[:, has]
    observed = np.array(years)[has]
    early = (ways.min(axis=1) >= observed.min()).mean()
    late = (ways.max(axis=1) <= observed.max()).mean()
    exact = min(1, 2 * min(early, late))
    assert found.p == pytest.approx(exact) if np.isfinite(found.p) else exact > 0.9


def test_what_can_not_reach_the_level_is_not_tested():
    talk = [(2024, False)] * 10 + [(2026, True)] + [(2026, False)] * 9
    assert np.isnan(_x(talk).p)  # one source of twenty
    assert can_test(_corpus(talk), 0.05)
    assert not can_test(_corpus([(2024, False)] * 3 + [(2026, True)] * 2), 0.05)
    assert not can_test(_corpus([(2024, False)] * 9 + [(2026, True)] * 9, "a" * 9 + "b" * 9), 0.05)


def test_exchangeable_talk_is_called_silent_no_more_often_than_the_level():
    rng = np.random.default_rng(0)
    years = [2000 + index // 3 for index in range(18)]
    p = np.array([_x(list(zip(years, rng.permutation(18) < 7, strict=True))).p for _ in range(400)])
    assert (p <= 0.05).mean() <= 0.08
    assert (p <= 0.2).mean() > 0.02


def test_a_silence_that_wander_makes_elsewhere_too_is_not_clear():
    once = _x(_years("." * 20 + "x" * 20))
    assert once.p < 1e-9
    assert once.p_shift == 2 / 40  # the silence begins the circle once, and ends it once
    often = _x(_years(".....x" * 6))
    assert np.isnan(often.p) or often.p_shift > 0.05


def test_a_silence_of_a_circle_too_small_is_rare_nowhere_on_it():
    # Wherever one spell of silence lies on 26 periods, it is at an end in two of their rotations.
    spells = [_x(_years("." * 13 + "x" * 13)), _x(_years("x" * 13 + "." * 13))]
    assert [found.p_shift for found in spells] == [2 / 26, 2 / 26]
    assert all(found.p < 1e-3 for found in spells)
    assert not can_test(_corpus(_years("." * 13 + "x" * 13)), 0.05)


def test_rotations_count_silences_in_the_middle_as_well():
    # A silence of 15 of 40 periods at the start and one of 14 in the middle; the five at the end lengthen the first.
    found = _x(_years("." * 15 + "x" * 6 + "." * 14 + "x" * 5))
    assert found.p_shift == 2 / 40
    longer = _x(_years("." * 15 + "x" * 6 + "." * 15 + "x" * 4))
    assert longer.p_shift == 4 / 40


def test_below_24_periods_there_is_no_circle():
    assert np.isnan(_x(_years("." * 10 + "x" * 10)).p_shift)
