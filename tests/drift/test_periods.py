from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planted.tables import tables
from topicgpu.drift.periods import assign_periods, period_label


def _calendar(dates, rule="auto", counted=None):
    return assign_periods(tables([], dates).sources, set(dates if counted is None else counted), rule)


@pytest.mark.parametrize(
    ("rule", "label"),
    [("day", "2024-12-30"), ("week", "2025-W01"), ("month", "2024-12"), ("quarter", "2024-Q4"), ("year", "2024")],
)
def test_label_of_a_day(rule, label):
    assert period_label(date(2024, 12, 30), rule) == label


@given(st.dates(), st.dates(), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_labels_sort_in_the_order_of_time(one, other, rule):
    first, last = sorted([one, other])
    assert period_label(first, rule) <= period_label(last, rule)


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
