"""Vectors that are kept, so that no text is embedded twice: shared by every run and host that sees the folder.

Each batch becomes a file of its own, a shard, renamed into place: when `append` returns, a kill loses nothing. Files
are never modified and their names never repeat, so processes need no lock to read and append. Where many small shards
have come together, one process at a time writes them as one and then deletes them. Who meets a file that is gone looks
again: what it held is in a newer one.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import NumericalError, ShapeError
from topicgpu.store.cache_folder import (
    DESCRIPTION,
    cache_errors,
    encoder_key,
    remove_strays,
    try_lock,
)
from topicgpu.store.files import write_beside
from topicgpu.store.inventory import Inventory
from topicgpu.store.keys import Keys, check_keys
from topicgpu.store.merging import merge_shards, plan_merge
from topicgpu.store.shards import LostShard, Vectors, write_shard


class VectorCache:
    """
    The vectors of one encoder.

    Parameters
    ----------
    root : Path
        Folder of all encoders' vectors; made when the first vector is kept.
    identity : mapping
        All that decides what vector a text gets, as plain data: model, weights, settings, pooling, prompt, precision.
    dimension : int
        Of the vectors; a part of the identity.

    Attributes
    ----------
    folder : Path
        Where this encoder's vectors lie.
    warnings : list of str
        A sentence for each file that could not be used.

    Raises
    ------
    CacheError
        If the folder is there and can't be listed.

    Notes
    -----
    Memory: 24 bytes a vector, whatever its dimension. For one thread.
    """

    def __init__(self, root: Path, identity: Mapping[str, Any], dimension: int) -> None:
        description = {**identity, "dimension": dimension}
        self.folder = root / encoder_key(description)
        self._description = json.dumps(description, indent=2, sort_keys=True) + "\n"
        self._dimension = dimension
        self._merges = True
        self._inventory = Inventory(self.folder)
        self.warnings = self._inventory.warnings
        self.refresh()

    def __enter__(self) -> "VectorCache":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find(self, keys: Keys) -> NDArray[np.bool_]:
        """
        Tell which vectors are there, without reading any.

        Parameters
        ----------
        keys : ndarray of uint8, shape (m, 16)
            As `text_keys` makes them.

        Returns
        -------
        ndarray of bool, shape (m,)
            What was there at the last look. Only `read` knows whether a file is still there and whole.
        """
        check_keys(keys)
        return self._inventory.index.find(keys)[0] >= 0

    def read(self, keys: Keys) -> tuple[Vectors, NDArray[np.bool_]]:
        """
        Read vectors.

        Parameters
        ----------
        keys : ndarray of uint8, shape (m, 16)
            As `text_keys` makes them.

        Returns
        -------
        ndarray of float32, shape (m, d)
            Zeros where none was found.
        ndarray of bool, shape (m,)
            Which were found.

        Notes
        -----
        The first time that a process needs a shard, it reads the whole of it to compare its checksum.
        """
        check_keys(keys)
        vectors = np.zeros((len(keys), self._dimension), dtype=np.float32)
        found = np.zeros(len(keys), dtype=bool)
        while not self._read_missing(keys, vectors, found):
            pass
        return vectors, found

    def append(self, keys: Keys, vectors: Vectors) -> None:
        """
        Keep vectors. Once this returns, they outlive the process.

        Parameters
        ----------
        keys : ndarray of uint8, shape (n, 16)
            As `text_keys` makes them. One that is there already does no harm.
        vectors : ndarray of float32, shape (n, d)
            Finite.

        Raises
        ------
        CacheError
            If the cache can't be written; what was there stays.
        ShapeError
            If the arrays do not fit each other or the cache.
        NumericalError
            If a vector is not finite.
        """
        check_keys(keys)
        vectors = np.asarray(vectors, dtype=np.float32)
        if vectors.shape != (len(keys), self._dimension):
            raise ShapeError(f"vectors must be ({len(keys)}, {self._dimension}); got {vectors.shape}.")
        finite = np.isfinite(vectors).all(axis=1)
        if not finite.all():
            raise NumericalError(f"vectors to keep must be finite; row {int(finite.argmin())} is not.")
        if not len(keys):
            return
        with cache_errors(self.folder, "written"):
            self._describe()
            shard = write_shard(self.folder, keys, [vectors], self._dimension, durable=False)
        self._inventory.add([(shard, keys)])
        self._merge()

    def refresh(self) -> None:
        """
        Take in what other processes have done since the last look.

        Raises
        ------
        CacheError
            If the folder can't be listed.
        """
        self._inventory.refresh()

    def close(self) -> None:
        """Merge small shards where there are many. Nothing is held open."""
        self._merge()

    def _describe(self) -> None:
        path = self.folder / DESCRIPTION
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_beside(path, lambda temporary: temporary.write_text(self._description, encoding="utf-8"))

    def _read_missing(self, keys: Keys, vectors: Vectors, found: NDArray[np.bool_]) -> bool:
        """Whether all was read that the index promised; if not, it promises less now."""
        missing = np.flatnonzero(~found)
        shards, rows = self._inventory.index.find(keys[missing])
        order = np.lexsort((rows, shards))
        order = order[shards[order] >= 0]
        lost = []
        for part in np.split(order, np.flatnonzero(np.diff(shards[order])) + 1):
            if len(part):
                places = missing[part]
                try:
                    self._inventory.shards[int(shards[part[0]])].copy(rows[part], vectors, places)
                    found[places] = True
                except LostShard as error:
                    vectors[places] = 0
                    lost.append(error)
        self._inventory.lose(lost)
        return not lost

    def _merge(self) -> None:
        if not self._merges or not self._group():
            return
        try:
            with try_lock(self.folder) as mine:
                if mine:
                    self.refresh()
                    while group := self._group():
                        merged = merge_shards([self._inventory.shards[number] for number in group])
                        self._inventory.forget(group)
                        self._inventory.add([merged])
                    remove_strays(self.folder)
        except LostShard as error:
            self._inventory.lose([error])
        except OSError as error:  # nothing is lost; the small shards stay, and are not tried again with every batch
            self._merges = False
            self.warnings.append(f"{self.folder}: its small files can't be merged ({error.strerror or error}).")

    def _group(self) -> list[int]:
        shards = self._inventory.shards
        numbers = list(shards)
        return [numbers[at] for at in plan_merge([shards[number].nbytes for number in numbers])]
