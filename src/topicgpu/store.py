"""The files of a run folder: one schema, atomic writes, nothing pickled.

Tables are Parquet, arrays safetensors, the rest JSON and plain text. A table's metadata holds `rows`, the fingerprint
of the segments that it is aligned to.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from topicgpu.errors import RunFolderError

Table = TypeVar("Table")

_TEXT, _INT, _FLOAT, _BOOL = pa.string(), pa.int64(), pa.float64(), pa.bool_()

# The one schema: columns may be added, never renamed.
SCHEMAS: dict[str, dict[str, pa.DataType]] = {
    "sources.parquet": {
        "source_id": _TEXT,
        "title": _TEXT,
        "date_start": pa.date32(),
        "date_end": pa.date32(),
        "genre": _TEXT,
        "form": _TEXT,
        "series": _TEXT,
        "languages": pa.list_(_TEXT),
        "path": _TEXT,
        "sha256": _TEXT,
        "origin": _TEXT,
        "n_chars": _INT,
        "n_words": _INT,
        "n_segments": _INT,
    },
    "turns.parquet": {
        "source_id": _TEXT,
        "position": _INT,
        "start_char": _INT,
        "end_char": _INT,
        "kind": _TEXT,
        "speaker": _TEXT,
        "start_s": _FLOAT,
        "end_s": _FLOAT,
        "locator": _TEXT,
    },
    "dropped.parquet": {
        "source_id": _TEXT,
        "start_char": _INT,
        "end_char": _INT,
        "n_words": _INT,
        "reason": _TEXT,
    },
    "segments.parquet": {
        "segment_id": _TEXT,
        "source_id": _TEXT,
        "position": _INT,
        "start_char": _INT,
        "end_char": _INT,
        "start_s": _FLOAT,
        "end_s": _FLOAT,
        "speaker": _TEXT,
        "language": _TEXT,
        "date": _TEXT,
        "text": _TEXT,
        "n_tokens": _INT,
        "n_words": _INT,
    },
    "repeats.parquet": {"segment_id": _TEXT, "repeats_id": _TEXT, "kind": _TEXT, "similarity": _FLOAT},
    "map.parquet": {"segment_id": _TEXT, "x": pa.float32(), "y": pa.float32()},
    "clusters.parquet": {"segment_id": _TEXT, "label": _INT, "strength": pa.float32()},
    "assignments.parquet": {"segment_id": _TEXT, "theme_id": _TEXT, "strength": pa.float32(), "rank": _INT},
    "near.parquet": {"segment_id": _TEXT, "theme_id": _TEXT, "strength": pa.float32()},
    "prevalence.parquet": {
        "theme_id": _TEXT,
        "level": _TEXT,
        "key": _TEXT,
        "unit": _TEXT,
        "measure": _TEXT,
        "share": _FLOAT,
        "low": _FLOAT,
        "high": _FLOAT,
        "interval": _TEXT,
        "theme_units": _FLOAT,
        "total_units": _FLOAT,
        "n_sources": _INT,
        "n_blocks": _FLOAT,
        "thin": _BOOL,
    },
    "drift.parquet": {
        "theme_id": _TEXT,
        "kind": _TEXT,
        "level": _TEXT,
        "from": _TEXT,
        "to": _TEXT,
        "effect": _FLOAT,
        "unit": _TEXT,
        "low": _FLOAT,
        "high": _FLOAT,
        "loo_low": _FLOAT,
        "loo_high": _FLOAT,
        "p": _FLOAT,
        "q": _FLOAT,
        "status": _TEXT,
        "n_from": _INT,
        "n_to": _INT,
    },
}


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
        _write_beside(path, write)
    except OSError as error:
        raise RunFolderError(
            f"{path}: can't be written ({error.strerror or error}); free or choose another place."
        ) from error


def _write_beside(path: Path, write: Callable[[Path], object]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
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
        raise _missing(path) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _damaged(path, error) from error


def write_table(path: Path, columns: Mapping[str, Any], metadata: Mapping[str, str]) -> None:
    """
    Write columns as Parquet under the schema of the file's name.

    Parameters
    ----------
    path : Path
        Where; its name is a key of `SCHEMAS`.
    columns : mapping
        Name to values; columns of the schema that are absent stay absent.
    metadata : mapping
        Strings kept beside the schema.
    """
    schema = SCHEMAS[path.name]
    arrays = {name: _to_arrow(columns[name], kind) for name, kind in schema.items() if name in columns}
    table = pa.table(arrays).replace_schema_metadata(dict(metadata))
    write_file(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))


def read_table(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """
    Read the columns and metadata of a Parquet table.

    Parameters
    ----------
    path : Path
        Where.

    Returns
    -------
    dict, dict
        Numbers and flags as NumPy arrays (missing floats as NaN), everything else as tuples; and the metadata.

    Raises
    ------
    RunFolderError
        If the file is missing or damaged.
    """
    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise _missing(path) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path, error) from error
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return {name: _from_arrow(table.column(name)) for name in table.column_names}, metadata


def table_columns(table: object) -> dict[str, Any]:
    """
    List the columns of one of the frozen tables, under the names that they have in files.

    Parameters
    ----------
    table : dataclass
        Turns, Dropped, Segments, Prevalence or Changes.

    Returns
    -------
    dict
        Name to values; a trailing underscore, there because of a Python keyword, is left off.
    """
    return {column.name.rstrip("_"): getattr(table, column.name) for column in fields(table)}  # type: ignore[arg-type]


def from_columns(kind: type[Table], columns: Mapping[str, Any]) -> Table:
    """
    Make one of the frozen tables of its columns.

    Parameters
    ----------
    kind : type
        Turns, Dropped, Segments, Prevalence or Changes.
    columns : mapping
        As `read_table` returns them.

    Returns
    -------
    object
        An instance of `kind`.
    """
    names = [column.name for column in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: columns[name.rstrip("_")] for name in names})


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], metadata: Mapping[str, str]) -> None:
    """
    Write arrays as safetensors.

    Parameters
    ----------
    path : Path
        Where.
    arrays : mapping
        Name to array.
    metadata : mapping
        Strings kept in the header.
    """
    from safetensors.numpy import save_file

    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # safetensors writes its metadata in no fixed order: under one key the same arrays make the same bytes.
    header = {"topicgpu": json.dumps(dict(metadata), sort_keys=True)}
    write_file(path, lambda temporary: save_file(contiguous, temporary, metadata=header))


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, str]]:
    """
    Read arrays and metadata from safetensors.

    Parameters
    ----------
    path : Path
        Where.

    Returns
    -------
    dict, dict
        Name to array, and the metadata.

    Raises
    ------
    RunFolderError
        If the file is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (the file is no dict)
            return arrays, json.loads(file.metadata()["topicgpu"])
    except FileNotFoundError:
        raise _missing(path) from None
    except SafetensorError as error:
        raise _damaged(path, error) from error


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


def _missing(path: Path) -> RunFolderError:
    return RunFolderError(f"{path}: no such file; the folder is not a finished run.")


def _damaged(path: Path, error: Exception) -> RunFolderError:
    return RunFolderError(f"{path}: is damaged ({str(error).splitlines()[0]}); delete it and run again.")


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


def _to_arrow(values: Any, kind: pa.DataType) -> pa.Array:
    # In tables a missing number is null; NaN would count as a value in other programs.
    return pa.array(values if isinstance(values, np.ndarray) else list(values), type=kind, from_pandas=True)


def _from_arrow(column: pa.ChunkedArray) -> Any:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return column.to_numpy()
    return tuple(column.to_pylist())
