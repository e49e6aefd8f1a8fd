from datetime import date

import pytest

from topicgpu.ingest.dates import DateRange, date_range, find_date, is_date_line, overlaps

DAY = DateRange(date(2024, 4, 23), date(2024, 4, 23))
MONTH = DateRange(date(2024, 4, 1), date(2024, 4, 30))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-04-23", DAY),
        ("2024_04_23_call", DAY),
        ("2024-04-23T23:30:00-08:00", DAY),  # the day as written, whatever day it is elsewhere
        ("2024-04-23T00:30:00+09:00", DAY),
        ("20240423T003000Z", DAY),
        ("call-20240423", DAY),
        ("talk_20240423_final", DAY),
        ("talk-23Apr2024", DAY),
        ("2024.04.23 call", DAY),
        ("发布时间:2024-04-23 01:49:36", DAY),
        ("2024年4月23日", DAY),
        ("２０２４年４月２３日", DAY),
        ("二〇二四年四月二十三日", DAY),
        ("令和6年4月23日", DAY),
        ("2024년 4월 23일", DAY),
        ("April 23, 2024", DAY),
        ("Apr. 23rd 2024", DAY),
        ("on 23 April 2024 in Oslo", DAY),
        ("23rd of april 2024", DAY),
        ("Dienstag, den 23. April 2024", DAY),
        ("23.04.2024", DAY),
        ("mardi 23 avril 2024", DAY),
        ("Publicado el martes, 23 de abril de 2024", DAY),
        ("martedì 23 aprile 2024", DAY),
        ("terça-feira, 23 de abril de 2024", DAY),
        ("23 апреля 2024 г.", DAY),
        ("23 أبريل 2024", DAY),
        ("٢٣ نيسان ٢٠٢٤", DAY),
        ("23 kwietnia 2024", DAY),
        ("04/23/2024", DAY),
        ("23/04/2024", DAY),
        ("published 2024-04-23, updated May 2, 2024", DAY),
        ("2024-04-fund-podcast", MONTH),
        ("2024年4月", MONTH),
        ("April 2024", MONTH),
        ("апрель 2024", MONTH),
        ("abril de 2024", MONTH),
        ("1er avril 1998", DateRange(date(1998, 4, 1), date(1998, 4, 1))),
        ("April 22-23, 2024", DateRange(date(2024, 4, 22), date(2024, 4, 23))),
        ("2024-Q1 call", DateRange(date(2024, 1, 1), date(2024, 3, 31))),
        ("Q1 2024 earnings call", None),  # a company's own quarter, and the call comes after it
        ("03/04/2024", None),
        ("2024-02-30", None),
        ("30 February 2024", None),
        ("31. Juni 2024", None),
        ("二〇二四年二月三十日", None),
        ("data set 2024", None),
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
    [
        "2024-04-23",
        "Published: Tuesday, April 23, 2024 at 3:00 pm",
        "发布时间:2024-04-23 01:49:36",
        "(Apr 23, 2024)",
        "Berlin, den 23. April 2024",
        "Publié le mardi 23 avril 2024 à 10h30",
        "Stand: 23.04.2024, 10:30 Uhr",
        "23 апреля 2024 года, 10:30",
        "2024年4月23日（火）",
        "April 23, 2024 | 12 min read",
        "Published April 23, 2024 · Updated April 30, 2024",
        "03/04/2024",
    ],
)
def test_a_date_line_says_nothing_else(line):
    assert is_date_line(line)


@pytest.mark.parametrize(
    "line",
    ["On April 23, 2024, the plant opened.", "April 23, 2024 was cold", "no date", "2024", "so April 2024 it is"],
)
def test_a_sentence_with_a_date_is_no_date_line(line):
    assert not is_date_line(line)


def test_a_year_or_month_is_a_range():
    assert date_range(2024) == (date(2024, 1, 1), date(2024, 12, 31))
    assert date_range(2024, 2) == (date(2024, 2, 1), date(2024, 2, 29))
    assert overlaps(MONTH, DAY)
    assert not overlaps(MONTH, date_range(2024, 5))


@pytest.mark.parametrize("line", ["Tue, Apr 9, 2024 10:02AM • 24:11", "Interview date: 9 April 2024"])
def test_lines_of_recordings_are_date_lines(line):
    assert is_date_line(line)
    assert find_date(line) == DateRange(date(2024, 4, 9), date(2024, 4, 9))
