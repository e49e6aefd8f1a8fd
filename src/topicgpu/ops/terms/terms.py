"""Words and phrases of a corpus: what can mark a theme, in the form in which it is written most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array, csr_array, hstack

from topicgpu.ops.terms.phrases import Grams, find_grams, numbered, whole
from topicgpu.ops.terms.stopwords import STOP_WORDS
from topicgpu.ops.terms.tokens import JOINT, MARK, Tokens, leads_verb, tokenize
from topicgpu.ops.words import word_spans
from topicgpu.types import Floats, Ints, Strings

_LEAST_TEXTS = 2  # what one text says marks nothing
_BLOCK = 36  # words and marks, near which things are said together; a short text is one block


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
    return terms_in(tokenize(texts, languages), len(texts))


def terms_in(tokens: Tokens, n_texts: int) -> Terms:
    """
    Find the terms of texts that are split already.

    Parameters
    ----------
    tokens : Tokens
        Of n texts, or of some of them.
    n_texts : int
        Number of texts, n.

    Returns
    -------
    Terms
        As `find_terms` gives them.
    """
    return _table(tokens, whole(find_grams(tokens), len(tokens.key)), n_texts)


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


def _table(tokens: Tokens, found: list[Grams], n_texts: int) -> Terms:
    parts: list[csr_array] = []
    of_block: list[csr_array] = []
    closed: list[Floats] = []
    verbal: list[Floats] = []
    written: list[str] = []
    words: list[Strings] = []
    languages: list[str] = []
    free = np.append((tokens.kind == MARK) | (tokens.kind == JOINT), True)
    text_of = np.append(tokens.text, -1)
    before_verb = np.append(np.array([leads_verb(*form) for form in tokens.surfaces], dtype=bool), False)[
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
        term, firsts = numbered(gram)
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


def _blocks(text: Ints, n_texts: int) -> tuple[Ints, Ints]:
    """Text of each block, and the (t,) block in which each token stands; those of one text are of one length."""
    lengths = np.bincount(text, minlength=n_texts)
    n_blocks = np.maximum((lengths + _BLOCK // 2) // _BLOCK, 1)
    place = np.arange(len(text)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    first = np.cumsum(n_blocks) - n_blocks
    return np.repeat(np.arange(n_texts), n_blocks), first[text] + place * n_blocks[text] // lengths[text]


def _most_written(tokens: Tokens, at: Ints, term: Ints, length: int) -> Ints:
    """Find a place where each term stands in the form in which it is written most."""
    form = tokens.surface[at]
    for step in range(1, length):
        form = numbered(form)[0] * len(tokens.surfaces) + tokens.surface[at + step]
    form, firsts = numbered(form)
    often = np.bincount(form, minlength=len(firsts))
    order = np.lexsort((firsts, -often, term[firsts]))
    places: Ints = at[firsts[order[numbered(term[firsts][order])[1]]]]
    return places
