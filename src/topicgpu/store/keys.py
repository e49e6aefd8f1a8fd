"""Texts as 16-byte keys, and a compact index from keys to places: NumPy arrays, no Python object a key."""

import hashlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import ShapeError
from topicgpu.types import Ints

KEY_BYTES = 16
Keys = NDArray[np.uint8]
_Halves = NDArray[np.uint64]


def text_keys(texts: Sequence[str]) -> Keys:
    """
    Hash texts.

    Parameters
    ----------
    texts : sequence of str, length n
        Any texts, lone surrogates included.

    Returns
    -------
    ndarray of uint8, shape (n, 16)
        The first 16 bytes of the SHA-256 of each text in UTF-8. Among 10^12 texts, two share a key with a
        probability of 10^-15.
    """
    digests = b"".join(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:KEY_BYTES] for text in texts)
    return np.frombuffer(digests, dtype=np.uint8).reshape(-1, KEY_BYTES)


def check_keys(keys: Keys) -> None:
    """
    Raise unless these are keys.

    Parameters
    ----------
    keys : ndarray of uint8, shape (n, 16)
        As `text_keys` makes them.

    Raises
    ------
    ShapeError
        If they have another shape or type.
    """
    if keys.ndim != 2 or keys.shape[1] != KEY_BYTES or keys.dtype != np.uint8:
        raise ShapeError(f"keys must be (n, {KEY_BYTES}) uint8; got {keys.shape} {keys.dtype}; make them by text_keys.")


def first_copies(keys: Keys) -> NDArray[np.bool_]:
    """
    Mark the first row of each key.

    Parameters
    ----------
    keys : ndarray of uint8, shape (n, 16)
        In any order.

    Returns
    -------
    ndarray of bool, shape (n,)
        False where the same key stands in an earlier row.
    """
    high, low = _halves(keys)
    order = np.lexsort((low, high))
    same = (high[order][1:] == high[order][:-1]) & (low[order][1:] == low[order][:-1])
    first = np.ones(len(keys), dtype=bool)
    first[order[1:][same]] = False
    return first


class _Run(NamedTuple):
    """Entries in ascending order of `high`; those that share it, a matter of chance, are in any order."""

    high: _Halves
    low: _Halves
    shard: NDArray[np.uint32]
    row: NDArray[np.uint32]

    def take(self, which: NDArray[np.bool_] | Ints) -> "_Run":
        """Pick entries."""
        return _Run(self.high[which], self.low[which], self.shard[which], self.row[which])

    def find(self, high: _Halves, low: _Halves) -> Ints:
        """Find the entry of each key, -1 where there is none."""
        at = np.searchsorted(self.high, high)
        found = np.full(len(high), -1, dtype=np.int64)
        pending = np.arange(len(high))
        while len(pending):  # once, and once more for each further entry with the same first half
            pending = pending[at[pending] < len(self.high)]
            pending = pending[self.high[at[pending]] == high[pending]]
            same = self.low[at[pending]] == low[pending]
            found[pending[same]] = at[pending[same]]
            pending = pending[~same]
            at[pending] += 1
        return found


class KeyIndex:
    """
    Where the vector of a key lies: which shard, which row.

    Notes
    -----
    24 bytes an entry. Sorted runs, each at least twice as long as the next, as in a log-structured merge tree
    (O'Neil et al. 1996): adding n entries a few at a time costs O(n log n), finding m keys O(m log^2 n) at worst.
    A key may be added again; every copy stays, so that one is left when a shard is dropped.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.high) for run in self._runs)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the entries take."""
        return sum(column.nbytes for run in self._runs for column in run)

    def add(self, keys: Keys, shard: NDArray[np.uint32], row: NDArray[np.uint32]) -> None:
        """
        Add entries.

        Parameters
        ----------
        keys : ndarray of uint8, shape (n, 16)
            In any order.
        shard, row : ndarray of uint32, shape (n,)
            Where the vector of each lies.
        """
        if not len(keys):
            return
        self._runs.append(_sorted(_Run(*_halves(keys), shard, row)))
        while len(self._runs) > 1 and len(self._runs[-2].high) < 2 * len(self._runs[-1].high):
            self._runs[-2:] = [_sorted(_joined(*self._runs[-2:]))]

    def find(self, keys: Keys) -> tuple[Ints, Ints]:
        """
        Look up keys.

        Parameters
        ----------
        keys : ndarray of uint8, shape (m, 16)
            Any.

        Returns
        -------
        ndarray of int64, ndarray of int64, each of shape (m,)
            Shard and row; -1 and -1 where the key is not there. Of several copies, any.
        """
        high, low = _halves(keys)
        shard = np.full(len(keys), -1, dtype=np.int64)
        row = np.full(len(keys), -1, dtype=np.int64)
        for run in self._runs:
            missing = np.flatnonzero(shard < 0)
            at = run.find(high[missing], low[missing])
            hit = missing[at >= 0]
            shard[hit] = run.shard[at[at >= 0]]
            row[hit] = run.row[at[at >= 0]]
        return shard, row

    def drop(self, shards: Collection[int]) -> None:
        """
        Forget every entry of some shards.

        Parameters
        ----------
        shards : collection of int
            Which.
        """
        numbers = np.array(sorted(shards), dtype=np.uint32)
        kept = [run.take(~np.isin(run.shard, numbers)) for run in self._runs]
        self._runs = [run for run in kept if len(run.high)]


def _halves(keys: Keys) -> tuple[_Halves, _Halves]:
    # Integers and not bytes: NumPy's bytes end at a NUL, and its integers sort and search many times faster.
    halves = np.ascontiguousarray(keys).view(np.uint64)
    return halves[:, 0].copy(), halves[:, 1].copy()


def _joined(one: _Run, other: _Run) -> _Run:
    return _Run(
        np.concatenate((one.high, other.high)),
        np.concatenate((one.low, other.low)),
        np.concatenate((one.shard, other.shard)),
        np.concatenate((one.row, other.row)),
    )


def _sorted(run: _Run) -> _Run:
    return run.take(np.argsort(run.high, kind="stable"))  # stable: it joins two sorted runs in one pass
