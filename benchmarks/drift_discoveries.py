"""What the tests and the families of tests say together: nothing of few sources, and seldom what is wrong."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from drift_planted import KINDS, Effect, changes_of_shares, fewer_drawn, judged, p_of, planted_case
from drift_table import Row
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change

N_THEMES = 20
_MOVED = Effect(share=0.06, themes=(2, 3, 4), fading=(1,))
_EVERY = Effect(share=0.10, content=0.2, terms=1.0)


def described_rows(n_before: int, n_after: int, replications: int) -> Iterator[Row]:
    """Count how often a design too small to show anything is only described, with and without a change."""
    for null, effect in (("no change", Effect()), ("large change", Effect(0.10, 0.6, 2.0))):
        counts: Counter[tuple[str, bool]] = Counter()
        for number in range(replications):
            rng = np.random.default_rng([n_before, n_after, number])
            case = planted_case(rng, "exchangeable", (n_before, n_after), effect)
            counts.update((kind, bool(np.isnan(p_of(kind, case, number)[0]))) for kind in KINDS)
        for kind in KINDS:
            row = {"part": "described", "null": null, "sources": f"{n_before} against {n_after}", "kind": kind}
            yield row | {"method": "topicgpu", "replications": replications, "described": counts[kind, True]}


def shares_found(n: int, n_periods: int, numbers: range) -> Counter[str]:
    """Move the shares of a fifth of 20 themes in the middle of time, and count right and wrong findings."""
    counts: Counter[str] = Counter()
    for number in numbers:
        rng = np.random.default_rng([n, n_periods, number])
        case = planted_case(rng, "exchangeable", (n // 2, n - n // 2), _MOVED, N_THEMES, n_periods)
        true = {*_MOVED.themes, *_MOVED.fading}
        _count(
            counts,
            [
                change.theme in true and _across(change.comparison, n_periods)
                for change in judged(changes_of_shares(case, number))
                if change.found
            ],
        )
    return counts


def _across(comparison: Comparison, n_periods: int) -> bool:
    return comparison.earlier[0] < n_periods / 2 <= comparison.later[-1]


def kinds_found(n: int, numbers: range) -> Counter[str]:
    """Move share, content and terms of a fifth of 20 themes, each with a corpus of its own, and count likewise."""
    counts: Counter[str] = Counter()
    n_moved = N_THEMES // 5
    for number in numbers:
        changes = []
        for theme in range(N_THEMES):
            rng = np.random.default_rng([n, number, theme])
            effect = _EVERY if theme < n_moved else Effect()
            case = planted_case(rng, "exchangeable", (n // 2, n - n // 2), effect)
            for kind in KINDS:
                with fewer_drawn():
                    p = p_of(kind, case, number)[0]
                why = "not tested" if np.isnan(p) else None
                sides = (n // 2, n - n // 2) * 2
                changes.append(Change(theme, kind, case.comparison, "", np.nan, *sides, 0.0, p=p, why=why))
        _count(counts, [change.theme < n_moved for change in judged(changes) if change.found])
    return counts


def _count(counts: Counter[str], right: list[bool]) -> None:
    false = len(right) - sum(right)
    proportion = false / max(1, len(right))
    counts.update(replications=1, found=len(right), false=false)
    counts["proportion"] += proportion  # type: ignore[assignment]
    counts["squares"] += proportion**2  # type: ignore[assignment]


def discovery_row(counts: Counter[str], **where: Any) -> Row:
    """Write the mean false discovery proportion, and its standard error."""
    number = counts["replications"]
    mean = counts["proportion"] / number
    error = ((counts["squares"] / number - mean**2) / number) ** 0.5
    row = {"part": "discoveries", **where, "replications": number, "found": counts["found"], "false": counts["false"]}
    return row | {"proportion": round(mean, 4), "error": round(error, 4)}
