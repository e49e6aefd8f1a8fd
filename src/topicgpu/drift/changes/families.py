"""Which changes are findings: tests that are made together, and the false discovery rate over them."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.changes.testing import SHIFT_LEVEL
from topicgpu.types import Family, Floats, Presence, Strings

KINDS: Strings = ("prevalence", "content", "vocabulary")
LEVELS: Strings = ("period", "span")
PRESENCE = ("presence", "corpus")
_ROUNDING = 1e-12


def judge(
    changes: Sequence[Change],
    presence: Sequence[Presence],
    stable: NDArray[np.bool_],
    theme_ids: Strings,
    level: float,
) -> tuple[list[Change], tuple[Presence, ...], tuple[Family, ...]]:
    """
    Say which changes, appearances and disappearances are findings, and what a change would have needed.

    Parameters
    ----------
    changes : sequence of Change
        Of all kinds and comparisons.
    presence : sequence of Presence
        Of the themes; with a p where one was tested.
    stable : (t,) bool
        Themes that a second clustering finds again; the others take no part.
    theme_ids : (t,) tuple of str
        Of the themes.
    level : float
        False discovery rate.

    Returns
    -------
    changes : list of Change
        With `unstable`, `q`, `found` and `detectable`, in their order.
    presence : tuple of Presence
        With `q` and `found`.
    families : tuple of Family
        One a kind and level of changes, and one of presence, each with its number of tests, which may be 0.

    Notes
    -----
    q is Benjamini and Hochberg's inside a family [1]_. The least q is Simes' p of the family as a whole, and families
    are selected by Benjamini and Hochberg over those. Of the R selected of F families with tests, members with q up to
    level R / F are findings, which keeps the mean false discovery rate of the selected families at the level [2]_;
    where nothing has moved, the chance of any finding at all is at most the level. A change that is alone needs
    p <= level / (F n) in a family of n tests: `detectable` is for that p.

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical Society B
       57 (1995) 289-300.
    .. [2] Y. Benjamini, M. Bogomolov, "Selective inference on multiple families of hypotheses", Journal of the Royal
       Statistical Society B 76 (2014) 297-318.
    """
    stands = dict(zip(theme_ids, stable.tolist(), strict=True))
    keys = [key for key in itertools.product(KINDS, LEVELS) if any(_key(change) == key for change in changes)]
    members = {key: [c.p if stable[c.theme] and _key(c) == key else np.nan for c in changes] for key in keys}
    if presence:
        members[PRESENCE] = [each.p if stands[each.theme_id] else np.nan for each in presence]
    q = {key: adjusted(np.array(p, dtype=np.float64)) for key, p in members.items()}
    families = _families(q, level)
    limits = {(family.kind, family.level): family.q_limit + _ROUNDING for family in families}
    tests = {(family.kind, family.level): family.n_tests for family in families}
    tested = sum(number > 0 for number in tests.values())
    judged = []
    for row, change in enumerate(changes):
        key = _key(change)
        own, steady = float(q[key][row]), bool(stable[change.theme])
        judged.append(
            replace(
                change,
                unstable=not steady,
                q=own,
                found=own <= limits[key] and change.stands,
                detectable=_detectable(change, steady, level / (tested * tests[key]) if tests[key] else 0.0),
            )
        )
    found = tuple(
        replace(
            each,
            p=each.p if stands[each.theme_id] else np.nan,
            q=float(own),
            found=bool(own <= limits[PRESENCE] and not each.p_shift > SHIFT_LEVEL),
        )
        for each, own in zip(presence, q.get(PRESENCE, ()), strict=True)
    )
    return judged, found, families


def adjusted(p: Floats) -> Floats:
    """
    Adjust the p of one family for its number of tests.

    Parameters
    ----------
    p : (n,) float
        NaN where no test was made.

    Returns
    -------
    (n,) float
        Benjamini and Hochberg's q; NaN where p is.
    """
    q, tested = np.full(len(p), np.nan), np.isfinite(p)
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested])
    return q


def _key(change: Change) -> tuple[str, str]:
    return change.kind, change.comparison.level


def _families(q: dict[tuple[str, str], Floats], level: float) -> tuple[Family, ...]:
    whole = np.array([np.min(own, where=np.isfinite(own), initial=np.inf) for own in q.values()])
    whole[np.isinf(whole)] = np.nan
    selected = adjusted(whole) <= level + _ROUNDING
    limit = level * selected.sum() / max(1, np.isfinite(whole).sum())
    return tuple(
        Family(
            kind=kind,
            level=at,
            n_tests=int(np.isfinite(own).sum()),
            p=float(p),
            selected=bool(chosen),
            q_limit=float(limit) if chosen else 0.0,
        )
        for ((kind, at), own), p, chosen in zip(q.items(), whole, selected, strict=True)
    )


def _detectable(change: Change, stable: bool, p: float) -> float:
    if not stable:
        return np.nan
    if change.why is not None:
        return np.inf
    return change.detectable if change.reach is None else change.reach(p)
