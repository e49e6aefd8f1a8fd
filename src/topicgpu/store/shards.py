"""One file of vectors and their keys: written once, checked when it is read, set aside when it is damaged.

A shard is a safetensors file whose header has one form only: a reader makes the header that the content calls for and
compares, so that no byte of it can differ unseen. CRC-32 finds every flipped byte, and was measured at 4 times the
speed of BLAKE2b. Bytes are read, not mapped: a bad sector, or a file that another host deletes, is then an error that
can be answered, where a mapping would end the process with SIGBUS.
"""

import errno
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topicgpu.store.cache_folder import new_shard_path
from topicgpu.store.files import write_beside
from topicgpu.store.keys import KEY_BYTES, Keys
from topicgpu.types import Ints

Vectors = NDArray[np.float32]
_HEADER_BYTES = 512  # always, so that it can be written after what it describes
_BLOCK_BYTES = 1 << 18


class LostShard(Exception):
    """
    A shard that can't be read. The cache goes on without it: no caller of the cache sees this.

    Parameters
    ----------
    path : Path
        Of the shard.
    how : {"gone", "damaged", "unreadable"}
        Gone: another process merged or deleted it. Unreadable: it is there, and the system refuses.
    why : str
        What was found.
    """

    def __init__(self, path: Path, how: Literal["gone", "damaged", "unreadable"], why: str) -> None:
        super().__init__(f"{path}: {how} ({why})")
        self.path, self.how, self.why = path, how, why


@dataclass(slots=True)
class Shard:
    """A shard whose header and keys are right. `checked`: its vectors too, as far as this process knows."""

    path: Path
    rows: int
    dimension: int
    checksum: str
    checked: bool = False

    @property
    def nbytes(self) -> int:
        """Size of the file."""
        return _HEADER_BYTES + self.rows * (KEY_BYTES + 4 * self.dimension)

    def last_used(self) -> float:
        """
        Look up when its vectors were last used.

        Returns
        -------
        float
            Seconds since 1970; a lost shard raises.
        """
        with _reading(self.path):
            return self.path.stat().st_mtime

    def copy(self, rows: Ints, out: Vectors, places: Ints) -> None:
        """
        Copy vectors. The first time, the whole shard is read and checked, and its file marked as used.

        Parameters
        ----------
        rows : ndarray of int64, shape (n,)
            Which rows of the shard, ascending.
        out : ndarray of float32, shape (m, d)
            Where to; what it holds is not to be used if this raises.
        places : ndarray of int64, shape (n,)
            Which rows of `out`.

        Raises
        ------
        LostShard
            If the file is gone, damaged or unreadable.
        """
        for start, block in self.blocks(rows if self.checked else None):
            first, last = np.searchsorted(rows, (start, start + len(block)))
            out[places[first:last]] = block[rows[first:last] - start]
        if not self.checked:
            self.checked = True
            with suppress(OSError):  # a cache that can only be read can't be pruned either
                os.utime(self.path)

    def blocks(self, rows: Ints | None = None) -> Iterator[tuple[int, Vectors]]:
        """
        Read vectors, some hundred kilobytes at a time.

        Parameters
        ----------
        rows : ndarray of int64, optional
            Only the blocks that hold these, unchecked; by default all, and their checksum is compared at the end.

        Yields
        ------
        int, ndarray of float32, shape (b, d)
            First row of the block, and its vectors, which the next block overwrites.

        Raises
        ------
        LostShard
            If the file is gone, damaged or unreadable.
        """
        size = max(1, _BLOCK_BYTES // (4 * self.dimension))
        numbers = range(-(-self.rows // size)) if rows is None else np.unique(rows // size).tolist()
        buffer = np.empty((min(size, self.rows), self.dimension), dtype="<f4")
        checksum = 0
        with _reading(self.path), self.path.open("rb") as file:
            for start in (number * size for number in numbers):
                block = buffer[: self.rows - start]
                file.seek(_HEADER_BYTES + KEY_BYTES * self.rows + 4 * self.dimension * start)
                if file.readinto(block.data) < block.nbytes:
                    raise LostShard(self.path, "damaged", "it is cut short")
                if rows is None:
                    checksum = zlib.crc32(block.data, checksum)
                yield start, block
        if rows is None and f"{checksum:08x}" != self.checksum:
            raise LostShard(self.path, "damaged", "the checksum of its vectors differs")


def open_shard(path: Path) -> tuple[Shard, Keys]:
    """
    Read a shard's header and keys, and check them.

    Parameters
    ----------
    path : Path
        The file, in its encoder's folder.

    Returns
    -------
    Shard, ndarray of uint8 of shape (n, 16)
        The shard, its vectors not yet read, and its keys.

    Raises
    ------
    LostShard
        If the file is gone, damaged or unreadable.
    """
    with _reading(path), path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
        try:
            content = json.loads(head[8:])
            rows, dimension = map(int, content["vectors"]["shape"])
            checksum = str(content["__metadata__"]["vectors_crc32"])
        except (ValueError, KeyError, TypeError, OverflowError):
            raise LostShard(path, "damaged", "it has no header of a shard") from None
        shard = Shard(path, rows, dimension, checksum)
        if min(rows, dimension) < 1 or os.fstat(file.fileno()).st_size != shard.nbytes:
            raise LostShard(path, "damaged", "it is not as long as its header says")
        keys = file.read(KEY_BYTES * rows)
    if head != _header(path.parent.name, rows, dimension, f"{zlib.crc32(keys):08x}", checksum):
        raise LostShard(path, "damaged", "its header or the checksum of its keys differs, or it is another encoder's")
    return shard, np.frombuffer(keys, dtype=np.uint8).reshape(-1, KEY_BYTES)


def write_shard(
    folder: Path, keys: Keys, blocks: Iterable[Vectors], dimension: int, *, durable: bool, used: float | None = None
) -> Shard:
    """
    Write a shard under a name that no other process takes.

    Parameters
    ----------
    folder : Path
        The encoder's.
    keys : ndarray of uint8, shape (n, 16)
        Of the vectors.
    blocks : iterable of ndarray of float32, shape (b, d)
        The vectors, n in all; held one at a time.
    dimension : int
        Their d.
    durable : bool
        Whether it must outlive a power cut, and not only a kill.
    used : float, optional
        When the vectors were last used, in seconds since 1970; by default now.

    Returns
    -------
    Shard
        What was written.

    Raises
    ------
    OSError
        If it can't be written; nothing is left there.
    """
    checksum = 0

    def write(temporary: Path) -> None:
        nonlocal checksum
        data = np.ascontiguousarray(keys).tobytes()
        with temporary.open("wb") as file:
            file.seek(_HEADER_BYTES)
            file.write(data)
            for block in blocks:
                vectors = np.ascontiguousarray(block, dtype="<f4").data
                checksum = zlib.crc32(vectors, checksum)
                file.write(vectors)
            file.seek(0)
            file.write(_header(folder.name, len(keys), dimension, f"{zlib.crc32(data):08x}", f"{checksum:08x}"))
        if used is not None:
            os.utime(temporary, (used, used))

    path = new_shard_path(folder)
    write_beside(path, write, durable=durable)
    return Shard(path, len(keys), dimension, f"{checksum:08x}")


def _header(folder: str, rows: int, dimension: int, keys_crc32: str, vectors_crc32: str) -> bytes:
    keys_end = KEY_BYTES * rows
    content = {
        "__metadata__": {"encoder": folder, "keys_crc32": keys_crc32, "vectors_crc32": vectors_crc32},
        "keys": {"dtype": "U8", "shape": [rows, KEY_BYTES], "data_offsets": [0, keys_end]},
        "vectors": {
            "dtype": "F32",
            "shape": [rows, dimension],
            "data_offsets": [keys_end, keys_end + 4 * rows * dimension],
        },
    }
    length = _HEADER_BYTES - 8
    return length.to_bytes(8, "little") + json.dumps(content, separators=(",", ":")).encode().ljust(length)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        gone = isinstance(error, FileNotFoundError) or error.errno == errno.ESTALE
        raise LostShard(path, "gone" if gone else "unreadable", error.strerror or str(error)) from error
