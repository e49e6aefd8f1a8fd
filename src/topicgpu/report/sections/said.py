"""What is said about a theme now, and what was said before: the words of both sides next to each other."""

import math
from collections.abc import Iterable
from typing import Any

from topicgpu.report.context import Context
from topicgpu.report.terms import Sides, terms_of
from topicgpu.types import Move, Theme

MAX_THEMES = 60  # drawn; more are named
MAX_OPEN = 3  # not folded
MAX_QUOTES = 3  # a side
MAX_OTHERS = 4  # further comparisons that are named

_Kinds = dict[str, dict[str, Any]]  # change by kind, of one comparison


def view(context: Context) -> dict[str, Any]:
    """
    Gather both sides of each theme in one comparison.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        opened and folded (themes of findings and the clearest moves first), left (themes that are not drawn), still
        (themes with nothing to show, and why) and n_periods.

    Notes
    -----
    The comparison is the one in which the content or the words of the theme moved so clearly that it is a finding,
    else the widest: the first third of the periods and the last, or the only one that there is.
    """
    names = {part.theme_id: part.name for part in context.all_themes.subthemes}
    changes, moves = _changes(context), {(move.theme_id, _sides(move)): move for move in context.drift.moves}
    terms = terms_of(context.drift.terms, context.results.config.drift.unit)
    of_theme: dict[str, list[Sides]] = {}
    for theme_id, sides in dict.fromkeys([*moves, *terms, *changes]):
        of_theme.setdefault(theme_id, []).append(sides)
    shown, still = [], []
    for theme in context.themes:
        compared = of_theme.get(theme.theme_id, [])
        chosen = _chosen(theme.theme_id, compared, changes)
        key = (theme.theme_id, chosen) if chosen else None
        kinds = changes.get(key, {}) if key else {}
        move, words = (moves.get(key), terms.get(key)) if key else (None, None)
        if chosen is None or not (move or words):
            still.append({"theme": context.refs[theme.theme_id], "why": _why(kinds)})
            continue
        others = [f"{from_} to {to}" for level, from_, to in compared if (level, from_, to) != chosen]
        shown.append(
            {
                "theme": context.refs[theme.theme_id],
                "unstable": theme.unstable,
                "from": chosen[1],
                "to": chosen[2],
                **_quoted(move, context, names),
                "terms": words,
                "content": kinds.get("content"),
                "vocabulary": kinds.get("vocabulary"),
                "others": others[:MAX_OTHERS],
                "n_others_left": max(0, len(others) - MAX_OTHERS),
                "rank": _rank(theme, kinds, context),
            }
        )
    shown.sort(key=lambda item: item["rank"])
    return {
        "opened": shown[:MAX_OPEN],
        "folded": shown[MAX_OPEN:MAX_THEMES],
        "left": [item["theme"] for item in shown[MAX_THEMES:]],
        "still": still,
        "n_periods": len(context.periods),
    }


def _sides(move: Move) -> Sides:
    return (move.level, move.from_, move.to)


def _changes(context: Context) -> dict[tuple[str, Sides], _Kinds]:
    found: dict[tuple[str, Sides], _Kinds] = {}
    for theme_id, changes in context.changes.items():
        for kind in ("content", "vocabulary"):
            for change in changes[kind]:
                sides = (change["level"], change["from"], change["to"])
                found.setdefault((theme_id, sides), {})[kind] = change
    return found


def _chosen(theme_id: str, compared: list[Sides], changes: dict[tuple[str, Sides], _Kinds]) -> Sides | None:
    clear = [
        (change["q"], sides)
        for sides in compared
        for change in changes.get((theme_id, sides), {}).values()
        if change["found"]
    ]
    if clear:
        return min(clear)[1]
    span = [sides for sides in compared if sides[0] == "span"]
    return next(iter(span or compared), None)


def _quoted(move: Move | None, context: Context, names: dict[str, str]) -> dict[str, Any]:
    if move is None:
        return {"before": [], "now": [], "parts_appear": [], "parts_fade": []}
    return {
        "before": context.quotes.varied(move.before, MAX_QUOTES),
        "now": context.quotes.varied(move.now, MAX_QUOTES),
        "parts_appear": _named(move.parts_appear, names),
        "parts_fade": _named(move.parts_fade, names),
    }


def _named(parts: Iterable[str], names: dict[str, str]) -> list[str]:
    return [names.get(part, part) for part in parts]


def _why(kinds: _Kinds) -> str | None:
    return next((change["status"] for change in kinds.values() if change["status"]), None)


def _rank(theme: Theme, kinds: _Kinds, context: Context) -> tuple[bool, int, float, int]:
    """Stable themes first; those of findings in their order; then the least q; then the largest theme."""
    of_finding = [finding.theme_id for finding in context.drift.findings]
    place = of_finding.index(theme.theme_id) if theme.theme_id in of_finding else len(of_finding)
    qs = [change["q"] for change in kinds.values() if math.isfinite(change["q"])]
    return theme.unstable, place, min(qs, default=math.inf), -theme.size
