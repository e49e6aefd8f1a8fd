"""Changes of each theme, kind by kind, as the drift stage gives them, worded."""

import math
from typing import Any

from topicgpu.report.wording import figure, percent, points
from topicgpu.types import Changes, Drift

_SAME = 1e-9  # rounding, where there is one stratum

Theme = dict[str, Any]


def changes_of(drift: Drift, unit: str, one: str = "source") -> dict[str, Theme]:
    """
    Word the changes of each theme.

    Parameters
    ----------
    drift : Drift
        With changes in the order to show them.
    unit : str
        Of the shares: the unit shown.
    one : str
        What counts as one observation: source, date or series.

    Returns
    -------
    dict of str to dict
        By theme id: prevalence, content and vocabulary (lists of dict: from, to, what moved, n_from, n_to, status) and
        widest (of prevalence: first third of the periods and the last; of two periods: those).
    """
    changes = drift.changes
    themes: dict[str, Theme] = {}
    for row, theme_id in enumerate(changes.theme_id):
        kind = changes.kind[row]
        if kind != "prevalence" or changes.unit[row] == unit:
            theme = themes.setdefault(theme_id, {"prevalence": [], "content": [], "vocabulary": []})
            theme[kind].append(_change(changes, row, one))
    for theme in themes.values():
        theme["widest"] = _widest(theme["prevalence"])
    return themes


def _widest(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Choose the first third of the periods and the last where they are compared, else the only two periods."""
    span = [row for row in rows if row["level"] == "span"]
    return span[0] if span else rows[0] if len(rows) == 1 else None


def _change(changes: Changes, row: int, one: str) -> dict[str, Any]:
    known = math.isfinite(changes.effect[row])
    amount, *more = _MOVED[changes.kind[row]](changes, row, one) if known else ("can't be measured",)
    return {
        "level": changes.level[row],
        "from": changes.from_[row],
        "to": changes.to[row],
        "amount": amount,
        "moved": ", ".join((amount, *more)),
        "rests_on": changes.rests_on[row],
        "n_from": int(changes.n_from[row]),
        "n_to": int(changes.n_to[row]),
        "status": _status(changes, row) if known else changes.why[row],
        "known": known,
        "tested": changes.status[row] == "tested",
        "detectable": _detectable(changes, row) if known and not changes.unstable[row] else None,
        "unstable": bool(changes.unstable[row]),
        "found": bool(changes.found[row]),
        "q": float(changes.q[row]),
    }


def _share(changes: Changes, row: int, one: str) -> list[str]:
    effect = float(changes.effect[row])
    parts = [f"{points(effect)} points"]
    before, after = float(changes.value_from[row]), float(changes.value_to[row])
    if math.isfinite(before + after):
        parts[0] += f", from {percent(before)} to {percent(after)}"
    for low, high, words in (
        (changes.low[row], changes.high[row], "95% interval {}"),
        (changes.loo_low[row], changes.loo_high[row], f"{{}} with any one {one} left out"),
    ):
        if math.isfinite(low + high):
            parts.append(words.format(f"{points(float(low))} to {points(float(high))}"))
    inside = points(float(changes.within[row])) if math.isfinite(changes.within[row]) else points(effect)
    if inside != points(effect):
        parts.append(f"{inside} points inside kinds of source that both sides have")
        low, high = float(changes.within_low[row]), float(changes.within_high[row])
        if math.isfinite(low + high):
            parts[-1] += f" (95% interval {points(low)} to {points(high)})"
    return parts


def _distance(changes: Changes, row: int, _one: str) -> list[str]:
    parts = _by_chance(float(changes.effect[row]), float(changes.expected[row]), "distance {}")
    if not math.isclose(changes.within[row], changes.effect[row], abs_tol=_SAME):
        where = "{} inside kinds of source that both sides have"
        parts += _by_chance(float(changes.within[row]), float(changes.within_expected[row]), where)
    return parts


def _by_chance(distance: float, expected: float, worded: str) -> list[str]:
    if math.isnan(distance):
        return []
    chance = [f"{figure(expected)} where the periods are dealt out at random"] if math.isfinite(expected) else []
    return [worded.format(figure(distance)), *chance]


def _words(changes: Changes, row: int, _one: str) -> list[str]:
    term = changes.term[row]
    which = "the term that moved most clearly" if term is None else f"“{term}”, the term that moved most clearly"
    return [f"log odds {figure(float(changes.effect[row]))} of {which}"]


_MOVED = {"prevalence": _share, "content": _distance, "vocabulary": _words}


def _status(changes: Changes, row: int) -> str:
    if changes.status[row] == "described":
        return f"described: {changes.why[row] or 'not tested'}"
    figures = {"p": changes.p[row], "q": changes.q[row], "p among rotations of the periods": changes.p_shift[row]}
    worded = {name: figure(float(value)) for name, value in figures.items() if math.isfinite(value)}
    equals = (f"{name} {text}" if text.startswith("under") else f"{name} = {text}" for name, text in worded.items())
    return f"tested: {', '.join(equals)}"


def _detectable(changes: Changes, row: int) -> str | None:
    least = float(changes.detectable[row])
    if math.isnan(least):
        return None
    if math.isinf(least):
        return "this design finds no change of any size"
    amount = f"{points(least).lstrip('+')} points" if changes.kind[row] == "prevalence" else figure(least)
    return f"this design finds a change of {amount} with power 0.8"
