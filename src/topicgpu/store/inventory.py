"""What this process knows of an encoder's folder: its shards, where each key lies, and what could not be used."""

from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path

import numpy as np

from topicgpu.store.cache_folder import cache_errors, set_aside, shard_paths
from topicgpu.store.keys import KeyIndex, Keys
from topicgpu.store.shards import LostShard, Shard, open_shard


class Inventory:
    """
    The shards of a folder and the index of their keys.

    Parameters
    ----------
    folder : Path
        An encoder's; it need not be there.

    Attributes
    ----------
    index : KeyIndex
        From keys to shard numbers and rows.
    shards : dict
        From numbers, never used again, to shards.
    warnings : list of str
        A sentence for each file that could not be used.
    """

    def __init__(self, folder: Path) -> None:
        self.index = KeyIndex()
        self.shards: dict[int, Shard] = {}
        self.warnings: list[str] = []
        self._folder = folder
        self._numbers = count()
        self._lost: set[Path] = set()  # not looked at again, though they may still be listed

    def refresh(self) -> None:
        """
        Take in what other processes have done since the last look.

        Raises
        ------
        CacheError
            If the folder can't be listed.
        """
        while self._look():
            pass

    def add(self, found: Sequence[tuple[Shard, Keys]]) -> None:
        """
        Take in shards.

        Parameters
        ----------
        found : sequence of (Shard, ndarray of uint8 of shape (n, 16))
            Each with its keys.
        """
        if not found:
            return
        numbers = [next(self._numbers) for _ in found]
        self.shards.update(zip(numbers, (shard for shard, _ in found), strict=True))
        lengths = [shard.rows for shard, _ in found]
        self.index.add(
            np.concatenate([keys for _, keys in found]),
            np.repeat(np.array(numbers, dtype=np.uint32), lengths),
            np.concatenate([np.arange(length, dtype=np.uint32) for length in lengths]),
        )

    def forget(self, numbers: Collection[int]) -> None:
        """
        Drop shards.

        Parameters
        ----------
        numbers : collection of int
            Which.
        """
        if numbers:
            self.index.drop(numbers)
            for number in numbers:
                del self.shards[number]

    def lose(self, errors: Sequence[LostShard]) -> None:
        """
        Go on without shards that can't be read: damaged ones are moved aside, those that are gone looked for again.

        Parameters
        ----------
        errors : sequence of LostShard
            One for each.

        Raises
        ------
        CacheError
            If the folder can't be listed.
        """
        self._drop(errors)
        if any(error.how == "gone" for error in errors):
            self.refresh()

    def _look(self) -> bool:
        """Whether files have vanished, so that what they held may be in one that was not listed yet."""
        with cache_errors(self._folder, "read"):
            paths = shard_paths(self._folder)
        self._lost.intersection_update(paths)
        known = {shard.path: number for number, shard in self.shards.items()}
        vanished = [known[path] for path in known.keys() - set(paths)]
        self.forget(vanished)
        found, lost = [], []
        for path in paths:
            if path not in known and path not in self._lost:
                try:
                    found.append(open_shard(path))
                except LostShard as error:
                    lost.append(error)
        self.add(found)
        self._drop(lost)
        return bool(vanished) or any(error.how == "gone" for error in lost)

    def _drop(self, errors: Sequence[LostShard]) -> None:
        for error in errors:
            self._lost.add(error.path)
            if error.how == "damaged":
                fate = set_aside(error.path)
                self.warnings.append(f"{error.path}: {error.why}; {fate}, and its vectors are computed again.")
            elif error.how == "unreadable":
                self.warnings.append(f"{error.path}: can't be read ({error.why}); its vectors are computed again.")
        self.forget([number for number, shard in self.shards.items() if shard.path in self._lost])
