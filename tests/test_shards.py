"""Embedding in several processes: the parts are the whole, and whatever ends one of them costs nothing that is done."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import topicgpu
from topicgpu.cli import main
from topicgpu.config import EmbeddingSection, load_config
from topicgpu.embed import Encoder
from topicgpu.errors import ConfigError, DeviceError, ModelError, RunFolderError
from topicgpu.shards import Shard, Task, count_missing, embed_on_devices, embed_shard, parse_shard, shard_texts, task_of
from topicgpu.store import VectorCache, text_keys, write_table

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")


def write_segments(folder: Path, texts: list[str], languages: list[str] | None = None) -> Path:
    path = folder / "segments.parquet"
    write_table(path, {"text": texts, "language": languages or ["en"] * len(texts)}, {})
    return path


def same(run: topicgpu.Run, other: topicgpu.Run) -> bool:
    """Whether two runs have the same vectors, but for rounding, and the same themes."""
    np.testing.assert_allclose(run.embeddings.vectors, other.embeddings.vectors, atol=1e-6)
    assert run.themes.themes == other.themes.themes
    assert run.themes.row.tolist() == other.themes.row.tolist()
    assert run.themes.theme.tolist() == other.themes.theme.tolist()
    return bool(run.segments.fingerprint == other.segments.fingerprint)


# Which texts


@pytest.mark.parametrize(("text", "shard"), [("0/1", (0, 1)), ("7/8", (7, 8)), (" 3/400 ", (3, 400))])
def test_a_shard_is_a_part_of_as_many(text: str, shard: tuple[int, int]) -> None:
    assert parse_shard(text) == shard


@pytest.mark.parametrize(
    "text", ["", "1", "2/2", "3/2", "0/0", "-1/2", "1/-2", "1/2/3", "a/b", "1.0/2", "0 / 2", "²/3"]
)
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_shard(text)
    assert str(caught.value) == f"--shard {text}: must be I/N with I from 0 to N - 1, for example 0/8."


@pytest.mark.parametrize("of", [1, 2, 3, 8])
def test_shards_part_the_texts_and_equal_ones_stay_together(tmp_path: Path, of: int) -> None:
    texts = [f"text {number % 300}" for number in range(1000)]
    path = write_segments(tmp_path, texts)
    parts = [list(shard_texts(path, ["en"], Shard(part, of))) for part in range(of)]
    assert sorted(text for part in parts for text in part) == sorted(texts)
    for number, part in enumerate(parts):
        assert len(set(part)) > 200 / of
        for other in parts[number + 1 :]:
            assert not set(part) & set(other)


def test_texts_that_the_encoder_does_not_serve_are_in_no_shard(tmp_path: Path) -> None:
    path = write_segments(tmp_path, ["a", "b", "c", "d"], ["en", "zh", "und", "en-GB"])
    assert sorted(text for part in range(2) for text in shard_texts(path, ["en"], Shard(part, 2))) == ["a", "c", "d"]
    assert list(shard_texts(path, [], Shard(0, 1))) == ["a", "b", "c", "d"]
    assert list(shard_texts(path, ["de"], Shard(0, 1))) == ["c"]
    assert list(shard_texts(write_segments(tmp_path, ["b"], ["zh"]), ["en"], Shard(0, 1))) == []


def test_a_task_needs_segments_and_a_cache(small_config: Path, tmp_path: Path) -> None:
    config = load_config(small_config)
    with pytest.raises(
        RunFolderError, match=r"has no segments yet; first: topicgpu run CONFIG --out .* --until segment"
    ):
        task_of(tmp_path, config, Shard(0, 2))
    write_segments(tmp_path, ["bread"])
    closed = load_config(small_config, ["embedding.cache=off"])
    with pytest.raises(ConfigError, match=r"^embedding\.cache is off, and processes hand their vectors over in it"):
        embed_shard(task_of(tmp_path, closed, Shard(0, 2)))


def test_a_shard_is_done_once_and_knows_what_is_missing(
    small_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    texts = [f"the rocket of bread {number}" for number in range(100)]
    write_segments(tmp_path, texts)
    config = load_config(small_config)
    tasks = [task_of(tmp_path, config, Shard(part, 2)) for part in range(2)]
    assert sum(map(count_missing, tasks)) == count_missing(task_of(tmp_path, config, Shard(0, 1))) == 100
    told: list[tuple[int, int, int]] = []
    facts = embed_shard(tasks[0], lambda *numbers: told.append(numbers))
    assert 20 < facts["computed"] < 80
    assert told == [(facts["computed"], 0, facts["tokens"])]
    assert [count_missing(task) for task in tasks] == [0, 100 - facts["computed"]]
    assert embed_shard(tasks[0])["computed"] == 0
    assert embed_shard(tasks[1])["computed"] == 100 - facts["computed"]
    assert count_missing(task_of(tmp_path, config, Shard(0, 1))) == 0


# The command line


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, and the segments of a run."""
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    return tmp_path / "run"


def test_shards_and_a_join_are_a_plain_run(
    small_config: Path, tmp_path: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = topicgpu.run(small_config, tmp_path / "plain", set=["embedding.cache=off"])
    assert main(["run", str(small_config), "--out", str(place), "--until", "segment"]) == 0
    before = {path: path.read_bytes() for path in place.iterdir() if path.is_file()}
    capsys.readouterr()
    assert main(["embed", str(place), "--shard", "0/2"]) == 0
    told = capsys.readouterr().out
    assert main(["embed", str(place), "--shard", "1/2", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    unique = len(set(plain.segments.text))
    assert told == f"shard 0/2: {unique - facts['computed']} computed, {facts['from_cache']} from the cache\n"
    assert 0 < facts["computed"] < unique
    assert {path: path.read_bytes() for path in place.iterdir() if path.is_file()} == before  # only the cache
    assert main(["embed", str(place), "--join"]) == 0
    joined = topicgpu.Run(place)
    assert same(joined, plain)
    assert joined.report().is_file()
    assert (joined.manifest["embedding"]["computed"], joined.manifest["embedding"]["forward_passes"]) == (0, 0)


def test_a_join_refuses_when_a_shard_is_missing(
    small_config: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(small_config), "--out", str(place), "--until", "segment"]) == 0
    assert main(["embed", str(place), "--shard", "1/2", "--json"]) == 0
    missing = (
        len(set(topicgpu.Run(place).segments.text)) - json.loads(capsys.readouterr().out.partition("\n")[2])["computed"]
    )
    assert main(["embed", str(place), "--join"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"topicgpu: {place}: {missing} segments are not embedded yet; run the shards that did not end, then --join."
    )
    assert not (place / "embeddings.safetensors").exists()
    assert main(["embed", str(place), "--shard", "0/2"]) == 0
    assert main(["embed", str(place), "--join"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--shard", "2/2"], "--shard 2/2: must be I/N with I from 0 to N - 1, for example 0/8."),
        (["--shard", "0/2", "--join"], "--shard and --join are both given; first every --shard, then --join."),
        (["--shard", "0/2"], "{place}: is not a run folder (no manifest.json); make one with: topicgpu run CONFIG."),
        (["--join"], "{place}: is not a run folder (no manifest.json); make one with: topicgpu run CONFIG."),
    ],
)
def test_wrong_words(place: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert main(["embed", str(place), *words]) == 2
    assert capsys.readouterr().err == f"topicgpu: {message.format(place=place)}\n"
    assert not place.exists()


def test_a_join_does_not_change_what_the_segments_were_cut_for(
    small_config: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = ["--set", "embedding.max_tokens=64"]
    assert main(["run", str(small_config), "--out", str(place), "--until", "segment"]) == 0
    assert main(["embed", str(place), "--shard", "0/1", *changed]) == 0
    assert main(["embed", str(place), "--join", *changed]) == 2
    assert "--set changes what the earlier stage segment did" in capsys.readouterr().err.splitlines()[-1]


# Several processes of one run


@pytest.mark.slow
def test_two_processes_are_one(small_config: Path, tmp_path: Path, place: Path) -> None:
    plain = topicgpu.run(small_config, tmp_path / "plain", set=["embedding.cache=off"])
    devices = ['embedding.devices=["cpu", "cpu"]']
    spread = topicgpu.run(small_config, place, set=devices)
    assert same(spread, plain)
    facts = spread.manifest["embedding"]
    unique = len(set(plain.segments.text))
    assert (facts["computed"], facts["from_cache"], facts["forward_passes"]) == (0, unique, 0)
    assert [process["device"] for process in facts["processes"]] == ["cpu", "cpu"]
    assert sum(process["computed"] for process in facts["processes"]) == unique
    assert all(process["computed"] > 0 for process in facts["processes"])
    assert not multiprocessing.active_children()
    with pytest.raises(ConfigError, match="leave --no-cache out, or name one device"):
        topicgpu.run(small_config, tmp_path / "none", set=devices, use_store=False)


def tasks(model: Path, folder: Path) -> list[Task]:
    config = EmbeddingSection(model=str(model), device="cpu", cache=str(folder / "vectors"))
    return [Task(folder / "segments.parquet", config, "cpu", Shard(part, 2)) for part in range(2)]


def found_in(task: Task, texts: list[str]) -> int:
    encoder = task.encoder()
    with task.cache(encoder) as cache:
        return int(cache.find(text_keys(texts)).sum())


@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_run_and_the_next_goes_on(tiny_model: Path, tmp_path: Path) -> None:
    texts = [f"the ship is to sail in the wind of the harbour {number}" for number in range(20_000)]
    write_segments(tmp_path, texts)
    both = tasks(tiny_model, tmp_path)
    killed: list[int] = []

    def kill(_done: int, _total: int, _tokens: int) -> None:
        if not killed:
            victim = multiprocessing.active_children()[0]
            assert victim.pid is not None
            killed.append(victim.pid)
            os.kill(victim.pid, signal.SIGKILL)

    with pytest.raises(DeviceError, match=r"^the process on cpu ended with code -9 before it was done; its finished"):
        embed_on_devices(both, len(texts), kill)
    assert killed
    assert not multiprocessing.active_children()
    kept = found_in(both[0], texts)
    assert 1000 < kept < len(texts)
    told: list[tuple[int, int, int]] = []
    facts = embed_on_devices(both, len(texts), lambda *numbers: told.append(numbers))
    assert sum(fact["computed"] for fact in facts) == len(texts) - kept
    assert found_in(both[0], texts) == len(texts)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1][:2] == (len(texts), len(texts))
    encoder = both[0].encoder()
    assert isinstance(encoder, Encoder)
    with VectorCache(tmp_path / "vectors", encoder.info.identity(), encoder.info.dimension) as cache:
        vectors = cache.read(text_keys(texts[:500]))[0]
    np.testing.assert_allclose(vectors, encoder.encode(texts[:500]), atol=1e-6)


# Embeds on two processes, and tells their numbers once vectors are there.
PROGRAM = """
import multiprocessing, sys
from pathlib import Path
from topicgpu.config import EmbeddingSection
from topicgpu.shards import Shard, Task, embed_on_devices
model, folder = sys.argv[1:]
def tell(done, total, tokens):
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
if __name__ == "__main__":
    config = EmbeddingSection(model=model, device="cpu", cache=folder + "/vectors")
    embed_on_devices([Task(Path(folder, "segments.parquet"), config, "cpu", Shard(n, 2)) for n in range(2)], 1, tell)
"""


@pytest.mark.slow
def test_processes_end_with_a_parent_that_is_killed(tiny_model: Path, tmp_path: Path) -> None:
    texts = [f"the ship is to sail in the wind of the harbour {number}" for number in range(40_000)]
    write_segments(tmp_path, texts)
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "program.py"), str(tiny_model), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = parent.stdout.readline().split()
        parent.kill()
        parent.stdout.read()  # it ends when the last of them has
    assert len(children) == 2
    assert 1000 < found_in(tasks(tiny_model, tmp_path)[0], texts) < len(texts)


@pytest.mark.slow
def test_the_error_of_a_process_is_the_error_of_the_run(tiny_model: Path, tmp_path: Path) -> None:
    model = shutil.copytree(tiny_model, tmp_path / "model")
    (model / "model.safetensors").write_bytes(b"damaged")
    write_segments(tmp_path, ["bread", "soil", "rain", "ship", "sail", "wind"])
    with pytest.raises(ModelError, match="can't be loaded as an encoder"):
        embed_on_devices(tasks(model, tmp_path), 6, lambda *_: None)
    assert not multiprocessing.active_children()
