"""The record of a benchmark that takes long: written cell by cell, and what is there is not run again."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from record import COMMIT, write_record

Row = dict[str, Any]


class Table:
    """Rows of the record, written whenever a cell is done: what is there is not run again."""

    def __init__(self, out: Path, name: str, settings: Row) -> None:
        self.out, self.name, self.settings = out, name, settings
        self.rows: list[Row] = json.loads(out.read_text(encoding="utf-8"))["rows"] if out.exists() else []

    def lacks(self, **where: Any) -> bool:
        """Whether there is no row of this cell."""
        return not any(where.items() <= row.items() for row in self.rows)

    def put(self, rows: Iterable[Row]) -> None:
        """Add the rows of a cell."""
        for row in rows:
            self.rows.append(row | {"commit": COMMIT[:12] + ("+changes" if COMMIT.endswith("+changes") else "")})
            print(row, flush=True)
        write_record(self.out, self.name, self.settings, self.rows)


def in_parts(work: Callable[[range], Counter[Any]], number: int, processes: int) -> Counter[Any]:
    """Add up what `work` counts over 0 .. number - 1, in several processes."""
    if processes == 1:
        return work(range(number))
    parts = [range(start, number, processes) for start in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        return sum(pool.map(work, parts), Counter())
