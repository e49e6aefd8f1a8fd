"""An encoder that looks before it computes: vectors that were ever made are read, new ones are kept batch by batch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from topicgpu.config import EmbeddingSection
from topicgpu.embed.base import Batch, TextEncoder
from topicgpu.store import VectorCache, default_root, text_keys
from topicgpu.types import Ints


def cache_folder(config: EmbeddingSection) -> Path | None:
    """
    Find where a configuration has its vectors kept.

    Parameters
    ----------
    config : EmbeddingSection
        Its `cache` is `auto`, `off` or a folder.

    Returns
    -------
    Path or None
        Folder of all encoders' vectors; None: nowhere.
    """
    if config.cache == "off":
        return None
    return default_root() / "vectors" if config.cache == "auto" else Path(config.cache)


class _Prepared(NamedTuple):
    texts: Sequence[str]
    keys: Any
    to_compute: Ints
    inner: Any


class CachedEncoder(TextEncoder):
    """
    An encoder with the vector cache before it.

    Parameters
    ----------
    encoder : TextEncoder
        Computes what is not there.
    cache : VectorCache
        Of this encoder's identity.
    """

    def __init__(self, encoder: TextEncoder, cache: VectorCache) -> None:
        self._encoder, self._cache = encoder, cache
        self._lock = Lock()  # `prepare` looks from another thread while `batches` keeps
        self._expected: set[bytes] = set()  # keys that an earlier window is about to keep
        self._computed = self._taken = 0
        self.info = encoder.info

    @property
    def facts(self) -> dict[str, Any]:
        return {"computed": self._computed, "from_cache": self._taken, **self._encoder.facts}

    def count_tokens(self, texts: Sequence[str]) -> Ints:
        return self._encoder.count_tokens(texts)

    def prepare(self, texts: Sequence[str]) -> _Prepared:
        keys = text_keys(texts)
        to_compute = []
        with self._lock:
            for row in np.flatnonzero(~self._cache.find(keys)).tolist():
                key = keys[row].tobytes()
                if key not in self._expected:
                    self._expected.add(key)
                    to_compute.append(row)
        inner = self._encoder.prepare([texts[row] for row in to_compute]) if to_compute else None
        return _Prepared(texts, keys, np.array(to_compute, dtype=np.int64), inner)

    def batches(self, prepared: _Prepared) -> Iterator[Batch]:
        """
        Compute what is not in the cache, and keep each batch before it is yielded; then read the rest.

        Parameters
        ----------
        prepared : object
            From `prepare`.

        Yields
        ------
        Batch
            Unit vectors; each text in one batch.

        Raises
        ------
        CacheError
            If the cache can't be written. Batches that were kept before stay.
        TextTooLargeError
            As the encoder raises it.
        """
        texts, keys = prepared.texts, prepared.keys
        yield from self._compute(prepared.to_compute, keys, prepared.inner)
        rest = np.setdiff1d(np.arange(len(texts)), prepared.to_compute)
        if not len(rest):
            return
        with self._lock:
            vectors, found = self._cache.read(keys[rest])
        self._taken += int(found.sum())
        if found.any():
            yield Batch(rest[found], vectors[found], 0)
        lost = rest[~found]  # damaged or deleted since `prepare` looked
        if len(lost):
            yield from self._compute(lost, keys, self._encoder.prepare([texts[row] for row in lost]))

    def _compute(self, rows: Ints, keys: Any, inner: Any) -> Iterator[Batch]:
        if not len(rows):
            return
        for batch in self._encoder.batches(inner):
            made = rows[batch.rows]
            with self._lock:
                self._cache.append(keys[made], batch.vectors)
                self._expected.difference_update(key.tobytes() for key in keys[made])
            self._computed += len(made)
            yield Batch(made, batch.vectors, batch.n_tokens)
