"""Somebody else's encoder: any function or object that turns texts into vectors."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.embed.base import Batch, EncoderInfo, TextEncoder
from topicgpu.errors import ModelError
from topicgpu.ops.words import count_words
from topicgpu.types import NO_LIMIT, Ints

_BATCH = 256


class CustomEncoder(TextEncoder):
    """
    Any function from texts to vectors, or any object with such a method `encode`.

    Parameters
    ----------
    encode : callable or object
        Takes a list of str; gives (n, d) numbers. Its rows are normalised here.
    name : str, optional
        In the manifest and the report; the name of the function or class if not given.
    revision : str, optional
        Changes whenever its vectors would. Only with one are vectors kept for later runs.
    languages : sequence of str
        Languages that it serves (ISO 639-1); empty: all.

    Raises
    ------
    ModelError
        If it is neither, or does not give one row of finite numbers a text.

    Notes
    -----
    Words count as tokens unless the object counts its own (`count_tokens`); its limit is its `max_seq_length`, where it
    has one. What it does with longer texts is its own affair.
    """

    def __init__(self, encode: Any, name: str = "", revision: str = "", languages: Sequence[str] = ()) -> None:
        call = getattr(encode, "encode", encode)
        if isinstance(encode, str) or not callable(call):
            raise ModelError(
                f"encoder = {encode!r}: is neither a function nor an object with a method encode; a model's name goes "
                "into embedding.model."
            )
        self._call, self._count = call, getattr(encode, "count_tokens", None)
        named = name or getattr(encode, "__name__", type(encode).__name__)
        self._name = named
        self.info = EncoderInfo(
            model=named,
            revision=revision,
            settings="",
            found_in="Python",
            tier="custom",
            languages=tuple(languages),
            dimension=self._vectors(["text"]).shape[1],
            max_tokens=int(getattr(encode, "max_seq_length", None) or NO_LIMIT),
            long_texts="its own",
            pooling="its own",
            pooling_stated=True,
            prompt="",
            precision="its own",
            device="its own",
        )

    def count_tokens(self, texts: Sequence[str]) -> Ints:
        counts = self._count(texts) if self._count else [count_words(text) for text in texts]
        return np.asarray(counts, dtype=np.int64)

    def prepare(self, texts: Sequence[str]) -> Sequence[str]:
        return texts

    def batches(self, prepared: Sequence[str]) -> Iterator[Batch]:
        """
        Hand the texts over in blocks.

        Parameters
        ----------
        prepared : sequence of str
            The texts.

        Yields
        ------
        Batch
            Unit vectors.

        Raises
        ------
        ModelError
            If what comes back is not one row of finite numbers a text.
        """
        for start in range(0, len(prepared), _BATCH):
            block = list(prepared[start : start + _BATCH])
            rows = np.arange(start, start + len(block))
            vectors = self._vectors(block)
            if vectors.shape[1] != self.info.dimension:
                raise ModelError(
                    f"{self._name} gave {vectors.shape[1]} numbers a text, and {self.info.dimension} before."
                )
            yield Batch(rows, vectors, int(self.count_tokens(block).sum()))

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        given = self._call(texts)
        try:
            vectors = np.asarray(given, dtype=np.float32)
        except (TypeError, ValueError) as error:  # rows of several lengths, words
            raise ModelError(f"{self._name} gave what is no array of numbers ({error}).") from error
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelError(
                f"{self._name} gave an array of shape {vectors.shape} for {len(texts)} texts; it must give one row for "
                "each."
            )
        if not np.isfinite(vectors).all():
            row = int(np.isfinite(vectors).all(axis=1).argmin())
            raise ModelError(f"{self._name} gave a vector that is not finite for {texts[row]!r}.")
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not norms.all():
            raise ModelError(f"{self._name} gave a vector of zeros for {texts[int(norms.argmin())]!r}.")
        unit: NDArray[np.float32] = vectors / norms
        return unit
