"""Where sentences end, and where a long one may be cut."""

import re
from collections.abc import Sequence
from itertools import pairwise
from unicodedata import combining

from topicgpu.ops.words import count_words, word_spans

Span = tuple[int, int]

_CLOSING = r"[\"'”’»›)\]}」』】》）*_]*"
# Full-width stops end a sentence wherever they stand; the others only before white space.
_END = re.compile(rf"(?P<stop>[。！？｡؟۔।]+{_CLOSING})|(?P<mark>(?<![.!?…])[.!?…]++){_CLOSING}(?=\s|$)")
_WRITTEN_SHORT = (
    "mr mrs ms dr prof sr jr st vs approx inc ltd co corp dept est gen lt sen rep gov rev hon capt sgt al cf ca etc "
    "vol fig eq jan feb aug sept oct nov dec nr bzw usw ggf evtl mme mlle dra sra srta dott sig"
)
_ABBREVIATIONS = frozenset(_WRITTEN_SHORT.split())
_NUMBER_ABBREVIATIONS = {"no", "nos", "art", "sec", "p", "pp", "ch"}
_LAST_TOKEN = re.compile(r"(?:[^\W\d_]\.)*[\w'’-]+$")
_PREVIOUS_CAPITAL = re.compile(r"(?:^|\b[A-Z][\w'’.-]*\s+)$")
_NEXT_INITIAL = re.compile(r"\s+[A-Z]\.")
_CLAUSE = re.compile(r"[,;:](?=\s)|[—–]|\s-(?=\s)|[，；：、]")
_SPACE = re.compile(r"\s")
_INK = re.compile(r"\S")
_LOOK_BACK = 40
_REACH = 2000


def sentence_spans(text: str, start: int, end: int) -> list[Span]:
    """
    Cut a stretch of text at the ends of its sentences.

    Parameters
    ----------
    text : str
        Canonical text.
    start, end : int
        The stretch, in code points.

    Returns
    -------
    list of (int, int)
        Sentences without the white space around them, in order; each has a word, if the stretch has one.

    Notes
    -----
    Linear. A line break ends nothing: speech recognition and captions put them anywhere. A full stop ends nothing after
    an abbreviation, an initial or a list number; an ellipsis ends nothing before a small letter. Text without capitals
    is cut like any other.
    """
    cuts = [start, *(m.end() for m in _END.finditer(text, start, end) if _is_end(text, start, end, m)), end]
    spans: list[Span] = []
    for left, right in pairwise(cuts):
        span = _trim(text, left, right)
        if span is None:
            continue
        if spans and not (count_words(text[slice(*span)]) and count_words(text[slice(*spans[-1])])):
            spans[-1] = (spans[-1][0], span[1])  # marks without words stay with their neighbour
        else:
            spans.append(span)
    return spans


def cut_in_two(text: str, start: int, end: int) -> tuple[Span, Span] | None:
    """
    Cut a stretch near its middle: between sentences, else at a clause mark, else between words, else anywhere.

    Parameters
    ----------
    text : str
        Canonical text.
    start, end : int
        The stretch, in code points.

    Returns
    -------
    ((int, int), (int, int)) or None
        Two stretches without the white space around them; None where there is one character left.

    Notes
    -----
    Sentence ends and clause marks count in the middle half only, so that neither part is a scrap, and at most some
    hundred words from the middle, so that the cost does not grow with the stretch. A word is cut only where no other
    is near, as in scripts without spaces.
    """
    middle, reach = (start + end) // 2, min((end - start) // 4, _REACH)
    low, high = middle - reach, middle + reach
    ends = [m.end() for m in _END.finditer(text, low, high) if m.end() < high and _is_end(text, start, end, m)]
    clauses = [match.end() for match in _CLAUSE.finditer(text, low, high)]
    for points in (ends, clauses, _gaps(text, max(start, middle - _REACH), min(end, middle + _REACH))):
        if parts := _parted(text, start, end, points):
            return parts
    return _parted(text, start, end, [point for point in range(start + 1, end) if not combining(text[point])])


def _gaps(text: str, start: int, end: int) -> list[int]:
    words = [(start + left, start + right) for left, right in word_spans(text[start:end])]
    return [_gap(text, left, right) for (_, left), (right, _) in pairwise(words)]


def _gap(text: str, left: int, right: int) -> int:
    space = _SPACE.search(text, left, right)
    return space.start() if space else right


def _parted(text: str, start: int, end: int, points: Sequence[int]) -> tuple[Span, Span] | None:
    for point in sorted(points, key=lambda point: (abs(2 * point - start - end), point)):
        left, right = _trim(text, start, point), _trim(text, point, end)
        if left and right:
            return left, right
    return None


def _trim(text: str, start: int, end: int) -> Span | None:
    stretch = text[start:end]
    left = start + len(stretch) - len(stretch.lstrip())
    right = start + len(stretch.rstrip())
    return (left, right) if left < right else None


def _is_end(text: str, start: int, end: int, match: re.Match[str]) -> bool:
    mark = match["mark"]
    if mark is None or "!" in mark or "?" in mark:
        return True
    if mark != ".":
        following = _INK.search(text, match.end(), end)
        return following is None or not following.group().islower()
    return not _is_abbreviated(text, start, end, match)


def _is_abbreviated(text: str, start: int, end: int, match: re.Match[str]) -> bool:
    stop = match.start()
    before = text[max(start, stop - _LOOK_BACK) : stop]
    token = _LAST_TOKEN.search(before)
    if token is None:
        return False
    word = token.group().casefold()
    if word in _ABBREVIATIONS:
        return True
    following = text[stop + 1 : min(end, stop + _LOOK_BACK)]
    if word in _NUMBER_ABBREVIATIONS:
        return following.lstrip()[:1].isdigit()
    if word.isdigit():  # the number of a list's entry
        return len(word) <= 3 and stop - len(word) == start
    if "." in word:
        return True
    is_initial = len(word) == 1 and token.group().isupper() and word != "i"
    preceding = before[: token.start()]
    return is_initial and bool(_PREVIOUS_CAPITAL.search(preceding) or _NEXT_INITIAL.match(following))
