"""All encoders' vector caches: where they are, what they hold, whether they are whole, and how they stay small."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from topicgpu.errors import CacheError
from topicgpu.store.cache_folder import (
    DAMAGED,
    DESCRIPTION,
    cache_errors,
    encoder_key,
    remove_strays,
    set_aside,
    shard_paths,
    written_at,
)
from topicgpu.store.shards import LostShard, open_shard

_RECENT_S = 3600.0


class CacheInfo(NamedTuple):
    """What the cache of one encoder holds."""

    folder: Path
    identity: dict[str, Any]  # as it was given, and the dimension; empty where the description is missing or damaged
    vectors: int
    nbytes: int
    last_used: float  # seconds since 1970; 0 where there is nothing
    shards: int
    damaged: int  # files set aside


class DamagedFile(NamedTuple):
    """A file of a cache that can't be used."""

    path: Path
    wrong: str


class DeletedFile(NamedTuple):
    """A file of a cache that was deleted."""

    path: Path
    nbytes: int


def default_root() -> Path:
    """
    Find the folder of topicgpu's caches; the vectors lie in its subfolder `vectors`.

    Returns
    -------
    Path
        `TOPICGPU_CACHE`, else `XDG_CACHE_HOME/topicgpu`, else `~/.cache/topicgpu`. It need not be there.

    Raises
    ------
    CacheError
        If neither is set and there is no home folder.

    Notes
    -----
    As the XDG Base Directory Specification has it, an XDG_CACHE_HOME that is not absolute is not used.
    """
    chosen = os.environ.get("TOPICGPU_CACHE")
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        return (shared if shared.is_absolute() else Path.home() / ".cache") / "topicgpu"
    except RuntimeError:
        raise CacheError("There is no home folder for the vector cache; set TOPICGPU_CACHE to a folder.") from None


def list_caches(root: Path) -> list[CacheInfo]:
    """
    List the encoders and what is kept of each. Reads no vectors, and changes nothing.

    Parameters
    ----------
    root : Path
        Folder of all encoders' vectors; it need not be there.

    Returns
    -------
    list of CacheInfo
        One an encoder.

    Raises
    ------
    CacheError
        If a folder can't be read.
    """
    with cache_errors(root, "read"):
        return [_info(folder) for folder in _encoder_folders(root)]


def verify_caches(root: Path) -> list[DamagedFile]:
    """
    Read every file and compare its checksums; damaged files are moved aside, and their vectors computed again.

    Parameters
    ----------
    root : Path
        Folder of all encoders' vectors; it need not be there.

    Returns
    -------
    list of DamagedFile
        Empty where all is well.

    Raises
    ------
    CacheError
        If a folder can't be read.
    """
    with cache_errors(root, "read"):
        return [found for folder in _encoder_folders(root) for found in _verify(folder)]


def prune_caches(root: Path, limit_bytes: int, *, recent: bool = False) -> list[DeletedFile]:
    """
    Delete shards, least recently used first, until the rest is within a limit; and what killed writers left over.

    Parameters
    ----------
    root : Path
        Folder of all encoders' vectors; it need not be there.
    limit_bytes : int
        Of all shards together. Damaged files that were set aside do not count and stay.
    recent : bool
        Whether shards written in the last hour may go too; a process that is at work may need them.

    Returns
    -------
    list of DeletedFile
        What was deleted.

    Raises
    ------
    CacheError
        If a file can't be deleted.
    """
    deleted: list[DeletedFile] = []
    shards: list[tuple[float, Path, int]] = []
    with cache_errors(root, "pruned"):
        for folder in _encoder_folders(root):
            deleted += (DeletedFile(path, nbytes) for path, nbytes in remove_strays(folder))
            for path in shard_paths(folder):
                with suppress(FileNotFoundError):  # another process has merged it
                    status = path.stat()
                    shards.append((status.st_mtime, path, status.st_size))
        total = sum(nbytes for _, _, nbytes in shards)
        for _, path, nbytes in sorted(shards):
            if total > limit_bytes and (recent or abs(time.time() - written_at(path)) > _RECENT_S):
                path.unlink(missing_ok=True)
                deleted.append(DeletedFile(path, nbytes))
                total -= nbytes
    return deleted


def _encoder_folders(root: Path) -> list[Path]:
    if not root.exists():
        return []
    return sorted(path for path in root.iterdir() if re.fullmatch("[0-9a-f]{16}", path.name) and path.is_dir())


def _info(folder: Path) -> CacheInfo:
    vectors = nbytes = shards = 0
    last_used = 0.0
    for path in shard_paths(folder):
        with suppress(LostShard):  # verify_caches and the next run that needs it say so
            shard, _ = open_shard(path)
            last_used = max(last_used, shard.last_used())
            vectors, nbytes, shards = vectors + shard.rows, nbytes + shard.nbytes, shards + 1
    damaged = len(list((folder / DAMAGED).glob("*")))
    return CacheInfo(folder, _identity(folder) or {}, vectors, nbytes, last_used, shards, damaged)


def _identity(folder: Path) -> dict[str, Any] | None:
    """Read an encoder's description; None where it is not that of this folder."""
    try:
        identity = json.loads((folder / DESCRIPTION).read_bytes())
        right = isinstance(identity, dict) and encoder_key(identity) == folder.name
    except (FileNotFoundError, ValueError):
        return None
    return identity if right else None


def _verify(folder: Path) -> Iterator[DamagedFile]:
    description = folder / DESCRIPTION
    if description.exists() and _identity(folder) is None:
        yield DamagedFile(description, f"it does not describe this folder's encoder; {set_aside(description)}")
    for path in shard_paths(folder):
        try:
            for _ in open_shard(path)[0].blocks():
                pass
        except LostShard as error:
            if error.how == "damaged":
                yield DamagedFile(path, f"{error.why}; {set_aside(path)}")
            elif error.how == "unreadable":
                yield DamagedFile(path, f"it can't be read: {error.why}")
