"""Who speaks: labels are known by their repeated shape at the start of lines, never by the names in them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from topicgpu.ingest.lines import Line

_TIME = r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?"
_LABEL = re.compile(
    rf"(?:>>+\s*|\#{{1,6}}\s+)?(?:{_TIME}\s*(?:[-–—]\s*)?)?(?P<bold>\*\*|__)?"
    rf"(?P<name>[^\W\d_](?:[\w .'’&()/·-]{{0,38}}?[\w.)])?)"
    rf"(?:\s*[-–—,]?\s*{_TIME})?\s*(?P<closed>\*\*|__)?\s*(?P<mark>[:：;])\s*(?(closed)|(?(bold)(?:\*\*|__)))\s*"
)
# Names on a line of their own, without a colon: a time beside them or bold type shows that they are labels.
_PLAIN = re.compile(
    rf"(?P<bold>\*\*|__)?(?P<name>[^\W\d_](?:[\w .'’&()/·-]{{0,38}}?[\w.)])?)"
    rf"(?(bold)(?:\*\*|__))(?:\s+{_TIME})?"
)
_STOPS_WITHIN = re.compile(r"(?<!\b[A-Z])(?<!\b[DMS]r)(?<!\bM[rs]s)(?<!\bMs)(?<!\bProf)(?<!\bSt)\.\s")
_NOT_NAMES = (
    "note notes warning example examples tip summary update source sources date title time figure table step http "
    "https chapter part section topic subject re ps location duration link links text url"
)
# Parts that people play: `host` is not a short form of `guest host`.
_PARTS = (
    "host cohost guest speaker moderator interviewer interviewee operator narrator voiceover q a question answer "
    "audience reporter analyst caller man woman male female"
)
_NEVER_NAMES = frozenset(_NOT_NAMES.split())
_ROLES = frozenset(_PARTS.split())
_SIGNS = (":", "：", ";", "**", "__")  # no label has none of these
_MIN_RECURRENCE = 3
_MAX_NAME_WORDS = 5
_MAX_LABEL_CHARS = 100


class Label(NamedTuple):
    """A speaker's name at the start of a line."""

    name: str
    end: int  # of the label; the words begin after it


class _Candidate(NamedTuple):
    name: str
    end: int
    alone: bool  # the label is the whole line
    loose: bool  # a shape that only a name already known may have


def find_labels(lines: Sequence[Line]) -> dict[int, Label]:
    """
    Find the speaker labels of a text.

    Parameters
    ----------
    lines : sequence of Line
        Of a whole text.

    Returns
    -------
    dict of int to Label
        By the index of the line; empty where no names recur. Short forms of a name are merged into the longer one.

    Notes
    -----
    Two names or more must recur, one of them at least three times (on lines of their own: three labels in all, two
    names), so that prose with a colon is not cut. Once a text has labels, a name that stands there once counts
    where it can be nothing else: alone on its line, or a full name.
    """
    candidates = {index: found for index, line in enumerate(lines) if (found := _candidate(line))}
    names = _accepted(candidates.values())
    labels = {i: found for i, found in candidates.items() if found.name.casefold() in names}
    spelling = _merged_names(found.name for found in labels.values())
    return {i: Label(spelling[found.name.casefold()], lines[i].start + found.end) for i, found in labels.items()}


def _candidate(line: Line) -> _Candidate | None:
    if not any(sign in line.text[:_MAX_LABEL_CHARS] for sign in _SIGNS):
        return None
    found = _with_colon(line.text) or _without_colon(line.text)
    if found is None:
        return None
    words = found.name.split()
    is_name = len(words) <= _MAX_NAME_WORDS and not _STOPS_WITHIN.search(found.name)
    return found if is_name and words[0].casefold().rstrip(".") not in _NEVER_NAMES else None


def _with_colon(text: str) -> _Candidate | None:
    match = _LABEL.match(text, 0, _MAX_LABEL_CHARS)
    if match is None:
        return None
    rest = text[match.end() : match.end() + 1]
    spaced = not rest or match.group()[-1].isspace() or not rest[0].isascii() or match["bold"] is not None
    if not spaced and match["name"][-1].isdigit() and rest[0].isdigit():  # 12:30
        return None
    return _Candidate(match["name"], match.end(), not rest, match["mark"] == ";" or not spaced)


def _without_colon(text: str) -> _Candidate | None:
    match = _PLAIN.fullmatch(text) if len(text) <= _MAX_LABEL_CHARS else None
    if match is None or match.group() == match["name"]:
        return None
    return _Candidate(match["name"], match.end(), True, False)


def _accepted(candidates: Iterable[_Candidate]) -> set[str]:
    times: Counter[str] = Counter()
    times_alone: Counter[str] = Counter()
    once: dict[str, _Candidate] = {}
    for found in candidates:
        if not found.loose:
            name = found.name.casefold()
            times[name] += 1
            times_alone[name] += found.alone
            once[name] = found
    recurring = {name for name, n in times.items() if n > 1}
    names_alone = {name for name in recurring if times_alone[name] > 1}
    dialogue = len(recurring) > 1 and max(times.values()) >= _MIN_RECURRENCE
    column = bool(names_alone) and sum(times_alone.values()) >= _MIN_RECURRENCE and len(+times_alone) > 1
    if not (dialogue or column):
        return set()
    lower = any(once[name].name.islower() for name in recurring)
    singles = {name for name in times.keys() - recurring if _stands_alone(once[name], bool(names_alone), lower)}
    return recurring | singles


def _stands_alone(found: _Candidate, alone_is_usual: bool, lower_is_usual: bool) -> bool:
    words = found.name.split()
    capitalised = all(not word[0].islower() for word in words)
    if found.alone and alone_is_usual:
        return capitalised or (lower_is_usual and len(words) == 1)
    return capitalised and len(words) > 1


def _merged_names(names: Iterable[str]) -> dict[str, str]:
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        spellings[name.casefold()][name] += 1
    usual = {name: found.most_common(1)[0][0] for name, found in spellings.items()}
    return {name: usual[_longer_form(name, usual)] for name in usual}


def _longer_form(name: str, names: Iterable[str]) -> str:
    words = name.split()
    if _ROLES.intersection(words):
        return name
    longer = [other for other in names if len(other.split()) > len(words) and set(words) <= set(other.split())]
    people = [other for other in longer if not _ROLES.intersection(other.split()) and not re.search(r"\d", other)]
    return people[0] if len(people) == 1 else name
