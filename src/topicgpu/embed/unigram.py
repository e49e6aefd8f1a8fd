"""A SentencePiece unigram tokenizer from its pieces and its table of characters."""

import struct
from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def unigram_tokenizer(
    pieces: Sequence[tuple[str, float]], characters: Mapping[str, str], start: int, end: int, unknown: int
) -> "Tokenizer":
    """
    Build a tokenizer as transformers does for XLM-RoBERTa.

    Parameters
    ----------
    pieces : sequence of (str, float)
        Text and log-probability of each id; one of 0 is a special token, which stands for no text.
    characters : mapping of str to str
        What a single character becomes before it is looked up; others stay as they are.
    start, end, unknown : int
        Ids of the tokens before and after a text, and of the one for what no piece covers.

    Returns
    -------
    tokenizers.Tokenizer
        It splits at white space, puts U+2581 before each word, and takes the likeliest pieces of each.

    Notes
    -----
    The model is of Kudo 2018, "Subword regularization", ACL, arXiv:1804.10959. Seconds for 250,000 pieces.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    first, last = pieces[start][0], pieces[end][0]
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=unknown, byte_fallback=False))
    # NFKC would be near the table, but it reorders the marks of Arabic and Burmese, and the pieces have them as typed.
    tokenizer.normalizer = normalizers.Precompiled(_compiled(characters))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, start), (last, end)]
    )
    tokenizer.add_special_tokens([piece for piece, score in pieces if score == 0])
    return tokenizer


def _compiled(characters: Mapping[str, str]) -> bytes:
    """
    Write a table of characters as SentencePiece keeps it: a double-array trie of their bytes, then what they become.

    A unit of the array holds the byte that leads to it and an offset. A child stands at the exclusive or of its
    parent's place, the offset and its byte; byte 0 leads to where the outcome begins (Aoe 1989, as in Darts-clone).
    """
    trie: dict[int, Any] = {}
    outcomes = bytearray()
    for character, outcome in characters.items():
        node = trie
        for byte in character.encode():
            node = node.setdefault(byte, {})
        node[0] = len(outcomes)
        outcomes += outcome.encode() + b"\0"
    units, bases, waiting = {0: 0}, set[int](), [(0, trie)]
    while waiting:
        place, node = waiting.pop()
        # Places of two parents may lie among each other, but a base of their own tells their children apart.
        base = next(
            base for base in count(len(units)) if base not in bases and not any(base ^ byte in units for byte in node)
        )
        bases.add(base)
        units[place] |= (place ^ base) << 10 | (0 in node) << 8
        for byte, child in node.items():
            units[base ^ byte] = byte if byte else 1 << 31 | child
            if byte:
                waiting.append((base ^ byte, child))
    array = np.zeros((max(units) | 255) + 1, dtype="<u4")
    array[list(units)] = list(units.values())
    return struct.pack("<I", array.nbytes) + array.tobytes() + bytes(outcomes)
