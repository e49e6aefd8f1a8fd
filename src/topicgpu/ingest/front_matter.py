"""Front matter: the YAML head of a Markdown file, between two lines of dashes."""

import re
from datetime import date
from typing import Any, NamedTuple

from topicgpu.ingest.dates import DateRange, date_range, find_date

_HEAD = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_MOST = 20_000  # characters; a longer stretch between two rules is text
_DATES = ("date", "published", "recorded", "created", "datum", "fecha")
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
    """
    import yaml

    match = _HEAD.match(text, 0, _MOST)
    if match is None:
        return None
    try:
        head = yaml.safe_load(match["yaml"])
    except (yaml.YAMLError, ValueError):  # ValueError: a date that does not exist
        return None
    if not isinstance(head, dict):
        return None
    facts = {str(key).casefold(): value for key, value in head.items()}
    title = facts.get("title")
    language = next((facts[name] for name in _LANGUAGES if isinstance(facts.get(name), str)), None)
    found = next((found for name in _DATES if (found := _date(facts.get(name)))), None)
    return FrontMatter(match.end(), title if isinstance(title, str) else None, found, language)


def _date(value: Any) -> DateRange | None:
    if isinstance(value, date):
        return date_range(value.year, value.month, value.day)
    if isinstance(value, int) and 1000 <= value <= 9999:
        return date_range(value)
    return find_date(value) if isinstance(value, str) else None
