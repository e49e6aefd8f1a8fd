"""Where things stand on a time axis drawn to scale. Time is in days: proleptic ordinals, as `date.toordinal` gives."""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from statistics import median_low
from typing import NamedTuple

_STEPS = [(0, 1), (0, 7), (1, 0), (3, 0), *((12 * years, 0) for years in (1, 2, 5, 10, 20, 50, 500))]  # months, days


class Span(NamedTuple):
    """A stretch of calendar time under one label."""

    start: float
    end: float
    label: str


def domain(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """
    Find the stretch of time that an axis shows.

    Parameters
    ----------
    ranges : sequence of (float, float)
        Start and end of each source in days; at least one.

    Returns
    -------
    (float, float)
        From the first start to the last end with room at both sides, so that no mark stands on the frame.
    """
    first, last = min(start for start, _ in ranges), max(end for _, end in ranges)
    margin = max((last - first) * 0.06, 1.0)
    return first - margin, last + margin


def calendar_spans(first: float, last: float, most: int = 4) -> list[Span]:
    """
    Cut a stretch of time into calendar units, as fine as the number of labels allows.

    Parameters
    ----------
    first, last : float
        In days.
    most : int
        Labels that there is room for.

    Returns
    -------
    list of Span
        Clipped to the stretch, in order: days, weeks, months, quarters, years or several years.
    """
    for months, days in _STEPS:
        spans = _cut(first, last, months, days, most)
        if len(spans) <= most:
            break
    return spans


def _cut(first: float, last: float, months: int, days: int, most: int) -> list[Span]:
    spans: list[Span] = []
    start = _floor(date.fromordinal(max(1, int(first))), months, days)
    while start.toordinal() < last and len(spans) <= most:
        end = _next(start, months, days)
        left, right = max(first, start.toordinal()), min(last, end.toordinal())
        spans.append(Span(float(left), float(right), _label(start, end, months)))
        start = end
    return spans


def _floor(day: date, months: int, days: int) -> date:
    if days:
        return day
    index = (day.year * 12 + day.month - 1) // months * months
    return date(max(1, index // 12), index % 12 + 1, 1)


def _next(start: date, months: int, days: int) -> date:
    if days:
        return date.fromordinal(start.toordinal() + days)
    index = start.year * 12 + start.month - 1 + months
    return date(min(index // 12, date.max.year), index % 12 + 1, 1)


def _label(start: date, end: date, months: int) -> str:
    last = date.fromordinal(end.toordinal() - 1)
    if months == 0:
        first = f"{start.day}" if start.month == last.month else f"{start.day} {start:%b}"
        return f"{last.day} {last:%b}" if start == last else f"{first}–{last.day} {last:%b}"
    if months == 1:
        return f"{start:%b %Y}"
    if months == 3:
        return f"Q{(start.month + 2) // 3} {start.year}"
    return f"{start.year}" if months == 12 else f"{start.year}–{last.year % 100:02}"


def spread(places: Sequence[float], gap: float) -> list[float]:
    """
    Move marks apart that would cover each other, as little as needed.

    Parameters
    ----------
    places : sequence of float
        In any order.
    gap : float
        Least distance between two marks.

    Returns
    -------
    list of float
        In the order given; the order along the axis is kept, and each crowded group keeps its mean.
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    groups: list[list[float]] = []  # members' places as given
    for i in order:
        groups.append([places[i]])
        while len(groups) > 1 and _left(groups[-1], gap) - _right(groups[-2], gap) < gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    moved = [_left(group, gap) + k * gap for group in groups for k in range(len(group))]
    result = [0.0] * len(places)
    for i, place in zip(order, moved, strict=True):
        result[i] = place
    return result


def _left(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _right(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) + gap * (len(group) - 1) / 2


def gaps(ranges: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """
    Find the stretches of time that no source is of.

    Parameters
    ----------
    ranges : sequence of (float, float)
        Start and end of each source in days.

    Returns
    -------
    list of (float, float)
        In order: those longer than a tenth of the whole time and than twice the usual distance from one source to the
        next, so that a yearly series has none.
    """
    ordered = sorted(ranges)
    reached = list(accumulate((end for _, end in ordered), max))
    between = [(before, start) for before, (start, _) in zip(reached, ordered[1:], strict=False)]
    if not between:
        return []
    usual = median_low(max(0.0, after - before) for before, after in between)
    least = max((reached[-1] - ordered[0][0]) / 10, 2 * usual)
    return [(before, after) for before, after in between if after - before > least]
