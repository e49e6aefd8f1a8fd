from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planted.tables import tables
from topicgpu.config import NamedPeriod
from topicgpu.drift.periods import assign_periods, calendar_period


def _calendar(dates, rule="auto", counted=None, named=()):
    periods = [NamedPeriod.model_validate(dict(zip(("name", "from", "to"), each, strict=True))) for each in named]
    return assign_periods(tables([], dates).sources, set(dates if counted is None else counted), rule, periods)


@pytest.mark.parametrize(
    ("rule", "label"),
    [("day", "2024-12-30"), ("week", "2025-W01"), ("month", "2024-12"), ("quarter", "2024-Q4"), ("year", "2024")],
)
def test_label_of_a_day(rule, label):
    assert calendar_period(date(2024, 12, 30), rule).label == label


@given(st.dates(), st.dates(), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_labels_sort_in_the_order_of_time(one, other, rule):
    first, last = sorted([one, other])
    assert calendar_period(first, rule).label <= calendar_period(last, rule).label


@pytest.mark.parametrize(
    ("dates", "rule", "periods"),
    [
        (("2024-03-01", "2026-02-05"), "year", ("2024", "2026")),
        (("2024-01-09", "2024-11-30"), "quarter", ("2024-Q1", "2024-Q4")),
        (("2024-04-02", "2024-05-30"), "month", ("2024-04", "2024-05")),
        (("2024-04-02", "2024-04-30"), "week", ("2024-W14", "2024-W18")),
        (("2024-04-02", "2024-04-03"), "day", ("2024-04-02", "2024-04-03")),
        (("2024-04-02", "2024-04-02"), "year", ("2024",)),
        ((None, None), "year", ()),
    ],
)
def test_auto_takes_the_coarsest_rule_with_two_periods(dates, rule, periods):
    calendar = _calendar({f"s{index}": day for index, day in enumerate(dates)})
    assert (calendar.rule, calendar.periods) == (rule, periods)


def test_a_date_that_does_not_fit_a_period_is_left_out_by_name():
    calendar = _calendar({"day": "2024-04-02", "month": "2024-05", "year": "2024", "never": None}, "month")
    assert calendar.period_of == {"day": "2024-04", "month": "2024-05"}
    assert (calendar.straddling, calendar.undated) == (("year",), ("never",))


def test_a_month_does_not_fit_into_a_week_unless_the_rule_is_coarser():
    assert _calendar({"february": "2021-02"}, "week").straddling == ("february",)
    assert _calendar({"february": "2021-02"}, "quarter").periods == ("2021-Q1",)


def test_a_source_with_nothing_counted_makes_no_period():
    calendar = _calendar({"a": "2024", "b": "2025", "c": "2026"}, "year", counted={"a", "c"})
    assert calendar.periods == ("2024", "2026")
    assert "b" not in calendar.period_of


@pytest.mark.parametrize(
    ("rule", "earlier", "later", "gap"),
    [
        ("year", "2024", "2025", 0),
        ("quarter", "2023-12", "2024-01", 0),
        ("quarter", "2023-09", "2024-07", 3),
        ("month", "2023-12", "2024-01", 0),
        ("month", "2023-11", "2025-02", 14),
        ("week", "2024-12-31", "2025-01-05", None),
        ("week", "2025-01-05", "2025-01-06", 0),
        ("week", "2020-12-20", "2021-01-04", 2),
        ("day", "2024-02-28", "2024-03-01", 1),
    ],
)
def test_empty_periods_between_neighbours_are_counted(rule, earlier, later, gap):
    calendar = _calendar({"a": earlier, "b": later}, rule)
    assert calendar.gaps == (() if gap is None else (gap,))


@given(st.sets(st.dates(), min_size=2, max_size=6), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_a_gap_is_the_number_of_labels_between(days, rule):
    first, last = min(days), min(max(days), min(days) + timedelta(days=400))
    calendar = _calendar({"a": first.isoformat(), "b": last.isoformat()}, rule)
    between = {calendar_period(first + timedelta(days=n), rule).label for n in range((last - first).days + 1)}
    assert len(calendar.periods) + sum(calendar.gaps) == len(between)


NAMED = (("after", "2020-03-11", "2021"), ("before", "2018", "2020-03-10"), ("much later", "2030-05", "2030-05"))


def test_named_periods_are_in_the_order_of_time_whatever_their_names():
    dates = {"a": "2021-12-31", "b": "2018-01-01", "c": "2020-03-10", "d": "2020-03-11", "e": "2030-05"}
    calendar = _calendar(dates, named=NAMED)
    assert (calendar.rule, calendar.periods, calendar.gaps) == ("named", ("before", "after", "much later"), (0, 0))
    assert calendar.period_of == {"a": "after", "b": "before", "c": "before", "d": "after", "e": "much later"}


def test_a_source_across_two_named_periods_is_in_none_and_one_in_no_period_is_told_apart():
    dates = {"year": "2020", "month": "2020-03", "old": "2017-12-31", "wide": "2030", "new": "2022", "in": "2019"}
    calendar = _calendar(dates, named=NAMED)
    assert calendar.straddling == ("month", "wide", "year")
    assert calendar.outside == ("new", "old")
    assert calendar.period_of == {"in": "before"}
    assert calendar.empty == ("after", "much later")


def test_named_periods_without_a_source_are_a_gap():
    calendar = _calendar({"a": "2018", "b": "2030-05-05", "c": None}, named=NAMED)
    assert (calendar.periods, calendar.gaps, calendar.empty) == (("before", "much later"), (1,), ("after",))
    assert calendar.undated == ("c",)
