"""Texts to token ids: in parallel blocks, never truncated unseen; a text over the limit becomes several pieces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Ints

TokenIds = NDArray[np.int32]
# Texts a call of the tokenizer, which spreads them over the cores: bounds what its results hold in memory.
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Ragged:
    """Sequences of different lengths in one array: sequence i is `flat[bounds[i]:bounds[i + 1]]`."""

    flat: TokenIds
    bounds: Ints

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, row: int) -> TokenIds:
        return self.flat[self.bounds[row] : self.bounds[row + 1]]

    @property
    def lengths(self) -> Ints:
        """Tokens of each sequence."""
        return np.diff(self.bounds)


class Pieces(NamedTuple):
    """Sequences that fit the encoder; a text's vector is the weighted mean of its pieces' vectors."""

    sequences: list[TokenIds]
    text: Ints  # which text each piece is of
    weight: NDArray[np.float32]  # tokens of the text in it, special ones and prompt not counted; 1 for a whole text


class Tokens:
    """
    A model's tokenizer, the prompt before each text, and the limit.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
        Left as it is.
    prompt : str
        Put before each text.
    special : bool
        Whether the tokenizer adds its special tokens.
    """

    def __init__(self, tokenizer: Any, prompt: str, special: bool = True) -> None:
        self._tokenizer, self._prompt, self._special = tokenizer, prompt, special
        empty, prompted = (self._ids([text])[0] for text in ("", prompt))
        # Special tokens before the text: those of an empty text that a text keeps in front.
        some = self._ids(["a"])[0]
        self._before = _common(empty, some) if len(some) > len(empty) else len(empty)
        self._after = len(empty) - self._before
        self._prompted = prompted[: len(prompted) - self._after]
        self._empty = empty
        self.n_prompt = len(self._prompted) if prompt else 0
        self.n_around = len(prompted)  # tokens that are in every piece of a text beside its own

    def tokenize(self, texts: Sequence[str]) -> Ragged:
        """
        Tokenize texts, special tokens and prompt included, without truncation.

        Parameters
        ----------
        texts : sequence of str, length n
            Any texts.

        Returns
        -------
        Ragged
            n sequences.
        """
        flat: list[TokenIds] = []
        lengths: list[int] = []
        for start in range(0, len(texts), _BLOCK):
            ids = self._ids([self._prompt + text for text in texts[start : start + _BLOCK]])
            flat.append(np.fromiter(chain.from_iterable(ids), dtype=np.int32))
            lengths += map(len, ids)
        bounds = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
        return Ragged(np.concatenate(flat) if flat else np.empty(0, dtype=np.int32), bounds)

    def surround(self, ids: Sequence[int]) -> TokenIds:
        """
        Put special tokens and prompt around tokens.

        Parameters
        ----------
        ids : sequence of int, length n
            Tokens of a text.

        Returns
        -------
        ndarray of int32, shape (n + n_around,)
            As the tokenizer would give a text of these tokens.
        """
        tail = self._empty[len(self._empty) - self._after :]
        return np.array([*self._prompted, *ids, *tail], dtype=np.int32)

    def cut(self, ragged: Ragged, limit: int, windows: bool) -> Pieces:
        """
        Make every sequence fit the encoder.

        Parameters
        ----------
        ragged : Ragged
            As `tokenize` returns it.
        limit : int
            Tokens that the encoder reads; more than `n_around`.
        windows : bool
            Cut a longer sequence into windows of nearly equal length, each with special tokens and prompt; if not,
            keep its beginning only.

        Returns
        -------
        Pieces
            At least one for each sequence, in their order.
        """
        sequences: list[TokenIds] = []
        text: list[int] = []
        weight: list[int] = []
        for row, length in enumerate(ragged.lengths.tolist()):
            for piece, n_own in self._pieces(ragged[row], length, limit, windows):
                sequences.append(piece)
                text.append(row)
                weight.append(n_own)
        return Pieces(sequences, np.array(text, dtype=np.int64), np.array(weight, dtype=np.float32))

    def _pieces(self, sequence: TokenIds, length: int, limit: int, windows: bool) -> Iterator[tuple[TokenIds, int]]:
        if length <= limit:
            # Where a tokenizer adds no special token, an empty text has none at all.
            yield sequence if length else np.array([self._tokenizer.pad_token_id], dtype=np.int32), 1
            return
        # The end of a prompt may be joined to the text's first word in one token, which is then the text's.
        n_head = max(self._before, _common(self._prompted, sequence.tolist()))
        head, body, tail = np.split(sequence, [n_head, length - self._after])
        room = limit - n_head - self._after
        for part in np.array_split(body, -(-len(body) // room)) if windows else [body[:room]]:
            yield np.concatenate([head, part, tail]), len(part)

    def _ids(self, texts: list[str]) -> list[list[int]]:
        encoded = self._tokenizer(
            texts,
            add_special_tokens=self._special,
            truncation=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )
        ids: list[list[int]] = encoded["input_ids"]
        return ids


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """Count the tokens that both begin with."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
