"""Front matter: the YAML head of a Markdown file, between two lines of dashes."""

import re
from itertools import accumulate
from typing import NamedTuple

from topicgpu.errors import CorpusError
from topicgpu.ingest.dates import DateRange, date_range, find_date

_HEAD = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_MOST = 20_000  # characters; a longer stretch between two rules is text
_BRACKETS, _MOST_NESTED = {"[": 1, "{": 1, "]": -1, "}": -1}, 20  # the parser's time is quadratic in them
_DATES = ("date", "published", "recorded", "created", "datum", "fecha")
_DATE = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?(?![\d-])")
_LANGUAGES = ("language", "lang")


class FrontMatter(NamedTuple):
    """What a head says, and where it ends."""

    end: int
    title: str | None
    date: DateRange | None
    language: str | None


def find_front_matter(text: str) -> FrontMatter | None:
    """
    Read the front matter of a text.

    Parameters
    ----------
    text : str
        Canonical text.

    Returns
    -------
    FrontMatter or None
        None where the text does not begin with a YAML mapping between two lines of dashes.

    Raises
    ------
    CorpusError
        If its date does not exist.
    """
    import yaml

    match = _HEAD.match(text, 0, _MOST)
    if match is None or max(accumulate((_BRACKETS.get(mark, 0) for mark in match["yaml"]), initial=0)) > _MOST_NESTED:
        return None
    try:
        head = yaml.load(match["yaml"], Loader=yaml.BaseLoader)  # dates and numbers stay as they are written
    except yaml.YAMLError:
        return None
    if not isinstance(head, dict):
        return None
    facts = {str(key).casefold(): value for key, value in head.items() if isinstance(value, str)}
    language = next((facts[name] for name in _LANGUAGES if facts.get(name)), None)
    found = next((found for name in _DATES if (found := _date(name, facts.get(name, "")))), None)
    return FrontMatter(match.end(), facts.get("title") or None, found, language)


def _date(name: str, value: str) -> DateRange | None:
    match = _DATE.match(value)
    if match is None:
        return find_date(value)
    try:
        return date_range(*(int(part) for part in match.groups() if part))
    except ValueError as error:
        raise CorpusError(
            f"its front matter says {name}: {value}, which is no day of the calendar; correct it."
        ) from error
