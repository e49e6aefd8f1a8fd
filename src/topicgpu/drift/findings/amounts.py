"""How much a theme is talked of: appears, fades, returns, rises, falls, persists or is absent, a sentence each."""

import math
from collections.abc import Sequence

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings import notes
from topicgpu.drift.findings.evidence import Evidence, Side
from topicgpu.drift.findings.notes import Figures, Said
from topicgpu.drift.findings.phrases import UNIT_WORDS, counted_noun, percent, points
from topicgpu.drift.shares.counts import UNITS
from topicgpu.types import Presence, Split


def there(evidence: Evidence, theme: int, presence: Presence, fading: bool, rotated: bool) -> tuple[str, Figures, Side]:
    """
    Word that a theme appears or fades.

    Parameters
    ----------
    evidence : Evidence
        Shares and sources.
    theme : int
        Index of the theme.
    presence : Presence
        When it is there.
    fading : bool
        Whether the silence is the one at the end.
    rotated : bool
        Whether the rotations of the periods were looked at.

    Returns
    -------
    str, dict, Side
        The sentence, its figures, and the sources in which the theme is heard.
    """
    heard, silence, comparison = sides(evidence, presence, fading)
    end, other = ("from", "to") if fading else ("to", "from")
    share = float(evidence.shares(theme, heard).mean())
    amount, figures = _amount(evidence, theme, heard, share, end)
    read = evidence.n_words(silence)
    quiet = _silence(evidence, theme, silence)
    figures |= {f"sources_{other}": len(silence.rows), f"share_{other}": 0.0, f"words_{other}": read}
    figures["near"] = evidence.near(theme, silence)
    sure, figures_sure = notes.surety(presence.q if presence.found else math.nan, rotated)
    beside = f" ({'; '.join(sure)})" if sure else ""
    said = f"{amount} in {heard}{_breadth(evidence, theme, heard)}"
    if fading:
        sentence = f"“{evidence.name(theme)}” fades after {presence.last}: {said}, then {quiet}{beside}."
    else:
        sentence = f"“{evidence.name(theme)}” appears in {presence.first}: {quiet}, then {said}{beside}."
    note, figures_note = ("", {}) if presence.found else notes.beyond(evidence, comparison)
    return sentence + note, figures | figures_sure | figures_note, heard


def sides(evidence: Evidence, presence: Presence, fading: bool) -> tuple[Side, Side, Comparison]:
    """
    Part the periods into those with the theme and the silence at one end.

    Parameters
    ----------
    evidence : Evidence
        Periods and sources.
    presence : Presence
        When the theme is there.
    fading : bool
        Whether the silence is the one at the end.

    Returns
    -------
    Side, Side, Comparison
        Where it is heard, from its first period to its last; the silence; both as a comparison.
    """
    keys = evidence.periods.keys
    first, last = (keys.index(str(period)) for period in (presence.first, presence.last))
    heard = tuple(range(first, last + 1))
    silence = tuple(range(last + 1, len(keys))) if fading else tuple(range(first))
    pair = (heard, silence) if fading else (silence, heard)
    return evidence.side(heard), evidence.side(silence), Comparison("presence", *pair)


def returns(evidence: Evidence, theme: int, presence: Presence) -> Said:
    """
    Word that a theme comes back after periods without it.

    Parameters
    ----------
    evidence : Evidence
        Shares and sources.
    theme : int
        Index of the theme.
    presence : Presence
        When it is there.

    Returns
    -------
    str, dict
        The sentence and its figures.
    """
    before, gap, after = around(evidence, presence)
    said, figures = _amount(evidence, theme, before, float(evidence.shares(theme, before).mean()), "from")
    again, figures_after = _amount(evidence, theme, after, float(evidence.shares(theme, after).mean()), "to")
    read = evidence.n_words(gap)
    figures |= figures_after
    figures |= {"words_gap": read, "sources_gap": len(gap.rows), "near": evidence.near(theme, gap)}
    note, figures_note = notes.beyond(evidence, Comparison("presence", before.periods, after.periods))
    return (
        f"“{evidence.name(theme)}” returns in {evidence.periods.keys[after.periods[0]]}: {said} in {before}, "
        f"{_silence(evidence, theme, gap)}, "
        f"then {again} in {after}.{note}"
    ), figures | figures_note


def around(evidence: Evidence, presence: Presence) -> tuple[Side, Side, Side]:
    """
    Gather the sources before, in and after the one gap of a theme that returns.

    Parameters
    ----------
    evidence : Evidence
        Periods and sources.
    presence : Presence
        Of kind `returns`.

    Returns
    -------
    before, gap, after : Side
        In the order of time.
    """
    keys = evidence.periods.keys
    first, last = (keys.index(str(period)) for period in (presence.first, presence.last))
    start, stop = keys.index(presence.gap[0]), keys.index(presence.gap[-1]) + 1
    before, gap, after = (evidence.side(range(*ends)) for ends in ((first, start), (start, stop), (stop, last + 1)))
    return before, gap, after


def moves(
    evidence: Evidence, change: Change, steps: Sequence[Change], splits: Sequence[Split]
) -> tuple[str, Figures, Side, Side]:
    """
    Word that a theme rises or falls.

    Parameters
    ----------
    evidence : Evidence
        Sources and units.
    change : Change
        Of prevalence.
    steps : sequence of Change
        Of one period to the next, inside those of `change`, that are findings as well; in the order of time.
    splits : sequence of Split
        What is mix, and what is not.

    Returns
    -------
    str, dict, Side, Side
        The sentence, its figures, and both sides.
    """
    theme, unit = change.theme, evidence.units.kind
    first, last = (evidence.side(side) for side in change.comparison[1:])
    before, figures = _amount(evidence, theme, first, change.value_from, "from")
    after, figures_after = _amount(evidence, theme, last, change.value_to, "to")
    sure, figures_sure = notes.certainty(change, unit, points)
    figures |= figures_after | figures_sure | {"effect": change.effect}
    sentence = (
        f"“{evidence.name(theme)}” {'rises' if change.effect > 0 else 'falls'}: from {before} in {first}"
        f"{_none_but_near(evidence, theme, first)} to {after} in {last}{_none_but_near(evidence, theme, last)}, "
        f"{points(change.effect)} points{sure}."
    )
    figures |= {"near_from": evidence.near(theme, first), "near_to": evidence.near(theme, last)}
    if steps:
        named = [(*step.comparison.labels(evidence.periods.keys), step.effect) for step in steps]
        listed = [f"{points(effect)} points from {earlier} to {later}" for earlier, later, effect in named]
        sentence += f" The steps that are clear by themselves: {'; '.join(listed)}."
        figures |= {f"step_{number}": step.effect for number, step in enumerate(steps, start=1)}
    sentence += notes.rests(change, unit)
    note, figures_note = (
        notes.mix(evidence, change, splits) if change.found else notes.beyond(evidence, change.comparison)
    )
    return sentence + note, figures | figures_note, first, last


def persists(evidence: Evidence, change: Change) -> Said:
    """
    Word that a theme stays as it is.

    Parameters
    ----------
    evidence : Evidence
        Sources.
    change : Change
        Of prevalence, not a finding.

    Returns
    -------
    str, dict
        The sentence and its figures.
    """
    theme = change.theme
    first, last = (evidence.side(side) for side in change.comparison[1:])
    before, figures = _amount(evidence, theme, first, change.value_from, "from")
    after, figures_after = _amount(evidence, theme, last, change.value_to, "to")
    figures |= figures_after
    present, n_sources = figures["with_from"] + figures["with_to"], len(first.rows) + len(last.rows)
    figures |= {"sources": n_sources, "sources_with": present}
    each = "each" if present == n_sources else f"{present:.0f}"
    sentence = (
        f"“{evidence.name(theme)}” persists: {before} in {first} and {after} in {last}, "
        f"in {each} of these {n_sources} sources."
    )
    if change.status == "tested" and math.isfinite(change.detectable):
        sentence += f" A change of less than {100 * change.detectable:.1f} points could not have been found."
        figures["detectable"] = change.detectable
    return sentence, figures


def absent(evidence: Evidence, theme: int) -> Said:
    """
    Word that a theme is in no source.

    Parameters
    ----------
    evidence : Evidence
        Sources.
    theme : int
        Index of the theme.

    Returns
    -------
    str, dict
        The sentence and its figures.
    """
    rows = tuple(row for row, words in enumerate(evidence.sources.n_words[0].tolist()) if words > 0)
    everywhere = Side("", (), rows, (), "source")
    read, near, n = evidence.n_words(everywhere), evidence.near(theme, everywhere), len(rows)
    where = "the one source" if n == 1 else f"the {n} sources"
    sentence = (
        f"“{evidence.name(theme)}” is the main theme of none of the {counted_noun(read, 'word')} of {where}"
        f"{_nearly(evidence, theme, everywhere)}."
    )
    return sentence, {"sources": n, "words": read, "near": near}


def _amount(evidence: Evidence, theme: int, side: Side, share: float, end: str) -> Said:
    segments = int(evidence.primary(theme)[list(side.rows)].sum())
    figures: Figures = {
        f"share_{end}": share,
        f"sources_{end}": len(side.rows),
        f"with_{end}": evidence.present(theme, side),
        f"segments_{end}": segments,
    }
    amount = f"{percent(share)} of the {UNIT_WORDS[UNITS[evidence.unit]]}"
    if segments == 1:
        return f"one segment, {amount},", figures
    return (f"an average of {amount}" if len(side.rows) > 1 else amount), figures


def _breadth(evidence: Evidence, theme: int, side: Side) -> str:
    present = evidence.present(theme, side)
    if len(side.rows) == 1:
        return ""
    return ", in each of them" if present == len(side.rows) else f", in {present} of them"


def _silence(evidence: Evidence, theme: int, side: Side) -> str:
    read = counted_noun(evidence.n_words(side), "word")
    return f"the main theme of none of the {read} of {side}{_nearly(evidence, theme, side)}"


def _nearly(evidence: Evidence, theme: int, side: Side) -> str:
    """Absence is what the assignments say; a reader is told where they could have gone the other way."""
    near = evidence.near(theme, side)
    return f" ({counted_noun(near, 'segment')} {'comes' if near == 1 else 'come'} near it)" if near else ""


def _none_but_near(evidence: Evidence, theme: int, side: Side) -> str:
    return "" if evidence.present(theme, side) else _nearly(evidence, theme, side)
