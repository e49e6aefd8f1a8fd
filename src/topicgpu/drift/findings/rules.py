"""When a change that no test can carry is still said: only where nothing in the sources speaks against it."""

import math

import numpy as np

from topicgpu.drift.findings.evidence import Evidence, Side
from topicgpu.types import Floats

BIG = 0.05  # share from which a theme can persist
_LITTLE = 2 / 3  # smaller over larger share, from which a theme counts as unchanged
LARGE = 0.05  # difference of shares that is never called none
_STANDARD_ERRORS = 3 / 1.96  # in half-widths of a 95 % interval
_NEXT_TO_NOTHING = 0.1  # of what the theme takes where it is heard


def broad(evidence: Evidence, theme: int, side: Side) -> bool:
    """
    Tell whether a theme is there in most sources of a side.

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
    bool
        True from four of five on: in all of them, where there are fewer than five.
    """
    return 5 * evidence.present(theme, side) >= 4 * len(side.rows)


def silent(evidence: Evidence, theme: int, quiet: Side, loud: Side) -> bool:
    """
    Tell whether a theme is absent from a side by more than the assignments.

    Parameters
    ----------
    evidence : Evidence
        Who carries what, and which segments come near.
    theme : int
        Index of the theme.
    quiet, loud : Side
        Where it is said to be absent, and where it is heard.

    Returns
    -------
    bool
        True where no segment of the quiet side carries it, and those that come near it, were they all counted, would
        be next to nothing: a tenth of what the theme takes of the loud side, at most.

    Notes
    -----
    A segment that comes near was given to another theme or to none by a margin that a second reader may not heed. If
    such segments alone would make the theme ten times rarer and no more, then "appears" is a statement about the
    margin.
    """
    if evidence.present(theme, quiet):
        return False
    near = evidence.near_shares(theme, quiet).mean()
    return bool(near <= _NEXT_TO_NOTHING * evidence.shares(theme, loud).mean())


def clear(evidence: Evidence, theme: int, lower: Side, upper: Side) -> bool:
    """
    Tell whether a theme takes more of the upper side than noise explains.

    Parameters
    ----------
    evidence : Evidence
        Shares of the sources, with their intervals.
    theme : int
        Index of the theme.
    lower, upper : Side
        The sides by the size of the theme.

    Returns
    -------
    bool
        True where every unit of the upper side is above every unit of the lower one, and the means differ by more
        than three standard errors of the noise inside the sources, recovered from their intervals [1]_. Where the
        theme is absent from the lower side, what comes near it counts there.

    References
    ----------
    .. [1] G. Y. Zou, A. Donner, "Construction of confidence limits about effect measures: a general approach",
       Statistics in Medicine 27 (2008) 1693-1702.
    """
    unit, above, below = evidence.unit, list(upper.rows), list(lower.rows)
    share = evidence.sources.share[unit, :, theme].copy()
    up = (evidence.sources.high[unit, :, theme] - share)[below] / len(below)
    down = (share - evidence.sources.low[unit, :, theme])[above] / len(above)
    if not evidence.present(theme, lower):
        share[below] = evidence.near_shares(theme, lower)
    noise = math.hypot(*down, *up) * _STANDARD_ERRORS
    apart = _units(evidence, share, upper).min() > _units(evidence, share, lower).max()
    return bool(apart and share[above].mean() - share[below].mean() > noise)


def steady(before: float, after: float) -> bool:
    """
    Tell whether a theme is big on both sides and much the same.

    Parameters
    ----------
    before, after : float
        Its shares.

    Returns
    -------
    bool
        True where the smaller is 5 % at least, and two thirds of the larger, and they differ by 5 points at most.
    """
    smaller, larger = sorted((before, after))
    return smaller >= BIG and smaller >= _LITTLE * larger and larger - smaller <= LARGE


def _units(evidence: Evidence, share: Floats, side: Side) -> Floats:
    """(n,) mean share of each unit of a side."""
    inside = np.full(len(share), np.nan)
    inside[list(side.rows)] = share[list(side.rows)]
    means = evidence.units.means(inside[:, None])[:, 0]
    return means[np.isfinite(means)]
