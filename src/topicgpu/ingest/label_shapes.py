"""The shapes that a speaker label has at the start of a line, each as one pattern."""

import re
from typing import NamedTuple

from topicgpu.ingest.names import is_numbered, is_role
from topicgpu.ingest.remarks import is_stage_direction

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?!:?\d)(?:[.,]\d{1,3})?"
_TIME = rf"(?:{_CLOCK}|\d+(?:\.\d+)?\s?s)(?:\s*(?:-->|[-–])\s*(?:{_CLOCK}|\d+(?:\.\d+)?\s?s))?"
_BOXED_TIME = rf"(?:\[\s?{_TIME}\s?\]|\(\s?{_TIME}\s?\)|<{_TIME}>)"
_ANY_TIME = rf"(?:{_BOXED_TIME}|{_TIME})"
# Vowel signs of India and Thailand, and accents on their own, are parts of words that \w leaves out.
_LETTER = r"\w\u0300-\u036f\u064b-\u0652\u0900-\u0dff\u0e00-\u0eff"
_NAME = rf"(?P<name>[^\W\d_](?:[{_LETTER} \u00a0.'’&()/·・#-]{{0,38}}?[{_LETTER}.)])?)"
_NAME += r"(?:,\s(?:[A-Z][A-Za-z]{0,3}\.?){1,2}){0,2}"  # Ph.D., Jr.
# A company, an office or a constituency after the name.
_MORE = (
    r"(?P<more>\s?\((?!\s?\d{1,2}:\d\d)[^()\n]{1,60}\)(?:\s?\([^()\n]{1,40}\))?"
    r"|\s?(?:--|[—–])\s?[^:：\n]{2,70}|,\s[^:：\n]{2,50})?"
)
_OPEN = rf"(?:>>+\s*)?(?:[#]{{1,6}}\s+)?(?:{_ANY_TIME}\s*(?:[-–—|]\s*)?)?"
_EMPHASIS = r"(?P<emphasis>\*\*|__|\*|_)?"
_CLOSED = r"(?P<closed>\*\*|__|\*|_)?"

_COLON = re.compile(
    rf"{_OPEN}{_EMPHASIS}{_NAME}{_MORE}{_CLOSED}(?:\s*[-–—,·|]?\s*\*?(?P<time>{_ANY_TIME})\*?)?\s*"
    rf"(?P<mark>[:：;])(?!(?<=\d[:：])\d)\s*(?(emphasis)(?(closed)|(?:\*\*|__|\*|_)))\s*(?P<after>{_BOXED_TIME}\s*)?"
)
# Without a colon: a time, bold type or brackets show that a name is a label.
_TIMED = re.compile(rf"{_EMPHASIS}{_NAME}{_CLOSED}\s*(?:[-–—,·|]\s*)?(?P<time>{_ANY_TIME})\s*$")
_TIMED_INLINE = re.compile(rf"{_EMPHASIS}{_NAME}{_CLOSED}\s*(?P<time>{_BOXED_TIME})\s+(?=\S)")
_TIME_FIRST = re.compile(rf"(?P<time>{_ANY_TIME})\s*[-–—|]?\s*{_EMPHASIS}{_NAME}{_MORE}{_CLOSED}\s*$")
_BOLD = re.compile(rf"(?P<emphasis>\*\*|__){_NAME}{_MORE}(?:\*\*|__)\s*$")
_BOXED = re.compile(
    rf"(?:{_ANY_TIME}\s*)?(?:\[{_NAME}\]|【(?P<name2>[^】\n]{{1,20}})】|\((?P<name3>[Ss]peaker \w+)\))\s*:?\s*"
    rf"(?P<time>{_ANY_TIME}(?=\s*$))?\s*"
)
# The chats of meetings: 13:00:00 From Ann Lee to Everyone:
_CHAT = re.compile(rf"(?P<time>{_CLOCK})\s+From\s+{_NAME}(?:\s+[Tt]o\s+[^:\n]{{1,80}}?)?\s*:\s*")
# The records of parliaments and courts: a full stop after a name in capitals or after a title.
_STOP = re.compile(
    r"(?P<name>(?:(?:The|Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Senator|Chair(?:man|woman)?|Representative|Hon|Judge"
    r"|M|Mme|"
    r"Mlle|La|Le|El)\b\.?[ \u00a0]){0,3}(?:[A-ZÀ-Þ][A-ZÀ-Þ'’-]+|Mc[A-Z]+)(?:[ \u00a0](?:[A-ZÀ-Þ'’-]+|Mc[A-Z]+|of "
    r"[A-Z]\w+)){0,3}"
    r"|(?:Mr|Mrs|Ms|Dr|Senator|Chair(?:man|woman)|Representative)\.? [A-Z][\w'’-]+|(?:M\.|Mme|Mlle)[ \u00a0]\w[\w "
    r"'’-]{1,40})"
    r"(?:[ \u00a0]?\([^()\n]{1,60}\))?\.(?:[ \u00a0]?[–—-])?\s+(?=\S)"
)
_QA = re.compile(r"(?:\d{1,2}\s+)?(?P<name>[QA])(?:\.|\s{2,}|\t)\s*(?=\S|$)")
_AFFILIATED = re.compile(rf"{_NAME}\s(?P<dashes>--|[—–-])\s[^\n]{{2,90}}$")
_SPACED = re.compile(r"[○◯●◆■]?(?P<name>[^\W\d_]{1,12})\u3000+(?=\S)|[○◯◆](?P<name2>[^\s\u3000]{2,20})\s+(?=\S)")
_PLAIN = re.compile(rf"{_NAME}$")
_STOPS_WITHIN = re.compile(r"(?<!\b[A-Z])(?i:(?<!\b[DMS]r)(?<!\bM[rs]s)(?<!\bMs)(?<!\bProf)(?<!\bSt))\.\s")
_NOT_NAMES = (
    "note notes warning example examples tip summary update source sources date title time figure table step http "
    "https chapter part section topic subject re ps location duration link links text url email tel phone fax isbn doi "
    "tags keywords category datum titel quelle thema ort fuente fecha título titre lieu data titolo источник дата тема "
    "标题 来源 作者 时间 日期 编辑 地点 链接 タイトル 日時 出典 출처 المصدر التاريخ"
)
_NEVER_NAMES = frozenset(_NOT_NAMES.split())
_SIGNS = (":", "：", ";", "*", "_", "[", "【", "--", "—", "–", " - ", "\u3000", "○", ". ", ".\u00a0", "  ", "\t", "(S")
_MAX_NAME_WORDS = 5
_MAX_LABEL_CHARS = 140


class Candidate(NamedTuple):
    """What may be a label, by its shape alone."""

    name: str
    end: int  # of the label, from the start of the line
    alone: bool  # it is the whole line
    loose: bool  # a shape that only a name already known may have
    sure: bool  # a shape that prose never has
    time: str | None = None
    bare: bool = False  # alone on its line without any mark


def find_candidate(text: str) -> Candidate | None:
    """
    Read the beginning of a line as a speaker label.

    Parameters
    ----------
    text : str
        A line without the white space around it.

    Returns
    -------
    Candidate or None
        None where it has no shape of a label.
    """
    head = text[:_MAX_LABEL_CHARS]
    found = None
    if any(sign in head for sign in _SIGNS):
        found = next((c for read in (_with_colon, _with_time, _in_brackets, _with_stop) if (c := read(text))), None)
    found = found or _without_sign(text)
    if found is None:
        return None
    words = found.name.split()
    is_name = len(words) <= _MAX_NAME_WORDS and not _STOPS_WITHIN.search(found.name)
    return found if is_name and words[0].casefold().rstrip(".") not in _NEVER_NAMES else None


def _with_colon(text: str) -> Candidate | None:
    if chat := _CHAT.match(text, 0, _MAX_LABEL_CHARS):
        return Candidate(chat["name"], chat.end(), chat.end() == len(text), False, True, chat["time"])
    match = _COLON.match(text, 0, _MAX_LABEL_CHARS)
    if match is None or (match["more"] and not _is_full_name(match["name"])):
        return None
    rest = text[match.end() : match.end() + 1]
    spaced = (
        not rest
        or match.group()[-1].isspace()
        or match["mark"] == "："
        or not rest[0].isascii()
        or match["emphasis"] is not None
    )
    time = match["time"] or match["after"]
    loose = match["mark"] == ";" or not spaced
    sure = time is not None or is_numbered(match["name"]) or text.startswith(">>")
    return Candidate(match["name"], match.end(), not rest, loose, sure, time)


def _is_full_name(name: str) -> bool:
    words = name.split()
    return len(words) > 1 and not any(word[0].islower() for word in words[:1] + words[-1:])


def _with_time(text: str) -> Candidate | None:
    if len(text) <= _MAX_LABEL_CHARS:
        if match := _TIMED.match(text):
            return Candidate(match["name"], len(text), True, False, _is_no_phrase(match["name"]), match["time"])
        # An agenda has a time before a title, which is capitalised as a name is and does not recur.
        if (match := _TIME_FIRST.match(text)) and _is_no_phrase(match["name"]):
            return Candidate(match["name"], len(text), True, False, is_numbered(match["name"]), match["time"])
    if match := _TIMED_INLINE.match(text, 0, _MAX_LABEL_CHARS):
        return Candidate(match["name"], match.end(), False, False, _is_no_phrase(match["name"]), match["time"])
    return None


def _is_no_phrase(name: str) -> bool:
    words = name.split()
    return is_role(name) or not (words[0][0].islower() or words[-1].islower())


def _in_brackets(text: str) -> Candidate | None:
    if match := _BOXED.match(text, 0, _MAX_LABEL_CHARS):
        name = match["name"] or match["name2"] or match["name3"]
        capital = not name[0].islower() and not name.isnumeric()
        # [Applause] has this shape too: brackets say who speaks only where words follow, or with a time.
        known = is_role(name) or match["time"] is not None or match.end() < len(text)
        known = known and not is_stage_direction(f"[{name}]")
        return (
            Candidate(name, match.end(), match.end() == len(text), False, False, match["time"])
            if capital and known
            else None
        )
    if len(text) > _MAX_LABEL_CHARS:
        return None
    if match := _BOLD.match(text):
        return Candidate(match["name"], match.end(), True, False, False)
    if (match := _AFFILIATED.match(text)) and (
        _is_full_name(match["name"]) or (match["dashes"] == "--" and match["name"][0].isupper())
    ):
        return Candidate(match["name"], match.end(), True, False, False)
    return None


def _with_stop(text: str) -> Candidate | None:
    if match := _STOP.match(text, 0, _MAX_LABEL_CHARS):
        return Candidate(match["name"], match.end(), False, False, False)
    if match := _QA.match(text):
        return Candidate(match["name"], match.end(), match.end() == len(text), False, False)
    if match := _SPACED.match(text):
        return Candidate(match["name"] or match["name2"], match.end(), False, False, False)
    return None


def _without_sign(text: str) -> Candidate | None:
    """Read a full name or a part alone on its line, as in the published transcripts of calls."""
    if len(text) > 40 or not (match := _PLAIN.match(text)):
        return None
    name = match["name"]
    capitals = not any(word.islower() for word in name.split()) and name[-1] != "."
    if not capitals and not is_role(name):
        return None
    known = len(name.split()) > 1 or (is_role(name) and len(name) > 1)
    return Candidate(name, match.end(), True, not known, False, bare=True)
