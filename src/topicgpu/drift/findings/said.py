"""What is said of a theme, and in which words: one sentence a theme where a test found that it moved."""

import math
from collections.abc import Sequence

import numpy as np

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings import notes, taking_part
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.measured import Figures
from topicgpu.drift.findings.phrases import quoted, small
from topicgpu.drift.findings.results import Results, Term, key
from topicgpu.types import Strings

_NAMED = 3  # terms on each side
_QUOTED = 5  # segments on each side
_WHOLE = 10  # times, from which no decimal is given


def said(evidence: Evidence, rows: Sequence[Change], results: Results) -> tuple[str, Figures, Strings]:
    """
    Word that what is said of a theme moved.

    Parameters
    ----------
    evidence : Evidence
        Themes, periods and segments.
    rows : sequence of one or two Change
        Findings of one theme and of the same sides: of content, of vocabulary, or one of each in this order.
    results : Results
        With the terms gained and lost, and the segments along and against the move.

    Returns
    -------
    str, dict, tuple of str
        The sentence, its figures, and the segments that show it.
    """
    terms = results.terms_of.get(key(evidence, rows[0]), ())
    sentence, figures = "", dict[str, float]()
    for row in rows:
        if row.kind == "content":
            sentence = _distance(evidence, row, figures)
        else:
            sentence += _words(evidence, row, terms, sentence != "", figures)
        sentence += notes.rests(row.rests_on, evidence.units.kind)
    if rows[-1].kind == "content" and (listed := _listed(terms)):
        sentence += f" The terms that moved most: {', '.join(listed)}."
    if len(rows) > 1 and not math.isfinite(rows[0].p_shift):
        sentence = sentence.replace(f"; {notes.NOT_RULED_OUT}", "", 1)
    return sentence + _part(evidence, rows[0], figures), figures, _shown(evidence, rows[0], results)


def _distance(evidence: Evidence, row: Change, figures: Figures) -> str:
    earlier, later = (evidence.label(side) for side in row.comparison[1:])
    sure, stated = notes.certainty(row, evidence.units.kind, small)
    figures |= stated | {"within_expected": row.within_expected, "times": row.within / row.within_expected}
    times = f"{figures['times']:.0f}" if figures["times"] >= _WHOLE else f"{figures['times']:.1f}"
    where = ", inside the kinds of source that both have," if taking_part.stratified(evidence, row.comparison) else ""
    return (
        f"The sources of {later} say other things of “{evidence.name(row.theme)}” than those of {earlier}: they lie "
        f"{small(row.within)} apart{where or ','} {times} times as far as when they are dealt to the sides at random "
        f"({small(row.within_expected)}; {sure})."
    )


def _words(evidence: Evidence, row: Change, terms: Sequence[Term], also: bool, figures: Figures) -> str:
    sure, stated = notes.surety(row.q, math.isfinite(row.p_shift))
    figures |= {f"{figure}_words": value for figure, value in stated.items()} | {"log_odds": row.effect}
    beside = "; ".join([f"log odds {row.effect:+.1f}", *sure])
    earlier, later = (evidence.label(side) for side in row.comparison[1:])
    name = evidence.name(row.theme)
    head = " Its words moved as well" if also else f"The words of “{name}” moved between {earlier} and {later}"
    clearest = next((term for term in terms if term.term == row.term), None)
    if clearest is None:
        return f"{head} ({beside})."
    figures |= {"term_from": clearest.n_from, "term_to": clearest.n_to}
    figures |= {"of_from": clearest.of_from, "of_to": clearest.of_to}
    alone = f", in {clearest.only_in} alone" if clearest.only_in is not None else ""
    others = _listed([term for term in terms if term is not clearest], first=row.effect)
    return (
        f"{head}: “{clearest.term}” from {clearest.n_from:,} of {clearest.of_from:,} compared segments to "
        f"{clearest.n_to:,} of {clearest.of_to:,}{alone} ({beside}){''.join(f'; {each}' for each in others)}."
    )


def _listed(terms: Sequence[Term], first: float = 1.0) -> list[str]:
    parts = []
    for verb, sign in sorted((("gained", 1), ("lost", -1)), key=lambda each: -each[1] * first):
        chosen = [term for term in terms if sign * term.log_odds > 0][:_NAMED]
        if chosen:
            part = f"{verb} {quoted([term.term for term in chosen], _NAMED)}"
            parts.append(f"{part} ({said_alone})" if (said_alone := _alone(chosen)) else part)
    return parts


def _alone(terms: Sequence[Term]) -> str:
    alone = [term for term in terms if term.only_in is not None]
    where = {term.only_in for term in alone}
    if len(alone) == len(terms) and len(where) == 1:
        return f"in {where.pop()} alone"
    return "; ".join(f"“{term.term}” in {term.only_in} alone" for term in alone)


def _part(evidence: Evidence, row: Change, figures: Figures) -> str:
    sides = [evidence.units.of_source[list(evidence.side(side).rows)] for side in row.comparison[1:]]
    n_units = sum(len(np.unique(side)) for side in sides)
    if row.units_from + row.units_to >= n_units:
        return ""
    figures |= {"units_from": row.units_from, "units_to": row.units_to, "units": n_units}
    return (
        f" {row.units_from:,} against {row.units_to:,} of the {n_units:,} {taking_part.noun(evidence, n_units)} took "
        "part in the test: the others say too little of it, or have no counterpart of their kind."
    )


def _shown(evidence: Evidence, change: Change, results: Results) -> Strings:
    move = results.moves_of.get(key(evidence, change))
    if move is not None:
        return (*move.now[:_QUOTED], *move.before[:_QUOTED])
    sides = change.comparison.later + change.comparison.earlier
    return evidence.strongest(change.theme, evidence.side(sides).rows)
