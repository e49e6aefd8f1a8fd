"""Names of periods: whether time without a source lies between two that follow each other."""

import re
from datetime import date

_UNITS = {"year": r"(\d{4})", "quarter": r"(\d{4})-Q([1-4])", "month": r"(\d{4})-(\d{2})", "week": r"(\d{4})-W(\d{2})"}
_PER_YEAR = {"year": 1, "quarter": 4, "month": 12}


def missing_between(before: str, after: str) -> str | None:
    """
    Say how much time lies between two periods.

    Parameters
    ----------
    before, after : str
        Names of two periods that have sources, one after the other: years, quarters, months or weeks.

    Returns
    -------
    str or None
        `1 year`, `3 quarters`; None where one follows the other, and where the periods are days or named by hand.
    """
    for unit, pattern in _UNITS.items():
        pair = re.fullmatch(pattern, before), re.fullmatch(pattern, after)
        if pair[0] and pair[1]:
            between = _number(unit, *pair[1].groups()) - _number(unit, *pair[0].groups()) - 1
            return f"{between} {unit}{'s' if between > 1 else ''}" if between > 0 else None
    return None


def _number(unit: str, year: str, part: str = "1") -> int:
    if unit == "week":
        return date.fromisocalendar(int(year), int(part), 1).toordinal() // 7
    return int(year) * _PER_YEAR[unit] + int(part)
