"""What is said of a theme, and in which words: one sentence a theme where a test found that it moved."""

import math
from collections.abc import Sequence

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings import notes
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.notes import Figures
from topicgpu.drift.findings.phrases import quoted, small
from topicgpu.types import ChangeTerms, Move, Strings

_NAMED = 3  # terms on each side
_QUOTED = 5  # segments on each side

Key = tuple[str, str, str, str]  # theme, level and both sides, as the tables have them


def key(evidence: Evidence, change: Change) -> Key:
    """
    Name the theme, level and sides of a row as the tables do.

    Parameters
    ----------
    evidence : Evidence
        Themes and periods.
    change : Change
        One row.

    Returns
    -------
    tuple of four str
        Theme id, level, earlier and later side.
    """
    theme_id = evidence.themes.themes[change.theme].theme_id
    return (theme_id, change.comparison.level, *change.comparison.labels(evidence.periods.keys))


def said(
    evidence: Evidence, rows: Sequence[Change], terms: ChangeTerms, moves: Sequence[Move]
) -> tuple[str, Figures, Strings]:
    """
    Word that what is said of a theme moved.

    Parameters
    ----------
    evidence : Evidence
        Themes, periods and segments.
    rows : sequence of one or two Change
        Findings of one theme and of the same sides: of content, of vocabulary, or one of each in this order.
    terms : ChangeTerms
        Terms gained and lost.
    moves : sequence of Move
        Segments along and against the move.

    Returns
    -------
    str, dict, tuple of str
        The sentence, its figures, and the segments that show it.
    """
    name, own = evidence.name(rows[0].theme), key(evidence, rows[0])
    listed, sentence, figures = _terms(terms, own), "", dict[str, float]()
    for row in rows:
        when = f" between {own[2]} and {own[3]}"
        if row.kind == "content":
            sentence = f"What is said of “{name}” moved{when}: {_distance(row, evidence.units.kind, figures)}"
        else:
            head = " Its words moved as well" if sentence else f"The words of “{name}” moved{when}"
            sentence += f"{head} ({_log_odds(row, figures)}){f': {listed}' if listed else ''}."
        sentence += notes.rests(row, evidence.units.kind)
    if listed and rows[-1].kind == "content":
        sentence += f" The terms that moved most: {listed}."
    return sentence, figures, _shown(evidence, rows[0], moves)


def _distance(row: Change, unit: str, figures: Figures) -> str:
    sure, stated = notes.certainty(row, unit, small)
    figures |= stated | {"distance": row.effect, "expected": row.expected}
    return f"an energy distance of {small(row.effect)}, where chance gives {small(row.expected)}{sure}."


def _log_odds(row: Change, figures: Figures) -> str:
    parts, stated = notes.surety(row.q, math.isfinite(row.p_shift))
    figures |= {f"{figure}_words": value for figure, value in stated.items()} | {"log_odds": row.effect}
    return "; ".join([f"log odds of the clearest term {row.effect:+.1f}", *parts])


def _terms(terms: ChangeTerms, own: Key) -> str:
    columns = zip(terms.theme_id, terms.level, terms.from_, terms.to, strict=True)
    rows = [row for row, place in enumerate(columns) if place == own]
    parts = []
    for verb, sign in (("gained", 1), ("lost", -1)):
        chosen = [row for row in rows if sign * terms.log_odds[row] > 0][:_NAMED]
        if chosen:
            parts.append(f"{verb} {quoted([terms.term[row] for row in chosen], _NAMED)}")
            alone = [row for row in chosen if terms.only_in[row] is not None]
            if alone:
                parts[-1] += f" ({_alone(terms, alone, len(chosen))})"
    return ", ".join(parts)


def _alone(terms: ChangeTerms, rows: Sequence[int], n: int) -> str:
    where = {str(terms.only_in[row]) for row in rows}
    if len(rows) == n and len(where) == 1:
        return f"in {where.pop()} alone"
    return "; ".join(f"“{terms.term[row]}” in {terms.only_in[row]} alone" for row in rows)


def _shown(evidence: Evidence, change: Change, moves: Sequence[Move]) -> Strings:
    own = key(evidence, change)
    for move in moves:
        if (move.theme_id, move.level, move.from_, move.to) == own:
            return (*move.now[:_QUOTED], *move.before[:_QUOTED])
    sides = change.comparison.later + change.comparison.earlier
    return evidence.strongest(change.theme, evidence.side(sides).rows)
