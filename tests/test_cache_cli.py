"""The verbs of the cache: what is there, whether it is whole, and making room."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from topicgpu.cli import main
from topicgpu.store import VectorCache, list_caches, text_keys

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache/vectors"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: object) -> tuple[int, str, str]:
        code = main(["cache", *map(str, words)])
        return (code, *capsys.readouterr())

    return run


def fill(root: Path, model: str, count: int, batches: int = 1) -> VectorCache:
    cache = VectorCache(root, {"model": model, "tier": "model", "precision": "float32"}, 8)
    for batch in range(batches):
        keys = text_keys([f"{model} {batch} {number}" for number in range(count)])
        cache.append(keys, np.ones((count, 8), dtype=np.float32))
    return cache


def test_an_empty_cache_is_said_to_be_so(root: Path, call: Call) -> None:
    assert call("list") == (0, f"{root}: 0.0 MB\n", "")
    assert call("verify") == (0, f"{root}: all files are whole\n", "")
    assert call("prune", "--gb", "0") == (0, f"{root}: 0 files deleted, 0.0 MB\n", "")
    for verb in (["list"], ["verify"], ["prune", "--gb", "1"]):
        assert json.loads(call(*verb, "--json")[1]) == []
    assert not root.exists()


def test_a_list_has_a_line_an_encoder(root: Path, call: Call) -> None:
    first, second = fill(root, "first", 1500), fill(root, "second", 3, batches=2)
    code, out, err = call("list")
    assert (code, err) == (0, "")
    *lines, total = out.splitlines()
    used = time.strftime("last used %Y-%m-%d")
    assert set(lines) == {
        f"{first.folder.name}       1,500 vectors        0.1 MB  1 files  {used}  first (model, float32)",
        f"{second.folder.name}           6 vectors        0.0 MB  2 files  {used}  second (model, float32)",
    }
    assert total == f"{root}: 0.1 MB"
    rows = json.loads(call("list", "--json")[1])
    assert {row["identity"]["model"]: row["vectors"] for row in rows} == {"first": 1500, "second": 6}
    assert {row["folder"] for row in rows} == {str(cache.folder) for cache in (first, second)}


def damage(cache: VectorCache) -> Path:
    path = sorted(cache.folder.glob("*.safetensors"))[0]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    return path


def test_damaged_files_are_named_set_aside_and_listed(root: Path, call: Call) -> None:
    cache = fill(root, "first", 20, batches=2)
    path = damage(cache)
    code, out, err = call("verify")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{path}: the checksum of its vectors differs; moved to damaged/",
        f"{root}: 1 damaged files",
    ]
    assert (cache.folder / "damaged" / path.name).is_file()
    assert call("verify")[1] == f"{root}: all files are whole\n"
    line = call("list")[1].splitlines()[0]
    assert "          20 vectors" in line
    assert line.endswith("first (model, float32), 1 damaged files set aside")


def test_damage_as_json(root: Path, call: Call) -> None:
    path = damage(fill(root, "first", 20))
    rows = json.loads(call("verify", "--json")[1])
    assert [row["path"] for row in rows] == [str(path)]


def test_pruning_keeps_what_is_young_unless_all_goes(root: Path, call: Call) -> None:
    cache = fill(root, "first", 100, batches=3)
    nbytes = list_caches(root)[0].nbytes
    assert call("prune", "--gb", "0.0000001")[1] == f"{root}: 0 files deleted, 0.0 MB\n"
    old = sorted(cache.folder.glob("*.safetensors"))[0]
    aged = old.rename(old.with_name(f"{1:013d}-{old.name.partition('-')[2]}"))
    rows = json.loads(call("prune", "--gb", "0.0000001", "--json")[1])
    assert [row["path"] for row in rows] == [str(aged)]
    assert rows[0]["nbytes"] == nbytes // 3
    assert list_caches(root)[0].shards == 2
    assert call("prune", "--gb", "0")[1].startswith(f"{root}: 2 files deleted, ")
    assert list_caches(root)[0].vectors == 0


def test_another_folder_may_be_named(root: Path, tmp_path: Path, call: Call) -> None:
    fill(tmp_path / "shared", "elsewhere", 5)
    assert "elsewhere" in call("list", "--folder", tmp_path / "shared")[1]
    assert "elsewhere" not in call("list")[1]
    assert call("verify", "--folder", tmp_path / "shared")[1].endswith("all files are whole\n")
    assert call("prune", "--gb", "0", "--folder", tmp_path / "shared")[1].startswith(
        f"{tmp_path / 'shared'}: 1 files deleted"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["list", "--folder", "nowhere"], "--folder nowhere: no such folder; give the one that embedding.cache names."),
        (["prune"], "Missing option '--gb'."),
        (["prune", "--gb", "-1"], "Invalid value for '--gb': Input should be greater than or equal to 0"),
        (["empty"], "No such command 'empty'."),
    ],
)
def test_wrong_words(root: Path, call: Call, words: list[str], message: str) -> None:
    assert call(*words) == (2, "", f"topicgpu: {message}\n")
    assert not root.exists()


def test_the_verbs_have_help(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--help"]):
        code, out, err = call(*words)
        assert (code, err) == (0, "")
        for verb in ("list", "verify", "prune"):
            assert f"\n  {verb} " in out
    assert main(["--help"]) == 0
    assert "\n  cache " in capsys.readouterr().out


def test_a_cache_that_cannot_be_read_is_one_sentence(root: Path, call: Call) -> None:
    root.parent.mkdir()
    root.write_text("in the way")
    for words in (["list"], ["verify"], ["prune", "--gb", "0"]):
        code, out, err = call(*words)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"topicgpu: {root}: the vector cache can't be ")
