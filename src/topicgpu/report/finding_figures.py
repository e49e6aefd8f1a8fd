"""The figures of a finding as a page sets them: two sides, the range between them, how sure, and on what it rests."""

import math
from typing import Any

from topicgpu.report.wording import count, counted, figure, percent, percent_range, percents, points
from topicgpu.types import Changes, Drift, Finding, Presence

_MIN_SOURCES = 5  # on each side, from which a difference of shares has an interval
_OF_CHANGES = {"rises", "falls", "persists", "content", "vocabulary"}
_OF_PRESENCE = {"appears", "fades", "returns"}
_UNITLESS = ("distance", "log odds")
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
        they are apart), near (segments that come near the theme where it is absent), range (name and text, and why
        there is no interval), status (described or tested), test (p and q), gap (periods of silence) and one.
        Every number is of the finding's figures, or of the rows of changes and presence.
    """
    row, presence = _row(finding, drift.changes, unit), _presence(finding, drift)
    tested = finding.status == "tested"
    return {
        **_SHAPES.get(finding.kind, _shares)(finding, drift.changes, row, unit),
        "gap": f"{presence.gap[0]} to {presence.gap[-1]}" if presence and presence.gap else None,
        "near": _near(finding),
        "range": _range(finding, one),
        "status": "tested" if tested else "described, not tested",
        "test": _test(finding, drift.changes, row, presence) if tested else None,
        "one": one,
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
            sides.append({"label": label, "value": value, "beside": _sources(own, end)})
    amount = f"{points(own['effect'])} points" if "effect" in own else None
    if "within" in own and ("effect" not in own or points(own["within"]) != points(own["effect"])):
        amount = f"{points(own['within'])} points inside kinds of source that both sides have"
        amount += f"; {points(own['effect'])} over all sources" if "effect" in own else ""
    of = f"of the {'speaking time' if unit == 'seconds' else unit}"
    several = max(own.get("sources_from", 1), own.get("sources_to", 1)) > 1
    return {"sides": sides, "of": of + ", mean of the sources" * several, "amount": amount}


def _sources(own: dict[str, float], end: str) -> str:
    return counted(own[f"sources_{end}"], "source") if f"sources_{end}" in own else ""


def _near(finding: Finding) -> str | None:
    own = finding.figures
    quiet = [own.get(f"near_{end}", 0.0) for end in ("from", "to") if own.get(f"share_{end}") == 0.0]
    n = own.get("near", sum(quiet))
    return f"{counted(n, 'segment')} {'comes' if n == 1 else 'come'} near it where it is absent" if n else None


def _absent(finding: Finding, _changes: Changes, _row: int | None, _unit: str) -> Parts:
    own = finding.figures
    sources = counted(own["sources"], "source") if "sources" in own else ""
    of = f"of {counted(own['words'], 'word')}" if "words" in own else "of the words"
    return {"sides": [{"label": "all sources", "value": "0", "beside": sources}], "of": of, "amount": None}


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
        {"label": label, "value": count(own[f"term_{end}"]), "beside": f"of {counted(own[f'of_{end}'], 'segment')}"}
        for label, end in ((finding.from_, "from"), (finding.to, "to"))
    ]
    return {"sides": sides, "of": f"segments with “{term}”", "amount": f"log odds {figure(own['log_odds'])}"}


_SHAPES = {"absent": _absent, "content": _distance, "vocabulary": _term}


def _n_sources(changes: Changes, row: int | None) -> str:
    if row is None:
        return ""
    return f"{counted(int(changes.n_from[row]), 'source')} against {int(changes.n_to[row])}"


def _range(finding: Finding, one: str) -> Parts | None:
    """Choose the range that says most: an interval, else what leaving one unit out does, else why there is neither."""
    if finding.kind in ("absent", "vocabulary"):
        return None
    left_out = f"with any one {one} left out"
    candidates = [(f"{prefix}low", f"{prefix}high", "95% interval") for prefix in ("within_", "")]
    candidates += [(f"{prefix}loo_low", f"{prefix}loo_high", left_out) for prefix in ("within_", "")]
    for end, label in (("to", finding.to), ("from", finding.from_)):
        candidates.append((f"without_one_low_{end}", f"without_one_high_{end}", f"{label} {left_out}"))
    for low, high, name in candidates:
        if low in finding.figures and high in finding.figures:
            why = None if name == "95% interval" else _why_none(finding.figures)
            return {"name": name, "text": _ends(finding, low, high), "why": why}
    return {"name": None, "text": None, "why": _why_none(finding.figures)}


def _ends(finding: Finding, low: str, high: str) -> str:
    least, most = finding.figures[low], finding.figures[high]
    if low.startswith("without_one"):
        return percent(least) if percent(least) == percent(most) else percent_range(least, most)
    if finding.kind == "content":
        return f"{figure(least)} to {figure(most)}"
    return f"{points(least)} to {points(most)} points"


def _why_none(own: dict[str, float]) -> str:
    fewest = min(own.get("sources_from", math.inf), own.get("sources_to", math.inf))
    return "no 95% interval: fewer than five sources on a side" if fewest < _MIN_SOURCES else "no 95% interval"


def _test(finding: Finding, changes: Changes, row: int | None, presence: Presence | None) -> str:
    p, q = math.nan, finding.figures.get("q", finding.figures.get("q_words", math.nan))
    if row is not None:
        p, q = float(changes.p[row]), float(changes.q[row])
    elif presence is not None:
        p, q = presence.p, presence.q
    known = [(name, figure(value)) for name, value in (("p", p), ("q", q)) if math.isfinite(value)]
    return ", ".join(f"{name} {text}" if text.startswith("under") else f"{name} = {text}" for name, text in known)
