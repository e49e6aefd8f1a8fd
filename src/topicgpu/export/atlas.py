"""The map for embedding-atlas: a row a point with its nearest points, and the themes' names as labels."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from topicgpu.export.finished import Finished
from topicgpu.export.joined import JOINED
from topicgpu.export.places import placed
from topicgpu.store import write_table
from topicgpu.types import Ints, Neighbors

_NEIGHBORS = pa.struct([("ids", pa.list_(pa.int64())), ("distances", pa.list_(pa.float32()))])
_LABELS = {"x": pa.float32(), "y": pa.float32(), "text": pa.string(), "level": pa.int64(), "priority": pa.float32()}


def write_atlas(run: Finished, folder: Path) -> None:
    """
    Write segments.parquet and labels.parquet.

    Parameters
    ----------
    run : Run
        With neighbors, a map and themes.
    folder : Path
        That is there.

    Notes
    -----
    The columns are those of embedding-atlas 0.26: `--x x --y y --text text --neighbors neighbors`, and `--labels`
    with x, y, text, level and priority. Neighbors are numbers of the rows of this file.
    """
    rows, columns = placed(run.results())
    columns["neighbors"] = _neighbors(run.neighbors, rows)
    schema = {name: kind for name, kind in JOINED.items() if name in columns} | {"neighbors": _NEIGHBORS}
    write_table(folder / "segments.parquet", columns, {}, schema)
    write_table(folder / "labels.parquet", _labels(columns), {}, _LABELS)


def _neighbors(neighbors: Neighbors, rows: Ints) -> list[dict[str, Any]]:
    place = np.full(len(neighbors) + 1, -1, dtype=np.int64)  # the last is that of -1, no neighbor
    place[rows] = np.arange(len(rows))
    indices, distances = place[neighbors.indices[rows]], neighbors.distances[rows]
    there = indices >= 0
    return [
        {"ids": row[keep], "distances": away[keep]} for row, away, keep in zip(indices, distances, there, strict=True)
    ]


def _labels(columns: dict[str, Any]) -> dict[str, Any]:
    """Name each theme and family at the median of its points; the larger comes first where labels meet."""
    labels = []
    for level, (key, layer) in enumerate((("family", "family"), ("theme_id", "theme"))):
        rows: dict[str, list[int]] = {}
        for row, one in enumerate(columns[key]):
            if one:
                rows.setdefault(one, []).append(row)
        for own in rows.values():
            name = columns[layer][own[0]]
            x, y = (float(np.median(columns[axis][own])) for axis in "xy")
            labels.append({"x": x, "y": y, "text": name, "level": level, "priority": float(len(own))})
    return {name: [label[name] for label in labels] for name in _LABELS}
