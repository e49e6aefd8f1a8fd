"""Text and JSON, written so that a file is there whole or not at all."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from topicgpu.errors import RunFolderError


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """
    Write a file so that it is there whole or not at all.

    Parameters
    ----------
    path : Path
        Where; its folder is made if needed.
    write : callable
        Writes the content to the path that it is given.

    Raises
    ------
    RunFolderError
        If the place can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_beside(path, write)
    except OSError as error:
        raise RunFolderError(
            f"{path}: can't be written ({error.strerror or error}); free or choose another place."
        ) from error


def write_beside(path: Path, write: Callable[[Path], object], *, durable: bool = True) -> None:
    """
    Write a file under another name in the same folder, then rename it.

    Parameters
    ----------
    path : Path
        Where; its folder is there.
    write : callable
        Writes the content to the path that it is given.
    durable : bool
        Whether the content must outlive a power cut. A kill of the process loses nothing either way.

    Raises
    ------
    OSError
        If the place can't be written; nothing is left there.
    """
    # Process numbers repeat from host to host, and a folder may be shared by several.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        write(temporary)
        if durable:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """
    Write text as UTF-8, without newline translation.

    Parameters
    ----------
    path : Path
        Where.
    text : str
        What.
    """
    write_file(path, lambda temporary: temporary.write_bytes(text.encode("utf-8")))


def read_text(path: Path) -> str:
    """
    Read UTF-8 text, without newline translation.

    Parameters
    ----------
    path : Path
        Where.

    Returns
    -------
    str
        The text.
    """
    return path.read_bytes().decode("utf-8")


def write_json(path: Path, data: Any) -> None:
    """
    Write plain data as JSON for people and programs; NaN and infinity become null.

    Parameters
    ----------
    path : Path
        Where.
    data : object
        Dicts, lists, strings, numbers, None.
    """
    write_text(path, json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """
    Read JSON.

    Parameters
    ----------
    path : Path
        Where.

    Returns
    -------
    object
        Dicts, lists, strings, numbers, None.

    Raises
    ------
    RunFolderError
        If the file is missing or is not JSON.
    """
    try:
        return json.loads(read_text(path))
    except FileNotFoundError:
        raise missing(path) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise damaged(path, error) from error


def hash_file(path: Path) -> str:
    """
    Hash a file's bytes.

    Parameters
    ----------
    path : Path
        Where.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing(path: Path) -> RunFolderError:
    """
    Say that a file of a run is not there.

    Parameters
    ----------
    path : Path
        Which.

    Returns
    -------
    RunFolderError
        To be raised.
    """
    return RunFolderError(f"{path}: no such file; the folder is not a finished run.")


def damaged(path: Path, error: Exception) -> RunFolderError:
    """
    Say that a file of a run can't be read.

    Parameters
    ----------
    path : Path
        Which.
    error : Exception
        What its reader said.

    Returns
    -------
    RunFolderError
        To be raised.
    """
    return RunFolderError(f"{path}: is damaged ({str(error).splitlines()[0]}); delete the run folder and run again.")


def _finite(data: Any) -> Any:
    if isinstance(data, float | np.floating):
        return float(data) if np.isfinite(data) else None
    if isinstance(data, np.integer):
        return int(data)
    if isinstance(data, Mapping):
        return {str(key): _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return data
