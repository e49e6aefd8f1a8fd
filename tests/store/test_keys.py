"""Keys of texts, and the index against a dict: NULs, equal halves, copies and dropped shards included."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.errors import ShapeError
from topicgpu.store.keys import KeyIndex, check_keys, first_copies, text_keys

# Few bytes, so that keys repeat, end in NULs, and share one half but not the other.
HALVES = st.sampled_from([bytes(8), bytes(7) + b"\x01", b"\x01" + bytes(7), b"\xff" * 8, b"\x00\xff" * 4])
KEY_LISTS = st.lists(st.builds(bytes.__add__, HALVES, HALVES) | st.binary(min_size=16, max_size=16), max_size=40)


def as_array(keys):
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, 16)


def test_a_key_is_the_first_half_of_the_texts_sha256():
    texts = ["", "a", "a\x00", "a\x00\x00", "太空", "\ud800"]
    keys = text_keys(texts)
    assert (keys.shape, keys.dtype) == ((6, 16), np.uint8)
    assert [key.tobytes() for key in keys[:5]] == [hashlib.sha256(text.encode()).digest()[:16] for text in texts[:5]]
    assert len({key.tobytes() for key in keys}) == 6
    assert text_keys([]).shape == (0, 16)


@pytest.mark.parametrize("keys", [np.zeros(16, np.uint8), np.zeros((1, 15), np.uint8), np.zeros((1, 16), np.int8)])
def test_other_arrays_are_no_keys(keys):
    with pytest.raises(ShapeError, match=r"^keys must be \(n, 16\) uint8; got .*; make them by text_keys\.$"):
        check_keys(keys)


@given(st.lists(KEY_LISTS, max_size=12), KEY_LISTS, st.sets(st.integers(0, 11)))
def test_the_index_agrees_with_a_dict(shards, others, dropped):
    index = KeyIndex()
    for shard, keys in enumerate(shards):
        n = len(keys)
        index.add(as_array(keys), np.full(n, shard, np.uint32), np.arange(n, dtype=np.uint32))
    index.drop(dropped)
    places = {}
    for shard, keys in enumerate(shards):
        for row, key in enumerate(keys):
            if shard not in dropped:
                places.setdefault(key, set()).add((shard, row))
    wanted = [key for keys in shards for key in keys] + others
    found = zip(*index.find(as_array(wanted)), strict=True)
    for key, (shard, row) in zip(wanted, found, strict=True):
        assert (int(shard), int(row)) in places.get(key, {(-1, -1)})
    assert len(index) == sum(map(len, places.values()))


@given(KEY_LISTS)
def test_first_copies_are_the_first_of_each_key(keys):
    assert first_copies(as_array(keys)).tolist() == [key not in keys[:row] for row, key in enumerate(keys)]


def test_the_index_takes_24_bytes_a_key_however_they_are_added():
    random = np.random.default_rng(0)
    index = KeyIndex()
    for shard in range(300):
        n = int(random.integers(1, 100))
        keys = random.integers(0, 256, (n, 16), dtype=np.uint8)
        index.add(keys, np.full(n, shard, np.uint32), np.arange(n, dtype=np.uint32))
    assert index.nbytes == 24 * len(index)
    assert len(index._runs) <= 14  # each at least twice as long as the next: 2^14 > 300 * 100 / 2
