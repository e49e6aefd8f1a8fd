"""Where sentences end, and where a long one may be cut."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from unicodedata import category

from topicgpu.ops.words import word_spans

Span = tuple[int, int]

# What the segmenter is not shown, one character for one. Quotation marks and brackets: it keeps what stands between
# them in one piece, and looks for a lost one's partner to the end of the text. Line breaks: they end nothing. Lone
# surrogates: they have no UTF-8. An ellipsis ends as often as an exclamation mark does.
_PAIRED = '"“”„‟«»‹›()[]{}「」『』（）【】《》〈〉［］｢｣*_'
_SPACES = [chr(code) for code in range(0x3001) if chr(code).isspace()]
_UNSEEN = (
    dict.fromkeys(map(ord, (*_PAIRED, *_SPACES)), " ") | dict.fromkeys(range(0xD800, 0xE000), " ") | {ord("…"): "!"}
)
_LOOSE_APOSTROPHE = re.compile(r"['‘’](?:(?!\w)|(?<!\w.))")
_LIST_NUMBER = re.compile(r"\d{1,3}[.)]")
# Before names and numbers; its lists lack one or the other in most languages.
_SHORT_FORM = re.compile(r"(?<!\w)(?:approx|aprox|dra?|mlle|mme|mrs?|ms|prof|sra?|st|vol)\.$", re.IGNORECASE)
# Sounds that are no sentence, as speech recognition writes them.
_SOUND = "(?:u+h+m*|u+m+|h+m+|m{2,}|erm?|[äö]hm?|eu+h+|э+м*|嗯|呃|え[えー]と?)"
_HESITATION = re.compile(rf"\W*{_SOUND}(?:\W+{_SOUND})*\W*", re.IGNORECASE)
# Closing marks, and those that open elsewhere where white space follows; French puts a space before its own.
_AFTER_STOP = re.compile(r"[\"'”’»›)\]}」』）】》〉］｣*_]*(?:[“‘«‹]+(?=\s|$)|\s?»(?!\w))?")
_FOLLOWING = re.compile(r"\s*(?P<dash>[-–—]?)\W*(?P<letter>\w)")
_CLAUSE = re.compile(r"[,;:](?=\s)|[—–]|\s-(?=\s)|[，；：、،؛]")
_IN_WORD = re.compile(r"[^\W_]")
_LINE_END = re.compile(r"\n")
_SPACE = re.compile(r"\s")
_LOOK = 40
_WINDOW = 2000
_REACH = 2000


def sentence_spans(text: str, start: int, end: int, language: str = "en") -> list[Span]:
    """
    Cut a stretch of text at the ends of its sentences.

    Parameters
    ----------
    text : str
        Canonical text.
    start, end : int
        The stretch, in code points.
    language : str
        ISO 639-1 code; it decides which abbreviations are known.

    Returns
    -------
    list of (int, int)
        Sentences without the white space around them, in order; each has a word, if the stretch has one.

    Notes
    -----
    Linear. The segmenter is sentencex, by Wikimedia. A line break ends nothing: speech recognition and captions put
    them anywhere. Sentences inside quotation marks are sentences of their own; after a closing mark, a dash or an
    ellipsis a small letter goes on. Text without capitals is cut like any other. Marks without words stay with the
    sentence before them, sounds ("Uh.") with the one that follows.
    """
    spans: list[Span] = []
    waits = False
    for left, right in pairwise([start, *_sentence_ends(text, start, end, language), end]):
        span = _trim(text, left, right)
        if span is None:
            continue
        bare = _IN_WORD.search(text, *span) is None
        if spans and (bare or waits):
            spans[-1] = (spans[-1][0], span[1])
            waits = waits and (bare or _hesitates(text, *span))
        else:
            spans.append(span)
            waits = bare or _hesitates(text, *span)
    if waits and len(spans) > 1:
        last = spans.pop()
        spans[-1] = (spans[-1][0], last[1])
    return spans


def _hesitates(text: str, start: int, end: int) -> bool:
    return end - start < _LOOK and _HESITATION.fullmatch(text, start, end) is not None


def _sentence_ends(text: str, start: int, end: int, language: str) -> list[int]:
    stretch = text[start:end]
    ends: list[int] = []
    last = 0
    for stop in _stops(_LOOSE_APOSTROPHE.sub(" ", stretch.translate(_UNSEEN)), language.partition("-")[0]):
        closing = _AFTER_STOP.match(stretch, stop)
        here = closing.end() if closing else stop
        if here > last and not _goes_on(stretch, last, stop, here):
            ends.append(start + here)
            last = here
    return ends


def _stops(shown: str, language: str) -> Iterator[int]:
    """Run sentencex over windows: its cost grows with the square of the sentences of a text without spaces."""
    from sentencex import segment  # compiled: loaded where a text is cut

    rules = _rules_for(language, shown != shown.lower())
    position = 0
    while position < len(shown):
        window = shown[position : position + _WINDOW]
        *ended, rest = segment(rules, window)
        for part in ended:
            yield position + len(part.rstrip())
            position += len(part)
        if not ended or position + len(rest) == len(shown):
            position += len(rest)


@cache
def _rules_for(language: str, has_capitals: bool) -> str:
    """Choose the rules of another language where those of this one wait for a capital that never comes."""
    from sentencex import segment

    return "en" if not has_capitals and len(segment(language, "so it is. then we went.")) == 1 else language


def _goes_on(stretch: str, last: int, stop: int, here: int) -> bool:
    before = stretch[max(last, stop - _LOOK) : stop]
    if _LIST_NUMBER.fullmatch(before.strip()) or _SHORT_FORM.search(before):
        return True
    following = _FOLLOWING.match(stretch, here, here + _LOOK)
    if following is None or not following["letter"].islower():
        return False
    return here > stop or bool(following["dash"]) or stretch[max(0, stop - 2) : stop].endswith(("…", ".."))


def cut_in_two(text: str, start: int, end: int, language: str = "en") -> tuple[Span, Span] | None:
    """
    Cut a stretch near its middle: between sentences, at a clause mark, a line's end, between words, or anywhere.

    Parameters
    ----------
    text : str
        Canonical text.
    start, end : int
        The stretch, in code points.
    language : str
        ISO 639-1 code; as in `sentence_spans`.

    Returns
    -------
    ((int, int), (int, int)) or None
        Two stretches without the white space around them; None where there is one character left.

    Notes
    -----
    All but spaces between words count in the middle half only, so that neither part is a scrap, and at most some
    hundred words from the middle, so that the cost does not grow with the stretch. A word is cut only where no other
    is near, as in scripts without spaces.
    """
    middle, reach = (start + end) // 2, min((end - start) // 4, _REACH)
    low, high = middle - reach, middle + reach
    ends = [end for _, end in sentence_spans(text, low, high, language)[:-1]]
    clauses = [match.end() for match in _CLAUSE.finditer(text, low, high)]
    lines = [match.start() for match in _LINE_END.finditer(text, low, high)]
    for points in (ends, clauses, lines, _gaps(text, max(start, middle - _REACH), min(end, middle + _REACH))):
        if parts := _parted(text, start, end, points):
            return parts
    return _parted(text, start, end, [point for point in range(start + 1, end) if not _is_mark(text[point])])


def _is_mark(character: str) -> bool:
    return category(character).startswith("M")


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
