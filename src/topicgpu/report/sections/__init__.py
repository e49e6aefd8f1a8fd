"""The sections of the report, in the order of the page. Each is a function from results to a plain dictionary."""

from collections.abc import Callable
from typing import Any, NamedTuple

from topicgpu.report.context import Context
from topicgpu.report.results import Results
from topicgpu.report.sections import (
    findings,
    heat,
    map,
    method,
    notes,
    over_time,
    presence,
    said,
    segments,
    sources,
    themes,
)


class Section(NamedTuple):
    """One section: `NAME.html.j2` lays out what `view` gives."""

    name: str  # also its anchor, and what `run.report(sections=...)` calls it
    title: str  # in the table of contents
    needs: Callable[[Results], bool]  # whether the tables that it shows are there
    view: Callable[[Context], dict[str, Any]]


def _always(results: Results) -> bool:
    return True


def _interactive(results: Results) -> bool:
    return results.config.report.interactive


def _drift(results: Results) -> bool:
    return results.drift is not None and results.themes is not None


def _themes(results: Results) -> bool:
    return results.themes is not None


def _map(results: Results) -> bool:
    return results.map is not None


SECTIONS: tuple[Section, ...] = (
    Section("findings", "Findings", _drift, findings.view),
    Section("time", "Over time", _drift, over_time.view),
    Section("table", "Share table", _drift, heat.view),
    Section("said", "Now and before", _drift, said.view),
    Section("presence", "Appears and fades", _drift, presence.view),
    Section("map", "Map", _map, map.view),
    Section("themes", "Themes", _themes, themes.view),
    Section("segments", "Segments", _interactive, segments.view),
    Section("sources", "Sources", _always, sources.view),
    Section("method", "Method", _always, method.view),
    Section("undecided", "Not decided", _drift, notes.undecided),
    Section("warnings", "Warnings", _always, notes.warnings),
)
