"""Numbers and dates as a reader sees them. Every figure of the report is rounded here and nowhere else."""

import math
from datetime import date

THIN_SPACE = "\u202f"  # narrow, and lines do not break at it
MINUS = "\u2212"


def count(value: float) -> str:
    """
    Write a whole number with thin spaces between thousands.

    Parameters
    ----------
    value : float
        Rounded to a whole number.

    Returns
    -------
    str
        `12 345` with narrow no-break spaces.
    """
    return f"{round(value):,}".replace(",", THIN_SPACE)


def counted(value: float, one: str, many: str | None = None) -> str:
    """
    Write a number with its unit in the singular or the plural.

    Parameters
    ----------
    value : float
        Rounded to a whole number.
    one : str
        The unit's name for 1.
    many : str, optional
        For every other number; `one` and an s where not given.

    Returns
    -------
    str
        `1 word`, `12 345 words`.
    """
    return f"{count(value)} {one if round(value) == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """
    Write a share as a percentage to one decimal; a share that is not zero never reads as zero.

    Parameters
    ----------
    share : float
        In [0, 1].

    Returns
    -------
    str
        `12.3%`, `0%`, or `< 0.1%`.
    """
    if 0 < share < 0.0005:
        return f"<{THIN_SPACE}0.1%"
    return f"{_tenths(100 * share)}%"


def percents(one: float, other: float) -> tuple[str, str]:
    """
    Write two shares that are compared.

    Parameters
    ----------
    one, other : float
        In [0, 1].

    Returns
    -------
    str, str
        As `percent` does; shares that it can't tell apart with as few decimals more as do, three at most.
    """
    said = percent(one), percent(other)
    for decimals in range(2, 5):
        if one == other or said[0] != said[1]:
            break
        said = f"{100 * one:.{decimals}f}%", f"{100 * other:.{decimals}f}%"
    return said


def percent_range(low: float, high: float) -> str:
    """
    Write an interval of shares.

    Parameters
    ----------
    low, high : float
        In [0, 1].

    Returns
    -------
    str
        `8.1 to 17.2%`.
    """
    return f"{percent(low).removesuffix('%')} to {percent(high)}"


def points(change: float) -> str:
    """
    Write a difference of two shares in percentage points, with its sign.

    Parameters
    ----------
    change : float
        In [-1, 1].

    Returns
    -------
    str
        `+5.2`, `−0.3` or `0`.
    """
    text = _tenths(abs(100 * change))
    if text == "0":
        return text
    return f"{'+' if change > 0 else MINUS}{text}"


def figure(value: float) -> str:
    """
    Write a number that has no unit to three digits that count.

    Parameters
    ----------
    value : float
        Any.

    Returns
    -------
    str
        `0.0123`, `−1.5` or `under 0.0001`.
    """
    if 0 < abs(value) < 0.0001:
        return "under 0.0001"
    return f"{value:.3g}".replace("-", MINUS)


def _tenths(value: float) -> str:
    rounded = f"{value:.1f}"
    return "0" if float(rounded) == 0 else rounded


def duration(seconds: float) -> str:
    """
    Write a length of time.

    Parameters
    ----------
    seconds : float
        Not negative.

    Returns
    -------
    str
        `0.42 s`, `75 s`, `12 min 5 s` or `3 h 12 min`.
    """
    if seconds < 10:
        return f"{seconds:.2f}{THIN_SPACE}s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole}{THIN_SPACE}s"
    if whole < 7200:
        return f"{whole // 60}{THIN_SPACE}min {whole % 60}{THIN_SPACE}s"
    return f"{whole // 3600}{THIN_SPACE}h {whole % 3600 // 60}{THIN_SPACE}min"


def clock(seconds: float) -> str | None:
    """
    Write a place in a recording.

    Parameters
    ----------
    seconds : float
        From the start; NaN where untimed.

    Returns
    -------
    str or None
        `4:05` or `1:02:03`; None where untimed.
    """
    if not math.isfinite(seconds):
        return None
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def memory(n_bytes: float) -> str:
    """
    Write an amount of memory.

    Parameters
    ----------
    n_bytes : float
        Bytes.

    Returns
    -------
    str
        In MiB, or in GiB from 1 GiB on.
    """
    mebibytes = n_bytes / 2**20
    if mebibytes >= 1024:
        return f"{mebibytes / 1024:.1f}{THIN_SPACE}GiB"
    return f"{count(mebibytes)}{THIN_SPACE}MiB"


def readable_date(start: date | None, end: date | None) -> str:
    """
    Write a date at its own precision.

    Parameters
    ----------
    start, end : date or None
        First and last day.

    Returns
    -------
    str
        `5 February 2026`, `February 2026`, `2026`, `3 May 2024 to 9 June 2024`, or `undated`.
    """
    if start is None or end is None:
        return "undated"
    if start == end:
        return f"{start.day} {start:%B %Y}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return f"{start:%Y}"
    if start.day == 1 and _ends_month(end) and (start.year, start.month) == (end.year, end.month):
        return f"{start:%B %Y}"
    return f"{readable_date(start, start)} to {readable_date(end, end)}"


def _ends_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1
