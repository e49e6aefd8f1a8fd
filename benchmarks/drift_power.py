"""
Which planted changes are found, after how many sources, and whether the stated detectable change is one that is found.

    python benchmarks/drift_power.py --out RESULTS.json

Half of the sources are before a planted change. `size` is the change of a theme's mean share (from 0.08, taken from "no
theme"), the length of the move of a theme's mean vector (sources differ by 0.2 in directions of their own, segments by
0.8), or what is added to the log of the weights of ten of its terms and taken from that of ten others. `p_found` are
the replications with p <= 0.05; `findings`, of shares, those where the theme is a finding among twelve.

The delay: ten sources before, and after the change one more at a time. `found` are the replications whose p is at most
0.05 when one looks once, after that many sources; `found_by` those where it was at this look or one before it: beside
no change, what looking again costs. `detectable`: the change that replications without one say that their design finds
with power 0.8, its median over 100 of them, and how often that change is a finding in others: added to each share, or
taken from "no theme", which has more in some sources than in others; `stated` null: none of any size.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from drift_calibration import SIZES
from drift_planted import DRAWN, LEVEL, Case, Effect, changes_of_shares, fewer_drawn, judged, p_of, planted_case
from drift_plots import draw_power
from drift_table import Row, Table, in_parts
from topicgpu.drift.changes.rows import Change

REPLICATIONS, STATED = 200, 100
EFFECTS: dict[str, tuple[str, tuple[float, ...]]] = {
    "prevalence": ("share", (0.0, 0.01, 0.02, 0.05, 0.10)),
    "content": ("content", (0.0, 0.05, 0.10, 0.20, 0.30)),
    "vocabulary": ("terms", (0.0, 0.25, 0.5, 1.0, 1.5)),
}
BEFORE, LOOKS = 10, (1, 2, 3, 4, 6, 8, 10, 15, 20, 30)
DELAYED = (("prevalence", 0.0), ("prevalence", 0.05), ("prevalence", 0.10), ("content", 0.2), ("vocabulary", 1.0))


def case_of(kind: str, size: float, sides: tuple[int, int], number: int) -> Case:
    """Draw a replication; the same number has the same talk but for the change."""
    rng = np.random.default_rng([*sides, number])
    return planted_case(rng, "exchangeable", sides, Effect(**{EFFECTS[kind][0]: size}))


def power(kind: str, size: float, n: int, numbers: range) -> Counter[str]:
    """Count what is found."""
    counts: Counter[str] = Counter()
    for number in numbers:
        case = case_of(kind, size, (n // 2, n - n // 2), number)
        with fewer_drawn():
            p = p_of(kind, case, number)[0]
        counts.update(replications=1, tested=int(p == p), p_found=int(p <= LEVEL))
        if kind == "prevalence":
            counts.update(findings=int(_shares(case, number).found))
    return counts


def _shares(case: Case, number: int) -> Change:
    return judged(changes_of_shares(case, number))[case.theme]


def delay(kind: str, size: float, numbers: range) -> Counter[tuple[str, int]]:
    """Count at which looks it is found, and by which."""
    counts: Counter[tuple[str, int]] = Counter()
    for number in numbers:
        case, before = case_of(kind, size, (BEFORE, max(LOOKS)), number), False
        for look in LOOKS:
            with fewer_drawn():
                now = p_of(kind, case.first(BEFORE + look), number)[0] <= LEVEL
            before = before or now
            counts.update({("found", look): int(now), ("found_by", look): int(before)})
    return counts


def detectable(n: int, replications: int) -> Iterator[Row]:
    """State a detectable change, plant it in two ways, and see how often it is a finding."""
    sides = (n // 2, n - n // 2)
    values = [_shares(case_of("prevalence", 0.0, sides, number), number).detectable for number in range(STATED)]
    size = float(np.median(values))
    row = {"part": "detectable", "kind": "prevalence", "sources": n}
    if not np.isfinite(size):
        yield row | {"stated": None, "finite": int(np.isfinite(values).sum())}
        return
    for planted in ("added to each share", "taken from no theme in proportion"):
        hits = 0
        for number in range(STATED, STATED + replications):
            case = case_of("prevalence", 0.0 if planted.startswith("added") else size, sides, number)
            if planted.startswith("added"):
                shares = case.shares.copy()
                shares[case.later, case.theme] += size
                case = replace(case, shares=shares)
            hits += _shares(case, number).found
        yield row | {"stated": size, "planted": planted} | {"replications": replications, "power": hits / replications}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write, or to put cells into")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    options = parser.parse_args()
    number, processes = options.replications, options.processes
    table = Table(
        options.out, "drift-power", {"level": LEVEL, "replications": number, "before": BEFORE, "drawn": DRAWN}
    )
    for n, (kind, (_, sizes)) in product(SIZES, EFFECTS.items()):
        for size in sizes:
            if table.lacks(part="power", kind=kind, sources=n, size=size):
                counts = in_parts(partial(power, kind, size, n), number, processes)
                share = {"power": counts["p_found"] / counts["replications"]}
                table.put([{"part": "power", "kind": kind, "sources": n, "size": size} | counts | share])
    for kind, size in DELAYED:
        if table.lacks(part="delay", kind=kind, size=size):
            looked = in_parts(partial(delay, kind, size), number, processes)
            row = {"part": "delay", "kind": kind, "size": size, "before": BEFORE, "replications": number}
            table.put([row | {"after": k} | {name: looked[name, k] for name in ("found", "found_by")} for k in LOOKS])
    for n in SIZES:
        if table.lacks(part="detectable", sources=n):
            table.put(detectable(n, number))
    draw_power(table.rows, options.out)


if __name__ == "__main__":
    main()
