"""All encoders' caches: listed, verified and kept within a limit."""

import os
import time

import numpy as np
import pytest

from topicgpu.errors import CacheError
from topicgpu.store import VectorCache, default_root, list_caches, prune_caches, text_keys, verify_caches

HOUR, DAY = 3600, 24 * 3600


def fill(root, model, names):
    """One shard a name; each of 512 + 16 + 8 bytes."""
    cache = VectorCache(root, {"model": model}, 2)
    for name in names:
        cache.append(text_keys([name]), np.ones((1, 2), dtype=np.float32))
    return cache


def age(path, written, used):
    """Make a shard look as if it was written and last used so many seconds ago."""
    now = time.time()
    stamp, _, rest = path.name.partition("-")
    assert abs(int(stamp) / 1e6 - now) < HOUR
    path = path.rename(path.with_name(f"{int((now - written) * 1e6):016d}-{rest}"))
    os.utime(path, (now - used, now - used))
    return path


def shards_in(cache):
    return sorted(cache.folder.glob("*.safetensors"))


def test_the_root_is_chosen_shared_or_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TOPICGPU_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert default_root() == tmp_path / ".cache/topicgpu"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_root() == tmp_path / ".cache/topicgpu"
    monkeypatch.setenv("XDG_CACHE_HOME", "/shared")
    assert str(default_root()) == "/shared/topicgpu"
    monkeypatch.setenv("TOPICGPU_CACHE", "~/chosen")
    assert default_root() == tmp_path / "chosen"


def test_no_cache_is_an_empty_list(tmp_path):
    root = tmp_path / "none"
    assert (list_caches(root), verify_caches(root), prune_caches(root, 0)) == ([], [], [])
    assert not root.exists()
    root.write_text("a file")
    for look in (list_caches, verify_caches, lambda root: prune_caches(root, 0)):
        with pytest.raises(CacheError, match=r"^.*none: the vector cache can't be (read|pruned) \(Not a directory\)"):
            look(root)


def test_a_list_has_one_row_an_encoder(tmp_path):
    caches = [fill(tmp_path, "one", "abc"), fill(tmp_path, "other", "a")]
    (tmp_path / "something else").mkdir()
    age(shards_in(caches[0])[0], DAY, DAY)
    rows = {row.identity["model"]: row for row in list_caches(tmp_path)}
    row = rows["one"]
    assert row.folder == caches[0].folder
    assert row.identity == {"model": "one", "dimension": 2}
    assert (row.vectors, row.shards, row.nbytes, row.damaged) == (3, 3, 3 * 536, 0)
    assert row.last_used == max(path.stat().st_mtime for path in shards_in(caches[0]))
    assert (rows["other"].vectors, rows["other"].shards) == (1, 1)


def test_verify_moves_what_is_damaged_aside_and_says_so(tmp_path):
    cache = fill(tmp_path, "one", "abcd")
    assert verify_caches(tmp_path) == []
    first, second, third, fourth = shards_in(cache)
    first.write_bytes(b"")
    second.write_bytes(second.read_bytes()[:-1] + b"\x55")
    description = cache.folder / "encoder.json"
    description.write_text('{"model": "another"}')
    (row,) = list_caches(tmp_path)
    assert (row.identity, row.vectors, row.shards) == ({}, 3, 3)
    assert [tuple(found) for found in verify_caches(tmp_path)] == [
        (description, "it does not describe this folder's encoder; moved to damaged/"),
        (first, "it has no header of a shard; moved to damaged/"),
        (second, "the checksum of its vectors differs; moved to damaged/"),
    ]
    assert shards_in(cache) == [third, fourth]
    assert len(list((cache.folder / "damaged").iterdir())) == 3
    assert verify_caches(tmp_path) == []
    assert list_caches(tmp_path)[0].damaged == 3
    fill(tmp_path, "one", "a")
    (row,) = list_caches(tmp_path)
    assert (row.identity, row.vectors) == ({"model": "one", "dimension": 2}, 3)


def test_what_was_not_used_longest_goes_first_over_all_encoders(tmp_path):
    one, other = fill(tmp_path, "one", "ab"), fill(tmp_path, "other", "ab")
    oldest, used = (age(path, 9 * DAY, last) for path, last in zip(shards_in(one), (5 * DAY, 1), strict=True))
    old, middle = (age(path, 7 * DAY, last) for path, last in zip(shards_in(other), (4 * DAY, 3 * DAY), strict=True))
    assert prune_caches(tmp_path, 4 * 536) == []
    assert [tuple(deleted) for deleted in prune_caches(tmp_path, 3 * 536)] == [(oldest, 536)]
    assert [deleted.path for deleted in prune_caches(tmp_path, 2 * 536 - 1)] == [old, middle]
    assert shards_in(one) == [used]
    assert shards_in(other) == []
    assert VectorCache(tmp_path, {"model": "one"}, 2).find(text_keys(["a", "b"])).sum() == 1


def test_reading_keeps_a_shard(tmp_path):
    cache = fill(tmp_path, "one", "ab")
    for path in shards_in(cache):
        age(path, 9 * DAY, 5 * DAY)
    reader = VectorCache(tmp_path, {"model": "one"}, 2)
    reader.read(text_keys(["a"]))
    assert len(prune_caches(tmp_path, 536)) == 1
    assert VectorCache(tmp_path, {"model": "one"}, 2).find(text_keys(["a", "b"])).tolist() == [True, False]


def test_what_was_written_in_the_last_hour_stays_unless_told(tmp_path):
    cache = fill(tmp_path, "one", "abc")
    first, second, third = shards_in(cache)
    ahead = age(first, -60, 5 * DAY)  # by the clock of another host
    late, old = age(second, HOUR - 60, 5 * DAY), age(third, HOUR + 60, 1)
    assert [deleted.path for deleted in prune_caches(tmp_path, 0)] == [old]
    assert {deleted.path for deleted in prune_caches(tmp_path, 0, recent=True)} == {ahead, late}


def test_what_killed_writers_left_goes_after_a_day(tmp_path):
    cache = fill(tmp_path, "one", "a")
    old, young = cache.folder / ".1-a.safetensors.1-0.tmp", cache.folder / ".2-a.safetensors.1-0.tmp"
    for path, seconds in ((old, DAY + 60), (young, DAY - 60)):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - seconds, time.time() - seconds))
    assert [tuple(deleted) for deleted in prune_caches(tmp_path, 10**6)] == [(old, 4)]
    assert young.exists()


def test_damaged_files_stay_and_do_not_count(tmp_path):
    cache = fill(tmp_path, "one", "ab")
    path = age(shards_in(cache)[0], DAY, DAY)
    path.write_bytes(b"damaged")
    verify_caches(tmp_path)
    assert prune_caches(tmp_path, 536) == []
    prune_caches(tmp_path, 0, recent=True)
    assert [path.name for path in (cache.folder / "damaged").iterdir()] == [path.name]
