"""Dates as people write them, each at its own precision: a month is the range from its first day to its last."""

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from babel import Locale

# Chinese, Japanese and Korean months are numbers; Arabic has three sets of names.
_LOCALES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "tr", "ru", "uk", "ar", "ar_SY", "ar_DZ")
_SPELLINGS = {"sept": 9, "setiembre": 9, "mrz": 3, "إبريل": 4, "ابريل": 4, "اغسطس": 8, "اكتوبر": 10}
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|[º°.])?"
_DAYS = rf"{_DAY}(?:\s?[-–]\s?(?P<last>\d{{1,2}})(?:st|nd|rd|th|\.)?)?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_OF = r"(?:\s{0,3}[-_,/]\s{0,3}|\s{0,3})(?:(?:of|de|del|do|di)\s{1,3})?"
_WRITTEN_OUT = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?"
)
_HAN_DIGITS = {character: value % 10 for value, character in enumerate("零一二三四五六七八九〇○")} | {"〇": 0, "○": 0}
_FIRST_YEAR = {"令和": 2019, "平成": 1989, "昭和": 1926}
# Arabic, Persian and full-width digits, one character for one, so that offsets stay.
_DIGITS = {ord(zero) + n: str(n) for zero in "٠۰０" for n in range(10)}
# What may stand beside the date in a line that says when a text was published.
_BESIDE = (
    r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[ap]m\b)?"
    r"|\b\d{1,3}\s?min(?:ute[sn]?|uti|utos)?(?:\s(?:read|de lecture|de lectura))?\b"
    r"|\b(?:am|pm|utc|gmt|[ecmp][sd]?t|at|on|date|dated|published|posted|updated|recorded|released|aired|air|last|time"
    r"|interview"
    r"|uhr|um|den|am|vom|stand|datum|veröffentlicht|aktualisiert|erschienen|aufgenommen|le|du|publiée?|mise? à jour"
    r"|à|fecha|el|a las|publicado|actualizado|em|às|data|atualizado|pubblicato|aggiornato|il|alle|op|gepubliceerd"
    r"|опубликовано|дата|обновлено|от|г|года|نشر في|نشر|بتاريخ|التاريخ|تاريخ النشر|م)\b"
    r"|发布时间|发布日期|发布于|发布|更新时间|更新于|更新|发表于|日期|时间|星期.|周.|[上下]午"
    r"|公開日|更新日|配信日|掲載日|作成日|公開|掲載|[月火水木金土日]曜日?|[（(][月火水木金土日][)）]|[월화수목금토일]요일|입력|수정|[\W_]"
)
_PLACE = re.compile(r"\s*[A-ZÀ-Þ][\w.'’-]{2,}(?:[ -][A-ZÀ-Þ][\w.'’-]+){0,2},")


class DateRange(NamedTuple):
    """First and last day: the same for a day, a month or a year from end to end."""

    start: date
    end: date


class _Found(NamedTuple):
    start: int
    end: int
    range: DateRange | None  # None: a day that does not exist, or one of two


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
        For example `2026-01-22 call`, `20260122`, `2026年1月22日`, `April 23, 2024`, `23 de abril de 2024`, `2026-01`,
        `2024-Q1`; months by name in fifteen languages.

    Returns
    -------
    DateRange or None
        None where there is no date, the day does not exist, or it may be either of two: 03/04/2024 is not guessed. A
        year alone is no date: it may be any number. `Q1 2024` is none either: companies number their own quarters.
    """
    return next((found.range for found in _search(text) if found.range), None)


def is_date_line(line: str) -> bool:
    """
    Tell whether a line says nothing but a date.

    Parameters
    ----------
    line : str
        One line of a text's beginning.

    Returns
    -------
    bool
        True where it has a date, even one that `find_date` does not guess, and besides it only `published`, a weekday,
        a time of day or a place before it.
    """
    rest, at = [], 0
    for found in _search(line):
        rest.append(line[at : found.start])
        at = found.end
    if not rest:
        return False
    rest[0] = _PLACE.sub("", rest[0], count=1)
    return not _beside().sub("", " ".join([*rest, line[at:]]))


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


@cache
def _months() -> dict[str, int]:
    return _SPELLINGS | {name: n for name, n in _names("months", ("wide", "abbreviated"))}


def _names(what: str, widths: Iterable[str], locales: Iterable[str] = _LOCALES) -> Iterator[tuple[str, int]]:
    for locale in map(Locale.parse, locales):
        for context in ("format", "stand-alone"):
            for width in widths:
                for number, name in getattr(locale, what)[context][width].items():
                    yield name.casefold().rstrip("."), number


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    month = _month(_months())
    # Without a day, short forms are words too often: "set 2024" is no September.
    english = _names("months", ("abbreviated",), ("en",))
    whole = _month(name for name, _ in (*_names("months", ("wide",)), *english, ("sept", 9)))
    return tuple(
        re.compile(rf"(?<![\d.]){pattern}(?!\d)", re.IGNORECASE)
        for pattern in (
            rf"{_YEAR}\s?[-/._年년]\s?(?P<month>\d{{1,2}})\s?[-/._月월]\s?(?P<day>\d{{1,2}})(?:\s?[日号일])?",
            r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])",
            r"(?P<era>令和|平成|昭和)\s?(?P<year>\d{1,2}|元)\s?年\s?(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?日",
            rf"{month}{_OF}{_DAYS},?(?:\s{{1,3}}(?:of\s)?|[-_/]){_YEAR}",
            rf"{_DAYS}{_OF}{month}{_OF}{_YEAR}",
            rf"{_YEAR}{_OF}{month}{_OF}{_DAY}",
            # With full stops the day comes first wherever they are used; with others only a number over 12 says which.
            rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}",
            rf"(?P<one>\d{{1,2}})(?P<mark>[-/])(?P<other>\d{{1,2}})(?P=mark){_YEAR}",
            rf"{whole}{_OF}{_YEAR}",
            rf"{_YEAR}(?:-|_|\s?[年년]\s?)(?P<month>0?[1-9]|1[0-2])(?:\s?[月월])?(?![-_]?\d)",
            rf"{_YEAR}[-_\s]?Q(?P<quarter>[1-4])",
        )
    )


def _month(names: Iterable[str]) -> str:
    return rf"(?<![^\W\d_])(?P<name>{'|'.join(sorted(set(names), key=len, reverse=True))})(?![^\W\d_])\.?"


@cache
def _beside() -> re.Pattern[str]:
    days = sorted({re.escape(name) for name, _ in _names("days", ("wide", "abbreviated"))}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(days)})\b|{_BESIDE}", re.IGNORECASE)


def _search(text: str) -> Iterator[_Found]:
    """Dates in their order; where two readings overlap, the one that begins first, then the longer."""
    text = text.translate(_DIGITS)
    found = [_Found(*match.span(), _range(match)) for pattern in _patterns() for match in pattern.finditer(text)]
    found += [_Found(*match.span(), _range_of_han(match)) for match in _WRITTEN_OUT.finditer(text)]
    end = 0
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            end = one.end
            yield one


def _range(match: re.Match[str]) -> DateRange | None:
    parts = {key: value for key, value in match.groupdict().items() if value}
    try:
        year = (
            _FIRST_YEAR[parts["era"]] + int(parts["year"].replace("元", "1")) - 1
            if "era" in parts
            else int(parts["year"])
        )
        if "quarter" in parts:
            last = 3 * int(parts["quarter"])
            return DateRange(date(year, last - 2, 1), date_range(year, last).end)
        if "mark" in parts:
            month, day = sorted((int(parts["one"]), int(parts["other"])))
            return date_range(year, month, day) if day > 12 or day == month else None
        month = _months()[parts["name"].casefold()] if "name" in parts else int(parts["month"])
        first = date_range(year, month, int(parts["day"]) if "day" in parts else None)
        return first._replace(end=date(year, month, int(parts["last"]))) if "last" in parts else first
    except ValueError:  # 2024-02-30 is a number, not a day
        return None


def _range_of_han(match: re.Match[str]) -> DateRange | None:
    year, month, day = match.groups()
    digits = "".join(str(_HAN_DIGITS[digit]) for digit in year)
    try:
        return date_range(int(digits), _han(month), _han(day) if day else None)
    except ValueError:
        return None


def _han(number: str) -> int:
    tens, ten, ones = number.rpartition("十")
    return (_HAN_DIGITS[tens] if tens else 1) * 10 * bool(ten) + (_HAN_DIGITS[ones] if ones else 0)
