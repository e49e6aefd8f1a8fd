"""Which calendar period each source belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from topicgpu.config import PeriodRule
from topicgpu.types import Sources, Strings

# From the coarsest: the order in which `auto` tries them.
_RULES: tuple[PeriodRule, ...] = ("year", "quarter", "month", "week", "day")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The periods of a corpus, and the sources that could not be given one."""

    rule: PeriodRule
    periods: Strings  # in the order of time
    period_of: dict[str, str]  # source id -> period
    undated: Strings  # source ids
    straddling: Strings  # source ids whose date range does not fit inside one period


def period_label(day: date, rule: PeriodRule) -> str:
    """
    Name the period of a day; names sort in the order of time.

    Parameters
    ----------
    day : date
        Any day.
    rule : {"day", "week", "month", "quarter", "year"}
        A week is an ISO week, which belongs to the year of its Thursday.

    Returns
    -------
    str
        `2026`, `2026-Q1`, `2026-02`, `2026-W06` or `2026-02-05`.
    """
    if rule == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    labels = {
        "day": day.isoformat(),
        "month": f"{day.year:04d}-{day.month:02d}",
        "quarter": f"{day.year:04d}-Q{(day.month + 2) // 3}",
        "year": f"{day.year:04d}",
    }
    return labels[rule]


def assign_periods(sources: Sources, counted: Collection[str], rule: PeriodRule) -> Calendar:
    """
    Give each source that has counted speech its calendar period.

    Parameters
    ----------
    sources : Sources
        With the first and the last day that a source can be of.
    counted : collection of str
        Ids of the sources with speech that counts; the others make no period.
    rule : PeriodRule
        `auto` takes the coarsest rule that gives at least two periods, and `year` where none does.

    Returns
    -------
    Calendar
        A source whose range does not fit inside one period (a whole year under `month`) is in none.
    """
    dated = {
        source: (start, end)
        for source, start, end in sorted(zip(sources.source_id, sources.date_start, sources.date_end, strict=True))
        if source in counted and start is not None and end is not None
    }
    rules = _RULES if rule == "auto" else (rule,)
    candidates = {candidate: _fitting(dated, candidate) for candidate in rules}
    several = (candidate for candidate in rules if len(set(candidates[candidate].values())) > 1)
    chosen = next(several, rules[0])
    period_of = candidates[chosen]
    return Calendar(
        rule=chosen,
        periods=tuple(sorted(set(period_of.values()))),
        period_of=period_of,
        undated=tuple(sorted(set(counted) - set(dated))),
        straddling=tuple(source for source in dated if source not in period_of),
    )


def _fitting(dated: dict[str, tuple[date, date]], rule: PeriodRule) -> dict[str, str]:
    labels = {source: (period_label(start, rule), period_label(end, rule)) for source, (start, end) in dated.items()}
    return {source: first for source, (first, last) in labels.items() if first == last}
