"""Columns to Parquet and back, and the frozen tables to columns and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from topicgpu.store.files import damaged, missing, write_file
from topicgpu.store.schema import SCHEMAS
from topicgpu.types import Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def write_table(
    path: Path, columns: Mapping[str, Any], metadata: Mapping[str, str], schema: Mapping[str, pa.DataType] | None = None
) -> None:
    """
    Write columns as Parquet under the schema of the file's name, or another one.

    Parameters
    ----------
    path : Path
        Where; its name is a key of `SCHEMAS` where no schema is given.
    columns : mapping
        Name to values; columns of the schema that are absent stay absent.
    metadata : mapping
        Strings kept beside the schema.
    schema : mapping, optional
        Name to type.
    """
    schema = SCHEMAS[path.name] if schema is None else schema
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
        raise missing(path) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise damaged(path, error) from error
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return {name: _from_arrow(table.column(name)) for name in table.column_names}, metadata


def read_blocks(path: Path, columns: Sequence[str], rows: int = 16_384) -> Iterator[dict[str, tuple[Any, ...]]]:
    """
    Read some columns of a Parquet table block by block, in flat memory.

    Parameters
    ----------
    path : Path
        Where.
    columns : sequence of str
        Which.
    rows : int
        At most, a block.

    Yields
    ------
    dict
        Name to values.

    Raises
    ------
    RunFolderError
        If the file is missing or damaged.
    """
    try:
        with pq.ParquetFile(path) as file:
            for block in file.iter_batches(batch_size=rows, columns=list(columns)):
                yield {name: tuple(block.column(name).to_pylist()) for name in columns}
    except FileNotFoundError:
        raise missing(path) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise damaged(path, error) from error


def table_columns(table: "DataclassInstance") -> dict[str, Any]:
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
    return {column.name.rstrip("_"): getattr(table, column.name) for column in fields(table)}


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
    names = [column.name for column in fields(kind)]
    return kind(**{name: columns[name.rstrip("_")] for name in names})


def _to_arrow(values: Any, kind: pa.DataType) -> pa.Array:
    # In tables a missing number is null; NaN would count as a value in other programs.
    return pa.array(values if isinstance(values, np.ndarray) else list(values), type=kind, from_pandas=True)


def _from_arrow(column: pa.ChunkedArray) -> Any:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return column.to_numpy()
    return tuple(column.to_pylist())
