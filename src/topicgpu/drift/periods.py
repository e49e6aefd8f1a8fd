"""Which period each source belongs to: one of the calendar, or one that the user has named."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from topicgpu.config import NamedPeriod, PeriodRule
from topicgpu.types import Sources, Strings

# From the coarsest: the order in which `auto` tries them.
_RULES: tuple[PeriodRule, ...] = ("year", "quarter", "month", "week", "day")
_WEEK = 7  # days

Days = tuple[date, date]  # first and last, both included


class Period(NamedTuple):
    """A period, numbered so that one and the next differ by 1."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The periods of a corpus, and the sources that could not be given one."""

    rule: str  # year, quarter, month, week, day, or named
    periods: Strings  # in the order of time; each has a source
    period_of: dict[str, str]  # source id -> period
    undated: Strings  # source ids
    straddling: Strings  # source ids whose date range does not fit inside one period
    outside: Strings = ()  # source ids whose days are in none of the named periods
    gaps: tuple[int, ...] = ()  # periods without a source between each of `periods` and the next
    empty: Strings = ()  # named periods without a source


def assign_periods(
    sources: Sources, counted: Collection[str], rule: PeriodRule, named: Sequence[NamedPeriod] = ()
) -> Calendar:
    """
    Give each source that has counted speech its period.

    Parameters
    ----------
    sources : Sources
        With the first and the last day that a source can be of.
    counted : collection of str
        Ids of the sources with speech that counts; the others make no period.
    rule : PeriodRule
        `auto` takes the coarsest rule that gives at least two periods, and `year` where none does.
    named : sequence of NamedPeriod
        Without common days, in any order; where there are some, they are the periods in place of a rule.

    Returns
    -------
    Calendar
        A source whose range does not fit inside one period (a whole year under `month`, or two named periods) is in
        none.
    """
    dated = {
        source: (start, end)
        for source, start, end in sorted(zip(sources.source_id, sources.date_start, sources.date_end, strict=True))
        if source in counted and start is not None and end is not None
    }
    if named:
        return _named_calendar(dated, counted, sorted(named, key=lambda period: period.days))
    rules = _RULES if rule == "auto" else (rule,)
    candidates = ((each, _placed(dated, partial(calendar_period, rule=each))) for each in rules)
    several = ((each, placed) for each, placed in candidates if len(set(placed.values())) > 1)
    chosen, placed = next(several, None) or (rules[0], _placed(dated, partial(calendar_period, rule=rules[0])))
    return _calendar(chosen, dated, counted, placed)


def calendar_period(day: date, rule: PeriodRule) -> Period:
    """
    Find the period of a day.

    Parameters
    ----------
    day : date
        Any day.
    rule : {"day", "week", "month", "quarter", "year"}
        A week is an ISO week, which belongs to the year of its Thursday.

    Returns
    -------
    Period
        Its number, and its name: `2026`, `2026-Q1`, `2026-02`, `2026-W06` or `2026-02-05`. Names sort in the order of
        time.
    """
    if rule == "day":
        return Period(day.toordinal(), day.isoformat())
    if rule == "week":
        year, week, _ = day.isocalendar()
        return Period((day.toordinal() - 1) // _WEEK, f"{year:04d}-W{week:02d}")  # day 1 was a Monday
    if rule == "month":
        return Period(12 * day.year + day.month, f"{day.year:04d}-{day.month:02d}")
    if rule == "quarter":
        quarter = (day.month + 2) // 3
        return Period(4 * day.year + quarter, f"{day.year:04d}-Q{quarter}")
    return Period(day.year, f"{day.year:04d}")


def _named_calendar(dated: Mapping[str, Days], counted: Collection[str], named: Sequence[NamedPeriod]) -> Calendar:
    firsts = [period.days[0] for period in named]

    def period_of(day: date) -> Period | None:
        number = bisect_right(firsts, day) - 1
        return Period(number, named[number].name) if number >= 0 and day <= named[number].days[1] else None

    def meets(days: Days) -> bool:
        return any(period.days[0] <= days[1] and days[0] <= period.days[1] for period in named)

    made = _calendar("named", dated, counted, _placed(dated, period_of))
    return replace(
        made,
        straddling=tuple(source for source in made.straddling if meets(dated[source])),
        outside=tuple(source for source in made.straddling if not meets(dated[source])),
        empty=tuple(period.name for period in named if period.name not in made.periods),
    )


def _placed(dated: Mapping[str, Days], period_of: Callable[[date], Period | None]) -> dict[str, Period]:
    ends = {source: (period_of(first), period_of(last)) for source, (first, last) in dated.items()}
    return {source: first for source, (first, last) in ends.items() if first is not None and first == last}


def _calendar(rule: str, dated: Mapping[str, Days], counted: Collection[str], placed: Mapping[str, Period]) -> Calendar:
    periods = sorted(set(placed.values()))
    return Calendar(
        rule=rule,
        periods=tuple(period.label for period in periods),
        period_of={source: period.label for source, period in placed.items()},
        undated=tuple(sorted(set(counted) - set(dated))),
        straddling=tuple(source for source in dated if source not in placed),
        gaps=tuple(later.number - earlier.number - 1 for earlier, later in pairwise(periods)),
    )
