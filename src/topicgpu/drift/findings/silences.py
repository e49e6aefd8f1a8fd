"""Themes that are not heard for a time: appears, fades, returns, differs or is absent, a sentence each."""

import math

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.findings import notes, taking_part
from topicgpu.drift.findings.evidence import Evidence, Side
from topicgpu.drift.findings.measured import Figures, Said, amount, breadth, nearly, silence, without_one
from topicgpu.drift.findings.phrases import counted_noun
from topicgpu.types import Presence, Strings


def ended(
    evidence: Evidence, theme: int, presence: Presence, fading: bool, rotated: bool
) -> tuple[str, Figures, Strings]:
    """
    Word that a theme appears or fades, or that kinds of source differ in it.

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
    str, dict, tuple of str
        The sentence, its figures, and the unit that it rests on, where there is one.
    """
    heard, quiet, comparison = parted(evidence, presence, fading)
    end, other = ("from", "to") if fading else ("to", "from")
    said, figures = amount(evidence, theme, heard, float(evidence.shares(theme, heard).mean()), end)
    left, figures_left, rests_on = without_one(evidence, theme, heard, end)
    figures |= figures_left | {
        f"sources_{other}": len(quiet.rows),
        f"share_{other}": 0.0,
        f"words_{other}": evidence.n_words(quiet),
        "near": evidence.near(theme, quiet),
    }
    sure, figures_sure = notes.surety(presence.q if presence.found else math.nan, rotated)
    beside = "; ".join([left] * bool(left) + sure)
    loud = f"{said} in {heard}{breadth(evidence, theme, heard)}{f' ({beside})' if beside else ''}"
    still = silence(evidence, theme, quiet)
    period = evidence.label([evidence.periods.keys.index(str(presence.last if fading else presence.first))])
    head = "differs with the kind of source"
    if taking_part.comparable(evidence, comparison):
        head = f"fades after {period}" if fading else f"appears in {period}"
    order = f"{loud}, then {still}" if fading else f"{still}, then {loud}"
    note, figures_note = ("", {}) if presence.found else taking_part.beyond(evidence, comparison)
    sentence = f"“{evidence.name(theme)}” {head}: {order}.{notes.rests(rests_on, evidence.units.kind)}{note}"
    return sentence, figures | figures_sure | figures_note, () if rests_on is None else (rests_on,)


def parted(evidence: Evidence, presence: Presence, fading: bool) -> tuple[Side, Side, Comparison]:
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
    quiet = tuple(range(last + 1, len(keys))) if fading else tuple(range(first))
    pair = (heard, quiet) if fading else (quiet, heard)
    return evidence.side(heard), evidence.side(quiet), Comparison("presence", *pair)


def returns(evidence: Evidence, theme: int, presence: Presence) -> tuple[str, Figures, Strings, bool]:
    """
    Word that a theme comes back after periods without it, or that kinds of source differ in it.

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
    str, dict, tuple of str, bool
        The sentence, its figures, the units that either side rests on, and whether the silence and the rest have a
        kind of source in common.
    """
    before, gap, after = around(evidence, presence)
    figures: Figures = {
        "words_gap": evidence.n_words(gap),
        "sources_gap": len(gap.rows),
        "near": evidence.near(theme, gap),
    }
    told, resting = [], list[str]()
    for side, end in ((before, "from"), (after, "to")):
        said, figures_said = amount(evidence, theme, side, float(evidence.shares(theme, side).mean()), end)
        left, figures_left, rests_on = without_one(evidence, theme, side, end)
        told.append(f"{said} in {side}{f' ({left})' if left else ''}")
        resting += [] if rests_on is None else [rests_on]
        figures |= figures_said | figures_left
    beside = Comparison("presence", gap.periods, before.periods + after.periods)
    comparable = taking_part.comparable(evidence, beside)
    head = f"returns in {evidence.label(after.periods[:1])}" if comparable else "differs with the kind of source"
    ends = Comparison("presence", before.periods, after.periods)
    note, figures_note = taking_part.beyond(evidence, ends if comparable else beside)
    quiet = silence(evidence, theme, gap)
    rests = "".join(notes.rests(one, evidence.units.kind) for one in resting)
    sentence = f"“{evidence.name(theme)}” {head}: {told[0]}, {quiet}, then {told[1]}.{rests}{note}"
    return sentence, figures | figures_note, tuple(resting), comparable


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
    where = "the one source" if n == 1 else f"the {n:,} sources"
    sentence = (
        f"“{evidence.name(theme)}” is the main theme of none of the {counted_noun(read, 'word')} of {where}"
        f"{nearly(evidence, theme, everywhere)}."
    )
    return sentence, {"sources": n, "words": read, "near": near}
