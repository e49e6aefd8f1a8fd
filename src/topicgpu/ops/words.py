"""What a word is: the one definition behind every count of words in tables, shares and limits."""

import re
from unicodedata import category

# Scripts written without spaces: each character counts as a word. Thai, Lao, Khmer and Burmese would need a
# dictionary; a run of their letters counts as one word.
_BY_CHARACTER = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# Vowel signs, points and accents that follow their letter: `\w` leaves them out.
_MARKS = "".join(map(chr, (code for code in range(0x300, 0x2000) if category(chr(code)) in ("Mn", "Mc"))))
_WORD = re.compile(
    rf"[{_BY_CHARACTER}]"
    rf"|(?:(?![{_BY_CHARACTER}])[^\W_][{_MARKS}]*)+"
    rf"(?:(?:['\u2019\u2010\u2011-]|(?<=\d)[.,:](?=\d))(?:(?![{_BY_CHARACTER}])[^\W_][{_MARKS}]*)+)*"
)
_CHARACTER = re.compile(f"[{_BY_CHARACTER}]")
# Thai and Lao, Burmese, Khmer.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff]+")
# How much of such a text says what a word of English says: medians of translated paragraphs.
_CHARACTERS_A_WORD = 1.6
_UNSPACED_A_WORD = 5.6
_NEEDS_WORD = re.compile(f"[{_BY_CHARACTER}{_MARKS}]")
# The same for text without such characters, at twice the speed.
_SPACED_WORD = re.compile(r"[^\W_]+(?:(?:['\u2019\u2010\u2011-]|(?<=\d)[.,:](?=\d))[^\W_]+)*")
# A word, or a mark between words. Katakana spells out words from abroad: a run of it is one.
_WORD_OR_MARK = re.compile(rf"[\u30a1-\u30fa\u30fc]+|{_WORD.pattern}|[^\s\w]")
_SPACED_WORD_OR_MARK = re.compile(rf"{_SPACED_WORD.pattern}|[^\s\w]")
# Typographic marks, and ASCII that is the same to a word: they alone keep much text from being ASCII.
_PLAIN = {"\u2019": "'", "\u2010": "-", "\u2011": "-"} | dict.fromkeys(
    "\u2018\u201c\u201d\u2013\u2014\u2026\u00a0", " "
)
# What an ASCII character is to a word: a letter, a digit, or a mark that may join two.
_JOINS = {"'": "-", "-": "-", ".": ".", ",": ".", ":": "."}
_KINDS = bytes(
    ord("0" if chr(code).isdigit() else "a" if chr(code).isalpha() else _JOINS.get(chr(code), " "))
    for code in range(256)
)
_DECIMAL_MARK = re.compile(rb"(?<=0)\.(?=0)")


def count_words(text: str) -> int:
    """
    Count the words of a text.

    Parameters
    ----------
    text : str
        Any language.

    Returns
    -------
    int
        Runs of letters and digits, inner apostrophes, hyphens and decimal marks included; Han and kana by character.

    Examples
    --------
    >>> count_words("It's a self-driving car: 431.44 dollars.")
    6
    >>> count_words("太空AI")
    3
    """
    if not text.isascii():
        for mark, plain in _PLAIN.items():
            text = text.replace(mark, plain)
    return _count_ascii(text) if text.isascii() else len(_pattern_for(text).findall(text))


def size_in_words(text: str) -> float:
    """
    Measure a text for limits in words, which mean as much in scripts without spaces.

    Parameters
    ----------
    text : str
        Any language.

    Returns
    -------
    float
        Words; 1.6 Han or kana characters, or 5.6 letters of Thai, Lao, Khmer or Burmese, are one.
    """
    if text.isascii():
        return count_words(text)
    unspaced = sum(map(len, _UNSPACED.findall(text)))
    spaced = _UNSPACED.sub(" ", text) if unspaced else text
    characters = len(_CHARACTER.findall(spaced))
    return count_words(spaced) - characters + characters / _CHARACTERS_A_WORD + unspaced / _UNSPACED_A_WORD


def word_spans(text: str) -> list[tuple[int, int]]:
    """
    Find the words of a text.

    Parameters
    ----------
    text : str
        Any language.

    Returns
    -------
    list of (int, int)
        Start and end of each word, in code points, ascending.
    """
    return [match.span() for match in _pattern_for(text).finditer(text)]


def words(text: str) -> list[str]:
    """
    List the words of a text as they are written.

    Parameters
    ----------
    text : str
        Any language.

    Returns
    -------
    list of str
        Those of `word_spans`.
    """
    return _pattern_for(text).findall(text)


def words_and_marks(text: str) -> list[str]:
    """
    Split a text into its words and the marks between them.

    Parameters
    ----------
    text : str
        Any language.

    Returns
    -------
    list of str
        Words as they are counted, but katakana by run; every other character but space is one item.
    """
    plain = text.isascii() or not _NEEDS_WORD.search(text)
    return (_SPACED_WORD_OR_MARK if plain else _WORD_OR_MARK).findall(text)


def _count_ascii(text: str) -> int:
    """Count at several times the speed of the regular expression, and without a list of all words."""
    kinds = b" %b " % text.encode("ascii").translate(_KINDS)
    if b"0.0" in kinds:
        kinds = _DECIMAL_MARK.sub(b"-", kinds)
    kinds = kinds.replace(b".", b" ")
    if b"-" in kinds:  # it joins where it stands alone between two words
        kinds = kinds.replace(b"--", b"  ").replace(b" -", b"  ").replace(b"- ", b"  ")
    return kinds.count(b" a") + kinds.count(b" 0")


def _pattern_for(text: str) -> re.Pattern[str]:
    return _SPACED_WORD if text.isascii() or not _NEEDS_WORD.search(text) else _WORD
