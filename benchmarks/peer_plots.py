"""Two plots of the record: time against rows, and how well each method's groups fit the labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt

_STATES = {"empty": "cold, caches empty", "kept": "cold, caches kept"}


def draw(rows: Sequence[dict[str, Any]], record: Path) -> None:
    """Write NAME-time.svg and NAME-quality.svg beside the record, as far as it holds rows for them."""
    speed = [row for row in rows if row["part"] == "speed"]
    quality = [row for row in rows if row["part"] == "quality"]
    for name, chart, shown in (("time", _time, speed), ("quality", _quality, quality)):
        if shown:
            chart(shown).save(record.with_name(f"{record.stem}-{name}.svg"))


def _time(rows: Sequence[dict[str, Any]]) -> alt.FacetChart:
    points = [_point(row, _STATES[row["caches"]], row["cold_s"]) for row in rows]
    points += [_point(row, "warm", row["warm_s"]) for row in rows if "warm_s" in row]
    lines = (
        alt.Chart()
        .mark_line(point=True)
        .encode(
            x=alt.X("rows:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", tickCount=4)),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds from vectors to labels"),
            color=alt.Color("method:N", sort=None, title=None),
        )
        .properties(width=230, height=260)
    )
    lines.data = alt.Data(values=points)
    return lines.facet(alt.Facet("state:N", sort=[*_STATES.values(), "warm"], title=None), columns=3)


def _point(row: dict[str, Any], state: str, seconds: float) -> dict[str, Any]:
    return {"rows": row["n"], "method": row["method"], "state": state, "seconds": seconds}


def _quality(rows: Sequence[dict[str, Any]]) -> alt.FacetChart:
    scores = {"assigned_ami": "AMI, every row assigned", "assigned_ari": "ARI, every row assigned"}
    bars = [
        {"method": row["method"], "set": row["set"], "score": title, "value": row[name]}
        for row in rows
        for name, title in scores.items()
    ]
    chart = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X("value:Q", scale=alt.Scale(domain=[0, 1]), title=None),
            y=alt.Y("method:N", sort=None, title=None, axis=alt.Axis(labelLimit=200)),
            color=alt.Color("method:N", sort=None, legend=None),
        )
        .properties(width=150, height=120)
    )
    chart.data = alt.Data(values=bars)
    return chart.facet(row=alt.Row("score:N", title=None), column=alt.Column("set:N", title=None))
