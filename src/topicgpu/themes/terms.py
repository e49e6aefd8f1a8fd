"""Words and phrases of a corpus: what can mark a theme, in the form in which it is written most."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, hstack

from topicgpu.ops.words import word_spans, words_and_marks
from topicgpu.themes.stopwords import BEFORE_VERBS, GRAMMAR, JOINTS, STOP_WORDS, stop_words
from topicgpu.types import Floats, Ints, Strings

_LEAST_TEXTS = 2  # what one text says marks nothing
_LEAST_TIMES = 3  # a phrase said twice may be chance
_COHESION = 0.25  # normalised pointwise mutual information that holds a phrase together
_PART_SHARE = 0.6  # of a term's uses inside one longer term: from here on it is a piece of that one
_BLOCK = 36  # words and marks, near which things are said together; a short text is one block
_LONGEST, _LONGEST_OF_CHARACTERS = 3, 6

# What a token may do in a term: nothing; stand inside; stand at the end; be a term; be one of a term's characters.
_MARK, _JOINT, _TAIL, _WORD, _CHARACTER = range(5)
_TAIL_DIGITS = 2  # "Falcon 9", but not "March 2024"
_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_HIRAGANA = re.compile("[\u3040-\u309f]")
_COUNTED = re.compile(r"\d[\d.,:]*(?:st|nd|rd|th|s)?")
_OF_CHARACTERS = ("zh", "ja")
_ELIDING = ("fr", "it", "ca")
_POSSESSIVE = re.compile("['\u2019][sS]$")
_ELIDED = re.compile("^[^\\W\\d_]{1,4}['\u2019](?=\\w{2})")  # l'économie, dell'arte


@dataclass(frozen=True, eq=False)
class Terms:
    """Which text says which term how often."""

    counts: csr_array  # (n, v)
    written: Strings  # (v,) as it is written most: "NASA", "interest rates"
    words: tuple[Strings, ...]  # (v,) its words in lower case, plurals as singulars
    language: Strings  # (v,) of a text that writes it so
    closed: Floats  # (v,) share of its uses that a mark, grammar or the text's end follows: there a noun phrase ends
    verbal: Floats  # (v,) share of its uses that follow what a verb follows; 0 in other languages than English
    block_counts: csr_array  # (b, v) the same for each stretch of some three dozen words and marks
    block_text: Ints  # (b,) whose the block is

    def __len__(self) -> int:
        return len(self.written)

    @cached_property
    def present(self) -> csc_array:
        """(n, v) 1 where a text says a term."""
        present = csc_array(self.counts)
        present.data[:] = 1
        return present

    def of(self, rows: Ints) -> "Terms":
        """Keep some of the texts, each once, and all terms."""
        place = np.full(self.counts.shape[0], -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        kept = place[self.block_text] >= 0
        return replace(
            self,
            counts=self.counts[rows],
            block_counts=self.block_counts[np.flatnonzero(kept)],
            block_text=place[self.block_text[kept]],
        )


def find_terms(texts: Sequence[str], languages: Sequence[str] | None = None) -> Terms:
    """
    Find the words of each text, and the phrases of two and three words that hold together.

    Parameters
    ----------
    texts : sequence of str, length n
        Segments.
    languages : sequence of str, length n, optional
        ISO 639-1 code of each, for its grammar; without it they count as English, and Han as Chinese.

    Returns
    -------
    Terms
        Those of at least two texts, in the order in which they first occur, words before phrases.

    Notes
    -----
    A phrase is said at least three times, its normalised pointwise mutual information is at least 0.25 [1]_, and it is
    not the piece of a longer one, nor a word that is written as one at least as often ("space X").
    Words of scripts without spaces are found in the same way, as phrases of characters
    [2]_. A plural is the same term as its singular where both occur. Time and memory O(words); 100,000 texts of 50
    words take a few seconds.

    References
    ----------
    .. [1] G. Bouma, Normalized (pointwise) mutual information in collocation extraction, GSCL 2009.
    .. [2] J. Chang, K. Su, An unsupervised iterative method for Chinese new lexicon extraction, 1997.
    """
    tokens = _tokens(texts, languages)
    return _table(tokens, _whole(_grams(tokens), len(tokens.key)), len(texts))


def terms_of(text: str) -> list[str]:
    """
    List the words and the pairs of adjacent words that can be keywords.

    Parameters
    ----------
    text : str
        A segment.

    Returns
    -------
    list of str
        In lower case, without stop words and bare numbers, in the order of the text; Han and kana in pairs only.
    """
    terms = []
    before, before_end = None, 0
    for start, end in word_spans(text):
        word = text[start:end].casefold().replace("\u2019", "'").removesuffix("'s")
        gap = text[before_end:start]
        ideograph = end - start == 1 and ord(text[start]) > 0x3000
        if (
            word in STOP_WORDS
            or not any(character.isalpha() for character in word)
            or (len(word) < 2 and not ideograph)
        ):
            before = None
            continue
        if not ideograph:
            terms.append(word)
        if before is not None and (gap.isspace() or (ideograph and not gap)):
            terms.append(f"{before}{' ' if gap else ''}{word}")
        before, before_end = word, end
    return terms


class _Tokens(NamedTuple):
    """The corpus as one row of tokens."""

    text: Ints  # (t,) whose it is
    surface: Ints  # (t,) index into `surfaces`
    key: Ints  # (t,) index into `keys`
    kind: Ints  # (t,)
    surfaces: list[tuple[str, str]]  # written form and language
    keys: list[str]

    def written(self, at: int, length: int) -> str:
        """Write the tokens from one on as they stand in the text."""
        forms = [self.surfaces[number][0] for number in self.surface[at : at + length]]
        forms[-1] = _POSSESSIVE.sub("", forms[-1])
        if self.surfaces[self.surface[at]][1] in _ELIDING:
            forms[0] = _ELIDED.sub("", forms[0])
        return ("" if self.kind[at] == _CHARACTER else " ").join(forms)


class _Surfaces(dict[str, int]):
    """Numbers for the written forms of one language, shared with the others' list."""

    def __init__(self, language: str, known: list[tuple[str, str]]) -> None:
        self.language, self.known = language, known

    def __missing__(self, surface: str) -> int:
        self[surface] = number = len(self.known)
        self.known.append((surface, self.language))
        return number


def _tokens(texts: Sequence[str], languages: Sequence[str] | None) -> _Tokens:
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
    read = [_read(*form) for form in known]
    names = list(dict.fromkeys(key for key, _ in read))
    number_of = {key: number for number, key in enumerate(names)}
    key_of = np.array([number_of[_singular(key, number_of)] for key, _ in read], dtype=np.int64)
    kind_of = np.array([kind for _, kind in read], dtype=np.int64)
    return _Tokens(text_of, surface, key_of[surface], kind_of[surface], known, names)


def _is_shouted(text: str) -> bool:
    return text.isupper() and 2 * sum(map(str.isupper, text)) > len(text)


def _read(surface: str, language: str) -> tuple[str, int]:
    """Tell in which form a token is compared, and what it may do."""
    word = surface.casefold().replace("\u2019", "'")
    if not word[0].isalnum() or _HIRAGANA.match(word):
        return word, _MARK
    if _HAN.match(word):
        return word, _CHARACTER
    stop = stop_words(language)
    bare = _ELIDED.sub("", word) if language in _ELIDING else word.removesuffix("'s")
    if word in stop or bare in stop:
        return bare, _JOINT if word in JOINTS else _MARK
    if _COUNTED.fullmatch(bare):
        return bare, _TAIL if len(bare) <= _TAIL_DIGITS else _MARK
    if len(bare) < 2:
        return bare, _TAIL
    return bare, _WORD


def _singular(key: str, known: dict[str, int]) -> str:
    if len(key) < 4 or not key.endswith("s") or key.endswith(("ss", "us", "is")):
        return key
    candidates = (key[:-1], f"{key[:-3]}y" if key.endswith("ies") else "", key[:-2] if key.endswith("es") else "")
    return next((word for word in candidates if word in known), key)


class _Grams(NamedTuple):
    """Sequences of one length that occur often enough, and where."""

    length: int
    at: Ints  # (m,) tokens that begin one
    gram: Ints  # (m,) which
    uses: Ints  # (g,)
    is_term: NDArray[np.bool_]  # (g,)


def _grams(tokens: _Tokens) -> list[_Grams]:
    """Sequences of one word or character, of two, and so on: each grows from a shorter one that occurs often enough."""
    at = np.flatnonzero((tokens.kind == _WORD) | (tokens.kind == _CHARACTER))
    gram, firsts = _numbered(tokens.key[at])
    found = [_Grams(1, at, gram, np.bincount(gram, minlength=len(firsts)), tokens.kind[at[firsts]] == _WORD)]
    edge = np.array([key in GRAMMAR for key in tokens.keys], dtype=bool)
    for length in range(2, _LONGEST_OF_CHARACTERS + 1):
        before = found[-1]
        often = (before.uses[before.gram] >= _LEAST_TIMES) & (before.at + length <= len(tokens.key))
        at, gram = before.at[often], before.gram[often]
        goes_on = _may_follow(tokens, at, length)
        at, gram = at[goes_on], gram[goes_on]
        gram, firsts = _numbered(gram * len(tokens.keys) + tokens.key[at + length - 1])
        uses = np.bincount(gram, minlength=len(firsts))
        first, last = at[firsts], at[firsts] + length - 1
        is_term = (uses >= _LEAST_TIMES) & (tokens.kind[last] != _JOINT) & (tokens.key[first] != tokens.key[last])
        is_term &= ~edge[tokens.key[first]] & ~edge[tokens.key[last]]
        is_term &= _cohesion(tokens, before, uses, first, last) >= _COHESION
        is_term &= ~np.fromiter((_is_stop_word(tokens, place, length) for place in first), dtype=bool, count=len(first))
        is_term &= ~_other_writing(tokens, found[0], first, uses, length)
        found.append(_Grams(length, at, gram, uses, is_term))
    return found


def _other_writing(tokens: _Tokens, words: _Grams, first: Ints, uses: Ints, length: int) -> NDArray[np.bool_]:
    """Tell which sequences are a word that is written as one at least as often: "space X" beside "SpaceX"."""
    key_of_word = np.zeros(len(words.uses), dtype=np.int64)
    key_of_word[words.gram] = tokens.key[words.at]
    often = {tokens.keys[key]: count for key, count in zip(key_of_word.tolist(), words.uses.tolist(), strict=True)}
    whole = ("".join(tokens.keys[key] for key in tokens.key[at : at + length]) for at in first)
    return np.fromiter((often.get(word, 0) for word in whole), dtype=np.int64, count=len(first)) >= uses


def _is_stop_word(tokens: _Tokens, at: int, length: int) -> bool:
    if tokens.kind[at] != _CHARACTER:
        return False
    language = tokens.surfaces[tokens.surface[at]][1]
    word = "".join(tokens.keys[key] for key in tokens.key[at : at + length])
    return word in stop_words(language if language in _OF_CHARACTERS else "zh")


def _may_follow(tokens: _Tokens, at: Ints, length: int) -> NDArray[np.bool_]:
    last = at + length - 1
    first, end = tokens.kind[at], tokens.kind[last]
    allowed: NDArray[np.bool_] = (first == _CHARACTER) & (end == _CHARACTER)
    if length <= _LONGEST:
        ends = (end == _WORD) | (end == _TAIL) | ((end == _JOINT) & (length < _LONGEST))
        allowed |= (first == _WORD) & ends & (tokens.kind[last - 1] != _TAIL)
    allowed &= tokens.text[at] == tokens.text[last]
    return allowed


def _cohesion(tokens: _Tokens, before: _Grams, uses: Ints, first: Ints, last: Ints) -> Floats:
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


def _numbered(codes: Ints) -> tuple[Ints, Ints]:
    """Numbers from 0 for equal codes, and the first place of each, by a faster sort than that of `numpy.unique`."""
    if not len(codes):
        return codes, codes
    order = np.argsort(codes)
    sorted_ = codes[order]
    begins = np.flatnonzero(np.append(True, sorted_[1:] != sorted_[:-1]))
    numbers = np.empty(len(codes), dtype=np.int64)
    numbers[order] = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(codes))))
    return numbers, np.minimum.reduceat(order, begins)


def _whole(found: list[_Grams], n_tokens: int) -> list[_Grams]:
    """Take back the terms that are mostly pieces of one longer term."""
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
                pair, firsts = _numbered(piece[there] * (len(longer.uses) + 1) + gram[there])
                whose = piece[there][firsts]
                mostly = np.bincount(pair, minlength=len(firsts)) >= _PART_SHARE * shorter.uses[whose]
                shorter.is_term[whose[mostly]] = False
    return kept


def _table(tokens: _Tokens, found: list[_Grams], n_texts: int) -> Terms:
    parts: list[csr_array] = []
    of_block: list[csr_array] = []
    closed: list[Floats] = []
    verbal: list[Floats] = []
    written: list[str] = []
    words: list[Strings] = []
    languages: list[str] = []
    free = np.append((tokens.kind == _MARK) | (tokens.kind == _JOINT), True)
    text_of = np.append(tokens.text, -1)
    before_verb = np.append(np.array([_leads_verb(*form) for form in tokens.surfaces], dtype=bool), False)[
        np.append(tokens.surface, -1)
    ]
    block_text, block = _blocks(tokens.text, n_texts)
    for grams in found:
        here = grams.is_term[grams.gram]
        at, gram = grams.at[here], grams.gram[here]
        counts = csr_array((np.ones(len(at)), (tokens.text[at], gram)), shape=(n_texts, len(grams.uses)))
        several = np.bincount(counts.indices, minlength=len(grams.uses)) >= _LEAST_TEXTS
        parts.append(counts[:, np.flatnonzero(several)])
        at, gram = at[several[gram]], gram[several[gram]]
        term, firsts = _numbered(gram)
        of_block.append(csr_array((np.ones(len(at)), (block[at], term)), shape=(len(block_text), len(firsts))))
        after = at + grams.length
        ended = free[after] | (text_of[after] != tokens.text[at])
        closed.append(np.bincount(term, ended, len(firsts)) / np.bincount(term, minlength=len(firsts)).clip(1))
        led = before_verb[at - 1] & (text_of[at - 1] == tokens.text[at])
        verbal.append(np.bincount(term, led, len(firsts)) / np.bincount(term, minlength=len(firsts)).clip(1))
        words += [tuple(tokens.keys[key] for key in tokens.key[a : a + grams.length]) for a in at[firsts]]
        places = _most_written(tokens, at, term, grams.length)
        written += [tokens.written(place, grams.length) for place in places]
        languages += [tokens.surfaces[number][1] for number in tokens.surface[places]]
    return Terms(
        csr_array(hstack(parts)),
        tuple(written),
        tuple(words),
        tuple(languages),
        np.concatenate(closed),
        np.concatenate(verbal),
        csr_array(hstack(of_block)),
        block_text,
    )


def _leads_verb(surface: str, language: str) -> bool:
    return language in ("en", "und", "") and surface.casefold().replace("\u2019", "'") in BEFORE_VERBS


def _blocks(text: Ints, n_texts: int) -> tuple[Ints, Ints]:
    """Text of each block, and the (t,) block in which each token stands; those of one text are of one length."""
    lengths = np.bincount(text, minlength=n_texts)
    n_blocks = np.maximum((lengths + _BLOCK // 2) // _BLOCK, 1)
    place = np.arange(len(text)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    first = np.cumsum(n_blocks) - n_blocks
    return np.repeat(np.arange(n_texts), n_blocks), first[text] + place * n_blocks[text] // lengths[text]


def _most_written(tokens: _Tokens, at: Ints, term: Ints, length: int) -> Ints:
    """Find a place where each term stands in the form in which it is written most."""
    form = tokens.surface[at]
    for step in range(1, length):
        form = _numbered(form)[0] * len(tokens.surfaces) + tokens.surface[at + step]
    form, firsts = _numbered(form)
    often = np.bincount(form, minlength=len(firsts))
    order = np.lexsort((firsts, -often, term[firsts]))
    places: Ints = at[firsts[order[_numbered(term[firsts][order])[1]]]]
    return places
