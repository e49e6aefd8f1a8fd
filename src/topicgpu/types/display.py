"""How results show themselves: one short line in a console, a small table in a notebook."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MAX_ROWS = 20
_MAX_LETTERS = 1000  # of a cell: every sentence of a finding is whole


def html_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], n_rows: int) -> str:
    """
    Lay out the first rows of a table for a notebook.

    Parameters
    ----------
    title : str
        Above it.
    columns : sequence of str
        Heads.
    rows : iterable of sequence
        Cells of any kind; only the first 20 rows are asked for.
    n_rows : int
        How many there are.

    Returns
    -------
    str
        HTML, everything in it escaped; how many rows are left out stands below.
    """
    heads = "".join(f"<th>{escape(name)}</th>" for name in columns)
    shown = [row for row, _ in zip(rows, range(MAX_ROWS), strict=False)]
    body = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in shown)
    more = f"<p>… {n_rows - len(shown):,} more</p>" if n_rows > len(shown) else ""
    return (
        f"<table><caption>{escape(title)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def paragraph(text: str) -> str:
    """
    Lay out a sentence for a notebook.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str
        HTML, escaped.
    """
    return f"<p><bdi>{escape(text)}</bdi></p>"


def _cell(value: Any) -> str:
    text = cell_text(value)
    shown = text if len(text) <= _MAX_LETTERS else f"{text[: _MAX_LETTERS - 1]}…"
    return f"<bdi>{escape(shown)}</bdi>" if isinstance(value, str) else escape(shown)


def cell_text(value: Any) -> str:
    """
    Word one value of a table.

    Parameters
    ----------
    value : object
        Text, number, date, list, mapping or None.

    Returns
    -------
    str
        Numbers to four figures; what is missing is empty.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return ", ".join(map(cell_text, value))
    return str(value)


class Brief:
    """A dataclass whose `repr` is one short line, however many rows it has."""

    __slots__ = ()

    def __repr__(self: "DataclassInstance") -> str:
        shown = (column.name for column in fields(self) if column.repr)
        return f"{type(self).__name__}({', '.join(f'{name}={_brief(getattr(self, name))}' for name in shown)})"


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"<{value.dtype} {' x '.join(f'{size:,}' for size in value.shape)}>"
    if isinstance(value, str | int | float | np.generic) or value is None:
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:59]}…"
    if is_dataclass(value) or not hasattr(value, "__len__"):
        return f"<{type(value).__name__}>"
    return f"<{len(value):,}>"


class ColumnTable(Brief):
    """A dataclass of columns: a notebook shows its first rows."""

    __slots__ = ()
    _shown: ClassVar[tuple[str, ...]] = ()  # columns in a notebook; all where there are none

    def _repr_html_(self: Any) -> str:
        names = self._shown or tuple(column.name for column in fields(self))
        columns = [getattr(self, name) for name in names]
        rows = (tuple(column[row] for column in columns) for row in range(len(self)))
        title = f"{type(self).__name__}: {len(self):,} rows"
        return html_table(title, [name.rstrip("_") for name in names], rows, len(self))
