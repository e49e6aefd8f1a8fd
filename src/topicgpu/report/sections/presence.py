"""When each theme is there: a strip of periods, and how likely so long a silence is by chance."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from topicgpu.report.context import Context
from topicgpu.report.periods import missing_between
from topicgpu.report.wording import counted, figure
from topicgpu.types import Presence

KINDS = ("appears", "fades", "returns", "comes and goes", "undated", "absent")  # in the order of the table
_WIDTH, _HEIGHT = 300, 14  # of a strip, in CSS pixels
_WIDEST = 22  # a period


def view(context: Context) -> dict[str, Any]:
    """
    Gather when each theme is there.

    Parameters
    ----------
    context : Context
        With drift.

    Returns
    -------
    dict
        rows (themes that are not in every period), persisting (those that are), strip (width and height of a strip),
        first and last period, and missing (times between two periods without a source).
    """
    spoken = [context.shares.has("period", period) for period in context.periods]
    missing = [missing_between(*pair) for pair in pairwise(context.periods)]
    places, width = _places(len(spoken), missing)
    silent = _near(context)
    found = sorted(
        context.drift.presence, key=lambda presence: KINDS.index(presence.kind) if presence.kind in KINDS else -1
    )
    unstable = {theme.theme_id for theme in context.themes if theme.unstable}
    rows, persisting = [], []
    for presence in found:
        ref = context.refs[presence.theme_id]
        if presence.kind == "persists":
            persisting.append({"theme": ref, "unstable": presence.theme_id in unstable})
            continue
        states = _states(presence, context.periods, spoken)
        rows.append(
            {
                "theme": ref,
                "unstable": presence.theme_id in unstable,
                "kind": presence.kind if presence.kind != "undated" else "without a date",
                "paths": _paths(states, places),
                "label": _label(states, context.periods),
                "when": _when(presence),
                "silence": _silence(presence, silent(presence.theme_id, states)),
                "status": _status(presence),
                "found": presence.found,
            }
        )
    pairs = zip(pairwise(context.periods), missing, strict=True)
    return {
        "rows": rows,
        "persisting": persisting,
        "strip": {"width": width, "height": _HEIGHT, "marks": _marks(places, missing)},
        "first": context.periods[0] if context.periods else None,
        "last": context.periods[-1] if len(context.periods) > 1 else None,
        "missing": [f"{before} and {after} ({text})" for (before, after), text in pairs if text],
    }


def _states(presence: Presence, periods: Sequence[str], spoken: Sequence[bool]) -> list[str]:
    """There, silent (speech was counted, and the theme is not in it) or nothing, for each period."""
    if presence.first is None or presence.last is None:
        return ["silent" if heard else "nothing" for heard in spoken]
    first, last = periods.index(presence.first), periods.index(presence.last)
    inside = set(periods[first : last + 1]) - set(presence.gap)
    ends = {presence.first, presence.last}
    return [
        "there" if period in inside and (heard or period in ends) else "silent" if heard else "nothing"
        for period, heard in zip(periods, spoken, strict=True)
    ]


def _places(n: int, missing: Sequence[str | None]) -> tuple[list[tuple[float, float]], float]:
    """Left edge and width of each period's cell; twice the space where time without a source lies between."""
    step = min(_WIDEST, _WIDTH / max(n, 1))
    places, left = [], 0.0
    for number in range(n):
        left += step / 2 if number and missing[number - 1] else 0
        places.append((round(left, 1), round(step * 0.8, 1)))
        left += step
    return places, round(left, 1)


def _paths(states: Sequence[str], places: Sequence[tuple[float, float]]) -> dict[str, str]:
    paths = {"there": "", "silent": ""}
    for state, (left, width) in zip(states, places, strict=True):
        if state == "there":
            paths[state] += f"M{left:g} 0h{width:g}v{_HEIGHT}h-{width:g}z"
        elif state == "silent":
            paths[state] += f"M{left + 0.5:g} .5h{width - 1:g}v{_HEIGHT - 1}h-{width - 1:g}z"
    return paths


def _marks(places: Sequence[tuple[float, float]], missing: Sequence[str | None]) -> list[float]:
    """Middle of each place where time without a source lies between two periods."""
    gaps = zip(pairwise(places), missing, strict=True)
    return [round((one[0] + one[1] + other[0]) / 2, 1) for (one, other), text in gaps if text]


def _label(states: Sequence[str], periods: Sequence[str]) -> str:
    return ". ".join(
        f"{head} {_runs([state == wanted for state in states], periods)}"
        for wanted, head in (("there", "There in"), ("silent", "Not in"), ("nothing", "No counted speech in"))
        if wanted in states
    )


def _runs(chosen: Sequence[bool], periods: Sequence[str]) -> str:
    runs: list[list[str]] = []
    for number, period in enumerate(periods):
        if chosen[number]:
            if number and chosen[number - 1]:
                runs[-1][1:] = [period]
            else:
                runs.append([period])
    return ", ".join(" to ".join(run) for run in runs)


def _when(presence: Presence) -> str:
    if presence.first is None or presence.last is None:
        return "in sources without a period alone" if presence.kind == "undated" else "in no source"
    if presence.first == presence.last:
        return f"in {presence.first} alone"
    return f"from {presence.first} to {presence.last}"


def _silence(presence: Presence, near: int) -> str:
    parts = []
    if presence.words_before:
        parts.append(f"none in the {counted(presence.words_before, 'word')} before {presence.first}")
    if presence.words_after:
        parts.append(f"none in the {counted(presence.words_after, 'word')} after {presence.last}")
    if presence.gap:
        shown = ", ".join(presence.gap[:3])
        parts.append(f"not in {shown}{f' and {len(presence.gap) - 3} more' if len(presence.gap) > 3 else ''} between")
    if near:
        parts.append(f"{counted(near, 'segment')} there {'comes' if near == 1 else 'come'} near it")
    return "; ".join(parts)


def _status(presence: Presence) -> str:
    if not math.isfinite(presence.p):
        return "described, not tested" if presence.first else ""
    named = {"p": presence.p, "q": presence.q, "p among rotations of the periods": presence.p_shift}
    figures = {name: figure(value) for name, value in named.items() if math.isfinite(value)}
    worded = ", ".join(f"{name} {'' if text.startswith('under') else '= '}{text}" for name, text in figures.items())
    return f"tested: {worded}; {'clear' if presence.found else 'not clear'}"


def _near(context: Context) -> Any:
    """Make a function that counts the segments which come near a theme in the periods where it is silent."""
    themes, period_of = context.all_themes, context.drift.period_of
    number = {period: place for place, period in enumerate(context.periods)}
    # -1, the last column of the table: in no period
    of_source = {name: number.get(period_of.get(name, ""), -1) for name in context.sources.source_id}
    period = np.array([of_source[name] for name in context.segments.source_id], dtype=np.int64)
    counted_rows = context.results.embeddings.served & ~context.results.repeats.mask
    place_of = {theme.theme_id: place for place, theme in enumerate(themes.themes)}
    further = themes.rank > 1
    row = np.concatenate([themes.near_row, themes.row[further]])
    theme = np.concatenate([themes.near_theme, themes.theme[further]])
    kept = counted_rows[row]
    row, theme = row[kept], theme[kept]
    table = np.zeros((len(themes.themes), len(number) + 1), dtype=np.int64)
    np.add.at(table, (theme, period[row]), 1)

    def near(theme_id: str, states: Sequence[str]) -> int:
        silent = [place for place, state in enumerate(states) if state == "silent"]
        return int(table[place_of[theme_id], silent].sum())

    return near
