"""Gates: limits of a config that a change may not pass, and what they came to."""

import math
from collections.abc import Sequence

from topicgpu.config import GateLimit, GatesSection
from topicgpu.drift.changes.rows import Change
from topicgpu.errors import ConfigError
from topicgpu.types import GateResult, Strings

PASSED, FAILED, UNDECIDED = "passed", "failed", "undecided"


def check_gates(gates: GatesSection, theme_ids: Strings) -> None:
    """
    Refuse gates of themes that are not there.

    Parameters
    ----------
    gates : GatesSection
        Of the config.
    theme_ids : tuple of str
        Of the themes of the run.

    Raises
    ------
    ConfigError
        At the first theme that no theme of the run has the id of.
    """
    for index, limit in enumerate(gates.limits):
        for theme_id in limit.themes:
            if theme_id not in theme_ids:
                known = ", ".join(theme_ids) or "none"
                raise ConfigError(
                    f"drift.gates.limits.{index}.themes: {theme_id!r} is no theme of this run; its themes are {known}."
                )


def hold_against(
    gates: GatesSection, changes: Sequence[Change], theme_ids: Strings, periods: Strings
) -> tuple[GateResult, ...]:
    """
    Hold every change against the gates.

    Parameters
    ----------
    gates : GatesSection
        Of the config; `check_gates` has seen it.
    changes : sequence of Change
        All kinds of drift, with q.
    theme_ids : tuple of str
        Of the themes.
    periods : tuple of str
        Names of the periods.

    Returns
    -------
    tuple of GateResult
        One a limit. It fails where a change of its kind and themes, between any two sides, is larger than its effect
        and, where it names a q, has a q of that at most and is not explained by slow wander. It is undecided where
        none fails, and one as large has no q, or nothing can be compared. An unstable theme counts where it is named.
    """
    return tuple(_judged(limit, changes, theme_ids, periods) for limit in gates.limits)


def breached(gates: GatesSection, results: Sequence[GateResult]) -> bool:
    """
    Tell whether a run fails its gates.

    Parameters
    ----------
    gates : GatesSection
        With what an undecided gate comes to.
    results : sequence of GateResult
        What the gates came to.

    Returns
    -------
    bool
        True where one failed, or is undecided and that is to fail.
    """
    fatal = {FAILED, UNDECIDED} if gates.undecided == "fail" else {FAILED}
    return any(result.outcome in fatal for result in results)


def _judged(limit: GateLimit, changes: Sequence[Change], theme_ids: Strings, periods: Strings) -> GateResult:
    rows = [change for change in changes if change.kind == limit.kind and math.isfinite(change.effect)]
    if limit.themes:
        rows = [change for change in rows if theme_ids[change.theme] in limit.themes]
    else:
        rows = [change for change in rows if not change.unstable]
    large = [change for change in rows if abs(change.effect) > limit.effect]
    failing = large if limit.q is None else [change for change in large if _sure(change, limit.q)]
    open_ = [] if limit.q is None else [change for change in large if math.isnan(change.q)]

    def told(of: Sequence[Change], more: str) -> str:
        most = max(of, key=lambda change: abs(change.effect))
        earlier, later = most.comparison.labels(periods)
        q = "" if math.isnan(most.q) else f" (q {most.q:.3g})"
        return f"{theme_ids[most.theme]} changes by {most.effect:+.3g} from {earlier} to {later}{q}{more}"

    if failing:
        return GateResult(_worded(limit), FAILED, told(failing, ""), _ids(failing, theme_ids))
    if open_:
        return GateResult(_worded(limit), UNDECIDED, told(open_, ", but has no q: it is not tested"), ())
    if not rows:
        return GateResult(_worded(limit), UNDECIDED, "there is nothing to compare", ())
    return GateResult(_worded(limit), PASSED, f"none of {len(rows)} changes is past it", ())


def _sure(change: Change, q: float) -> bool:
    return change.q <= q and change.stands


def _ids(changes: Sequence[Change], theme_ids: Strings) -> Strings:
    return tuple(dict.fromkeys(theme_ids[change.theme] for change in changes))


def _worded(limit: GateLimit) -> str:
    sure = "" if limit.q is None else f" with q at most {limit.q:g}"
    return f"{limit.kind} of {', '.join(limit.themes) or 'any theme'} changes by more than {limit.effect:g}{sure}"
