"""The folder of one encoder's vectors: whose it is, its files' names, its lock, what is set aside or left over."""

import fcntl
import hashlib
import json
import os
import platform
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from topicgpu.errors import CacheError

DESCRIPTION = "encoder.json"
DAMAGED = "damaged"  # the folder, in the encoder's, where damaged files go
_SUFFIX = ".safetensors"
_STRAY_AFTER_S = 24 * 3600.0


def encoder_key(description: Mapping[str, Any]) -> str:
    """
    Name the folder of an encoder.

    Parameters
    ----------
    description : mapping
        Plain data, all that decides what vector a text gets.

    Returns
    -------
    str
        16 hexadecimal digits of the SHA-256 of its JSON; the same for keys in any order.
    """
    return hashlib.sha256(json.dumps(description, sort_keys=True, allow_nan=False).encode()).hexdigest()[:16]


def new_shard_path(folder: Path) -> Path:
    """
    Make up a name that no other process takes, on any host.

    Parameters
    ----------
    folder : Path
        An encoder's.

    Returns
    -------
    Path
        It begins with the time in microseconds, so that the names sort by age.
    """
    host = re.sub(r"[^A-Za-z0-9.]", "_", platform.node())[:64]
    return folder / f"{time.time_ns() // 10**3:016d}-{host}-{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"


def shard_paths(folder: Path) -> list[Path]:
    """
    List the shards in a folder.

    Parameters
    ----------
    folder : Path
        An encoder's; it need not be there.

    Returns
    -------
    list of Path
        Oldest first.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208 (a cache may hold many files, and only names are needed)
    except FileNotFoundError:
        return []
    return sorted(folder / name for name in names if name.endswith(_SUFFIX) and not name.startswith("."))


def written_at(path: Path) -> float:
    """
    Tell when a shard was written, by its name: its time stamp tells when it was last used.

    Parameters
    ----------
    path : Path
        Of the shard.

    Returns
    -------
    float
        Seconds since 1970; 0 for a name that is no shard's.
    """
    stamp = path.name.partition("-")[0]
    return int(stamp) / 1e6 if stamp.isdecimal() else 0.0


def set_aside(path: Path) -> str:
    """
    Move a damaged file out of the way; nothing is deleted.

    Parameters
    ----------
    path : Path
        In an encoder's folder.

    Returns
    -------
    str
        What became of it, as a part of a sentence.
    """
    try:
        (path.parent / DAMAGED).mkdir(exist_ok=True)
        path.rename(path.parent / DAMAGED / path.name)
    except FileNotFoundError:
        return "another process has moved it"
    except OSError as error:
        return f"it can't be moved to {DAMAGED}/: {error.strerror or error}"
    return f"moved to {DAMAGED}/"


def remove_strays(folder: Path) -> list[tuple[Path, int]]:
    """
    Delete temporary files that no writer can still be writing: those older than a day.

    Parameters
    ----------
    folder : Path
        An encoder's.

    Returns
    -------
    list of (Path, int)
        What was deleted, and its bytes.

    Raises
    ------
    OSError
        If one can't be deleted.
    """
    removed = []
    for path in folder.glob(".*.tmp"):
        with suppress(FileNotFoundError):  # its writer has finished, or another process was faster
            status = path.stat()
            if time.time() - status.st_mtime > _STRAY_AFTER_S:
                path.unlink()
                removed.append((path, status.st_size))
    return removed


@contextmanager
def try_lock(folder: Path) -> Iterator[bool]:
    """
    Become the one process that merges an encoder's shards, without waiting.

    Parameters
    ----------
    folder : Path
        An encoder's.

    Yields
    ------
    bool
        Whether this process is the one; a killed holder's lock is free.

    Raises
    ------
    OSError
        If the file system has no locks, or the folder can't be written.
    """
    with (folder / ".lock").open("ab") as file:  # for writing: over NFS an exclusive lock needs it
        free = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            free = False
        yield free


def sync_folder(folder: Path) -> None:
    """
    Make the renames in a folder outlive a power cut, where the file system can.

    Parameters
    ----------
    folder : Path
        Which.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse; at worst vectors are computed again
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def cache_errors(path: Path, what: str) -> Iterator[None]:
    """
    Turn what the system refuses into an error of the cache.

    Parameters
    ----------
    path : Path
        Where.
    what : str
        What can't be done: written, read, pruned.

    Raises
    ------
    CacheError
        For an OSError inside.
    """
    try:
        yield
    except OSError as error:
        raise CacheError(
            f"{path}: the vector cache can't be {what} ({error.strerror or error}); mend that or choose "
            "another place with TOPICGPU_CACHE."
        ) from error
