"""Every table as CSV, in cells that a spreadsheet shows and never runs."""

import csv
import math
from collections.abc import Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from topicgpu.export.finished import Finished
from topicgpu.export.tables import tables_of
from topicgpu.store import write_file

_RUN = ("=", "+", "-", "@", "\t", "\r")  # what a cell begins with that spreadsheets take for a formula


def write_csv(run: Finished, folder: Path) -> None:
    """
    Write every table as NAME.csv: UTF-8, a header, fields quoted where they must be (RFC 4180).

    Parameters
    ----------
    run : Run
        As far as it went.
    folder : Path
        That is there.
    """
    for table in tables_of(run):
        columns = {name: table.columns[name] for name in table.schema if name in table.columns}
        rows = zip(*columns.values(), strict=True)
        write_file(folder / f"{table.name}.csv", partial(_write, names=columns, rows=rows))


def _write(path: Path, names: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([csv_cell(value) for value in row] for row in rows)


def csv_cell(value: Any) -> str:
    """
    Word a value for a cell.

    Parameters
    ----------
    value : object
        Text, number, flag, date, list or None.

    Returns
    -------
    str
        Numbers as they are, lists parted by "; ", nothing for what is missing. Text that a spreadsheet would take for a
        formula gets an apostrophe in front, and a null character, which no spreadsheet takes, becomes U+FFFD.

    Notes
    -----
    The rule is OWASP's on CSV injection. Parquet has the exact values.
    """
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | float | np.number):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | np.ndarray):
        value = "; ".join(str(part) for part in value)
    text = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return f"'{text}" if text.startswith(_RUN) else text
