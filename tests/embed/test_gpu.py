"""What only a CUDA device can show: the same vectors, batches that shrink when its memory ends, two processes on it."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch

from topicgpu.config import EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder
from topicgpu.embed.locate import locate_model
from topicgpu.shards import Shard, Task, embed_on_devices
from topicgpu.store import VectorCache, text_keys, write_table

pytestmark = pytest.mark.gpu

WORDS = "rocket launch orbit bread oven flour garden soil seed ship sail wind market price law court team ball".split()


@pytest.fixture(autouse=True)
def device():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")


def texts(count, longest=120):
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, rng.integers(1, longest))) + f" {number}" for number in range(count)]


def load(folder, device, **settings):
    config = EmbeddingSection(model=str(folder), device=device, **settings)
    return Encoder(config, locate_model(str(folder), False, pytest.fail), resolve_device(device))


@pytest.mark.parametrize(("precision", "near"), [("float32", 1e-3), ("float16", 1e-2), ("bfloat16", 5e-2)])
def test_vectors_are_those_of_the_cpu(tiny_model, precision, near):
    fast, exact = load(tiny_model, "cuda", precision=precision), load(tiny_model, "cpu")
    given = texts(500)
    np.testing.assert_allclose(fast.encode(given), exact.encode(given), atol=near)
    assert fast.forward.layout == exact.forward.layout._replace(reason=fast.forward.layout.reason)


def test_batches_shrink_when_memory_ends(tiny_model):
    encoder, given = load(tiny_model, "cuda", batch_tokens=4_194_304), texts(60_000)
    encoder.encode(given[:10])
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 256 * 2**20) / total)
    try:
        vectors = encoder.encode(given)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert encoder.facts["batch_tokens_too_large"]
    assert encoder.facts["batch_tokens"] < 4_194_304
    np.testing.assert_allclose(vectors[:500], load(tiny_model, "cpu").encode(given[:500]), atol=1e-2)


def test_two_processes_on_one_device(tiny_model: Path, tmp_path: Path):
    given = texts(2000)
    columns = {"text": given, "language": ["en"] * len(given)}
    write_table(tmp_path / "segments.parquet", columns, {})
    config = EmbeddingSection(model=str(tiny_model), device="cuda", cache=str(tmp_path / "vectors"))
    tasks = [Task(tmp_path / "segments.parquet", config, "cuda:0", Shard(part, 2)) for part in range(2)]
    facts = embed_on_devices(tasks, len(given), lambda done, of, tokens: None)
    assert sum(fact["computed"] for fact in facts) == len(given)
    assert not multiprocessing.active_children()
    info = tasks[0].encoder().info
    with VectorCache(tmp_path / "vectors", info.identity(), info.dimension) as cache:
        vectors, found = cache.read(text_keys(given))
    assert found.all()
    np.testing.assert_allclose(vectors, load(tiny_model, "cpu").encode(given), atol=1e-2)
