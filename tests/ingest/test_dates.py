from datetime import date

import pytest

from topicgpu.ingest.dates import DateRange, date_line, date_range, find_date, overlaps

DAY = DateRange(date(2024, 4, 23), date(2024, 4, 23))
MONTH = DateRange(date(2024, 4, 1), date(2024, 4, 30))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-04-23", DAY),
        ("2024_04_23_call", DAY),
        ("call-20240423", DAY),
        ("发布时间:2024-04-23 01:49:36", DAY),
        ("2024年4月23日", DAY),
        ("April 23, 2024", DAY),
        ("Apr. 23rd 2024", DAY),
        ("on 23 April 2024 in Oslo", DAY),
        ("23rd of april 2024", DAY),
        ("2024-04-fund-podcast", MONTH),
        ("2024年4月", MONTH),
        ("April 2024", MONTH),
        ("2024-02-30", None),
        ("2024", None),
        ("call 120240423", None),
        ("version 2.2024.04", None),
        ("", None),
    ],
)
def test_dates_as_people_write_them(text, expected):
    assert find_date(text) == expected


@pytest.mark.parametrize(
    "line",
    ["2024-04-23", "Published: Tuesday, April 23, 2024 at 3:00 pm", "发布时间:2024-04-23 01:49:36", "(Apr 23, 2024)"],
)
def test_a_date_line_says_nothing_else(line):
    assert date_line(line) == DAY


@pytest.mark.parametrize("line", ["On April 23, 2024, the plant opened.", "April 23, 2024 was cold", "no date"])
def test_a_sentence_with_a_date_is_no_date_line(line):
    assert date_line(line) is None


def test_a_year_or_month_is_a_range():
    assert date_range(2024) == (date(2024, 1, 1), date(2024, 12, 31))
    assert date_range(2024, 2) == (date(2024, 2, 1), date(2024, 2, 29))
    assert overlaps(MONTH, DAY)
    assert not overlaps(MONTH, date_range(2024, 5))
