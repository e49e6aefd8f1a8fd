"""Plots of the two records of drift: how often it is found where there is none, and where there is some."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

Row = dict[str, Any]
_KINDS, _NULLS = ["prevalence", "content", "vocabulary"], ["exchangeable", "mix", "wander"]
_SOURCES = alt.Color("sources:N", sort=["8", "20", "60"], scale=alt.Scale(scheme="viridis"), title="sources")


def draw_calibration(rows: Sequence[Row], record: Path) -> None:
    """Write NAME.svg beside the record: the rate of rejections of each method, kind and null."""
    points = [
        {name: row[name] for name in ("null", "kind", "method", "rate")} | {"sources": str(row["sources"])}
        for row in rows
        if row["part"] == "null"
    ]
    # A chart for each pair by hand: Vega-Lite's facets name columns in another order than they draw them.
    cells = [
        [
            _cell([each for each in points if (each["kind"], each["null"]) == (kind, null)], f"{kind}, {null}")
            for null in _NULLS
        ]
        for kind in _KINDS
    ]
    alt.vconcat(*(alt.hconcat(*row) for row in cells)).save(record.with_suffix(".svg"))


def _cell(points: Sequence[Row], title: str) -> alt.LayerChart:
    dots = (
        alt.Chart(alt.Data(values=list(points)))
        .mark_point(filled=True, size=45, opacity=0.8)
        .encode(
            x=alt.X("rate:Q", scale=alt.Scale(domain=[0, 1]), title="rejected, though nothing changed"),
            y=alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
            color=_SOURCES,
        )
    )
    level = alt.Chart(alt.Data(values=[{}])).mark_rule(strokeDash=[3, 3], color="#666").encode(x=alt.datum(0.05))
    return alt.layer(level, dots).properties(width=190, title=title)


def draw_power(rows: Sequence[Row], record: Path) -> None:
    """Write NAME.svg beside the record: power by the size of the change."""
    points = [
        {name: row[name] for name in ("kind", "size", "power")} | {"sources": str(row["sources"])}
        for row in rows
        if row["part"] == "power"
    ]
    alt.hconcat(*(_curves([each for each in points if each["kind"] == kind], kind) for kind in _KINDS)).save(
        record.with_suffix(".svg")
    )


def _curves(points: Sequence[Row], title: str) -> alt.Chart:
    return (
        alt.Chart(alt.Data(values=list(points)))
        .mark_line(point=True)
        .encode(
            x=alt.X("size:Q", title="size of the change"),
            y=alt.Y("power:Q", scale=alt.Scale(domain=[0, 1]), title="found at p 0.05"),
            color=_SOURCES,
        )
        .properties(width=220, height=200, title=title)
    )
