"""Dates as people write them, each at its own precision: a month is the range from its first day to its last."""

import calendar
import re
from datetime import date
from typing import NamedTuple

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_PATTERNS = tuple(
    re.compile(rf"(?<![\d.]){pattern}(?!\d)", re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}\s*[-/.年_]\s*(?P<month>\d{{1,2}})\s*[-/.月_]\s*(?P<day>\d{{1,2}})(?:\s*日)?",
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])",
        rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
        rf"\b{_MONTH},?\s+{_YEAR}",
        rf"{_YEAR}(?:-|_|\s*年\s*)(?P<month>0?[1-9]|1[0-2])(?:\s*月)?(?!-?\d)",
    )
)
# What may stand beside the date in a line that says when a text was published.
_BESIDE = re.compile(
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?|\b(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?\b"
    r"|\b(?:am|pm|utc|gmt|[ecmp][sd]?t|at|on|date|dated|published|posted|updated|recorded|released|aired|last|time"
    r"|datum|fecha|data|publié le|veröffentlicht(?: am)?)\b"
    r"|发布时间|发布日期|发布|更新时间|更新|日期|时间|星期.|周.|[上下]午|公開日|更新日|配信日|[\W_]",
    re.IGNORECASE,
)


class DateRange(NamedTuple):
    """First and last day: the same for a day, a month or a year from end to end."""

    start: date
    end: date


def date_range(year: int, month: int | None = None, day: int | None = None) -> DateRange:
    """
    Make the range of a day, a month or a year.

    Parameters
    ----------
    year : int
        Calendar year.
    month, day : int or None
        None for the whole year or month.

    Returns
    -------
    DateRange
        First and last day, both included.

    Raises
    ------
    ValueError
        If there is no such day.
    """
    if month is None:
        return DateRange(date(year, 1, 1), date(year, 12, 31))
    if day is None:
        first = date(year, month, 1)
        return DateRange(first, first.replace(day=calendar.monthrange(year, month)[1]))
    return DateRange(date(year, month, day), date(year, month, day))


def find_date(text: str) -> DateRange | None:
    """
    Find the first date in a file name or a line.

    Parameters
    ----------
    text : str
        For example `2026-01-22 call`, `20260122`, `2026年1月22日`, `April 23, 2024`, `23 April 2024`, `2026-01`.

    Returns
    -------
    DateRange or None
        None where there is no date, or the day does not exist. A year alone is no date: it may be any number.
    """
    found = _search(text)
    return found[0] if found else None


def date_line(line: str) -> DateRange | None:
    """
    Read a line that says nothing but a date.

    Parameters
    ----------
    line : str
        One line of a text's beginning.

    Returns
    -------
    DateRange or None
        None where the line has no date, or has words besides it and `published`, a weekday or a time of day.
    """
    found = _search(line)
    if found is None:
        return None
    _, (start, end) = found
    return None if _BESIDE.sub("", line[:start] + " " + line[end:]) else found[0]


def overlaps(one: DateRange, other: DateRange) -> bool:
    """
    Tell whether two ranges share a day.

    Parameters
    ----------
    one, other : DateRange
        Two ranges.

    Returns
    -------
    bool
        False where they contradict each other.
    """
    return one.start <= other.end and other.start <= one.end


def _search(text: str) -> tuple[DateRange, tuple[int, int]] | None:
    for pattern in _PATTERNS:
        match = pattern.search(text)
        if match is None:
            continue
        parts = match.groupdict()
        month = parts["month"].lower()
        try:
            day = int(parts["day"]) if parts.get("day") else None
            return date_range(int(parts["year"]), _MONTHS.get(month) or int(month), day), match.span()
        except ValueError:  # 2024-02-30 is a number, not a day
            continue
    return None
