"""A page for each theme: what it is, who says it, how much of it is where, what is close to it, and how it moved."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from topicgpu.report.columns import MAX_COLUMNS
from topicgpu.report.context import Context
from topicgpu.report.neighbors import close_themes
from topicgpu.report.sections.levels import families_of, parts_of
from topicgpu.report.wording import counted, percent
from topicgpu.types import Theme

MAX_QUOTES = 4
MAX_NEIGHBORS = 3
MAX_CHANGES = 5  # of one kind; the others are counted
MAX_LARGEST = 5  # sources with the largest share, where not all are shown
MAX_SHARES = 8000  # rows with a share, over all themes; never fewer than `_FEWEST` for each
_FEWEST = 8


def view(context: Context) -> dict[str, Any]:
    """
    Gather the themes.

    Parameters
    ----------
    context : Context
        With themes.

    Returns
    -------
    dict
        themes, families, n_sources, unit, and n_periods_left: earlier periods of which no page shows a share.
    """
    close = close_themes(context.all_themes, context.results.embeddings, context.results.repeats, MAX_NEIGHBORS)
    periods = context.periods[-max(_FEWEST, MAX_SHARES // max(len(context.themes), 1)) :]
    many = context.results.drift is not None and len(context.rows) > MAX_COLUMNS
    largest = context.shares.largest_sources(MAX_LARGEST) if many else None
    return {
        "themes": [
            _card(place, theme, context)
            | {"shares": _shares(theme, periods, largest, context), "close": _close(close[place], context)}
            | parts_of(theme, context)
            for place, theme in enumerate(context.themes)
        ],
        "families": families_of(context),
        "n_sources": len(context.rows),
        "unit": context.unit,
        "n_periods_left": len(context.periods) - len(periods),
    }


def _card(place: int, theme: Theme, context: Context) -> dict[str, Any]:
    changes = context.changes.get(theme.theme_id, {})
    kinds = (("prevalence", "Share"), ("content", "What is said"), ("vocabulary", "Words"))
    return {
        **context.refs[theme.theme_id],
        "index": place,
        "theme_id": theme.theme_id,
        "kind": theme.kind,
        "description": theme.description,
        "keywords": [keyword.term for keyword in theme.keywords],
        "size": counted(theme.size, "segment"),
        "stability": None if theme.stability is None else percent(theme.stability),
        "unstable": theme.unstable,
        "found_again": None if theme.found_again is None else percent(theme.found_again),
        "changes": [
            {"name": name, "rows": _clearest(changes[kind]), "n_left": max(0, len(changes[kind]) - MAX_CHANGES)}
            for kind, name in kinds
            if changes.get(kind)
        ],
        "quotes": context.quotes.varied(theme.exemplars, MAX_QUOTES),
    }


def _clearest(changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the widest comparison and the clearest others, in the order of time."""
    ranked = sorted(
        range(len(changes)),
        key=lambda place: (
            changes[place]["level"] != "span",
            not changes[place]["found"],
            changes[place]["q"] if math.isfinite(changes[place]["q"]) else math.inf,
        ),
    )
    return [changes[place] for place in sorted(ranked[:MAX_CHANGES])]


def _shares(
    theme: Theme, periods: Sequence[str], largest: Mapping[str, list[str]] | None, context: Context
) -> list[dict[str, Any]]:
    """Shares in the sources and periods; of many sources, those in which it is largest."""
    if context.results.drift is None:
        return []
    chosen = context.rows if largest is None else [context.row_of[key] for key in largest.get(theme.theme_id, ())]
    in_order = sorted(chosen, key=lambda row: row["days"] or (math.inf, math.inf))
    of_source = [(context.shares.cell(theme.theme_id, "source", row["source_id"]), row) for row in in_order]
    of_period = [(context.shares.cell(theme.theme_id, "period", period), period) for period in periods]
    rows: list[dict[str, Any]] = [{"level": "period", "label": period, "cell": cell} for cell, period in of_period]
    rows += [{"level": "source", "label": row["title"], "cell": cell, **_place(row)} for cell, row in of_source]
    longest = max((row["cell"]["high"] or row["cell"]["share"] for row in rows if row["cell"]), default=0.0)
    return [{**row, "bar": _bar(row["cell"], longest)} for row in rows]


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("anchor", "date", "iso_date")}


def _bar(cell: dict[str, Any] | None, longest: float) -> dict[str, float] | None:
    """Length of the bar, and both ends of its interval, in percent of the longest of this theme."""
    if cell is None or longest <= 0:
        return None
    low, high = (cell["share"] if cell[end] is None else cell[end] for end in ("low", "high"))
    share, low, high = (round(100 * value / longest, 1) for value in (cell["share"], low, high))
    return {"share": share, "low": low, "high": high}


def _close(close: dict[str, Any], context: Context) -> dict[str, Any]:
    refs = [context.refs[theme.theme_id] for theme in context.themes]
    return {kind: [(refs[place], figure) for place, figure in pairs] for kind, pairs in close.items()}
