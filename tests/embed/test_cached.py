"""An encoder with the cache before it: what was ever computed is read, bit by bit the same, and the rest made once."""

import json
import shutil
from collections import Counter
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from topicgpu.config import EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import CachedEncoder, Encoder, base, cache_folder
from topicgpu.embed.forward import Forward
from topicgpu.embed.locate import locate_model
from topicgpu.errors import CacheError
from topicgpu.store import VectorCache, default_root

TEXTS = [f"the rocket {'of bread ' * (number % 9)}is in orbit {number}" for number in range(40)]


class Kept(CachedEncoder):
    """It remembers what it computed."""

    def __init__(self, encoder, cache):
        super().__init__(encoder, cache)
        self.encoder, self.cache, self.computed = encoder, cache, Counter()

    def batches(self, prepared):
        before = self.facts["computed"]
        for batch in super().batches(prepared):
            if self.facts["computed"] > before:
                before = self.facts["computed"]
                self.computed.update(prepared.texts[row] for row in batch.rows)
            yield batch


def load(folder, **settings):
    config = EmbeddingSection(model=str(folder), **{"device": "cpu", "batch_tokens": 64, **settings})
    return Encoder(config, locate_model(str(folder), False, pytest.fail), resolve_device("cpu"))


@pytest.fixture
def make(tiny_model, tmp_path):
    """A process of its own, as far as the cache knows."""

    def fresh(folder=tiny_model, **settings):
        encoder = load(folder, **settings)
        return Kept(encoder, VectorCache(tmp_path / "vectors", encoder.info.identity(), encoder.info.dimension))

    return fresh


@pytest.fixture
def small_windows(monkeypatch):
    monkeypatch.setattr(base, "FIRST_WINDOW", 3)
    monkeypatch.setattr(CachedEncoder, "window", 7)


def test_a_second_time_nothing_is_computed_and_every_bit_is_the_same(make):
    first = make()
    vectors = first.encode(TEXTS)
    assert (first.facts["computed"], first.facts["from_cache"]) == (len(TEXTS), 0)
    assert first.facts["forward_passes"] > 5
    second = make()
    assert second.encode(TEXTS).tobytes() == vectors.tobytes()
    assert second.facts == {
        "computed": 0,
        "from_cache": len(TEXTS),
        "forward_passes": 0,
        "tokens": 0,
        "long_texts": 0,
    }
    assert first.encode(TEXTS).tobytes() == vectors.tobytes()
    assert first.facts["computed"] == len(TEXTS)


def test_only_new_texts_are_computed(make):
    old = make().encode(TEXTS[:25])
    again = make()
    order = np.random.default_rng(0).permutation(len(TEXTS))
    vectors = np.empty((len(TEXTS), 32), dtype=np.float32)
    vectors[order] = again.encode([TEXTS[row] for row in order])
    assert again.computed == Counter(TEXTS[25:])
    assert again.facts["from_cache"] == 25
    assert vectors[:25].tobytes() == old.tobytes()
    np.testing.assert_allclose(vectors, again.encoder.encode(TEXTS), atol=1e-6)


def test_equal_texts_in_a_window_and_across_windows_are_computed_once(make, small_windows):
    numbers = [0, 0, 1, 2, 1, 0, 3, 3, 3, 2, 4, 0, 5, 6, 7, 7, 8, 9, 9, 1, 10, 11, 10]
    stream = [TEXTS[number] for number in numbers]
    kept = make()
    windows = list(kept.encode_windows(iter(stream)))
    assert [(start, len(vectors)) for start, vectors in windows] == [(0, 3), (3, 7), (10, 7), (17, 6)]
    assert kept.computed == Counter(set(stream))
    vectors = np.concatenate([vectors for _, vectors in windows])
    np.testing.assert_allclose(vectors, kept.encoder.encode(stream), atol=1e-6)
    again = make()
    assert np.concatenate([vectors for _, vectors in again.encode_windows(stream)]).tobytes() == vectors.tobytes()
    assert again.facts["forward_passes"] == 0


def test_windows_change_no_vector_and_no_order(make, small_windows):
    kept = make()
    np.testing.assert_allclose(kept.encode(TEXTS), np.concatenate([kept.encoder.encode([t]) for t in TEXTS]), atol=1e-6)
    assert kept.computed == Counter(TEXTS)


def test_what_is_kept_while_the_next_window_looks_is_not_computed_again(make):
    kept = make()
    earlier, look = kept.prepare(TEXTS[:5]), kept.cache.find
    other = Thread(target=lambda: list(kept.batches(earlier)))

    def slow_look(keys):
        found = look(keys)
        other.start()
        other.join(timeout=0.5)  # time enough to keep what was just not found
        return found

    kept.cache.find = slow_look
    later = kept.prepare(TEXTS[:8])
    kept.cache.find = look
    other.join()
    assert [later.texts[row] for row in later.to_compute] == TEXTS[5:8]
    rows = [row for batch in kept.batches(later) for row in batch.rows]
    assert sorted(rows) == list(range(8))
    assert kept.computed == Counter(TEXTS[:8])


def damage(folder):
    """Flip a byte in each shard's vectors."""
    shards = sorted(folder.glob("*.safetensors"))
    for path in shards:
        content = bytearray(path.read_bytes())
        content[-3] ^= 0x10
        path.write_bytes(content)
    return shards


def test_a_shard_that_is_damaged_after_it_was_looked_up_is_computed_again(make):
    expected = make().encode(TEXTS[:10])
    kept = make()
    prepared = kept.prepare(TEXTS[:20])
    assert [TEXTS[row] for row in prepared.to_compute] == TEXTS[10:20]
    shards = damage(kept.cache.folder)
    vectors = np.full((20, 32), np.nan, dtype=np.float32)
    for batch in kept.batches(prepared):
        assert np.isnan(vectors[batch.rows]).all()
        vectors[batch.rows] = batch.vectors
    np.testing.assert_allclose(vectors[:10], expected, atol=1e-6)
    np.testing.assert_allclose(vectors, kept.encoder.encode(TEXTS[:20]), atol=1e-6)
    assert (kept.facts["computed"], kept.facts["from_cache"]) == (20, 0)
    assert len(kept.cache.warnings) == len(shards)
    for path in shards:
        assert any(str(path) in warning for warning in kept.cache.warnings)
        assert (kept.cache.folder / "damaged" / path.name).is_file()
        assert not path.exists()
    assert make().encode(TEXTS[:20]).tobytes() == vectors.tobytes()


def test_an_error_costs_no_batch_that_was_finished(make, monkeypatch):
    forward, left = Forward.__call__, [4]

    def ends(self, sequences):
        left[0] -= 1
        if not left[0]:
            raise RuntimeError("the device has fallen off the bus")
        return forward(self, sequences)

    monkeypatch.setattr(Forward, "__call__", ends)
    kept = make()
    with pytest.raises(RuntimeError, match="fallen off"):
        kept.encode(TEXTS)
    done = dict(kept.computed)
    assert 3 <= len(done) < len(TEXTS)
    again = make()
    vectors = again.encode(TEXTS)
    assert again.computed == Counter(TEXTS) - Counter(done)
    np.testing.assert_allclose(vectors, again.encoder.encode(TEXTS), atol=1e-6)
    assert kept.encode(TEXTS).tobytes() == make().encode(TEXTS).tobytes()  # the same object goes on, too


def test_progress_adds_up_whatever_is_in_the_cache(make, small_windows):
    make().encode(TEXTS[5:15])
    told, kept = [], make()
    kept.encode(TEXTS + TEXTS[:7], lambda *numbers: told.append(numbers))
    assert told == sorted(told)
    assert len({done for done, _, _ in told}) == len(told)
    assert {of for _, of, _ in told} == {len(TEXTS)}
    new = TEXTS[:5] + TEXTS[15:]
    assert told[-1] == (len(TEXTS), len(TEXTS), int(kept.count_tokens(new).sum()))
    assert kept.facts["tokens"] == told[-1][2]


@pytest.fixture
def changed(tiny_model, tmp_path):
    def copy(name, content):
        folder = shutil.copytree(tiny_model, tmp_path / "other" / tiny_model.name)
        path = folder / name
        if content is None:
            path.write_bytes(path.read_bytes()[:-1] + b"\x01")  # the last weight
        else:
            old = json.loads(path.read_text()) if path.is_file() else {}
            path.write_text(json.dumps({**old, **content}))
        return folder

    return copy


@pytest.mark.parametrize(
    "settings",
    [
        {"prompt": "rain: "},
        {"precision": "bfloat16"},
        {"pooling": "cls"},
        {"max_tokens": 64},
        {"dimension": 16},
        {"long_texts": "truncate"},
    ],
)
def test_whatever_changes_a_vector_changes_the_key(make, settings):
    assert make(**settings).cache.folder != make().cache.folder


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", None),
        ("config.json", {"hidden_act": "relu"}),
        ("tokenizer_config.json", {"do_lower_case": False}),
        ("config_sentence_transformers.json", {"prompts": {"query": "rain: "}, "default_prompt_name": "query"}),
    ],
)
def test_a_changed_file_of_the_model_changes_the_key(make, changed, name, content):
    assert make(changed(name, content)).cache.folder != make().cache.folder


@pytest.mark.parametrize("settings", [{"batch_tokens": 4096}, {"languages": ("de",)}, {"compile": True}])
def test_what_changes_no_vector_keeps_the_key(make, settings):
    assert make(**settings).cache.folder == make().cache.folder


def test_corrected_code_never_meets_vectors_of_the_old(monkeypatch, tiny_model, tmp_path):
    """A mended pooling would otherwise have been answered with the vectors of the wrong one."""
    source = Path(base.__file__).parent
    copy = Path(shutil.copytree(source, tmp_path / "embed"))
    keys = []
    monkeypatch.setattr(base, "__file__", str(copy / "base.py"))
    for name in (None, "pooling.py", "cached.py"):
        if name:
            (copy / name).write_text((copy / name).read_text() + "# changed\n")
        base._hash_code.cache_clear()
        keys.append(load(tiny_model).info.identity()["code"])
    base._hash_code.cache_clear()
    assert keys[0] != keys[1] == keys[2]


def test_where_vectors_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path))
    assert cache_folder(EmbeddingSection()) == tmp_path / "vectors" == default_root() / "vectors"
    assert cache_folder(EmbeddingSection(cache="off")) is None
    assert cache_folder(EmbeddingSection(cache="/shared/vectors")).as_posix() == "/shared/vectors"


def test_a_cache_that_cannot_be_written_is_an_error_and_what_was_there_stays(make):
    make().encode(TEXTS[:10])
    kept = make()
    before = {path.name: path.read_bytes() for path in kept.cache.folder.glob("*.safetensors")}
    kept.cache.append = lambda *_: (_ for _ in ()).throw(CacheError("full"))
    with pytest.raises(CacheError, match="full"):
        kept.encode(TEXTS)
    assert {path.name: path.read_bytes() for path in kept.cache.folder.glob("*.safetensors")} == before
    assert make().encode(TEXTS[:10]).shape == (10, 32)
