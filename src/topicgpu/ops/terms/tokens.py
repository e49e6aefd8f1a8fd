"""The corpus as one row of tokens: each in the form in which it is compared, and what it may do in a term."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.ops.terms.stopwords import BEFORE_VERBS, JOINTS, stop_words
from topicgpu.ops.words import words_and_marks
from topicgpu.types import Ints

# What a token may do in a term: nothing; stand inside; stand at the end; be a term; be one of a term's characters.
MARK, JOINT, TAIL, WORD, CHARACTER = range(5)
_TAIL_DIGITS = 2  # "Falcon 9", but not "March 2024"
_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_HIRAGANA = re.compile("[\u3040-\u309f]")
_COUNTED = re.compile(r"\d[\d.,:]*(?:st|nd|rd|th|s)?")
_ELIDING = ("fr", "it", "ca")
_POSSESSIVE = re.compile("['\u2019][sS]$")
_ELIDED = re.compile("^[^\\W\\d_]{1,4}['\u2019](?=\\w{2})")  # l'économie, dell'arte


class Tokens(NamedTuple):
    """The corpus as one row of tokens."""

    text: Ints  # (t,) whose it is
    surface: Ints  # (t,) index into `surfaces`
    key: Ints  # (t,) index into `keys`
    kind: Ints  # (t,)
    surfaces: list[tuple[str, str]]  # written form and language
    read: list[tuple[str, int]]  # of each surface: the form in which it is compared, plurals not yet joined; kind
    keys: list[str]

    def written(self, at: int, length: int) -> str:
        """Write the tokens from one on as they stand in the text."""
        forms = [self.surfaces[number][0] for number in self.surface[at : at + length]]
        forms[-1] = _POSSESSIVE.sub("", forms[-1])
        if self.surfaces[self.surface[at]][1] in _ELIDING:
            forms[0] = _ELIDED.sub("", forms[0])
        return ("" if self.kind[at] == CHARACTER else " ").join(forms)

    def of(self, texts: Ints) -> "Tokens":
        """
        Keep some of the texts.

        Parameters
        ----------
        texts : (m,) int
            Rows, each once.

        Returns
        -------
        Tokens
            As `tokenize` splits these texts alone, in this order: nothing of the others decides anything.
        """
        place = np.full(self.text.max(initial=-1) + 2, -1, dtype=np.int64)
        inside = texts < len(place)  # the last texts may have no token
        place[texts[inside]] = np.flatnonzero(inside)
        kept = np.flatnonzero(place[self.text] >= 0)
        kept = kept[np.argsort(place[self.text[kept]], kind="stable")]
        forms, firsts, surface = np.unique(self.surface[kept], return_index=True, return_inverse=True)
        order = np.argsort(firsts)
        known = forms[order].tolist()
        return _compared(
            place[self.text[kept]],
            np.argsort(order)[surface],
            [self.surfaces[form] for form in known],
            [self.read[form] for form in known],
        )


class _Surfaces(dict[str, int]):
    """Numbers for the written forms of one language, shared with the others' list."""

    def __init__(self, language: str, known: list[tuple[str, str]]) -> None:
        self.language, self.known = language, known

    def __missing__(self, surface: str) -> int:
        self[surface] = number = len(self.known)
        self.known.append((surface, self.language))
        return number


def tokenize(texts: Sequence[str], languages: Sequence[str] | None) -> Tokens:
    """
    Split texts into tokens.

    Parameters
    ----------
    texts : sequence of str, length n
        Segments.
    languages : sequence of str, length n, optional
        ISO 639-1 code of each, for its grammar.

    Returns
    -------
    Tokens
        Of all texts, one after the other.
    """
    known: list[tuple[str, str]] = []
    of_language: dict[str, _Surfaces] = {}
    rows: list[NDArray[np.int64]] = []
    for text, language in zip(texts, languages or [""] * len(texts), strict=True):
        numbers = of_language.get(language)
        if numbers is None:
            numbers = of_language[language] = _Surfaces(language, known)
        words = words_and_marks(text.lower() if _is_shouted(text) else text)
        rows.append(np.fromiter(map(numbers.__getitem__, words), dtype=np.int64, count=len(words)))
    text_of = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    surface = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
    return _compared(text_of, surface, known, [_read(*form) for form in known])


def _compared(text_of: Ints, surface: Ints, known: list[tuple[str, str]], read: list[tuple[str, int]]) -> Tokens:
    names = list(dict.fromkeys(key for key, _ in read))
    number_of = {key: number for number, key in enumerate(names)}
    key_of = np.array([number_of[_singular(key, number_of)] for key, _ in read], dtype=np.int64)
    kind_of = np.array([kind for _, kind in read], dtype=np.int64)
    return Tokens(text_of, surface, key_of[surface], kind_of[surface], known, read, names)


def _is_shouted(text: str) -> bool:
    return text.isupper() and 2 * sum(map(str.isupper, text)) > len(text)


@lru_cache(maxsize=1 << 17)  # some of the texts are read again whenever they are looked at alone
def _read(surface: str, language: str) -> tuple[str, int]:
    """Tell in which form a token is compared, and what it may do."""
    word = surface.casefold().replace("\u2019", "'")
    if not word[0].isalnum() or _HIRAGANA.match(word):
        return word, MARK
    if _HAN.match(word):
        return word, CHARACTER
    stop = stop_words(language)
    bare = _ELIDED.sub("", word) if language in _ELIDING else word.removesuffix("'s")
    if word in stop or bare in stop:
        return bare, JOINT if word in JOINTS else MARK
    if _COUNTED.fullmatch(bare):
        return bare, TAIL if len(bare) <= _TAIL_DIGITS else MARK
    if len(bare) < 2:
        return bare, TAIL
    return bare, WORD


def _singular(key: str, known: dict[str, int]) -> str:
    if len(key) < 4 or not key.endswith("s") or key.endswith(("ss", "us", "is")):
        return key
    candidates = (key[:-1], f"{key[:-3]}y" if key.endswith("ies") else "", key[:-2] if key.endswith("es") else "")
    return next((word for word in candidates if word in known), key)


def leads_verb(surface: str, language: str) -> bool:
    """
    Tell whether what follows a token of English is likely a verb.

    Parameters
    ----------
    surface, language : str
        Of the token.

    Returns
    -------
    bool
        True for pronouns and auxiliaries; False in other languages.
    """
    return language in ("en", "und", "") and surface.casefold().replace("\u2019", "'") in BEFORE_VERBS
