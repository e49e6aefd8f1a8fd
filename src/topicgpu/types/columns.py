"""Columns: what tables are made of, and the checks that they share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import MisalignedError, NumericalError, ShapeError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strings = tuple[str, ...]
OptionalStrings = tuple[str | None, ...]
Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]  # texts (m,) to unit vectors (m, d)
Table = TypeVar("Table", bound="DataclassInstance")


class Texts(Protocol):
    """Texts by number: a tuple, or something that reads a text each time that it is asked for."""

    def __len__(self) -> int: ...
    def __getitem__(self, row: int, /) -> str: ...
    def __iter__(self) -> Iterator[str]: ...


def no_rows() -> Ints:
    """
    Give a column of numbers without a row.

    Returns
    -------
    (0,) int
        Of its own, so that no table shares it.
    """
    return np.zeros(0, dtype=np.int64)


def check_columns(table: object, names: Sequence[str]) -> None:
    """
    Raise unless columns are of one length.

    Parameters
    ----------
    table : object
        With the columns as attributes.
    names : sequence of str
        Of the columns.

    Raises
    ------
    ShapeError
        If two differ.
    """
    lengths = {name: len(getattr(table, name)) for name in names}
    if len(set(lengths.values())) > 1:
        raise ShapeError(f"{type(table).__name__} needs columns of one length; got {lengths}.")


def check_finite(table: object, name: str) -> None:
    """
    Raise unless every number of a column is finite.

    Parameters
    ----------
    table : object
        With the column as an attribute.
    name : str
        Of the column.

    Raises
    ------
    NumericalError
        If one is not; it names the first row.
    """
    values = getattr(table, name)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))[0])
        raise NumericalError(f"{type(table).__name__}.{name} must be finite; row {row} is not.")


def join_tables(tables: Sequence[Table]) -> Table:
    """
    Put tables of one kind one below the other.

    Parameters
    ----------
    tables : sequence of Turns, Dropped or Sources
        At least one.

    Returns
    -------
    object
        All of their rows, in order.
    """
    columns = {
        column.name: _join_columns([getattr(table, column.name) for table in tables]) for column in fields(tables[0])
    }
    return type(tables[0])(**columns)


def _join_columns(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return join_tables(parts) if is_dataclass(parts[0]) else tuple(chain.from_iterable(parts))


def check_rows(rows: str, *others: Any) -> None:
    """
    Raise unless every table is aligned to the segments with fingerprint `rows`.

    Parameters
    ----------
    rows : str
        Fingerprint of the segments.
    *others : object
        Tables with an attribute `rows`.

    Raises
    ------
    MisalignedError
        If a table was made from other segments.
    """
    for other in others:
        if other.rows != rows:
            raise MisalignedError(
                f"{type(other).__name__} was made from the segments {other.rows[:12]}, not from {rows[:12]}; "
                "run the stages again from the one that changed."
            )
