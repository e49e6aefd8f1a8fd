"""What an editor put between the words, alone on a line: places and times, omissions, stage directions."""

import re
from typing import NamedTuple

from topicgpu.ops.words import count_words

_MARK = re.compile(
    r"[\[(]\s*(?P<mark>(?:(?P<place>chars?|pages?|pp?\.?|lines?|§)\s*\d+(?:\s*[-–]\s*\d+)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?:\s*[-–]\s*\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)?))\s*[\])]",
    re.IGNORECASE,
)
_NOTE = re.compile(r"[(\[(【].*[)\])】]", re.DOTALL)
_OMISSION = re.compile(
    r"\b(omitted|omission|abridged|left out|skipped|not transcribed|cut for|gekürzt|ausgelassen|omis|omitido"
    r"|сокращено)\b"
    r"|省略|略去|删节"
)
_MAX_NOTE_WORDS = 30
_DIRECTION = re.compile(r"(?P<open>[\[(（【〔<*♪♫])(?P<words>[^\[\]()（）【】〔〕<>]*)[\])）】〕>*♪♫]")
_HUMMED = re.compile(r"[♪♫].*[♪♫]|[♪♫\s]+", re.DOTALL)
# Round brackets and asterisks hold speech too, so that the words in them have to name a sound, a gesture or a gap.
_SOUNDS = re.compile(
    r"\b(?:laugh\w*|chuckl\w*|giggl\w*|applau\w*|clap\w*|cheer\w*|boo(?:s|ing)?|sigh\w*|cough\w*|cry\w*|sob\w*|paus\w*|"
    r"silen\w*|music|jingle|crosstalk|cross talk|inaudible|indiscernible|unintelligible|unclear|overlap\w*|noise|bell|"
    r"gavel|recess|break|beep\w*|bleep\w*|snort\w*|gasp\w*|scream\w*|whisper\w*|nod\w*|smil\w*|phone ring\w*|off "
    r"?mic\w*|"
    r"foreign language|speaking in \w+|video (?:clip|plays|playing)|audio (?:clip|plays|playing)|operator instructions|"
    r"beifall|applaus|lach\w*|gelächter|heiterkeit|zuruf\w*|musik|pause|unverständlich|schmunzelt|"
    r"rires?|rit|applaudissements?|musique|inaudible|silence|risas|ríe|aplausos|música|inaudible|pausa|"
    r"risate|ride|applausi|musica|risos|смех\w*|смеется|смеётся|аплодисменты|музыка|неразборчиво|пауза|"
    r"ضحك|يضحك|تصفيق|موسيقى)\b"
    r"|笑|掌声|鼓掌|音乐|音樂|拍手|音楽|听不清|聴取不能|沉默|沈黙|웃음|박수|음악",
    re.IGNORECASE,
)
_MAX_DIRECTION_WORDS = 6
_MAX_DIRECTION_CHARS = 80


class Locator(NamedTuple):
    """A bracketed line alone that says where the words after it are."""

    mark: str
    is_place: bool  # a stretch of a document, not a time


def find_locator(text: str) -> Locator | None:
    """
    Read a line such as `[chars 100-900]`, `[p. 12]` or `[00:12:03]`.

    Parameters
    ----------
    text : str
        A line without the white space around it.

    Returns
    -------
    Locator or None
        None where the line is anything else.
    """
    match = _MARK.fullmatch(text)
    return Locator(match["mark"], match["place"] is not None) if match else None


def is_omission_note(text: str) -> bool:
    """
    Tell whether a line is an editor's note, all in brackets, that something was left out.

    Parameters
    ----------
    text : str
        A line without the white space around it.

    Returns
    -------
    bool
        False for a bracketed remark that says nothing of the kind: it may be speech.
    """
    is_note = _NOTE.fullmatch(text) and count_words(text) <= _MAX_NOTE_WORDS
    return bool(is_note and _OMISSION.search(text.casefold()))


def is_stage_direction(text: str) -> bool:
    """
    Tell whether a line is a stage direction, such as `[laughter]`, `(applause)` or `♪`.

    Parameters
    ----------
    text : str
        A line, or what stands after a label, without the white space around it.

    Returns
    -------
    bool
        True where it is all in brackets, short, and names a sound, a gesture or a gap; and where it is sung.
    """
    if text[:1] not in "[(（【〔<*♪♫":
        return False
    if len(text) > _MAX_DIRECTION_CHARS:
        return False
    if _HUMMED.fullmatch(text):
        return True
    match = _DIRECTION.fullmatch(text)
    return bool(match and count_words(match["words"]) <= _MAX_DIRECTION_WORDS and _SOUNDS.search(match["words"]))
