"""Results in, a plain dictionary of what the report shows out. Charts and template only lay out what stands in it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import Config
from topicgpu.errors import MisalignedError, ShapeError
from topicgpu.report.changes import changes_of
from topicgpu.report.levels import families_of, parts_of
from topicgpu.report.methods import method_view
from topicgpu.report.over_time import time_view
from topicgpu.report.palette import color_slots
from topicgpu.report.quotes import Quotes, is_digest, plain
from topicgpu.report.shares import Shares, status
from topicgpu.report.sources import repeat_lines, source_rows
from topicgpu.report.wording import count, counted, percent, readable_date
from topicgpu.types import Drift, Finding, Map, Repeats, Segments, Sources, Theme, Themes, check_rows

MAX_POINTS = 3000  # on the map: each carries its quote, and a page of tens of megabytes opens nowhere
MAX_COLUMNS = 40  # sources side by side in a table; more are shown by period
MAX_QUOTES = 4


def build_view(
    config: Config,
    manifest: Mapping[str, Any],
    sources: Sources,
    segments: Segments,
    embeddings_served: NDArray[np.bool_],
    repeats: Repeats,
    map_: Map,
    themes: Themes,
    drift: Drift,
) -> dict[str, Any]:
    """
    Gather what the report shows.

    Parameters
    ----------
    config : Config
        Title, unit of the shares and number of findings.
    manifest : mapping
        Of the run; every key but `name` may be absent.
    sources : Sources
        One row a source.
    segments : Segments
        n rows.
    embeddings_served : (n,) array of bool
        Whether the encoder serves each segment's language.
    repeats : Repeats
        Segments that are counted once only.
    map_ : Map
        Places of the segments; NaN: not on the map.
    themes : Themes
        Themes and assignments.
    drift : Drift
        Shares, changes and findings.

    Returns
    -------
    dict
        Text, numbers, lists and dictionaries alone.

    Raises
    ------
    MisalignedError
        If the tables are not of these segments, or a result names a theme or segment that is not there.
    ShapeError
        If `embeddings_served` has another length than the segments.
    """
    check_rows(segments.fingerprint, repeats, map_, themes, drift)
    if len(embeddings_served) != len(segments):
        raise ShapeError(
            f"embeddings_served must have {len(segments)} rows, one a segment; got {len(embeddings_served)}."
        )
    quotes, shares = Quotes(sources, segments), Shares(drift, config.drift.shares_of)
    refs = _theme_refs(themes)
    changes = changes_of(drift, config.drift.shares_of, config.drift.unit)
    rows = source_rows(sources, segments, embeddings_served, repeats, drift.period_of)
    columns = _columns(rows, drift)
    method = method_view(config, manifest, sources.warnings)
    return {
        "title": config.report.title or str(manifest["name"]),
        "unit": config.drift.shares_of,
        "corpus": _corpus(sources, segments, repeats, rows),
        "findings": [_finding(f, refs, quotes) for f in drift.findings[: config.report.max_findings]],
        "instruments": list(drift.instruments),
        "gates": [{"gate": gate.gate, "outcome": gate.outcome, "reason": gate.reason} for gate in drift.gates],
        "n_findings_left": max(0, len(drift.findings) - config.report.max_findings),
        "time": time_view(themes, refs, rows, drift, shares, changes),
        "table": {"columns": columns, "rows": _table(themes, refs, columns, shares)},
        "map": _map(segments, map_, themes, refs, quotes),
        "themes": [
            _card(theme, refs, columns, drift, shares, changes, quotes) | parts_of(theme, themes, quotes)
            for theme in themes.themes
        ],
        "families": families_of(themes, refs),
        "sources": rows,
        "method": method,
        "undecided": list(drift.undecided),
        "warnings": method["warnings"],
    }


def _theme_refs(themes: Themes) -> dict[str, dict[str, Any]]:
    slots = color_slots(theme.theme_id for theme in themes.themes)
    return {
        theme.theme_id: {"anchor": f"theme-{place + 1}", "name": theme.name, "slot": slots[theme.theme_id]}
        for place, theme in enumerate(themes.themes)
    }


def _corpus(sources: Sources, segments: Segments, repeats: Repeats, rows: list[dict[str, Any]]) -> dict[str, Any]:
    pairs = zip(sources.date_start, sources.date_end, strict=True)
    dated = [(start, end) for start, end in pairs if start is not None and end is not None]
    span = (
        [readable_date(*min(dated)), readable_date(*max(dated, key=lambda pair: (pair[1], pair[0])))] if dated else []
    )
    genres = Counter(genre for genre in sources.genre if genre)
    digests = sum(is_digest(form) for form in sources.form)
    return {
        "sources": counted(len(sources), "source"),
        "words": counted(int(segments.n_words.sum()), "word"),
        "segments": counted(len(segments), "segment"),
        "dates": " to ".join(dict.fromkeys(span)) or "no dates",
        "undated": sum(row["days"] is None for row in rows),
        "kinds": [f"{genre} ({n})" if n > 1 else genre for genre, n in genres.items()],
        "repeats": repeat_lines(segments, repeats, np.arange(len(segments))),
        "digests": digests,
        "all_digests": digests == len(sources) > 0,
    }


def _finding(finding: Finding, refs: dict[str, dict[str, Any]], quotes: Quotes) -> dict[str, Any]:
    if finding.theme_id not in refs:
        raise MisalignedError(
            f"a finding names the theme {finding.theme_id!r}, which is not among the {len(refs)} themes of this run; "
            "run the drift stage again."
        )
    evidence = quotes.varied(finding.evidence, MAX_QUOTES)
    return {
        "sentence": finding.sentence,
        "kind": finding.kind,
        "theme": refs[finding.theme_id],
        "status": status(finding.status),
        "quote": evidence[0] if evidence else None,
        "more": evidence[1:],
    }


def _columns(rows: list[dict[str, Any]], drift: Drift) -> list[dict[str, Any]]:
    if len(rows) > MAX_COLUMNS and drift.periods:
        return [{"level": "period", "key": period, "label": period} for period in drift.periods]
    ordered = sorted(rows, key=lambda row: row["days"] or (float("inf"), float("inf")))
    return [{"level": "source", "key": row["source_id"], "label": row["title"], **row} for row in ordered]


def _table(
    themes: Themes, refs: dict[str, dict[str, Any]], columns: list[dict[str, Any]], shares: Shares
) -> list[dict[str, Any]]:
    none = {"anchor": None, "name": "no theme", "slot": None}
    keyed = [(theme.theme_id, refs[theme.theme_id]) for theme in themes.themes]
    return [
        {"theme": ref, "cells": [shares.cell(theme_id, column["level"], column["key"]) for column in columns]}
        for theme_id, ref in [*keyed, (None, none)]
    ]


def _map(
    segments: Segments, map_: Map, themes: Themes, refs: dict[str, dict[str, Any]], quotes: Quotes
) -> dict[str, Any]:
    placed = np.flatnonzero(np.isfinite(map_.xy).all(axis=1))
    step = -(-len(placed) // MAX_POINTS) or 1
    primary = themes.primary
    drawn = sorted(placed[::step], key=lambda row: primary[row] >= 0)  # speech with no theme lies underneath
    points = []
    for row in drawn:
        theme = themes.themes[primary[row]] if primary[row] >= 0 else None
        name = theme.name if theme else "no theme"
        points.append(
            {
                "x": float(map_.xy[row, 0]),
                "y": float(map_.xy[row, 1]),
                "slot": refs[theme.theme_id]["slot"] if theme else None,
                "label": f"{name}. {plain(quotes.quote(int(row)))}",
            }
        )
    labels = []
    for place, theme in enumerate(themes.themes):
        own = placed[primary[placed] == place]
        if len(own):
            x, y = np.median(map_.xy[own], axis=0)
            labels.append({**refs[theme.theme_id], "x": float(x), "y": float(y), "n": len(own)})
    return {
        "points": points,
        "labels": sorted(labels, key=lambda label: -label["n"]),
        "placed": counted(len(placed), "segment"),
        "off": counted(len(segments) - len(placed), "segment") if len(placed) < len(segments) else None,
        "step": step,
        "drawn": count(len(points)),
        "method": map_.method,
    }


def _card(
    theme: Theme,
    refs: dict[str, dict[str, Any]],
    columns: list[dict[str, Any]],
    drift: Drift,
    shares: Shares,
    changes: dict[str, dict[str, Any]],
    quotes: Quotes,
) -> dict[str, Any]:
    periods = [{"level": "period", "key": period, "label": period} for period in drift.periods]
    shown = columns if columns and columns[0]["level"] == "period" else columns + periods
    return {
        **refs[theme.theme_id],
        "theme_id": theme.theme_id,
        "kind": theme.kind,
        "description": theme.description,
        "keywords": [keyword.term for keyword in theme.keywords],
        "size": counted(theme.size, "segment"),
        "stability": None if theme.stability is None else percent(theme.stability),
        "unstable": theme.unstable,
        "found_again": None if theme.found_again is None else percent(theme.found_again),
        "shares": [{**column, "cell": shares.cell(theme.theme_id, column["level"], column["key"])} for column in shown],
        "changes": changes.get(theme.theme_id),
        "quotes": quotes.varied(theme.exemplars, MAX_QUOTES),
    }
