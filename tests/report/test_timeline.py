import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.report.charts.timeline import calendar_spans, domain, gaps, spread

DAYS = st.integers(date(1800, 1, 1).toordinal(), date(2200, 1, 1).toordinal())


@given(DAYS, st.integers(1, 140_000))
def test_spans_cover_the_axis_without_gap_or_overlap(start, length):
    first, last = domain([(start, start + length)])
    spans = calendar_spans(first, last)
    assert 1 <= len(spans) <= 4
    assert spans[0].start == pytest.approx(first, abs=1)
    assert spans[-1].end == last
    assert all(left.end == right.start for left, right in itertools.pairwise(spans))


def test_two_years_are_cut_at_new_year():
    first, last = date(2024, 4, 1).toordinal(), date(2026, 3, 1).toordinal()
    spans = calendar_spans(first, last)
    assert [span.label for span in spans] == ["2024", "2025", "2026"]
    assert spans[1].start == date(2025, 1, 1).toordinal()


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (3, ["1 Apr", "2 Apr", "3 Apr"]),
        (14, ["1–7 Apr", "8–14 Apr"]),
        (91, ["Apr 2024", "May 2024", "Jun 2024"]),
        (300, ["Q2 2024", "Q3 2024", "Q4 2024", "Q1 2025"]),
        (3000, ["2020–24", "2025–29", "2030–34"]),
    ],
)
def test_a_label_names_the_whole_span(days, labels):
    day = date(2024, 4, 1).toordinal()
    assert [span.label for span in calendar_spans(day, day + days)] == labels


@given(st.lists(st.floats(0, 100), max_size=12))
def test_marks_keep_their_distance_and_their_order(places):
    moved = spread(places, gap=5)
    order = sorted(range(len(places)), key=lambda i: places[i])
    assert all(moved[b] - moved[a] >= 5 - 1e-6 for a, b in itertools.pairwise(order))
    assert sum(moved) == pytest.approx(sum(places), abs=1e-6)


def test_marks_with_room_stay_where_they_are():
    assert spread([10.0, 0.0, 30.0], gap=5) == [10.0, 0.0, 30.0]


def test_two_marks_on_one_day_stand_side_by_side():
    assert spread([10.0, 10.0], gap=4) == [8.0, 12.0]


def test_a_long_time_without_a_source_is_a_gap():
    days = [(0, 1), (30, 31), (20, 50), (500, 501), (510, 511)]
    assert gaps(days) == [(50, 500)]


def test_a_series_at_equal_distances_has_no_gap_until_one_of_them_is_missing():
    yearly = [(365 * year, 365 * year + 1) for year in range(8)]
    assert gaps(yearly) == []
    assert gaps(yearly[:3] + yearly[5:]) == [(yearly[2][1], yearly[5][0])]


@pytest.mark.parametrize("days", [[], [(3, 4)], [(3, 4), (3, 4)]])
def test_one_date_has_no_gap(days):
    assert gaps(days) == []


def test_a_wide_axis_has_room_for_more_labels():
    first = date(2020, 1, 1).toordinal()
    assert len(calendar_spans(first, first + 5 * 365)) == 3
    assert len(calendar_spans(first, first + 5 * 365, most=7)) == 5
