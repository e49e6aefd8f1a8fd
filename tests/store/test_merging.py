"""Which shards are merged, and what a merge leaves."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.store import text_keys
from topicgpu.store.merging import merge_shards, plan_merge
from topicgpu.store.shards import LostShard, open_shard, write_shard


@given(st.lists(st.sampled_from([600, 50_000, 900_000, 20 << 20, 100 << 20, 300 << 20]), max_size=300))
def test_a_plan_is_of_like_sizes_and_within_the_limit(sizes):
    plan = plan_merge(sizes)
    chosen = [sizes[at] for at in plan]
    assert len(set(plan)) == len(plan)
    assert len(plan) != 1
    assert sum(chosen) <= 256 << 20
    assert max(chosen, default=0) < 128 << 20
    if chosen:
        assert max(chosen) < 16 * max(min(chosen), 1 << 16)
    else:
        assert all(sizes.count(size) < 64 for size in (20 << 20, 100 << 20))


@pytest.mark.parametrize("size", [2_048, 50_000, 2_400_000])
def test_a_growing_cache_stays_few_files_and_is_rewritten_twice_at_most(size):
    files: list[int] = []
    rewritten = most = 0
    for _ in range(5000):
        files.append(size)
        while plan := plan_merge(files):
            merged = sum(files[at] for at in plan)
            files = [file for at, file in enumerate(files) if at not in set(plan)] + [merged]
            rewritten += merged
        most = max(most, len(files))
    assert sum(files) == 5000 * size
    assert most <= 256
    assert rewritten <= 2 * sum(files)


def test_a_merge_keeps_each_key_once_and_the_last_use(tmp_path):
    shards = []
    for number in range(3):
        keys = text_keys([f"text {row}" for row in range(number, number + 4)])
        vectors = np.full((4, 2), number, dtype=np.float32)
        shards.append(write_shard(tmp_path, keys, [vectors], 2, durable=False, used=1000.0 + number % 2))
    merged, keys = merge_shards(shards)
    assert list(tmp_path.iterdir()) == [merged.path]
    assert os.stat(merged.path).st_mtime == 1001.0  # noqa: PTH116 (the raw value)
    assert [key.tobytes() for key in keys] == [key.tobytes() for key in text_keys([f"text {row}" for row in range(6)])]
    shard, back = open_shard(merged.path)
    np.testing.assert_array_equal(back, keys)
    assert next(shard.blocks())[1][:, 0].tolist() == [0, 0, 0, 0, 1, 2]


def test_a_damaged_shard_stops_a_merge_and_nothing_is_changed(tmp_path):
    shards = [
        write_shard(tmp_path, text_keys([name]), [np.ones((1, 2), dtype=np.float32)], 2, durable=False)
        for name in "abc"
    ]
    content = shards[1].path.read_bytes()
    shards[1].path.write_bytes(content[:-1] + b"\x55")
    with pytest.raises(LostShard) as caught:
        merge_shards(shards)
    assert caught.value.path == shards[1].path
    assert sorted(tmp_path.iterdir()) == sorted(shard.path for shard in shards)
