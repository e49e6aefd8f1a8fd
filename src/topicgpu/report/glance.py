"""The report at a glance: what the corpus is about, what changed, and how sure that is."""

from typing import Any

import numpy as np

from topicgpu.report.context import Context
from topicgpu.report.finding_figures import figures_of
from topicgpu.report.wording import counted
from topicgpu.types import Changes, Drift, Finding, Theme

MOST = 8  # themes with a bar
_LEAST, _SMALL = 5, 0.02  # as many in any case; further ones from this share on
_UNCHANGED = ("persists", "absent")
_BOTH = 2

Row = dict[str, Any]


def glance(context: Context) -> Row:
    """
    Gather what a reader sees first.

    Parameters
    ----------
    context : Context
        Of the run, as far as it went.

    Returns
    -------
    dict
        about (themes with their shares of the corpus, what is left, what the shares are of), changed (headlines; None
        where nothing was compared) and sure (sentences, each with the section that says more).
    """
    drift = context.results.drift
    return {
        "about": _about(context),
        "changed": _changed(context) if drift is not None and context.themes else None,
        "sure": _sure(context) if drift is not None and context.themes else [],
    }


def _about(context: Context) -> Row | None:
    if context.results.drift is None:
        return None
    cells = [(theme, context.shares.cell(theme.theme_id, "corpus", "all")) for theme in context.themes]
    ranked = sorted(((theme, cell) for theme, cell in cells if cell), key=lambda pair: -pair[1]["share"])
    present = [(theme, cell) for theme, cell in ranked if cell["share"] > 0]
    if not present:
        return None
    shown = [pair for place, pair in enumerate(present[:MOST]) if place < _LEAST or pair[1]["share"] >= _SMALL]
    rest, none = present[len(shown) :], context.shares.cell(None, "corpus", "all")
    drawn = [cell for _, cell in shown] + ([none] if none else [])
    longest = max(cell["high"] or cell["share"] for cell in drawn)
    n_sources = shown[0][1]["n_sources"]
    return {
        "rows": [_bar(cell, longest) | _named(theme, context) for theme, cell in shown],
        "none": None if none is None else _bar(none, longest),
        "rest": f"{counted(len(rest), 'further theme')}: {_at_most(rest)}" if rest else None,
        "absent": len(ranked) - len(present),
        "unit": context.unit,
        "sources": counted(n_sources, "source"),
        "intervals": any(cell["interval"] for cell in drawn),
        "one": n_sources == 1,
    }


def _named(theme: Theme, context: Context) -> Row:
    return {"theme": context.refs[theme.theme_id], "unstable": theme.unstable}


def _at_most(rest: list[tuple[Theme, Row]]) -> str:
    return f"{rest[0][1]['percent']}{' each at most' if len(rest) > 1 else ''}"


def _bar(cell: Row, longest: float) -> Row:
    ends = {name: 100 * (cell[name] or 0.0) / longest for name in ("share", "low", "high")}
    return {
        "percent": cell["percent"],
        "interval": cell["interval"],
        "thin": cell["thin"],
        "bar": {name: f"{value:.1f}" for name, value in ends.items()},
        "reach": f"{ends['high'] - ends['low']:.1f}" if cell["interval"] else None,
    }


def _changed(context: Context) -> Row:
    drift, limit = context.drift, context.results.config.report.max_findings
    numbered = [
        {
            "number": number,
            "headline": finding.headline,
            "amount": _amount(finding, context),
            "tested": finding.status == "tested",
            "kind": finding.kind,
        }
        for number, finding in enumerate(drift.findings[:limit], start=1)
        if finding.kind not in _UNCHANGED
    ]
    return {
        "headlines": numbered,
        "over_time": any(row["kind"] != "differs" for row in numbered),
        "n_left": max(0, len(drift.findings) - limit),
        "periods": len(drift.periods),
    }


def _amount(finding: Finding, context: Context) -> str | None:
    """Give the two shares, or how far they are apart inside kinds of source where that is what was tested."""
    config = context.results.config.drift
    figures = figures_of(finding, context.drift, context.unit, config.unit)
    if "within" in finding.figures or finding.kind in ("content", "vocabulary"):
        amount: str | None = figures["amount"]
        return amount
    sides = [side["value"] for side in figures["sides"]]
    return f"{' to '.join(sides)} {figures['of']}" if sides else None


def _sure(context: Context) -> list[Row]:
    drift = context.drift
    lines = [
        (_compared(drift), "method"),
        (_tested(drift), "findings"),
        (_undecided(drift), "undecided"),
        (_unstable(context), "themes"),
        (_not_served(context), "sources"),
    ]
    return [{"text": text, "section": section} for text, section in lines if text]


def _compared(drift: Drift) -> str | None:
    changes = drift.changes
    row = _widest(changes)
    if row is None:
        return None
    n_from, n_to = int(changes.n_from[row]), int(changes.n_to[row])
    return f"Compared: {counted(n_from, 'source')} of {changes.from_[row]} with {n_to} of {changes.to[row]}."


def _widest(changes: Changes) -> int | None:
    rows = [row for row, kind in enumerate(changes.kind) if kind == "prevalence"]
    spans = [row for row in rows if changes.level[row] == "span"]
    return next(iter(spans or rows), None)


def _tested(drift: Drift) -> str | None:
    n, tested = len(drift.findings), sum(finding.status == "tested" for finding in drift.findings)
    if not n:
        return None
    all_are = "The finding is" if n == 1 else "Both findings are" if n == _BOTH else f"All {n} findings are"
    if tested == n:
        return f"{all_are} tested."
    if not tested:
        return f"{all_are} described, not tested."
    return f"{tested} of {n} findings {'is' if tested == 1 else 'are'} tested; the others are described."


def _undecided(drift: Drift) -> str | None:
    n = len(drift.undecided)
    return f"{counted(n, 'question')} could not be decided." if n else None


def _unstable(context: Context) -> str | None:
    n, total = sum(theme.unstable for theme in context.themes), len(context.themes)
    if not n:
        return None
    return f"{n} of {counted(total, 'theme')} {'is' if n == 1 else 'are'} unstable: grey, and in no finding."


def _not_served(context: Context) -> str | None:
    segments, results = context.segments, context.results
    rows = np.flatnonzero(~results.embeddings.served & ~results.repeats.mask)
    if not len(rows):
        return None
    words = counted(int(segments.n_words[rows].sum()), "word")
    languages = ", ".join(sorted({segments.language[row] for row in rows}))
    return f"Repeats apart, {words} in languages that the encoder does not serve ({languages}) are in no share."
