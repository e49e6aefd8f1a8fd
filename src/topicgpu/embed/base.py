"""What every encoder offers, whether a model, a table or somebody's object: texts in, unit rows out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Ints, Strings

# Told texts done, texts in all and tokens read so far.
Progress = Callable[[int, int, int], None]
FIRST_WINDOW = 1024


class EncoderInfo(NamedTuple):
    """What a run's manifest says about its encoder."""

    model: str
    revision: str  # hash of the weights
    settings: str  # hash of the other files that decide a vector
    found_in: str
    tier: str  # model, int8, static or custom
    languages: Strings
    dimension: int
    max_tokens: int
    long_texts: str  # windows or truncate
    pooling: str
    pooling_stated: bool
    prompt: str
    precision: str
    device: str

    def identity(self) -> dict[str, Any]:
        """
        Everything that decides what vector a text gets: the key of the vector cache.

        Returns
        -------
        dict
            Plain data. The device is not part of it, and neither is where the model was found; the code that turns
            texts into vectors is, so that a corrected one does not meet vectors of the old.
        """
        left_out = {"found_in", "languages", "device", "pooling_stated"}
        named = self._asdict() | {"model": self.model.rstrip("/").rpartition("/")[2]}
        return {name: value for name, value in named.items() if name not in left_out} | {"code": _hash_code()}


# What lies between a text and its vector; how batches are planned and kept makes no difference to it.
_DECIDES = ("custom", "encoder", "forward", "int8", "load", "pooling", "quantize", "recipe", "tokens")


@cache
def _hash_code() -> str:
    folder = Path(__file__).parent
    return sha256(b"".join((folder / f"{name}.py").read_bytes() for name in _DECIDES)).hexdigest()


class Batch(NamedTuple):
    """Vectors of some of the texts, as soon as they are computed."""

    rows: Ints
    vectors: NDArray[np.float32]
    n_tokens: int  # read for them


class TextEncoder(ABC):
    """Anything that turns texts into unit vectors. A subclass says how a window of texts is computed."""

    info: EncoderInfo
    # Texts that are tokenized, sorted by length and held at a time: dozens of batches, so that the last ones, of what
    # is left, count little.
    window = 4096

    @abstractmethod
    def count_tokens(self, texts: Sequence[str]) -> Ints:
        """
        Count the tokens that the encoder would read, special ones and prompt included, without truncation.

        Parameters
        ----------
        texts : sequence of str, length n
            Any texts.

        Returns
        -------
        ndarray of int64, shape (n,)
            Tokens of each text.
        """

    @abstractmethod
    def prepare(self, texts: Sequence[str]) -> Any:
        """
        Do what can be done ahead of the model, in another thread: tokenize.

        Parameters
        ----------
        texts : sequence of str
            All different.

        Returns
        -------
        object
            For `batches`.
        """

    @abstractmethod
    def batches(self, prepared: Any) -> Iterator[Batch]:
        """
        Embed prepared texts batch by batch, in whatever order is fastest.

        Parameters
        ----------
        prepared : object
            From `prepare`.

        Yields
        ------
        Batch
            Unit vectors; each text in one batch.
        """

    @property
    def facts(self) -> dict[str, Any]:
        """What the manifest says of the work done so far."""
        return {}

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """
        Embed texts.

        Parameters
        ----------
        texts : sequence of str, length n
            Of any length.
        progress : callable, optional
            Told texts done, texts in all and tokens read after each batch.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Unit vectors, in the order of `texts`. Equal texts are computed once.

        Raises
        ------
        TextTooLargeError
            If a single text does not fit into the device's memory.
        """
        row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        vectors = np.empty((len(row_of), self.info.dimension), dtype=np.float32)
        done = n_tokens = 0
        for start, _, batch in self._stream(row_of):
            vectors[start + batch.rows] = batch.vectors
            done, n_tokens = done + len(batch.rows), n_tokens + batch.n_tokens
            if progress is not None:
                progress(done, len(row_of), n_tokens)
        return vectors if len(row_of) == len(texts) else vectors[[row_of[text] for text in texts]]

    def encode_windows(self, texts: Iterable[str]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """
        Embed a stream of texts in flat memory.

        Parameters
        ----------
        texts : iterable of str
            As many as there are; one window of them is held, and one is being tokenized.

        Yields
        ------
        (int, ndarray of float32, shape (m, d))
            Place of a window's first text, and its unit vectors in the order of the texts.
        """
        window: NDArray[np.float32] | None = None
        for start, size, batch in self._stream(texts):
            if window is None:
                window, missing = np.empty((size, self.info.dimension), dtype=np.float32), size
            window[batch.rows] = batch.vectors
            missing -= len(batch.rows)
            if not missing:
                yield start, window
                window = None

    def _stream(self, texts: Iterable[str]) -> Iterator[tuple[int, int, Batch]]:
        """Window after window, each prepared while the one before is computed: its start, its size, and a batch."""
        start = 0
        with ThreadPoolExecutor(max_workers=1) as helper:
            windows = _windows(texts, self.window)
            held = next(windows, None)
            ahead = helper.submit(self.prepare, held) if held is not None else None
            while ahead is not None and held is not None:
                prepared, size = ahead.result(), len(held)
                held = next(windows, None)
                ahead = helper.submit(self.prepare, held) if held is not None else None
                for batch in self.batches(prepared):
                    yield start, size, batch
                start += size


def _windows(texts: Iterable[str], most: int) -> Iterator[list[str]]:
    """Small windows first, so that the model need not wait long for its first batch."""
    stream, size = iter(texts), FIRST_WINDOW
    while held := list(islice(stream, size)):
        yield held
        size = min(4 * size, most)
