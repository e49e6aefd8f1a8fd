"""Days, months and years as they are written in ISO 8601: each stands for the range of its days."""

import calendar
import re
from datetime import date, timedelta

_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def iso_days(text: str) -> tuple[date, date]:
    """
    Read a year, a month or a day.

    Parameters
    ----------
    text : str
        `2026`, `2026-02` or `2026-02-05`.

    Returns
    -------
    first, last : date
        Both included.

    Raises
    ------
    ValueError
        If it is written in another way, or is not in the calendar.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} must be a date like 2026, 2026-02 or 2026-02-05")
    year, month, day = match.groups()
    first = date(int(year), int(month or 1), int(day or 1))
    if day:
        return first, first
    last_month = int(month or 12)
    return first, date(first.year, last_month, calendar.monthrange(first.year, last_month)[1])


def iso_date(start: date | None, end: date | None) -> str | None:
    """
    Write a day, a whole month or a whole year at its own precision.

    Parameters
    ----------
    start, end : date or None
        First and last day.

    Returns
    -------
    str or None
        `2026-02-05`, `2026-02`, `2026`, or `start/end` for another range; None where undated.
    """
    if start is None or end is None:
        return None
    if start == end:
        return start.isoformat()
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return f"{start:%Y}"
    whole_month = start.day == 1 and (end + timedelta(days=1)).day == 1
    if whole_month and (start.year, start.month) == (end.year, end.month):
        return f"{start:%Y-%m}"
    return f"{start.isoformat()}/{end.isoformat()}"
