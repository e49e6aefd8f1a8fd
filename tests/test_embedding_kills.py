"""Embedding that is killed, damaged, crowded or out of room: the next run goes on, and ends as if nothing had been."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

import topicgpu
from conftest import WORDS
from topicgpu.config import load_config
from topicgpu.embed import Encoder
from topicgpu.shards import Shard, Task
from topicgpu.store import text_keys, verify_caches

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning"),
]

# A run whose forward passes are slow, and written down before they begin: a line a sequence.
PROGRAM = """
import hashlib, os, sys, time
from topicgpu.embed.forward import Forward
log, pause, forward = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT), float(sys.argv[2]), Forward.__call__
def slow(self, sequences):
    os.write(log, "".join(hashlib.sha256(ids.tobytes()).hexdigest() + "\\n" for ids in sequences).encode())
    time.sleep(pause)
    return forward(self, sequences)
Forward.__call__ = slow
from topicgpu.cli import main
sys.exit(main(sys.argv[3:]))
"""
BATCH_TOKENS = 128


@pytest.fixture
def config(tmp_path: Path, tiny_model: Path) -> Path:
    """Some 150 segments on three subjects, in batches of one or two."""
    corpus, draw = tmp_path / "corpus", random.Random(0)
    corpus.mkdir()
    entries = []
    for number in range(6):
        subject = WORDS[10 + 5 * (number % 3) :][:5]
        sentences = [
            f"The {' '.join(draw.choices(subject, k=5))} of the {' '.join(draw.choices(WORDS[:40], k=6))}."
            for _ in range(100)
        ]
        (corpus / f"s{number}.txt").write_text(" ".join(sentences) + "\n")
        entries.append(
            f'[[source]]\nid = "s{number}"\nfile = "s{number}.txt"\ndate = 202{number}-05-01\nlanguage = "en"\n'
        )
    (corpus / "sources.toml").write_text("\n".join(entries))
    path = tmp_path / "many.toml"
    path.write_text(
        f'[corpus]\npath = "corpus"\n[neighbors]\nk = 5\n[cluster]\nmin_size = 3\n'
        '[segment]\nmethod = "length"\n'  # segments alone are embedded
        f'[embedding]\nmodel = "{tiny_model}"\ndevice = "cpu"\ncache = "vectors"\nbatch_tokens = {BATCH_TOKENS}\n'
    )
    return path


@pytest.fixture
def undisturbed(config: Path, tmp_path: Path) -> topicgpu.Run:
    return topicgpu.run(config, tmp_path / "undisturbed", set=["embedding.cache=off"])


def start(config: Path, out: Path, log: Path, pause: float = 0.0, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PROGRAM, str(log), str(pause), "run", str(config), "--out", str(out), *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def end(child: "subprocess.Popen[str]") -> tuple[int, str]:
    err = child.communicate()[1]
    return child.returncode, err


def computed(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def kill_after(child: "subprocess.Popen[str]", log: Path, sequences: int, seconds: float) -> None:
    """Kill it some time after so many more sequences went into the model."""
    wanted = len(computed(log)) + sequences
    assert child.stderr is not None
    assert any(" embed ..." in line for line in child.stderr)
    while len(computed(log)) < wanted and child.poll() is None:
        time.sleep(0.005)
    time.sleep(seconds)
    child.kill()
    assert end(child)[0] == -signal.SIGKILL


class Texts:
    """The texts of a run: what they look like to the model, and which of them have their vectors kept."""

    def __init__(self, config: Path, run: topicgpu.Run) -> None:
        settings = load_config(config).embedding
        self._task = Task(run.folder / "segments.parquet", settings, "cpu", Shard(0, 1))
        self._encoder = self._task.encoder()
        assert isinstance(self._encoder, Encoder)
        self.texts = list(dict.fromkeys(run.segments.text))
        pieces = self._encoder.prepare(self.texts).pieces
        assert pieces.text.tolist() == list(range(len(self.texts)))
        self.marks = [sha256(ids.tobytes()).hexdigest() for ids in pieces.sequences]

    def kept(self) -> set[str]:
        """Marks of the texts whose vectors can be read."""
        with self._task.cache(self._encoder) as cache:
            found = cache.read(text_keys(self.texts))[1]
        return {mark for mark, there in zip(self.marks, found, strict=True) if there}


def assert_the_same(run: topicgpu.Run, other: topicgpu.Run) -> None:
    np.testing.assert_allclose(run.embeddings.vectors, other.embeddings.vectors, atol=1e-6)
    assert run.segments.fingerprint == other.segments.fingerprint
    assert run.themes.themes == other.themes.themes
    assert run.themes.row.tolist() == other.themes.row.tolist()
    assert run.themes.theme.tolist() == other.themes.theme.tolist()


def test_killed_ten_times_no_finished_vector_is_computed_again(
    config: Path, tmp_path: Path, undisturbed: topicgpu.Run
) -> None:
    out, log, draw = tmp_path / "run", tmp_path / "log", random.Random(7)
    texts = Texts(config, undisturbed)
    most = len(texts.texts) // 12
    assert most >= 10
    kept: set[str] = set()
    for moment in range(10):
        before = len(computed(log))
        sequences = 0 if moment == 0 else draw.randint(1, most)
        kill_after(start(config, out, log, 0.03), log, sequences, draw.uniform(0, 0.06))
        assert not kept & set(computed(log)[before:])
        assert kept <= texts.kept()
        kept = texts.kept()
    assert 10 < len(kept) < len(texts.texts)
    before = len(computed(log))
    code, err = end(start(config, out, log))
    assert code == 0, err
    assert not kept & set(computed(log)[before:])
    run = topicgpu.Run(out)
    facts = run.manifest["embedding"]
    assert (facts["from_cache"], facts["computed"]) == (len(kept), len(texts.texts) - len(kept))
    assert_the_same(run, undisturbed)
    # A text went into the model once, and once more for each kill that met it there: at most the batches under way.
    again = len(computed(log)) - len(set(computed(log)))
    assert again <= 10 * (torch.get_num_threads() + 1) * BATCH_TOKENS // 40
    assert set(texts.marks) <= set(computed(log))
    assert run.manifest["warnings"] == []


def test_bytes_that_change_between_a_kill_and_the_next_run(
    config: Path, tmp_path: Path, undisturbed: topicgpu.Run
) -> None:
    out, log, draw = tmp_path / "run", tmp_path / "log", random.Random(1)
    texts = Texts(config, undisturbed)
    kill_after(start(config, out, log, 0.03), log, len(texts.texts) // 2, 0.0)
    (folder,) = (tmp_path / "vectors").iterdir()
    damaged = draw.sample(sorted(folder.glob("*.safetensors")), 5)
    for path in damaged:
        content = bytearray(path.read_bytes())
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(content)
    code, err = end(start(config, out, log))
    assert code == 0, err
    run = topicgpu.Run(out)
    messages = [warning["message"] for warning in run.manifest["warnings"]]
    for path in damaged:
        told = [message for message in messages if message.partition(": ")[0].endswith(path.name)]
        assert len(told) == 1
        assert "moved to damaged/" in told[0]
        assert (folder / "damaged" / path.name).is_file()
        assert not path.exists()
    assert_the_same(run, undisturbed)
    assert verify_caches(tmp_path / "vectors") == []
    again = topicgpu.run(config, tmp_path / "again")
    assert (again.manifest["embedding"]["computed"], again.manifest["warnings"]) == (0, [])
    assert again.embeddings.vectors.tobytes() == run.embeddings.vectors.tobytes()


def test_two_runs_at_once_share_a_cache(config: Path, tmp_path: Path, undisturbed: topicgpu.Run) -> None:
    children = [start(config, tmp_path / name, tmp_path / f"log-{name}", 0.01) for name in "ab"]
    for child in children:
        code, err = end(child)
        assert code == 0, err
    runs = [topicgpu.Run(tmp_path / name) for name in "ab"]
    for run in runs:
        assert_the_same(run, undisturbed)
        assert run.manifest["warnings"] == []
    assert verify_caches(tmp_path / "vectors") == []
    third = topicgpu.run(config, tmp_path / "c")
    assert third.manifest["embedding"]["computed"] == 0
    assert_the_same(third, runs[0])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few pages, where mounting is permitted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=160k", "tmpfs", place], capture_output=True)
    if not done or done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode().strip() if done else 'there is no mount'}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_ends_a_run_and_room_lets_it_go_on(
    config: Path, tmp_path: Path, undisturbed: topicgpu.Run, small_disk: Path
) -> None:
    out, log, words = tmp_path / "run", tmp_path / "log", ["--set", f"embedding.cache={small_disk / 'vectors'}"]
    code, err = end(start(config, out, log, 0.0, *words))
    assert code == 2
    assert "the vector cache can't be written (No space left on device)" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert verify_caches(small_disk / "vectors") == []
    first = computed(log)
    subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
    code, err = end(start(config, out, log, 0.0, *words))
    assert code == 0, err
    run = topicgpu.Run(out)
    kept = run.manifest["embedding"]["from_cache"]
    assert 10 < kept < len(first)
    assert len(set(first) & set(computed(log)[len(first) :])) == len(first) - kept  # the batches under way
    assert len(first) - kept <= (torch.get_num_threads() + 1) * BATCH_TOKENS // 40
    assert_the_same(run, undisturbed)
