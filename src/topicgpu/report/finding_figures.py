"""The figures of a finding as a page sets them: two sides, the range between them, how sure, and on what it rests."""

import math
from typing import Any

from topicgpu.report.wording import count, counted, figure, percent, percent_range, percents, points
from topicgpu.types import Changes, Drift, Finding, Presence

_MIN_SOURCES = 5  # on each side, from which a difference of shares has an interval
_OF_CHANGES = {"rises", "falls", "persists", "content", "vocabulary"}
_OF_PRESENCE = {"appears", "fades", "returns"}
_WHOLE = 10  # times, from which no decimal is given

Parts = dict[str, Any]


def figures_of(finding: Finding, drift: Drift, unit: str, one: str) -> Parts:
    """
    Word the figures of a finding.

    Parameters
    ----------
    finding : Finding
        Whose figures are worded.
    drift : Drift
        With the rows of changes and presence that it is made from.
    unit : str
        Of the shares: words, segments or seconds.
    one : str
        What counts as one observation: source, date or series.

    Returns
    -------
    dict
        sides (label, value and beside of each, in the order of time), of (what the values are of), amount (how far
        they are apart), range (with what it is, or why there is none), status (chip: described or tested), test (p and
        q) and rests_on. Every number is of the finding's figures, or of the rows of changes and presence.
    """
    row, presence = _row(finding, drift.changes, unit), _presence(finding, drift)
    tested = finding.status == "tested"
    return {
        **_SHAPES.get(finding.kind, _shares)(finding, drift.changes, row, unit),
        "gap": f"{presence.gap[0]} to {presence.gap[-1]}" if presence and presence.gap else None,
        "range": _range(finding, one),
        "status": "tested" if tested else "described, not tested",
        "test": _test(finding, drift.changes, row, presence) if tested else None,
        "rests_on": list(finding.rests_on),
        "unit_of_observation": one,
    }


def _row(finding: Finding, changes: Changes, unit: str) -> int | None:
    """Find the row of changes that a finding is made from: its theme, sides and kind of drift."""
    kind = finding.kind if finding.kind in ("content", "vocabulary") else "prevalence"
    if finding.kind not in _OF_CHANGES:
        return None
    for row, theme_id in enumerate(changes.theme_id):
        place = (theme_id, changes.kind[row], changes.from_[row], changes.to[row])
        if place == (finding.theme_id, kind, finding.from_, finding.to) and changes.unit[row] in (unit, *_UNITLESS):
            return row
    return None


_UNITLESS = ("distance", "log odds")


def _presence(finding: Finding, drift: Drift) -> Presence | None:
    if finding.kind not in _OF_PRESENCE:
        return None
    return next((presence for presence in drift.presence if presence.theme_id == finding.theme_id), None)


def _shares(finding: Finding, _changes: Changes, _row: int | None, unit: str) -> Parts:
    own = finding.figures
    sides = []
    if "share_from" in own and "share_to" in own:
        worded = percents(own["share_from"], own["share_to"])
        for label, value, end in zip((finding.from_, finding.to), worded, ("from", "to"), strict=True):
            sides.append({"label": label, "value": value, "beside": _beside(own, end, finding.kind)})
    amount = f"{points(own['effect'])} points" if "effect" in own else None
    if "within" in own and ("effect" not in own or points(own["within"]) != points(own["effect"])):
        amount = f"{points(own['within'])} points inside kinds of source that both sides have"
        amount += f"; {points(own['effect'])} over all sources" if "effect" in own else ""
    return {"sides": sides, "of": f"of the {'speaking time' if unit == 'seconds' else unit}", "amount": amount}


def _beside(own: dict[str, float], end: str, kind: str) -> list[str]:
    parts = [counted(own[f"sources_{end}"], "source")] if f"sources_{end}" in own else []
    quiet = {"appears": "from", "fades": "to"}.get(kind) == end
    near = own.get("near" if quiet else f"near_{end}", 0.0)
    if near and own.get(f"share_{end}") == 0.0:
        parts.append(f"{counted(near, 'segment')} come near it" if near != 1 else "1 segment comes near it")
    return parts


def _absent(finding: Finding, _changes: Changes, _row: int | None, _unit: str) -> Parts:
    own = finding.figures
    beside = [counted(own["sources"], "source")] if "sources" in own else []
    if own.get("near"):
        beside.append(
            f"{counted(own['near'], 'segment')} come near it" if own["near"] != 1 else "1 segment comes near it"
        )
    of = f"of {counted(own['words'], 'word')}" if "words" in own else "of the words"
    return {"sides": [{"label": "all sources", "value": "0", "beside": beside}], "of": of, "amount": None}


def _distance(finding: Finding, changes: Changes, row: int | None, _unit: str) -> Parts:
    own = finding.figures
    times = own["times"]
    value = f"{times:.0f}" if times >= _WHOLE else f"{times:.1f}"
    amount = f"distance {figure(own['within'])}, by chance {figure(own['within_expected'])}"
    label = f"{finding.from_} and {finding.to}"
    beside = _n_sources(changes, row)
    of = "times as far apart as when dealt out at random"
    return {"sides": [{"label": label, "value": f"{value}×", "beside": beside}], "of": of, "amount": amount}


def _term(finding: Finding, changes: Changes, row: int | None, _unit: str) -> Parts:
    own = finding.figures
    term = changes.term[row] if row is not None else None
    if term is None or "term_from" not in own:
        return {"sides": [], "of": "", "amount": f"log odds {figure(own['log_odds'])}" if "log_odds" in own else None}
    sides = [
        {"label": label, "value": count(own[f"term_{end}"]), "beside": [f"of {counted(own[f'of_{end}'], 'segment')}"]}
        for label, end in ((finding.from_, "from"), (finding.to, "to"))
    ]
    return {"sides": sides, "of": f"segments with “{term}”", "amount": f"log odds {figure(own['log_odds'])}"}


_SHAPES = {"absent": _absent, "content": _distance, "vocabulary": _term}


def _n_sources(changes: Changes, row: int | None) -> list[str]:
    if row is None:
        return []
    return [f"{counted(int(changes.n_from[row]), 'source')} against {int(changes.n_to[row])}"]


def _range(finding: Finding, one: str) -> Parts | None:
    """Choose the range that says most: an interval, else what leaving one unit out does, else why there is neither."""
    own, kind = finding.figures, finding.kind
    if kind in ("absent", "vocabulary"):
        return None
    scale = figure if kind == "content" else points
    beside = "" if kind == "content" else " points"
    for prefix in ("within_", ""):
        low, high = own.get(f"{prefix}low"), own.get(f"{prefix}high")
        if low is not None and high is not None:
            return {"name": "95% interval", "text": f"{scale(low)} to {scale(high)}{beside}"}
    why = _why_none(own)
    for prefix in ("within_", ""):
        low, high = own.get(f"{prefix}loo_low"), own.get(f"{prefix}loo_high")
        if low is not None and high is not None:
            return {
                "name": f"with any one {one} left out",
                "text": f"{scale(low)} to {scale(high)}{beside}",
                "why": why,
            }
    for end, label in (("to", finding.to), ("from", finding.from_)):
        low, high = own.get(f"without_one_low_{end}"), own.get(f"without_one_high_{end}")
        if low is not None and high is not None:
            text = percent(low) if percent(low) == percent(high) else percent_range(low, high)
            return {"name": f"{label} with any one {one} left out", "text": text, "why": why}
    return {"name": None, "text": None, "why": why}


def _why_none(own: dict[str, float]) -> str:
    fewest = min(own.get("sources_from", math.inf), own.get("sources_to", math.inf))
    return "no interval: fewer than five sources on a side" if fewest < _MIN_SOURCES else "no interval"


def _test(finding: Finding, changes: Changes, row: int | None, presence: Presence | None) -> str:
    p, q = math.nan, finding.figures.get("q", finding.figures.get("q_words", math.nan))
    if row is not None:
        p, q = float(changes.p[row]), float(changes.q[row])
    elif presence is not None:
        p, q = presence.p, presence.q
    worded = {name: figure(value) for name, value in (("p", p), ("q", q)) if math.isfinite(value)}
    return ", ".join(
        f"{name} {text}" if text.startswith("under") else f"{name} = {text}" for name, text in worded.items()
    )
