"""Which findings there are, and in which order: what a test found, then what is plain without one, then what stays."""

import math
from collections.abc import Sequence
from dataclasses import replace

from topicgpu.drift.changes.design import Comparison, side_label
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.changes.testing import ROTATED_FROM
from topicgpu.drift.findings import amounts, notes, rules, silences, sizes, taking_part
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.headlines import headline
from topicgpu.drift.findings.measured import Said
from topicgpu.drift.findings.phrases import listed
from topicgpu.drift.findings.presence import tested_end
from topicgpu.drift.findings.results import Results, key
from topicgpu.drift.findings.said import said
from topicgpu.types import Finding, Strings

_FOUND, _DESCRIBED, _DIFFERS, _PERSISTS, _ABSENT = range(5)  # the order of findings

_STEPS = 3  # of a rise or fall that are named

_Scored = tuple[int, float, Finding]  # place among the kinds, score within it


def find(evidence: Evidence, results: Results, testable: bool) -> tuple[Finding, ...]:
    """
    State what changed, and what did not.

    Parameters
    ----------
    evidence : Evidence
        Shares of sources and periods, and the segments behind them.
    results : Results
        The comparisons, with their q, and which of them are clear enough for a finding.
    testable : bool
        Whether any theme could be shown to appear or to fade (`presence.can_test`).

    Returns
    -------
    tuple of Finding
        First what a test found, by effect size times the part of the sources that carry it; then what is described;
        then what differs with the kind of source; then themes that persist, by size; then absent ones. Of a theme one
        finding of its amount at most, and one of what is said of it and in which words; of a theme that is unstable
        none.

    Notes
    -----
    Where the design can test, only what the test found is a finding. Where it can't, a theme appears, fades or
    returns where it is absent from all sources of the silence (`rules.silent`) and there in most of those of the
    other end (`rules.broad`); it rises or falls where every unit of one side is above every one of the other and the
    difference is beyond noise (`rules.clear`), with any one unit left out. Such a sentence says what its design can't
    show. Sizes are of one scale (`sizes`).
    """
    ranked: list[tuple[int, float, int, int, Finding]] = []
    for theme, record in enumerate(evidence.themes.themes):
        if record.unstable:
            continue
        for place, found in enumerate((_amount(evidence, results, theme, testable), _said(evidence, results, theme))):
            if found is not None:
                order, score, finding = found
                ranked.append((order, -score, theme, place, finding))
    return tuple(finding for *_, finding in sorted(ranked, key=lambda item: item[:4]))


def _amount(evidence: Evidence, results: Results, theme: int, testable: bool) -> _Scored | None:
    if evidence.sources.known.any() and not evidence.primary(theme).any():
        return _ABSENT, 0.0, _finding(evidence, theme, "absent", silences.absent(evidence, theme), (), "described")
    widest = results.widest(theme)
    if widest is None:
        return None
    return (
        _presence(evidence, results, theme, testable or widest.status == "tested")
        or _moves(evidence, results, theme, widest)
        or _steady(evidence, results, widest)
    )


def _presence(evidence: Evidence, results: Results, theme: int, testable: bool) -> _Scored | None:
    presence = results.presence[theme]
    if presence.found:
        fading = tested_end(evidence, theme) == "fades"
        heard, quiet, _ = silences.parted(evidence, presence, fading)
        return _ended(evidence, results, theme, fading) if rules.silent(evidence, theme, quiet, heard) else None
    if testable:
        return None
    if presence.kind in ("appears", "fades"):
        fading = presence.kind == "fades"
        heard, quiet, _ = silences.parted(evidence, presence, fading)
        end = evidence.side(heard.periods[:1] if fading else heard.periods[-1:])
        if rules.broad(evidence, theme, end) and rules.silent(evidence, theme, quiet, heard):
            return _ended(evidence, results, theme, fading)
    if presence.kind == "returns":
        before, gap, after = silences.around(evidence, presence)
        silent = rules.silent(evidence, theme, gap, before) and rules.silent(evidence, theme, gap, after)
        if silent and rules.broad(evidence, theme, before) and rules.broad(evidence, theme, after):
            sentence, figures, rests_on, comparable = silences.returns(evidence, theme, presence)
            score = sizes.cohens_h(0.0, min(figures["share_from"], figures["share_to"]))
            shown = evidence.strongest(theme, (*after.rows, *before.rows))
            kind, place = ("returns", _DESCRIBED) if comparable else ("differs", _DIFFERS)
            beside = Comparison("presence", gap.periods, before.periods + after.periods)
            periods = [before.periods, gap.periods, after.periods]
            finding = _finding(evidence, theme, kind, (sentence, figures), shown, "described", periods, rests_on)
            return place, score, _recorded(finding, results, beside)
    return None


def _ended(evidence: Evidence, results: Results, theme: int, fading: bool) -> _Scored:
    presence = results.presence[theme]
    rotated = len(evidence.heard) >= ROTATED_FROM
    sentence, figures, rests_on = silences.ended(evidence, theme, presence, fading, rotated)
    kind, status = ("fades" if fading else "appears"), ("tested" if presence.found else "described")
    place = _FOUND if presence.found else _DESCRIBED
    heard, _, comparison = silences.parted(evidence, presence, fading)
    if not taking_part.comparable(evidence, comparison):
        kind, place = "differs", _DIFFERS
    shown = evidence.strongest(theme, heard.rows)
    finding = _finding(evidence, theme, kind, (sentence, figures), shown, status, comparison[1:], rests_on)
    size = sizes.cohens_h(figures["share_from"], figures["share_to"]) * sizes.carried(evidence, theme, heard)
    return place, size, _recorded(finding, results, comparison)


def _moves(evidence: Evidence, results: Results, theme: int, widest: Change) -> _Scored | None:
    found = results.of(theme, "prevalence", found=True)
    if found:
        change = max(found, key=lambda row: sizes.of_share(evidence, row))
        up = notes.lead(change).value
        span = range(change.comparison.earlier[0], change.comparison.later[-1] + 1)
        steps = [
            row
            for row in found
            if row is not change
            and row.comparison.level == "period"
            and notes.lead(row).value * up > 0
            and row.comparison.earlier[0] in span
            and row.comparison.later[-1] in span
        ]
        largest = sorted(steps, key=lambda row: -sizes.of_share(evidence, row))[:_STEPS]
        return _moved(evidence, results, change, sorted(largest, key=lambda row: row.comparison.earlier))
    if widest.status == "tested" or not math.isfinite(widest.effect):
        return None
    first, last = (evidence.side(side) for side in widest.comparison[1:])
    lower, upper = (first, last) if widest.effect > 0 else (last, first)
    if widest.loo_low * widest.loo_high <= 0 or not rules.clear(evidence, theme, lower, upper):
        return None
    return _moved(evidence, results, widest, ())


def _moved(evidence: Evidence, results: Results, change: Change, steps: Sequence[Change]) -> _Scored:
    splits, mirror = results.splits_of.get(key(evidence, change), ()), sizes.mirror(results, change)
    sentence, figures, first, last = amounts.moves(evidence, change, steps, splits, mirror)
    kind, shown = ("rises", last) if notes.lead(change).value > 0 else ("falls", first)
    place = _FOUND if change.found else _DESCRIBED
    if not taking_part.comparable(evidence, change.comparison):
        kind, place = "differs", _DIFFERS
    status = "tested" if change.found else "described"
    quotes, rests_on = evidence.strongest(change.theme, shown.rows), _rests_on([change])
    worded, sides, inside = (sentence, figures), change.comparison[1:], notes.leads_inside(change)
    finding = _finding(evidence, change.theme, kind, worded, quotes, status, sides, rests_on, inside)
    return place, sizes.of_share(evidence, change), _recorded(finding, results, change.comparison)


def _steady(evidence: Evidence, results: Results, widest: Change) -> _Scored | None:
    first, last = (evidence.side(side) for side in widest.comparison[1:])
    theme, before, after = widest.theme, widest.value_from, widest.value_to
    shown = evidence.strongest(theme, (*last.rows, *first.rows))
    if results.wandering(theme, "prevalence"):
        return None
    if abs(widest.effect) > rules.LARGE:
        worded = amounts.differs(evidence, widest, results.splits_of.get(key(evidence, widest), ()))
        if worded is None:
            return None
        finding = _finding(evidence, theme, "differs", worded, shown, "described", widest.comparison[1:])
        return _DIFFERS, sizes.of_share(evidence, widest), _recorded(finding, results, widest.comparison)
    broad = rules.broad(evidence, theme, first) and rules.broad(evidence, theme, last)
    if not broad or not rules.steady(before, after):
        return None
    worded = amounts.persists(evidence, widest, rotated=len(evidence.heard) >= ROTATED_FROM)
    finding = _finding(evidence, theme, "persists", worded, shown, "described", widest.comparison[1:])
    return _PERSISTS, min(before, after), finding


def _said(evidence: Evidence, results: Results, theme: int) -> _Scored | None:
    rows = [(sizes.of_words(evidence, results, row), row) for row in results.said(theme)]
    if not rows:
        return None
    _, first = max(rows, key=lambda row: row[0])
    chosen = [(size, row) for size, row in rows if row.comparison == first.comparison]
    changes = [row for _, row in chosen]
    sentence, figures, shown = said(evidence, changes, results)
    sides, rests_on = first.comparison[1:], _rests_on(changes)
    finding = _finding(evidence, theme, changes[0].kind, (sentence, figures), shown, "tested", sides, rests_on)
    carried = min(sizes.carried(evidence, theme, evidence.side(side)) for side in first.comparison[1:])
    return _FOUND, max(size for size, _ in chosen) * carried, _recorded(finding, results, first.comparison)


def _recorded(finding: Finding, results: Results, comparison: Comparison) -> Finding:
    """Say beside a change how the recording of both sides differs."""
    differing = results.recorded(comparison)
    if not differing:
        return finding
    sentence = f"{finding.sentence} What also changes: {listed(differing)}."
    return replace(finding, sentence=sentence, also_changes=differing)


def _rests_on(changes: Sequence[Change]) -> Strings:
    return tuple(dict.fromkeys(change.rests_on for change in changes if change.rests_on is not None))


def _finding(
    evidence: Evidence,
    theme: int,
    kind: str,
    worded: Said,
    shown: Strings,
    status: str,
    sides: Sequence[tuple[int, ...]] = (),
    rests_on: Strings = (),
    inside: bool = False,
) -> Finding:
    sentence, figures = worded
    labels = [side_label(evidence.periods.keys, side) for side in sides]  # as the tables have them
    return Finding(
        kind=kind,
        theme_id=evidence.themes.themes[theme].theme_id,
        headline=headline(evidence, theme, kind, sides, inside),
        sentence=sentence,
        figures={name: float(value) for name, value in figures.items()},
        evidence=shown,
        status=status,
        from_=labels[0] if labels else None,
        to=labels[-1] if labels else None,
        rests_on=rests_on,
    )
