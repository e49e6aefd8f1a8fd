"""How much of a side a theme takes: the parts of a sentence, with their figures."""

import numpy as np

from topicgpu.drift.findings.evidence import Evidence, Side
from topicgpu.drift.findings.phrases import UNIT_WORDS, counted_noun, percent, percents
from topicgpu.drift.shares.counts import UNITS

Figures = dict[str, float]
Said = tuple[str, Figures]


def amount(evidence: Evidence, theme: int, side: Side, share: float, end: str) -> Said:
    """
    State the mean share of a theme on one side.

    Parameters
    ----------
    evidence : Evidence
        Shares and sources.
    theme : int
        Index of the theme.
    side : Side
        Its sources.
    share : float
        The share.
    end : str
        `from` or `to`, with which the figures are named.

    Returns
    -------
    str, dict
        `an average of 7.0% of the words`, and the figures.
    """
    figures = _counted(evidence, theme, side, share, end)
    return _said(evidence, side, percent(share), figures[f"segments_{end}"]), figures


def amounts(evidence: Evidence, theme: int, sides: tuple[Side, Side], shares: tuple[float, float]) -> tuple[Said, Said]:
    """
    State the mean shares of a theme on two sides, with as many decimals as tell them apart.

    Parameters
    ----------
    evidence : Evidence
        Shares and sources.
    theme : int
        Index of the theme.
    sides : Side, Side
        The earlier and the later.
    shares : float, float
        The shares on them.

    Returns
    -------
    two of (str, dict)
        As `amount` gives them; the second is the bare share, which is read after the first.
    """
    ends = ("from", "to")
    counted = [_counted(evidence, theme, *each) for each in zip(sides, shares, ends, strict=True)]
    before, after = percents(*shares)
    head = _said(evidence, sides[0], before, counted[0]["segments_from"])
    tail = f"one segment, {after}," if counted[1]["segments_to"] == 1 else after
    return (head, counted[0]), (tail, counted[1])


def _counted(evidence: Evidence, theme: int, side: Side, share: float, end: str) -> Figures:
    return {
        f"share_{end}": share,
        f"sources_{end}": len(side.rows),
        f"with_{end}": evidence.present(theme, side),
        f"segments_{end}": int(evidence.primary(theme)[list(side.rows)].sum()),
    }


def _said(evidence: Evidence, side: Side, written: str, segments: float) -> str:
    said = f"{written} of the {UNIT_WORDS[UNITS[evidence.unit]]}"
    if segments == 1:
        return f"one segment, {said},"
    return f"an average of {said}" if len(side.rows) > 1 else said


def without_one(evidence: Evidence, theme: int, side: Side, end: str) -> tuple[str, Figures, str | None]:
    """
    Say what is left of a mean share with any one unit left out.

    Parameters
    ----------
    evidence : Evidence
        Shares and units.
    theme : int
        Index of the theme.
    side : Side
        Where it is heard.
    end : str
        `from` or `to`, with which the figures are named.

    Returns
    -------
    str, dict, str or None
        The range, its figures, and the unit without which less than half is left; nothing on a side of one unit.
    """
    rows = np.array(side.rows, dtype=np.int64)
    shares, unit = evidence.shares(theme, side), evidence.units.of_source[rows]
    each = np.unique(unit)
    if len(each) == 1:
        return "", {}, None
    left = np.array([shares[unit != one].mean() for one in each])
    figures = {f"without_one_low_{end}": float(left.min()), f"without_one_high_{end}": float(left.max())}
    ends = dict.fromkeys([percent(left.min()), percent(left.max())])
    ranged = f"{' to '.join(ends)} with any one {evidence.units.kind} left out"
    rests = left.min() < shares.mean() / 2
    return ranged, figures, evidence.units.ids[each[np.argmin(left)]] if rests else None


def breadth(evidence: Evidence, theme: int, side: Side) -> str:
    """
    Say in how many sources of a side a theme is.

    Parameters
    ----------
    evidence : Evidence
        Who carries what.
    theme : int
        Index of the theme.
    side : Side
        Its sources.

    Returns
    -------
    str
        After a comma; nothing of one source.
    """
    present = evidence.present(theme, side)
    if len(side.rows) == 1:
        return ""
    return ", in each of them" if present == len(side.rows) else f", in {present:,} of them"


def silence(evidence: Evidence, theme: int, side: Side) -> str:
    """
    State what was read of a side without the theme.

    Parameters
    ----------
    evidence : Evidence
        Who carries what.
    theme : int
        Index of the theme.
    side : Side
        Where it is no segment's main theme.

    Returns
    -------
    str
        With the segments that come near it.
    """
    read = counted_noun(evidence.n_words(side), "word")
    return f"the main theme of none of the {read} of {side}{nearly(evidence, theme, side)}"


def nearly(evidence: Evidence, theme: int, side: Side) -> str:
    """
    Say how many segments come near a theme.

    Parameters
    ----------
    evidence : Evidence
        Assignments.
    theme : int
        Index of the theme.
    side : Side
        Where it is no segment's main theme.

    Returns
    -------
    str
        In brackets: absence is what the assignments say, and a reader is told where they could have gone the other
        way. Nothing where none does.
    """
    near = evidence.near(theme, side)
    return f" ({counted_noun(near, 'segment')} {'comes' if near == 1 else 'come'} near it)" if near else ""
