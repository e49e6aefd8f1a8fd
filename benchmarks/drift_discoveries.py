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


Found = Counter[tuple[int, int]]  # replications by their findings, and by how many of these are false


def shares_found(n: int, n_periods: int, numbers: range) -> Found:
    """Move the shares of a fifth of 20 themes in the middle of time, and count right and wrong findings."""
    counts: Found = Counter()
    for number in numbers:
        rng = np.random.default_rng([n, n_periods, number])
        case = planted_case(rng, "exchangeable", (n // 2, n - n // 2), _MOVED, N_THEMES, n_periods)
        true = {*_MOVED.themes, *_MOVED.fading}
        right = [
            change.theme in true and _across(change.comparison, n_periods)
            for change in judged(changes_of_shares(case, number))
            if change.found
        ]
        counts[len(right), right.count(False)] += 1
    return counts


def _across(comparison: Comparison, n_periods: int) -> bool:
    return comparison.earlier[0] < n_periods / 2 <= comparison.later[-1]


def kinds_found(n: int, numbers: range) -> Found:
    """Move share, content and terms of a fifth of 20 themes, each with a corpus of its own, and count likewise."""
    counts: Found = Counter()
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
        right = [change.theme < n_moved for change in judged(changes) if change.found]
        counts[len(right), right.count(False)] += 1
    return counts


def discovery_row(counts: Found, **where: Any) -> Row:
    """Write the mean false discovery proportion, and its standard error."""
    number = counts.total()
    found, false = (sum(pair[which] * n for pair, n in counts.items()) for which in (0, 1))
    proportions = [(wrong / max(1, all_of_it), n) for (all_of_it, wrong), n in counts.items()]
    mean = sum(proportion * n for proportion, n in proportions) / number
    error = ((sum(proportion**2 * n for proportion, n in proportions) / number - mean**2) / number) ** 0.5
    row = {"part": "discoveries", **where, "replications": number, "found": found, "false": false}
    return row | {"proportion": round(mean, 4), "error": round(error, 4)}
