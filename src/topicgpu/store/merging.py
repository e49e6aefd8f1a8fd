"""Many small shards into one, so that a cache that grows by small batches stays a few dozen files."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.store.cache_folder import sync_folder
from topicgpu.store.keys import Keys, first_copies
from topicgpu.store.shards import Shard, Vectors, open_shard, write_shard

# Shards are merged with others of like size, so that a vector is written again a few times in all, and not with every
# merge. Those above the last size stay as they are.
_TIERS_BYTES = (1 << 16, 1 << 20, 1 << 24, 1 << 27)
_MANY = 64
_MERGED_BYTES = 1 << 28


def plan_merge(sizes: Sequence[int]) -> list[int]:
    """
    Choose the shards to merge.

    Parameters
    ----------
    sizes : sequence of int
        Bytes of each shard.

    Returns
    -------
    list of int
        Their places in `sizes`, smallest first: none, or at least two of like size that make one shard of at most
        256 MiB.
    """
    tiers: list[list[int]] = [[] for _ in range(len(_TIERS_BYTES) + 1)]
    for at in np.argsort(np.array(sizes, dtype=np.int64), kind="stable").tolist():
        tiers[bisect_right(_TIERS_BYTES, sizes[at])].append(at)
    for tier in tiers[:-1]:
        if len(tier) >= _MANY:
            total = np.cumsum([sizes[at] for at in tier])
            return tier[: int(np.searchsorted(total, _MERGED_BYTES, side="right"))]
    return []


def merge_shards(shards: Sequence[Shard]) -> tuple[Shard, Keys]:
    """
    Write shards as one, and delete them once it is safe. The caller holds the folder's lock.

    Parameters
    ----------
    shards : sequence of Shard
        Of one encoder.

    Returns
    -------
    Shard, ndarray of uint8 of shape (n, 16)
        The one, and its keys, each of them once.

    Raises
    ------
    LostShard
        If a shard can't be read; nothing is changed.
    OSError
        If the folder can't be written; no vector is lost.

    Notes
    -----
    Vectors are checked against their checksums on the way, and held a block at a time.
    """
    folder, dimension = shards[0].path.parent, shards[0].dimension
    keys = np.concatenate([open_shard(shard.path)[1] for shard in shards])
    kept = first_copies(keys)  # a merge that was killed before it deleted leaves everything twice
    used = max(shard.last_used() for shard in shards)
    merged = write_shard(folder, keys[kept], _kept_blocks(shards, kept), dimension, durable=True, used=used)
    sync_folder(folder)
    for shard in shards:
        shard.path.unlink(missing_ok=True)
    return merged, keys[kept]


def _kept_blocks(shards: Sequence[Shard], kept: NDArray[np.bool_]) -> Iterator[Vectors]:
    first = 0
    for shard in shards:
        for start, block in shard.blocks():
            yield block[kept[first + start : first + start + len(block)]]
        first += shard.rows
