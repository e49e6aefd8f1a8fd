"""The tables of a run, one after the other: those of the run folder, those of its JSON files, and the joined one."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any, NamedTuple

import pyarrow as pa

from topicgpu.export.finished import Finished
from topicgpu.export.joined import JOINED, joined
from topicgpu.report import Results
from topicgpu.report.withheld import withhold_columns
from topicgpu.store import SCHEMAS, read_table
from topicgpu.types import Family, Finding, GateResult, Move, Presence, Split, Strings, Theme

_TEXTS = pa.list_(pa.string())
_RECORDS: dict[str, Any] = {
    "findings": Finding,
    "families": Family,
    "splits": Split,
    "moves": Move,
    "presence": Presence,
    "gates": GateResult,
}
_TYPES: dict[Any, pa.DataType] = {
    **dict.fromkeys((str, str | None), pa.string()),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    Strings: _TEXTS,
}


class ExportTable(NamedTuple):
    """A table that is written."""

    name: str  # of the file, without its ending
    columns: dict[str, Any]
    schema: dict[str, pa.DataType]
    metadata: dict[str, str]


def tables_of(run: Finished) -> Iterator[ExportTable]:
    """
    Read every table that a run has, without what is withheld.

    Parameters
    ----------
    run : Run
        As far as it went.

    Yields
    ------
    ExportTable
        One at a time, so that no two are in memory together.
    """
    results = run.results()
    for name, schema in SCHEMAS.items():
        if name in run.manifest["files"]:
            columns, metadata = read_table(run.folder / name)
            yield _table(name.removesuffix(".parquet"), columns, schema, metadata, results)
    if results.themes is not None:
        yield _table("themes", *_themes(results.themes.all), {}, results)
    if results.drift is not None:
        for name, kind in _RECORDS.items():
            yield _table(name, *_records(getattr(results.drift, name), kind), {}, results)
    yield _table("joined", joined(results), JOINED, {"rows": results.segments.fingerprint}, results)


def _table(
    name: str, columns: dict[str, Any], schema: dict[str, pa.DataType], metadata: dict[str, str], results: Results
) -> ExportTable:
    return ExportTable(name, withhold_columns(columns, results), schema, metadata)


def _themes(themes: Sequence[Theme]) -> tuple[dict[str, Any], dict[str, pa.DataType]]:
    schema = {
        **dict.fromkeys(("theme_id", "name", "level", "kind", "description", "parent_id"), pa.string()),
        "size": pa.int64(),
        **dict.fromkeys(("stability", "found_again", "kept_from"), pa.float64()),
        "unstable": pa.bool_(),
        "exemplars": _TEXTS,
    }
    columns: dict[str, Any] = {name: [getattr(theme, name) for theme in themes] for name in schema}
    columns["keywords"] = [[word.term for word in theme.keywords] for theme in themes]
    return columns, schema | {"keywords": _TEXTS}


def _records(records: Sequence[Any], kind: Any) -> tuple[dict[str, Any], dict[str, pa.DataType]]:
    """Take records as columns; figures by name become two lists."""
    columns: dict[str, Any] = {}
    schema: dict[str, pa.DataType] = {}
    rows = [asdict(record) for record in records]
    for column in fields(kind):
        name, values = column.name.rstrip("_"), [row[column.name] for row in rows]
        if name == "figures":
            columns |= {"figures": [list(value) for value in values], "values": [list(v.values()) for v in values]}
            schema |= {"figures": _TEXTS, "values": pa.list_(pa.float64())}
        else:
            columns[name], schema[name] = values, _TYPES[column.type]
    return columns, schema
