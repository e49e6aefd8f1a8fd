"""Which terms say the same again: "verify" beside "verified", "Robotersteuerung" beside "Steuerung"."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Strings

_COMPOUND_LETTERS = 6  # a shorter ending is seldom a word of its own: "rate" in "corporate"

_STEMMERS = dict(
    pair.split(":")
    for pair in """
    ar:arabic hy:armenian eu:basque ca:catalan da:danish nl:dutch en:english fi:finnish fr:french de:german el:greek
    hi:hindi hu:hungarian id:indonesian ga:irish it:italian lt:lithuanian ne:nepali no:norwegian pl:polish
    pt:portuguese ro:romanian ru:russian sr:serbian es:spanish sv:swedish ta:tamil tr:turkish yi:yiddish
    """.split()
)


@cache
def stems(words: Strings, language: str) -> frozenset[str]:
    """
    Find the stems of a term.

    Parameters
    ----------
    words : tuple of str
        In lower case.
    language : str
        ISO 639-1 code; English where it is not known, the words themselves where it has no stemmer.

    Returns
    -------
    frozenset of str
        One a word, without order.

    References
    ----------
    .. [1] Snowball, https://snowballstem.org.
    """
    stemmer = _stemmer(language.partition("-")[0].lower() or "en")
    return frozenset(stemmer.stemWords(list(words)) if stemmer else words)


def say_again(groups: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
    """
    Tell which terms say no more than another one.

    Parameters
    ----------
    groups : sequence of frozenset of str, length m
        Stems of each term.

    Returns
    -------
    ndarray of bool, shape (m, m)
        True where the stems of one are all in the other, or a compound of the one ends in the other.
    """
    number_of = {stem: number for number, stem in enumerate(sorted(frozenset().union(*groups)))}
    own = np.zeros((len(groups), len(number_of)), dtype=np.float32)
    wide = own.copy()
    for row, group in enumerate(groups):
        own[row, [number_of[stem] for stem in group]] = 1
        wide[row, [number_of[end] for stem in group for end in _ends(stem) if end in number_of]] = 1
    within: NDArray[np.bool_] = own @ wide.T == own.sum(axis=1, keepdims=True)
    return within | within.T


def _ends(stem: str) -> list[str]:
    return [stem, *(stem[start:] for start in range(1, len(stem) - _COMPOUND_LETTERS + 1))]


@cache
def _stemmer(code: str) -> Any:
    import snowballstemmer

    name = _STEMMERS.get("en" if code == "und" else code)
    return snowballstemmer.stemmer(name) if name else None
