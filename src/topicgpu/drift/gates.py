"""Gates: limits of a config that a change may not pass, and what they came to."""

import math
from collections.abc import Sequence

from topicgpu.config import GateLimit, GatesSection
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.phrases import points, small
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
        and, where it names a q, has a q of that at most. It is undecided where none fails, and one as large has no q,
        or can't be told from slow wander or from chance, or nothing can be compared. An unstable theme counts where it
        is named. What is held against the effect: a difference of shares, with a q the one inside strata; an energy
        distance less what chance gives; the log odds of the clearest term.
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
    gate = _worded(limit)
    known = [change for change in changes if change.kind == limit.kind and math.isfinite(change.effect)]
    if limit.themes:
        rows = [change for change in known if theme_ids[change.theme] in limit.themes]
    else:
        rows = [change for change in known if not change.unstable]
    if not rows:
        why = (
            "every theme that can be compared is unstable" if known and not limit.themes else "nothing can be compared"
        )
        return GateResult(gate, UNDECIDED, why, ())
    large = [change for change in rows if abs(_size(change, limit)) > limit.effect]
    doubtful = [change for change in large if _doubt(change, limit) is not None]
    failing = [change for change in large if _doubt(change, limit) is None and not change.q > (limit.q or 1)]
    if failing:
        named = tuple(dict.fromkeys(theme_ids[change.theme] for change in failing))
        return GateResult(gate, FAILED, _told(failing, limit, theme_ids, periods), named)
    if doubtful:
        return GateResult(gate, UNDECIDED, _told(doubtful, limit, theme_ids, periods), ())
    return GateResult(gate, PASSED, f"none of {len(rows):,} changes is past it", ())


def _size(change: Change, limit: GateLimit) -> float:
    if change.kind == "content":
        beyond = change.within - change.within_expected, change.effect - change.expected, change.effect
        return max(0.0, next(size for size in beyond if math.isfinite(size)))
    tested = limit.q is not None and math.isfinite(change.within)
    return change.within if tested else change.effect


def _doubt(change: Change, limit: GateLimit) -> str | None:
    # Without a stratum on both sides chance is unknown, but never below 0: a small distance still passes.
    if change.kind == "content" and math.isnan(change.within_expected) and math.isnan(change.expected):
        return "how far chance alone takes it is not known: no kind of source is on both sides"
    if limit.q is None:
        return None
    if change.unstable:
        return "the theme is unstable, and has no q"
    if change.why is not None:
        return f"it is not tested: {change.why}"
    if math.isnan(change.q):
        return "it has no q"
    if change.q <= limit.q and not change.stands:
        return f"as large a change lies elsewhere in these periods (p {small(change.p_shift)} among their rotations)"
    return None


def _told(changes: Sequence[Change], limit: GateLimit, theme_ids: Strings, periods: Strings) -> str:
    most = max(changes, key=lambda change: abs(_size(change, limit)))
    size, (earlier, later) = _size(most, limit), most.comparison.labels(periods)
    amount = {
        "prevalence": f"{points(size)} points",
        "content": f"a distance of {small(abs(size))} beyond chance",
        "vocabulary": f"log odds of {size:+.1f}{f' (“{most.term}”)' if most.term else ''}",
    }[most.kind]
    q = f" (q {small(most.q)})" if math.isfinite(most.q) else ""
    doubt = _doubt(most, limit)
    return (
        f"{theme_ids[most.theme]} changes by {amount} from {earlier} to {later}{q}{f', but {doubt}' if doubt else ''}"
    )


def _worded(limit: GateLimit) -> str:
    most = {
        "prevalence": f"{100 * limit.effect:#.3g} points",
        "content": f"a distance of {limit.effect:g} beyond chance",
        "vocabulary": f"log odds of {limit.effect:g}",
    }[limit.kind]
    sure = "" if limit.q is None else f" with q at most {limit.q:g}"
    return f"{limit.kind} of {', '.join(limit.themes) or 'any theme'} changes by more than {most}{sure}"
