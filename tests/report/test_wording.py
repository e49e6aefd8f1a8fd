from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.report.wording import (
    clock,
    count,
    counted,
    duration,
    figure,
    memory,
    percent,
    percent_range,
    points,
    readable_date,
)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.0004, "< 0.1%"), (0.0005, "0.1%"), (0.1234, "12.3%"), (1.0, "100.0%")],
)
def test_percent(share, text):
    assert percent(share) == text.replace(" ", "\u202f")


@given(st.floats(0, 1))
def test_a_share_that_is_not_zero_never_reads_as_zero(share):
    assert (percent(share) == "0%") == (share == 0)


def test_percent_range_states_the_unit_once():
    assert percent_range(0.081, 0.172) == "8.1 to 17.2%"
    assert percent_range(0.0001, 0.172) == "<\u202f0.1 to 17.2%"


def test_a_number_without_a_unit_has_three_digits_that_count():
    assert [figure(value) for value in (0.01234, -1.5, 0.0, 12.0, 0.00005)] == [
        "0.0123",
        "\u22121.5",
        "0",
        "12",
        "under 0.0001",
    ]


@pytest.mark.parametrize(("change", "text"), [(0.052, "+5.2"), (-0.003, "\u22120.3"), (0.0, "0"), (-0.0001, "0")])
def test_points_carry_their_sign_and_zero_has_none(change, text):
    assert points(change) == text


def test_counts_have_thin_spaces_and_the_right_number_of_the_noun():
    assert count(1234567) == "1\u202f234\u202f567"
    assert counted(1, "word") == "1 word"
    assert counted(0, "word") == "0 words"
    assert counted(2, "story", "stories") == "2 stories"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 2, 5), date(2026, 2, 5), "5 February 2026"),
        (date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        (date(2023, 2, 1), date(2023, 2, 27), "1 February 2023 to 27 February 2023"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2024, 12, 30), date(2025, 1, 2), "30 December 2024 to 2 January 2025"),
        (None, None, "undated"),
    ],
)
def test_dates_are_shown_at_their_own_precision(start, end, text):
    assert readable_date(start, end) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.424, "0.42 s"), (75.2, "75 s"), (119.6, "2 min 0 s"), (725, "12 min 5 s"), (11520, "3 h 12 min")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text.replace(" s", "\u202fs").replace(" min", "\u202fmin").replace(" h", "\u202fh")


def test_clock_and_memory():
    assert clock(245.9) == "4:05"
    assert clock(3723) == "1:02:03"
    assert clock(float("nan")) is None
    assert memory(300 * 2**20) == "300\u202fMiB"
    assert memory(2**31) == "2.0\u202fGiB"
