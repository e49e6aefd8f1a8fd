"""Words and phrases that hold together: sequences of tokens that grow as long as they are said often enough."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.ops.terms.stopwords import GRAMMAR, stop_words
from topicgpu.ops.terms.tokens import CHARACTER, JOINT, TAIL, WORD, Tokens
from topicgpu.types import Floats, Ints

_LEAST_TIMES = 3  # a phrase said twice may be chance
_COHESION = 0.25  # normalised pointwise mutual information that holds a phrase together
_PART_SHARE = 0.6  # of a term's uses inside one longer term: from here on it is a piece of that one
_LONGEST, _LONGEST_OF_CHARACTERS = 3, 6
_OF_CHARACTERS = ("zh", "ja")


class Grams(NamedTuple):
    """Sequences of one length that occur often enough, and where."""

    length: int
    at: Ints  # (m,) tokens that begin one
    gram: Ints  # (m,) which
    uses: Ints  # (g,)
    is_term: NDArray[np.bool_]  # (g,)


def find_grams(tokens: Tokens) -> list[Grams]:
    """
    Find the sequences of one word or character, of two, and so on: each grows from a shorter one.

    Parameters
    ----------
    tokens : Tokens
        Of the corpus.

    Returns
    -------
    list of Grams
        By length, from 1: all that occur often enough, and which of them hold together as a term.
    """
    at = np.flatnonzero((tokens.kind == WORD) | (tokens.kind == CHARACTER))
    gram, firsts = numbered(tokens.key[at])
    found = [Grams(1, at, gram, np.bincount(gram, minlength=len(firsts)), tokens.kind[at[firsts]] == WORD)]
    edge = np.array([key in GRAMMAR for key in tokens.keys], dtype=bool)
    for length in range(2, _LONGEST_OF_CHARACTERS + 1):
        before = found[-1]
        often = (before.uses[before.gram] >= _LEAST_TIMES) & (before.at + length <= len(tokens.key))
        at, gram = before.at[often], before.gram[often]
        goes_on = _may_follow(tokens, at, length)
        at, gram = at[goes_on], gram[goes_on]
        gram, firsts = numbered(gram * len(tokens.keys) + tokens.key[at + length - 1])
        uses = np.bincount(gram, minlength=len(firsts))
        first, last = at[firsts], at[firsts] + length - 1
        is_term = (uses >= _LEAST_TIMES) & (tokens.kind[last] != JOINT) & (tokens.key[first] != tokens.key[last])
        is_term &= ~edge[tokens.key[first]] & ~edge[tokens.key[last]]
        is_term &= _cohesion(tokens, before, uses, first, last) >= _COHESION
        # Read letter by letter only what is a term so far.
        so_far = np.flatnonzero(is_term)
        is_term[so_far] = ~np.fromiter((_is_stop_word(tokens, place, length) for place in first[so_far]), dtype=bool)
        so_far = np.flatnonzero(is_term)
        is_term[so_far] = ~_other_writing(tokens, found[0], first[so_far], uses[so_far], length)
        found.append(Grams(length, at, gram, uses, is_term))
    return found


def _other_writing(tokens: Tokens, words: Grams, first: Ints, uses: Ints, length: int) -> NDArray[np.bool_]:
    """Tell which sequences are a word that is written as one at least as often: "space X" beside "SpaceX"."""
    key_of_word = np.zeros(len(words.uses), dtype=np.int64)
    key_of_word[words.gram] = tokens.key[words.at]
    often = {tokens.keys[key]: count for key, count in zip(key_of_word.tolist(), words.uses.tolist(), strict=True)}
    whole = ("".join(tokens.keys[key] for key in tokens.key[at : at + length]) for at in first)
    return np.fromiter((often.get(word, 0) for word in whole), dtype=np.int64, count=len(first)) >= uses


def _is_stop_word(tokens: Tokens, at: int, length: int) -> bool:
    if tokens.kind[at] != CHARACTER:
        return False
    language = tokens.surfaces[tokens.surface[at]][1]
    word = "".join(tokens.keys[key] for key in tokens.key[at : at + length])
    return word in stop_words(language if language in _OF_CHARACTERS else "zh")


def _may_follow(tokens: Tokens, at: Ints, length: int) -> NDArray[np.bool_]:
    last = at + length - 1
    first, end = tokens.kind[at], tokens.kind[last]
    allowed: NDArray[np.bool_] = (first == CHARACTER) & (end == CHARACTER)
    if length <= _LONGEST:
        ends = (end == WORD) | (end == TAIL) | ((end == JOINT) & (length < _LONGEST))
        allowed |= (first == WORD) & ends & (tokens.kind[last - 1] != TAIL)
    allowed &= tokens.text[at] == tokens.text[last]
    return allowed


def _cohesion(tokens: Tokens, before: Grams, uses: Ints, first: Ints, last: Ints) -> Floats:
    """Normalised pointwise mutual information of a sequence's two halves: its first or last token, and the rest."""
    total = max(1, len(tokens.key))
    share_of_key = np.log(np.bincount(tokens.key, minlength=len(tokens.keys)).clip(1) / total)
    begun = np.full(total + 1, -1)
    begun[before.at] = before.gram
    # The rest after the first token is no sequence where it begins with grammar or a number: it is not judged then.
    share_of_gram = np.append(np.log(before.uses / total), -np.inf)
    share = np.log(uses / total)
    by_last = share - share_of_gram[begun[first]] - share_of_key[tokens.key[last]]
    by_first = share - share_of_gram[begun[first + 1]] - share_of_key[tokens.key[first]]
    cohesion: Floats = np.minimum(by_last, by_first) / -np.minimum(share, -1e-12)
    return cohesion


def numbered(codes: Ints) -> tuple[Ints, Ints]:
    """
    Give equal codes one number, by a faster sort than that of `numpy.unique`.

    Parameters
    ----------
    codes : ndarray of int64, shape (n,)
        Any.

    Returns
    -------
    numbers : ndarray of int64, shape (n,)
        From 0, in the order of the codes.
    firsts : ndarray of int64
        The first place of each.
    """
    if not len(codes):
        return codes, codes
    order = np.argsort(codes)
    sorted_ = codes[order]
    begins = np.flatnonzero(np.append(True, sorted_[1:] != sorted_[:-1]))
    numbers = np.empty(len(codes), dtype=np.int64)
    numbers[order] = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(codes))))
    return numbers, np.minimum.reduceat(order, begins)


def whole(found: list[Grams], n_tokens: int) -> list[Grams]:
    """
    Take back the terms that are mostly pieces of one longer term.

    Parameters
    ----------
    found : list of Grams
        As `find_grams` gives them.
    n_tokens : int
        Of the corpus.

    Returns
    -------
    list of Grams
        With fewer terms.
    """
    kept = [grams._replace(is_term=grams.is_term.copy()) for grams in found]
    for place, shorter in reversed(list(enumerate(kept))):
        begun = np.full(n_tokens, -1)
        begun[shorter.at] = shorter.gram
        for longer in kept[place + 1 :]:
            inside = longer.is_term[longer.gram]
            at, gram = longer.at[inside], longer.gram[inside]
            for step in range(longer.length - shorter.length + 1):
                piece = begun[at + step]
                there = piece >= 0
                pair, firsts = numbered(piece[there] * (len(longer.uses) + 1) + gram[there])
                whose = piece[there][firsts]
                mostly = np.bincount(pair, minlength=len(firsts)) >= _PART_SHARE * shorter.uses[whose]
                shorter.is_term[whose[mostly]] = False
    return kept
