"""What a run computes and what it takes from the vectors of earlier runs."""

import errno
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import topicgpu
from topicgpu.cli import main
from topicgpu.embed.forward import Forward
from topicgpu.errors import CacheError
from topicgpu.job import Event
from topicgpu.stages import STAGES
from topicgpu.store import list_caches, verify_caches

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")

NAMES = [stage.name for stage in STAGES]
MANY_BATCHES = "embedding.batch_tokens=128"
NO_SENTENCES = "segment.method=length"  # segments alone are embedded


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for vectors."""
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache/vectors"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sequences of every forward pass in this process."""
    made: list[int] = []
    forward = Forward.__call__
    monkeypatch.setattr(Forward, "__call__", lambda self, given: made.append(len(given)) or forward(self, given))
    return made


def snapshot(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def shards(cache: Path) -> list[Path]:
    return sorted(cache.glob("*/*.safetensors"))


def computed(run: topicgpu.Run) -> list[str]:
    return [name for name, record in run.manifest["stages"].items() if record["status"] == "computed"]


def flip(path: Path, at: int = -3) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)


def test_a_second_run_in_another_folder_makes_no_forward_pass(
    small_config: Path, tmp_path: Path, cache: Path, passes: list[int]
) -> None:
    first = topicgpu.run(small_config, tmp_path / "a")
    facts = first.manifest["embedding"]
    unique = len(set(first.segments.text))
    assert (facts["computed"], facts["from_cache"]) == (unique, 0)
    assert 0 < facts["forward_passes"] <= len(passes)
    assert facts["layout"].startswith("sequences without padding")
    passes.clear()
    second = topicgpu.run(small_config, tmp_path / "b")
    assert computed(second) == NAMES
    assert passes == []  # of no stage: themes takes its descriptions from there, too
    facts = second.manifest["embedding"]
    assert (facts["computed"], facts["from_cache"], facts["forward_passes"]) == (0, unique, 0)
    assert second.embeddings.vectors.tobytes() == first.embeddings.vectors.tobytes()
    assert second.themes.themes == first.themes.themes


def test_a_new_source_costs_its_own_segments(
    small_config: Path, small_corpus: Path, tmp_path: Path, cache: Path
) -> None:
    first = topicgpu.run(small_config, tmp_path / "first")
    (small_corpus / "ships.txt").write_text(" ".join(f"The ship is to sail to harbour {n}." for n in range(60)) + "\n")
    with (small_corpus / "sources.toml").open("a") as file:
        file.write('\n[[source]]\nid = "ships"\nfile = "ships.txt"\ndate = 2027-01-01\nlanguage = "en"\n')
    second = topicgpu.run(small_config, tmp_path / "second")
    ships = [source == "ships" for source in second.segments.source_id]
    new = {text for text, ship in zip(second.segments.text, ships, strict=True) if ship}
    assert second.manifest["embedding"]["computed"] == len(new) > 3
    assert second.manifest["embedding"]["from_cache"] == len(set(first.segments.text))
    old = [not ship for ship in ships]
    assert second.embeddings.vectors[old].tobytes() == first.embeddings.vectors.tobytes()


def test_no_cache_neither_reads_nor_writes_it(
    small_config: Path, tmp_path: Path, cache: Path, passes: list[int]
) -> None:
    command = ["run", str(small_config), "--out", str(tmp_path / "run"), "--no-cache"]
    assert main(command) == 0
    assert not cache.exists()
    first = topicgpu.run(small_config, tmp_path / "kept")
    before = snapshot(cache)
    assert before
    passes.clear()
    assert main(command) == 0
    assert sum(passes) >= len(set(first.segments.text))
    assert snapshot(cache) == before
    facts = topicgpu.Run(tmp_path / "run").manifest["embedding"]
    assert facts["forward_passes"] > 0
    assert "from_cache" not in facts


@pytest.mark.parametrize(
    "change", ["embedding.batch_tokens=64", "embedding.cache=off", "embedding.cache_gb=1", 'embedding.devices=["cpu"]']
)
def test_what_changes_no_vector_embeds_nothing_again(
    small_config: Path, tmp_path: Path, cache: Path, passes: list[int], change: str
) -> None:
    topicgpu.run(small_config, tmp_path / "run")
    passes.clear()
    again = topicgpu.run(small_config, tmp_path / "run", set=[change])
    assert computed(again) == ["report"]  # it shows every parameter
    assert passes == []


@pytest.mark.parametrize(
    "change",
    ["embedding.pooling=cls", "embedding.prompt='rain: '", "embedding.dimension=16", "embedding.max_tokens=40"],
)
def test_what_changes_vectors_embeds_again(
    small_config: Path, tmp_path: Path, cache: Path, passes: list[int], change: str
) -> None:
    before = topicgpu.run(small_config, tmp_path / "run").embeddings.vectors
    passes.clear()
    again = topicgpu.run(small_config, tmp_path / "run", set=[change])
    assert "embed" in computed(again)
    assert passes
    after = again.embeddings.vectors
    assert after.shape != before.shape or abs(after - before).max() > 1e-3


def test_a_cache_may_be_any_folder_or_none(small_config: Path, tmp_path: Path, cache: Path) -> None:
    topicgpu.run(small_config, tmp_path / "a", set=[f"embedding.cache={tmp_path / 'shared'}"])
    assert shards(tmp_path / "shared")
    topicgpu.run(small_config, tmp_path / "b", set=["embedding.cache=off"])
    assert not cache.exists()


def full_after(monkeypatch: pytest.MonkeyPatch, files: int) -> None:
    """A disk with room for so many more shards."""
    from topicgpu.store import shards as module

    write, left = module.write_beside, [files]

    def write_beside(path: Path, write_to: Callable[[Path], object], **options: bool) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, write_to, **options)

    monkeypatch.setattr(module, "write_beside", write_beside)


def test_a_full_disk_is_one_sentence_and_costs_nothing_that_is_finished(
    small_config: Path,
    tmp_path: Path,
    cache: Path,
    passes: list[int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    undisturbed = topicgpu.run(
        small_config, tmp_path / "undisturbed", set=["embedding.cache=off", MANY_BATCHES, NO_SENTENCES]
    )
    passes.clear()
    command = ["run", str(small_config), "--out", str(tmp_path / "run"), "--set", MANY_BATCHES, "--set", NO_SENTENCES]
    with monkeypatch.context() as patch:
        full_after(patch, 5)
        assert main(command) == 2
    complaint = capsys.readouterr().err.splitlines()[-1]
    (folder,) = cache.iterdir()
    assert complaint.startswith(f"topicgpu: {folder}: the vector cache can't be written (No space left on device); ")
    assert "Traceback" not in complaint
    (info,) = list_caches(cache)
    assert len(shards(cache)) == info.shards == 5
    assert 1 <= len(passes) - 5 <= torch.get_num_threads() + 1  # lost: those under way, and one that waited
    assert verify_caches(cache) == []
    assert main(command) == 0
    run = topicgpu.Run(tmp_path / "run")
    facts = run.manifest["embedding"]
    assert (facts["from_cache"], facts["computed"]) == (info.vectors, len(set(run.segments.text)) - info.vectors)
    assert abs(run.embeddings.vectors - undisturbed.embeddings.vectors).max() < 1e-6
    assert run.themes.themes == undisturbed.themes.themes


def test_a_place_where_no_cache_can_be_is_one_sentence(
    small_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "file"))
    assert main(["run", str(small_config), "--out", str(tmp_path / "run")]) == 2
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith(f"topicgpu: {tmp_path / 'file/vectors'}")
    assert "the vector cache can't be " in complaint


def test_damaged_vectors_are_named_moved_aside_and_computed_again(
    small_config: Path, tmp_path: Path, cache: Path
) -> None:
    first = topicgpu.run(small_config, tmp_path / "a", set=[MANY_BATCHES, NO_SENTENCES])
    damaged = shards(cache)[:3]
    for path in damaged:
        flip(path)
    second = topicgpu.run(small_config, tmp_path / "b", set=[MANY_BATCHES, NO_SENTENCES])
    messages = [warning["message"] for warning in second.manifest["warnings"] if warning["stage"] == "embed"]
    for path in damaged:
        told = [message for message in messages if message.partition(": ")[0].endswith(path.name)]
        assert len(told) == 1
        assert "computed again" in told[0]
        assert str(tmp_path) not in told[0]
        assert (path.parent / "damaged" / path.name).is_file()
    assert 0 < second.manifest["embedding"]["computed"] < len(set(second.segments.text))
    assert abs(second.embeddings.vectors - first.embeddings.vectors).max() < 1e-6
    assert second.themes.themes == first.themes.themes
    third = topicgpu.run(small_config, tmp_path / "c", set=[MANY_BATCHES, NO_SENTENCES])
    assert (third.manifest["embedding"]["computed"], third.manifest["warnings"]) == (0, [])


def test_damage_that_themes_meets_is_told_too(small_config: Path, tmp_path: Path, cache: Path) -> None:
    topicgpu.run(small_config, tmp_path / "run")
    for path in shards(cache):
        flip(path)
    assert main(["themes", str(tmp_path / "run")]) == 0
    warnings = topicgpu.Run(tmp_path / "run").manifest["warnings"]
    assert [warning["stage"] for warning in warnings] == ["themes"] * len(warnings)
    assert any("moved to damaged/" in warning["message"] for warning in warnings)


def test_a_cache_over_its_size_is_pruned_at_the_end_and_says_so(
    small_config: Path, tmp_path: Path, cache: Path
) -> None:
    topicgpu.run(small_config, tmp_path / "a")
    for path in shards(cache):  # what is younger than an hour stays
        path.rename(path.with_name(f"{1:013d}-{path.name.partition('-')[2]}"))
    events: list[Event] = []
    run = topicgpu.run(small_config, tmp_path / "b", set=["embedding.cache_gb=1e-6"], listener=events.append)
    assert run.manifest["embedding"]["computed"] == 0
    notes = [event.message for event in events if event.kind == "note"]
    assert len(notes) == 1
    assert notes[0].startswith("The vector cache was over 1,000 bytes; ")
    assert sum(path.stat().st_size for path in shards(cache)) <= 1000


def test_a_cache_that_cannot_be_pruned_does_not_undo_a_finished_run(
    small_config: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise CacheError("it belongs to somebody else")

    monkeypatch.setattr("topicgpu.job.prune_caches", refuse)
    told: list[Event] = []
    run = topicgpu.run(small_config, tmp_path / "run", listener=told.append)
    assert run.report().is_file()
    notes = [event.message for event in told if event.kind == "note"]
    assert notes == ["The vector cache could not be pruned: it belongs to somebody else"]


@pytest.mark.parametrize(("long_texts", "what"), [("windows", "means of windows"), ("truncate", "beyond is not in")])
def test_a_definition_over_the_limit_is_warned_of(
    small_config: Path, tmp_path: Path, cache: Path, long_texts: str, what: str
) -> None:
    settings = [MANY_BATCHES, "embedding.max_tokens=9", f"embedding.long_texts={long_texts}"]
    run = topicgpu.run(small_config, tmp_path / "run", set=settings)
    assert run.segments.n_tokens.max() <= 9
    warned = [row["message"] for row in run.manifest["warnings"] if row["message"].startswith("A phrase")]
    assert len(warned) == 1
    assert warned[0].startswith("A phrase of the theme 'rockets' has")
    assert what in warned[0]


def test_the_manifest_says_what_was_computed_and_how(small_config: Path, tmp_path: Path, cache: Path) -> None:
    run = topicgpu.run(small_config, tmp_path / "run", set=[MANY_BATCHES])
    facts = json.loads((tmp_path / "run/manifest.json").read_text())["embedding"]
    texts = set(run.segments.text)
    served = {text: int(n) for text, n in zip(run.segments.text, run.segments.n_tokens, strict=True)}
    assert facts == {
        "computed": len(texts),
        "from_cache": 0,
        "forward_passes": facts["forward_passes"],
        "tokens": sum(served.values()),
        "long_texts": 0,
        "layout": facts["layout"],
        "batch_tokens": 128,
        "batch_tokens_too_large": [],
        "processes": [],
    }
    assert facts["forward_passes"] >= facts["tokens"] / 128
    encoder = run.manifest["encoder"]
    assert (encoder["tier"], encoder["long_texts"], encoder["precision"]) == ("model", "windows", "float32")


def test_memory_that_ended_is_a_warning(
    small_config: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    forward = Forward.__call__

    def narrow(self: Forward, given: list[object]) -> object:
        if sum(map(len, given)) > 300:  # type: ignore[arg-type]
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, given)  # type: ignore[arg-type]

    monkeypatch.setattr(Forward, "__call__", narrow)
    run = topicgpu.run(small_config, tmp_path / "run", set=["embedding.batch_tokens=1000"])
    sizes = run.manifest["embedding"]["batch_tokens_too_large"]
    assert sizes[0] == 1000
    message = (
        f"cpu had too little memory for batches of {', '.join(map(str, sizes))} tokens; they were halved to "
        f"{run.manifest['embedding']['batch_tokens']}."
    )
    assert {"stage": "embed", "message": message} in run.manifest["warnings"]
