"""The vector cache: what was appended is read, by anyone, whatever happens to the files meanwhile."""

import errno
import json
import os
import subprocess
import sys
import tracemalloc
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicgpu.errors import CacheError, NumericalError, ShapeError
from topicgpu.store import VectorCache, inventory, merging, text_keys
from topicgpu.store.cache_folder import try_lock

IDENTITY = {"model": "tiny", "revision": "0" * 64, "prompt": "query: "}


@pytest.fixture
def few(monkeypatch):
    """Four small shards are many."""
    monkeypatch.setattr(merging, "_MANY", 4)


def open_cache(root, dimension=2):
    return VectorCache(root, IDENTITY, dimension)


def vectors_of(texts, dimension=2):
    """A vector that tells which text it belongs to."""
    return text_keys(texts)[:, :dimension].astype(np.float32) + 1


def append(cache, texts):
    cache.append(text_keys(texts), vectors_of(texts))


def holds(cache, texts):
    """Whether each text is found and has its own vector."""
    vectors, found = cache.read(text_keys(texts))
    np.testing.assert_array_equal(vectors, vectors_of(texts) * found[:, None])
    assert not (found & ~cache.find(text_keys(texts))).any()
    return found.tolist()


def shards_in(cache):
    return sorted(cache.folder.glob("*.safetensors"))


# A few keys, NULs in them, and vectors that tell which append they came from.
KEYS = st.sampled_from(
    [bytes(16), bytes(15) + b"\x01", b"\x01" + bytes(15), b"ab" * 8, b"\xff" * 16, b"ab\x00" * 5 + b"c"]
)
BATCHES = st.lists(st.lists(KEYS | st.binary(min_size=16, max_size=16), max_size=8), max_size=12)


@settings(max_examples=40)
@given(BATCHES, BATCHES)
def test_two_caches_agree_with_a_dict(tmp_path_factory, batches, others):
    root = tmp_path_factory.mktemp("cache")
    caches = [open_cache(root), open_cache(root)]
    expected: dict[bytes, list[list[float]]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "_MANY", 3)
        for number, batch in enumerate(batches):
            vectors = np.array([[number, row] for row in range(len(batch))], dtype=np.float32).reshape(-1, 2)
            caches[number % 2].append(np.frombuffer(b"".join(batch), dtype=np.uint8).reshape(-1, 16), vectors)
            for row, key in enumerate(batch):
                expected.setdefault(key, []).append([number, row])
    caches[1].refresh()
    wanted = [key for batch in (*batches, *others) for key in batch]
    for cache in (caches[1], open_cache(root)):
        vectors, found = cache.read(np.frombuffer(b"".join(wanted), dtype=np.uint8).reshape(-1, 16))
        assert found.tolist() == [key in expected for key in wanted]
        for key, vector in zip(wanted, vectors.tolist(), strict=True):
            assert vector in expected.get(key, [[0, 0]])
        assert cache.warnings == []


def test_an_empty_cache_writes_nothing(tmp_path):
    with open_cache(tmp_path / "vectors") as cache:
        assert holds(cache, ["a", "b"]) == [False, False]
        cache.append(text_keys([]), np.zeros((0, 2), dtype=np.float32))
        vectors, found = cache.read(text_keys([]))
        assert (vectors.shape, found.shape) == ((0, 2), (0,))
    assert list(tmp_path.iterdir()) == []


def test_encoders_have_folders_of_their_own_with_their_description(tmp_path):
    append(open_cache(tmp_path), ["a"])
    turned = VectorCache(tmp_path, dict(reversed(IDENTITY.items())), 2)
    assert holds(turned, ["a"]) == [True]
    assert json.loads((turned.folder / "encoder.json").read_text()) == {**IDENTITY, "dimension": 2}
    for other in (VectorCache(tmp_path, {**IDENTITY, "prompt": ""}, 2), VectorCache(tmp_path, IDENTITY, 3)):
        assert not other.find(text_keys(["a"])).any()


def test_what_does_not_fit_is_refused_and_not_kept(tmp_path):
    cache = open_cache(tmp_path)
    with pytest.raises(ShapeError, match=r"^vectors must be \(1, 2\); got \(1, 3\)\.$"):
        cache.append(text_keys(["a"]), np.zeros((1, 3), dtype=np.float32))
    with pytest.raises(NumericalError, match=r"^vectors to keep must be finite; row 1 is not\.$"):
        cache.append(text_keys(["a", "b"]), np.array([[0, 1], [0, np.nan]], dtype=np.float32))
    with pytest.raises(ShapeError, match="keys must be"):
        cache.read(np.zeros((1, 8), dtype=np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_what_others_append_is_seen_after_a_refresh(tmp_path):
    one, other = open_cache(tmp_path), open_cache(tmp_path)
    append(one, ["a"])
    assert holds(other, ["a"]) == [False]
    other.refresh()
    assert holds(other, ["a"]) == [True]


def test_a_reader_survives_a_merge_by_another(tmp_path, few):
    writer = open_cache(tmp_path)
    for name in "abc":
        append(writer, [name])
    reader, late = open_cache(tmp_path), open_cache(tmp_path)
    assert holds(reader, ["a"]) == [True]
    append(writer, ["d"])
    assert len(shards_in(writer)) == 1
    assert holds(reader, list("abcd")) == [True] * 4
    assert holds(writer, list("abcd")) == [True] * 4
    late.refresh()
    assert holds(late, list("abcde")) == [True] * 4 + [False]
    assert reader.warnings == []


@pytest.mark.parametrize("known", [False, True])
def test_a_merge_between_the_listing_and_the_opening_hides_nothing(tmp_path, few, monkeypatch, known):
    writer = open_cache(tmp_path)
    for name in "abc":
        append(writer, [name])
    reader = open_cache(tmp_path if known else tmp_path / "elsewhere")
    stale = [] if known else shards_in(writer)  # of a listing that missed the merged file, or was before it
    append(writer, ["d"])
    listings = [stale]
    plain = inventory.shard_paths
    monkeypatch.setattr(inventory, "shard_paths", lambda folder: listings.pop() if listings else plain(folder))
    if known:
        reader.refresh()
    else:
        reader = open_cache(tmp_path)
    assert reader.find(text_keys(list("abcd"))).all()
    assert holds(reader, list("abcd")) == [True] * 4


def test_a_merge_takes_in_what_others_have_appended(tmp_path, few):
    one, other = open_cache(tmp_path), open_cache(tmp_path)
    for name in "abc":
        append(one, [name])
        append(other, [name * 2])
    append(one, ["d"])
    assert len(shards_in(one)) == 1
    assert holds(one, ["a", "b", "c", "d", "aa", "bb", "cc"]) == [True] * 7


def test_files_that_are_deleted_meanwhile_count_as_absent(tmp_path):
    cache = open_cache(tmp_path)
    append(cache, ["a", "b"])
    append(cache, ["c"])
    shards_in(cache)[0].unlink()
    assert cache.find(text_keys(["a", "c"])).tolist() == [True, True]
    assert holds(cache, ["a", "c", "b"]) == [False, True, False]
    assert not cache.find(text_keys(["a"]))[0]
    assert cache.warnings == []
    append(cache, ["a"])
    assert holds(cache, ["a"]) == [True]


def test_a_cache_that_is_deleted_under_a_run_is_made_again(tmp_path):
    cache = open_cache(tmp_path)
    append(cache, ["a"])
    for path in [*cache.folder.iterdir(), cache.folder]:
        path.unlink() if path.is_file() else path.rmdir()
    append(cache, ["b"])
    assert holds(cache, ["a", "b"]) == [False, True]
    assert (cache.folder / "encoder.json").exists()


def test_another_process_that_merges_is_not_waited_for(tmp_path, few):
    cache = open_cache(tmp_path)
    append(cache, ["first"])
    with try_lock(cache.folder) as mine:
        assert mine
        for name in "abcdef":
            append(cache, [name])
        assert len(shards_in(cache)) == 7
    cache.close()
    assert len(shards_in(cache)) == 1
    assert holds(cache, ["first", *"abcdef"]) == [True] * 7


def test_a_copy_left_by_a_killed_merge_is_harmless_and_goes_with_the_next(tmp_path, few):
    cache = open_cache(tmp_path)
    for name in "abc":
        append(cache, [name])
    small = {path: path.read_bytes() for path in shards_in(cache)}
    append(cache, ["d"])
    for path, content in small.items():
        path.write_bytes(content)
    with open_cache(tmp_path) as other:
        assert holds(other, list("abcd")) == [True] * 4
    assert len(shards_in(other)) == 1
    assert len(other._inventory.index) == 4
    assert holds(other, list("abcd")) == [True] * 4


def test_damage_is_never_read_but_moved_aside_and_told(tmp_path):
    cache = open_cache(tmp_path)
    made = []
    for names in ("ab", "cd", "ef"):
        append(cache, list(names))
        made += [path for path in shards_in(cache) if path not in made]  # names made in one tick do not sort by time
    in_keys, in_vectors, whole = made
    for path, at in ((in_keys, 512), (in_vectors, -1)):
        content = bytearray(path.read_bytes())
        content[at] ^= 1
        path.write_bytes(content)
    other = open_cache(tmp_path)
    assert holds(other, list("abcdef")) == [False] * 4 + [True] * 2
    assert other.warnings == [
        f"{in_keys}: its header or the checksum of its keys differs, or it is another encoder's; moved to damaged/, "
        "and its vectors are computed again.",
        f"{in_vectors}: the checksum of its vectors differs; moved to damaged/, and its vectors are computed again.",
    ]
    assert shards_in(other) == [whole]
    assert {path.name for path in (other.folder / "damaged").iterdir()} == {in_keys.name, in_vectors.name}
    append(other, list("abcd"))
    assert holds(open_cache(tmp_path), list("abcdef")) == [True] * 6


def test_damage_that_a_merge_meets_is_told_and_the_merge_follows_later(tmp_path, few):
    cache = open_cache(tmp_path)
    for name in "abc":
        append(cache, [name])
    path = shards_in(cache)[1]
    path.write_bytes(path.read_bytes()[:-1] + b"\x55")
    append(cache, ["d"])
    assert [warning.partition(": ")[0] for warning in cache.warnings] == [str(path)]
    assert holds(cache, list("abcd")) == [True, False, True, True]
    append(cache, ["e"])
    assert len(shards_in(cache)) == 1
    assert holds(cache, list("abcde")) == [True, False, True, True, True]


def test_a_file_that_cannot_be_read_is_left_where_it_is_and_told_once(tmp_path):
    cache = open_cache(tmp_path)
    append(cache, ["a"])
    odd = cache.folder / "1-folder.safetensors"
    odd.mkdir()
    for _ in range(2):
        cache.refresh()
    assert cache.warnings == [f"{odd}: can't be read (Is a directory); its vectors are computed again."]
    assert odd.is_dir()
    assert holds(cache, ["a"]) == [True]


def test_a_place_that_is_no_folder_is_one_sentence(tmp_path):
    root = tmp_path / "file"
    cache = VectorCache(root, IDENTITY, 2)
    root.write_text("in the way")
    with pytest.raises(CacheError) as caught:
        append(cache, ["a"])
    assert str(caught.value) == (
        f"{cache.folder}: the vector cache can't be written (Not a directory); mend that or choose another place with "
        "TOPICGPU_CACHE."
    )
    with pytest.raises(CacheError, match=r"the vector cache can't be read \(Not a directory\)"):
        open_cache(root)


@contextmanager
def full_disk(after_bytes):
    """Temporary files take so many bytes, and no more."""
    plain = Path.open

    def open_full(self, mode="r", *args, **more):
        file = plain(self, mode, *args, **more)
        if self.suffix == ".tmp" and "w" in mode:
            write, left = file.write, after_bytes

            class Full:
                def __getattr__(self, name):
                    return getattr(file, name)

                def __enter__(self):
                    return self

                def __exit__(self, *_):
                    file.close()

                def write(self, data):
                    nonlocal left
                    left -= memoryview(data).nbytes
                    if left < 0:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    return write(data)

            return Full()
        return file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", open_full)
        yield


@pytest.mark.parametrize("after_bytes", [0, 32, 40, 48, 500])
def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(tmp_path, after_bytes):
    cache = open_cache(tmp_path)
    append(cache, ["a"])
    before = sorted(cache.folder.iterdir())
    with full_disk(after_bytes), pytest.raises(CacheError) as caught:
        append(cache, ["b", "c"])
    assert str(caught.value) == (
        f"{cache.folder}: the vector cache can't be written (No space left on device); mend that or choose another "
        "place with TOPICGPU_CACHE."
    )
    assert sorted(cache.folder.iterdir()) == before
    assert holds(cache, ["a", "b"]) == [True, False]
    append(cache, ["b"])
    assert holds(open_cache(tmp_path), ["a", "b"]) == [True, True]


def test_a_disk_with_no_room_to_merge_costs_nothing_but_files(tmp_path, few):
    cache = open_cache(tmp_path)
    for name in "abc":
        append(cache, [name])
    with full_disk(600):  # one small shard has room, two do not
        append(cache, ["d"])
        append(cache, ["e"])
    assert cache.warnings == [f"{cache.folder}: its small files can't be merged (No space left on device)."]
    assert len(shards_in(cache)) == 5
    assert not list(cache.folder.glob(".*.tmp"))
    assert holds(cache, list("abcde")) == [True] * 5
    with open_cache(tmp_path) as later:
        assert holds(later, list("abcde")) == [True] * 5
    assert len(shards_in(later)) == 1


def test_a_shard_is_marked_as_used_once_a_process(tmp_path):
    append(open_cache(tmp_path), ["a"])
    cache = open_cache(tmp_path)
    (path,) = shards_in(cache)
    os.utime(path, (1000, 1000))
    cache.find(text_keys(["a"]))
    assert path.stat().st_mtime == 1000
    cache.read(text_keys(["a"]))
    assert path.stat().st_mtime > 1000
    os.utime(path, (1000, 1000))
    cache.read(text_keys(["a"]))
    assert path.stat().st_mtime == 1000


def test_memory_does_not_grow_by_the_vectors(tmp_path):
    """An appended vector of 1536 bytes costs its 24 in the index, and some for the file until it is merged."""
    random = np.random.default_rng(0)
    cache = open_cache(tmp_path, 384)
    vectors = random.standard_normal((32, 384), dtype=np.float32)
    tracemalloc.start()
    try:
        for _ in range(200):
            cache.append(random.integers(0, 256, (32, 16), dtype=np.uint8), vectors)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert cache._inventory.index.nbytes == 24 * 6400
    assert grown < 100 * 6400


PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from topicgpu.store import VectorCache, merging, text_keys
merging._MANY = 4
root, name = Path(sys.argv[1]), sys.argv[2]
with VectorCache(root, {"model": "shared"}, 2) as cache:
    for number in range(60):
        keys = text_keys([f"{name} {number} {row}" for row in range(number % 5 + 1)] + [f"both {number}"])
        cache.append(keys, keys[:, :2].astype(np.float32) + 1)
        assert cache.read(keys)[1].all()
assert cache.warnings == [], cache.warnings
"""


def test_two_processes_append_and_merge_at_once(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    children = [subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True) for name in ("one", "other")]
    assert [child.communicate()[1] for child in children] == ["", ""]
    texts = [f"{name} {n} {row}" for name in ("one", "other") for n in range(60) for row in range(n % 5 + 1)]
    with VectorCache(tmp_path, {"model": "shared"}, 2) as cache:
        assert holds(cache, texts + [f"both {number}" for number in range(60)]) == [True] * (len(texts) + 60)
    assert len(shards_in(cache)) < 80
    assert not list(cache.folder.glob(".*.tmp"))
