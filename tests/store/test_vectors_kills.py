"""Processes that are killed while they append, merge and prune at once, and disks that are really full."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from topicgpu.store import VectorCache, list_caches, text_keys, verify_caches

pytestmark = pytest.mark.slow

IDENTITY = {"model": "killed"}
# Appends batch after batch, merging often, and tells each that is done.
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from topicgpu.store import VectorCache, merging, text_keys
merging._MANY = 4
root, name, batches, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
cache = VectorCache(root, {"model": "killed"}, 2)
for number in range(batches):
    keys = text_keys([f"{name} {number} {row}" for row in range(rows)])
    cache.append(keys, keys[:, :2].astype(np.float32) + 1)
    print(number, flush=True)
assert not cache.warnings, cache.warnings
"""
SUICIDE = """
import os, signal
from pathlib import Path
plain, left = Path.{call}, {calls}
def killed(self, *args, **more):
    global left
    if "encoder" not in self.name and self.suffix in {suffixes}:
        left -= 1
        if left == 0 and {before}:
            os.kill(os.getpid(), signal.SIGKILL)
    result = plain(self, *args, **more)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
Path.{call} = killed
"""


def all_there(root: Path, name: str, batches: int, rows: int) -> bool:
    texts = [f"{name} {number} {row}" for number in range(batches) for row in range(rows)]
    cache = VectorCache(root, IDENTITY, 2)
    keys = text_keys(texts)
    vectors, found = cache.read(keys)
    np.testing.assert_array_equal(vectors[found], keys[found, :2].astype(np.float32) + 1)
    return bool(found.all()) and not cache.warnings


def strays(root: Path) -> list[Path]:
    return list(root.rglob(".*.tmp"))


@pytest.mark.parametrize("moment", range(10))
def test_killed_at_a_random_moment(tmp_path: Path, moment: int) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), "a", "100000", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(random.Random(moment).uniform(0, 0.5))
        child.kill()
        done = [int(line) for line in [first, *child.stdout] if line.endswith("\n")]
    assert child.returncode == -signal.SIGKILL
    assert done == list(range(len(done)))
    assert all_there(tmp_path, "a", len(done), 20)
    assert verify_caches(tmp_path) == []
    assert len(strays(tmp_path)) <= 1


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(("call", "suffixes"), [("replace", {".tmp"}), ("unlink", {".safetensors"})])
@pytest.mark.parametrize("calls", [1, 2, 3, 4, 5, 9])
def test_killed_beside_each_rename_and_each_deletion(
    tmp_path: Path, call: str, suffixes: set[str], calls: int, before: bool
) -> None:
    """Of a batch, of a merge, and of the small shards after it."""
    program = SUICIDE.format(call=call, calls=calls, suffixes=suffixes, before=before) + PROGRAM
    command = [sys.executable, "-c", program, str(tmp_path), "a", "20", "3"]
    child = subprocess.run(command, capture_output=True, text=True)
    assert child.returncode == -signal.SIGKILL, child.stderr
    done = len(child.stdout.splitlines())
    assert all_there(tmp_path, "a", done, 3)
    after = [sys.executable, "-c", PROGRAM, str(tmp_path), "b", "20", "3"]
    subprocess.run(after, capture_output=True, check=True)
    assert all_there(tmp_path, "a", done, 3)
    assert all_there(tmp_path, "b", 20, 3)
    assert verify_caches(tmp_path) == []


def test_many_processes_append_merge_and_are_killed_at_once(tmp_path: Path) -> None:
    """Every batch that one of them told is there after all, read meanwhile or afterwards."""
    dice = random.Random(0)
    children = {}
    for name in "abcdefgh":
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), name, "150", "5"]
        children[name] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    doomed = dice.sample(sorted(children), 3)
    reader = VectorCache(tmp_path, IDENTITY, 2)
    for name in doomed:
        time.sleep(dice.uniform(0.5, 2))
        children[name].kill()
        reader.refresh()
        keys = text_keys([f"{name} {number} {row}" for number in range(150) for row in range(5)])
        vectors, found = reader.read(keys)
        np.testing.assert_array_equal(vectors[found], keys[found, :2].astype(np.float32) + 1)
    for name, child in children.items():
        told, errors = child.communicate()
        done = len(told.splitlines())
        assert done == 150 or name in doomed, errors
        assert all_there(tmp_path, name, done, 5)
    assert reader.warnings == []
    assert verify_caches(tmp_path) == []
    (row,) = list_caches(tmp_path)
    assert row.damaged == 0


FULL = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from topicgpu.errors import CacheError
from topicgpu.store import VectorCache, text_keys
root, limit = Path(sys.argv[1]), int(sys.argv[2])
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
cache = VectorCache(root, {"model": "full"}, 64)
for number in range(1000):
    keys = text_keys([f"{number} {row}" for row in range(2 ** (number % 8))])
    try:
        cache.append(keys, np.full((len(keys), 64), number, dtype=np.float32))
    except CacheError as error:
        print(number, error)
        break
"""


def check_full(root: Path, limit: int, reason: str) -> None:
    command = [sys.executable, "-c", FULL, str(root), str(limit)]
    child = subprocess.run(command, capture_output=True, text=True, check=True)
    number, _, message = child.stdout.strip().partition(" ")
    cache = VectorCache(root, {"model": "full"}, 64)
    assert message == (
        f"{cache.folder}: the vector cache can't be written ({reason}); mend that or choose another place with "
        "TOPICGPU_CACHE."
    )
    assert strays(root) == []
    for done in range(int(number)):
        vectors, found = cache.read(text_keys([f"{done} {row}" for row in range(2 ** (done % 8))]))
        assert found.all()
        assert (vectors == done).all()
    assert cache.warnings == []


@pytest.mark.parametrize("limit", [1000, 2048, 10_001])
def test_a_file_that_the_system_cuts_short_is_not_kept(tmp_path: Path, limit: int) -> None:
    check_full(tmp_path, limit, "File too large")


def test_a_really_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command here")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        check_full(disk, 0, "No space left on device")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
