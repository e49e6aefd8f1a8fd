"""Which themes appear, fade, rise, fall, persist or are absent: a true sentence for each, most telling first."""

import math
from collections.abc import Sequence

import numpy as np

from topicgpu.drift.changes.described import leave_one_out
from topicgpu.drift.findings.evidence import Evidence, Side
from topicgpu.drift.findings.phrases import UNIT_WORDS, counted_noun, mix_differs, percent, points
from topicgpu.drift.shares.counts import SEGMENTS, UNITS
from topicgpu.types import Finding

_Scored = tuple[int, float, Finding]  # place among the kinds, score within it

_BIG = 0.05  # share from which a theme can persist
_STANDARD_ERRORS = 3 / 1.96  # in half-widths of a 95 % interval
_LITTLE = 2 / 3  # smaller over larger share, from which a theme counts as unchanged


def find(evidence: Evidence) -> tuple[Finding, ...]:
    """
    State what changed between the first and the last period, and what did not.

    Parameters
    ----------
    evidence : Evidence
        Shares of sources and periods, and the segments behind them.

    Returns
    -------
    tuple of Finding
        Changes first, by Cohen's h times the part of the sources that have the theme; then themes that persist, by
        size; then absent ones. One finding a theme at most; a theme whose change can't be told from noise has none.

    Notes
    -----
    A theme is absent where it is the primary theme of no counted segment, and the sentence says how many come near
    it; it is present in a source where it is the primary theme of one segment at least. It appears or fades where it
    is absent from all sources of one end and present in four of five of the other (all of them, where there are fewer
    than five). It rises or falls where the difference keeps its sign with any one source left out and is clear of
    noise. Where both periods have an interval, those must not overlap. Else every source of one end must lie above
    every source of the other, and the difference must be more than three standard errors of the noise inside the
    sources, recovered from their intervals [1]_.

    References
    ----------
    .. [1] G. Y. Zou, A. Donner, "Construction of confidence limits about effect measures: a general approach",
       Statistics in Medicine 27 (2008) 1693-1702.
    """
    ranked: list[tuple[int, float, int, Finding]] = []
    usable = np.flatnonzero(evidence.periods.known[evidence.unit]).tolist()
    for theme in range(evidence.counts.columns.n_themes):
        found = _absent(evidence, theme) or (_compared(evidence, theme, usable) if len(usable) > 1 else None)
        if found is not None:
            order, score, finding = found
            ranked.append((order, -score, theme, finding))
    return tuple(finding for *_, finding in sorted(ranked, key=lambda item: item[:3]))


def _absent(evidence: Evidence, theme: int) -> _Scored | None:
    n_sources = int(evidence.sources.known[SEGMENTS].sum())
    if n_sources == 0 or evidence.primary(theme).any():
        return None
    where = "the one source" if n_sources == 1 else f"the {n_sources} sources"
    everywhere = Side("", tuple(np.flatnonzero(evidence.sources.known[SEGMENTS]).tolist()), (), "source")
    nearly = _nearly(evidence, theme, everywhere)
    sentence = f"“{evidence.name(theme)}” is the main theme of no counted segment of {where}{nearly}."
    figures: dict[str, float] = {"sources": n_sources, "near": evidence.near(theme, everywhere)}
    return 2, 0.0, _finding(evidence, theme, "absent", sentence, figures, ())


def _compared(evidence: Evidence, theme: int, usable: Sequence[int]) -> _Scored | None:
    primary = evidence.primary(theme)
    spoken = [bool(primary[list(evidence.members[period])].any()) for period in usable]
    first, last = evidence.side(usable[:1]), evidence.side(usable[-1:])
    if True not in spoken:
        return None
    begins, ends = spoken.index(True), len(spoken) - spoken[::-1].index(True)
    if begins > 0 and _broad(evidence, theme, last):
        return _appears(evidence, theme, evidence.side(usable[:begins]), last, evidence.periods.keys[usable[begins]])
    if ends < len(spoken) and _broad(evidence, theme, first):
        return _fades(evidence, theme, first, evidence.side(usable[ends:]), evidence.periods.keys[usable[ends - 1]])
    return _moves(evidence, theme, first, last) or _persists(evidence, theme, first, last)


def _appears(evidence: Evidence, theme: int, before: Side, last: Side, when: str) -> _Scored:
    amount, figures = _amount(evidence, theme, last, "to")
    absent = f"the main theme of no segment of {before}{_nearly(evidence, theme, before)}"
    sentence = (
        f"“{evidence.name(theme)}” appears in {when}: {absent}, "
        f"then {amount} in {last}{_breadth(evidence, theme, last)}.{_mix(before, last)}"
    )
    figures |= {"sources_from": len(before.rows), "share_from": 0.0, "near": evidence.near(theme, before)}
    return _change(evidence, theme, "appears", sentence, figures, last)


def _fades(evidence: Evidence, theme: int, first: Side, after: Side, when: str) -> _Scored:
    amount, figures = _amount(evidence, theme, first, "from")
    sentence = (
        f"“{evidence.name(theme)}” fades after {when}: {amount} in {first}{_breadth(evidence, theme, first)}, "
        f"then the main theme of no segment of {after}{_nearly(evidence, theme, after)}.{_mix(first, after)}"
    )
    figures |= {"sources_to": len(after.rows), "share_to": 0.0, "near": evidence.near(theme, after)}
    return _change(evidence, theme, "fades", sentence, figures, first)


def _moves(evidence: Evidence, theme: int, first: Side, last: Side) -> _Scored | None:
    shares = evidence.sources.share[evidence.unit, :, [theme]].T
    low, high = (ends.item() for ends in leave_one_out(shares[list(first.rows)], shares[list(last.rows)]))
    before, figures_before = _amount(evidence, theme, first, "from")
    after, figures_after = _amount(evidence, theme, last, "to")
    figures = figures_before | figures_after
    effect = figures["share_to"] - figures["share_from"]
    figures["effect"] = effect
    if not _clear(evidence, theme, *((first, last) if effect > 0 else (last, first))) or low * high <= 0:
        return None
    left_out = ""
    if not math.isnan(low):
        figures |= {"loo_low": low, "loo_high": high}
        left_out = f" ({points(low)} to {points(high)} with any one source left out)"
    verb = "rises" if effect > 0 else "falls"
    sentence = (
        f"“{evidence.name(theme)}” {verb}: from {before} in {first} to {after} in {last}, "
        f"{points(effect)} points{left_out}.{_mix(first, last)}"
    )
    return _change(evidence, theme, verb, sentence, figures, last if effect > 0 else first)


def _persists(evidence: Evidence, theme: int, first: Side, last: Side) -> _Scored | None:
    before, figures = _amount(evidence, theme, first, "from")
    after, figures_after = _amount(evidence, theme, last, "to")
    figures |= figures_after
    shares = figures["share_from"], figures["share_to"]
    broad = _broad(evidence, theme, first) and _broad(evidence, theme, last)
    if not broad or min(shares) < _BIG or min(shares) < _LITTLE * max(shares):
        return None
    present, n_sources = figures["with_from"] + figures["with_to"], len(first.rows) + len(last.rows)
    each = "each" if present == n_sources else f"{present:.0f}"
    sentence = (
        f"“{evidence.name(theme)}” persists: {before} in {first} and {after} in {last}, "
        f"in {each} of these {n_sources} sources."
    )
    figures |= {"sources": n_sources, "sources_with": present}
    finding = _finding(evidence, theme, "persists", sentence, figures, (*last.rows, *first.rows))
    return 1, min(shares), finding


def _clear(evidence: Evidence, theme: int, lower: Side, upper: Side) -> bool:
    """Whether the theme takes more of the upper side than noise explains."""
    unit, below, above = evidence.unit, list(lower.rows), list(upper.rows)
    low = evidence.periods.low[unit, evidence.periods.keys.index(upper.label), theme]
    high = evidence.periods.high[unit, evidence.periods.keys.index(lower.label), theme]
    if not math.isnan(low + high):
        return bool(low > high)
    cells = evidence.sources
    share = cells.share[unit, :, theme]
    down = (share - cells.low[unit, :, theme])[above] / len(above)
    up = (cells.high[unit, :, theme] - share)[below] / len(below)
    noise = math.hypot(*down, *up) * _STANDARD_ERRORS
    return bool(share[above].min() > share[below].max() and share[above].mean() - share[below].mean() > noise)


def _broad(evidence: Evidence, theme: int, side: Side) -> bool:
    present = evidence.present(theme, side)
    return 5 * present >= 4 * len(side.rows)


def _amount(evidence: Evidence, theme: int, side: Side, end: str) -> tuple[str, dict[str, float]]:
    period = evidence.periods.keys.index(side.label)
    share = float(evidence.periods.share[evidence.unit, period, theme])
    per_source = evidence.primary(theme)[list(side.rows)]
    figures: dict[str, float] = {
        f"share_{end}": share,
        f"sources_{end}": len(side.rows),
        f"with_{end}": int((per_source > 0).sum()),
        f"segments_{end}": int(per_source.sum()),
    }
    amount = f"{percent(share)} of the {UNIT_WORDS[UNITS[evidence.unit]]}"
    if per_source.sum() == 1:
        return f"one segment, {amount},", figures
    return (f"an average of {amount}" if len(side.rows) > 1 else amount), figures


def _breadth(evidence: Evidence, theme: int, side: Side) -> str:
    present = evidence.present(theme, side)
    if len(side.rows) == 1:
        return ""
    return ", in each of them" if present == len(side.rows) else f", in {present} of them"


def _nearly(evidence: Evidence, theme: int, side: Side) -> str:
    """Absence is what the assignments say; a reader is told where they could have gone the other way."""
    near = evidence.near(theme, side)
    return f" ({counted_noun(near, 'segment')} {'comes' if near == 1 else 'come'} near it)" if near else ""


def _mix(before: Side, after: Side) -> str:
    if not mix_differs(before.genres, after.genres):
        return ""
    return " The kinds of source differ as well, which may explain it."


def _change(
    evidence: Evidence, theme: int, kind: str, sentence: str, figures: dict[str, float], shown: Side
) -> _Scored:
    angles = [2 * math.asin(math.sqrt(figures[f"share_{end}"])) for end in ("from", "to")]
    carried = evidence.present(theme, shown) / len(shown.rows)
    score = abs(angles[1] - angles[0]) * carried
    return 0, score, _finding(evidence, theme, kind, sentence, figures, shown.rows)


def _finding(
    evidence: Evidence, theme: int, kind: str, sentence: str, figures: dict[str, float], rows: Sequence[int]
) -> Finding:
    return Finding(
        kind=kind,
        theme_id=evidence.themes.themes[theme].theme_id,
        sentence=sentence,
        figures={name: float(value) for name, value in figures.items()},
        evidence=evidence.strongest(theme, rows),
        status="described",
    )
