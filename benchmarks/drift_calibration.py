"""
How often drift is found where there is none, beside others on the same replications.

    python benchmarks/drift_calibration.py --runs RUNS --evidently PEER/bin/python --out RESULTS.json

Three nulls. `exchangeable`: units of real corpora (run folders RUNS/podcasts and RUNS/beige), their dates shuffled
inside strata. `wander`: a planted theme whose intensity, content and terms follow a first-order process without trend.
`mix`: two planted genres whose shares move, and nothing inside them. Each of 2,000 replications of a null and a number
of sources (half before, half after) is put to the three tests. `tested` are those whose design allows a test,
`rejected` those with p <= 0.05; more than `limit` are expected once in a thousand cells. "With the circular shift" both
p are. Others, and ours with strata ignored, see the first 500 replications, evidently 30. Tests draw 999 assignments
where there are more, usually 9,999 where there are more than 20,000; so do discoveries of shares.

Others take a segment for a vote. Evidently's methods (`python -m venv PEER; PEER/bin/pip install evidently==0.7.23
'pandas<3'`) see the vectors of the theme before and after and give no p: `rejected` are their verdicts.

`described`: designs too small to show anything. `discoveries`: a fifth of 20 themes has moved in the middle of time;
`proportion` is the mean over replications of the wrong ones among all findings, with its standard error.

Rows are written cell by cell; a cell that is there is not run again. Some 15 minutes of one core.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
from scipy.stats import binom

import drift_others as others
from drift_planted import (
    DRAWN,
    KINDS,
    LEVEL,
    Case,
    Effect,
    Null,
    changes_of_shares,
    fewer_drawn,
    judged,
    p_of,
    planted_case,
)
from drift_plots import draw_calibration
from drift_pools import Pool, read_pool
from record import COMMIT, write_record
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change

REPLICATIONS, SIZES = 2000, (8, 20, 60)
POOLS = {"podcasts": "source", "beige": "source"}
STRATA = {8: 1, 20: 2, 60: 4}  # at most, of a replication drawn from a real corpus
OTHERS, EVIDENTLY = 500, 30  # replications of others, and of what is slow
DISCOVERIES, ALL_KINDS = 1000, 300
N_THEMES = 20
MOVED = Effect(share=0.06, themes=(2, 3, 4), fading=(1,))
EVERY = Effect(share=0.10, content=0.2, terms=1.0)
Row = dict[str, Any]


@cache
def _pools(runs: Path) -> tuple[Pool, ...]:
    return tuple(read_pool(name, runs / name, kind) for name, kind in POOLS.items())


def case_of(runs: Path, null: Null, n: int, number: int) -> Case:
    """Draw replication `number` of a cell."""
    rng = np.random.default_rng([get_args(Null).index(null), n, number])
    if null != "exchangeable":
        return planted_case(rng, null, (n // 2, n - n // 2))
    pools = _pools(runs)
    while True:
        case = pools[number % len(pools)].case(rng, n, STRATA[n])
        if case is not None:
            return case


def verdicts(case: Case, number: int) -> Iterator[tuple[str, str, str]]:
    """Give (kind, method, what it came to) for every method that is asked about this replication."""
    ways = {"topicgpu": case}
    if len(case.units.strata) > 1 and number < OTHERS:
        ways["topicgpu, strata ignored"] = case.without_strata()
    for (method, seen), kind in product(ways.items(), KINDS):
        p, p_shift = p_of(kind, seen, number)
        yield kind, method, _said(p)
        if p_shift == p_shift:
            yield kind, f"{method}, with the circular shift", _said(max(p, p_shift))
    if number >= OTHERS:
        return
    part, later = case.compared, case.later
    counts = case.segments[part], later[part], case.theme
    yield "prevalence", "chi-square of BERTopic's counts", _said(others.chi_square(*counts))
    yield "prevalence", "segments permuted", _said(others.permuted_segments(*counts))
    yield "vocabulary", "log odds, z as evidence", _said(others.log_odds(case.terms[part], later[part]))
    rows = part[case.source]
    sides = later[case.source[rows]]
    rng = np.random.default_rng(number)
    yield "content", "segments permuted", _said(others.permuted_vectors(rng, case.vectors[rows], sides))


def _said(p: float) -> str:
    return "described" if p != p else "rejected" if p <= LEVEL else "kept"


def count(runs: Path, null: Null, n: int, numbers: range) -> Counter[tuple[str, str, str]]:
    """Count verdicts over some replications of a cell."""
    with fewer_drawn():
        return Counter(verdict for number in numbers for verdict in verdicts(case_of(runs, null, n, number), number))


def rows_of(null: str, n: int, counts: Counter[tuple[str, str, str]]) -> list[Row]:
    """Write the counts of a cell as rows."""
    rows = []
    for kind, method in sorted(
        {key[:2] for key in counts}, key=lambda key: (KINDS.index(key[0]), key[1] != "topicgpu", key)
    ):
        rejected, kept, described = (counts[kind, method, said] for said in ("rejected", "kept", "described"))
        number = rejected + kept + described
        rows.append(
            {"part": "null", "null": null, "sources": n, "kind": kind, "method": method, "replications": number}
            | {"tested": rejected + kept, "rejected": rejected, "rate": round(rejected / number, 4)}
            | {"limit": int(binom.ppf(1 - 0.001, number, LEVEL))}
        )
    return rows


def evidently_rows(runs: Path, python: str, scratch: Path, null: Null, n: int) -> Iterator[Row]:
    """Ask evidently about the first replications of a cell that have 10 vectors a side."""
    cases: list[tuple[Any, Any]] = []
    for number in range(REPLICATIONS):
        case = case_of(runs, null, n, number)
        rows = case.compared[case.source]
        later = case.later[case.source[rows]]
        if min(later.sum(), (~later).sum()) >= 10:
            cases.append((case.vectors[rows], later))
        if len(cases) == EVIDENTLY:
            break
    library, said = others.evidently(python, scratch, cases)
    for method, answers in said.items():
        row = {"part": "null", "null": null, "sources": n, "kind": "content", "method": f"{library}: {method}"}
        row["peer"] = "evidently"
        rate = sum(answers) / len(answers)
        yield row | {"replications": len(answers), "rejected": sum(answers), "rate": rate}


def described_rows(n_before: int, n_after: int) -> Iterator[Row]:
    """Count how often a design too small to show anything is only described, with and without a change."""
    for null, effect in (("no change", Effect()), ("large change", Effect(0.10, 0.6, 2.0))):
        counts: Counter[tuple[str, bool]] = Counter()
        for number in range(REPLICATIONS):
            rng = np.random.default_rng([n_before, n_after, number])
            case = planted_case(rng, "exchangeable", (n_before, n_after), effect)
            counts.update((kind, bool(np.isnan(p_of(kind, case, number)[0]))) for kind in KINDS)
        for kind in KINDS:
            row = {"part": "described", "null": null, "sources": f"{n_before} against {n_after}", "kind": kind}
            yield row | {"method": "topicgpu", "replications": REPLICATIONS, "described": counts[kind, True]}


def shares_found(n: int, n_periods: int, numbers: range) -> Counter[str]:
    """Move the shares of a fifth of 20 themes in the middle of time, and count right and wrong findings."""
    counts: Counter[str] = Counter()
    for number in numbers:
        rng = np.random.default_rng([n, n_periods, number])
        case = planted_case(rng, "exchangeable", (n // 2, n - n // 2), MOVED, N_THEMES, n_periods)
        true = {*MOVED.themes, *MOVED.fading}
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
            effect = EVERY if theme < n_moved else Effect()
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


class Table:
    """Rows of the record, written whenever a cell is done: what is there is not run again."""

    def __init__(self, out: Path, name: str, settings: Row) -> None:
        self.out, self.name, self.settings = out, name, settings
        self.rows: list[Row] = json.loads(out.read_text(encoding="utf-8"))["rows"] if out.exists() else []

    def lacks(self, **where: Any) -> bool:
        """Whether there is no row of this cell."""
        return not any(where.items() <= row.items() for row in self.rows)

    def put(self, rows: Iterable[Row]) -> None:
        """Add the rows of a cell."""
        for row in rows:
            self.rows.append(row | {"commit": COMMIT[:12] + ("+changes" if COMMIT.endswith("+changes") else "")})
            print(row, flush=True)
        write_record(self.out, self.name, self.settings, self.rows)


def in_parts(work: Callable[[range], Counter[Any]], number: int, processes: int) -> Counter[Any]:
    """Add up what `work` counts over 0 .. number - 1, in several processes."""
    if processes == 1:
        return work(range(number))
    parts = [range(start, number, processes) for start in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        return sum(pool.map(work, parts), Counter())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write, or to put cells into")
    parser.add_argument("--runs", type=Path, default=Path("runs/history"), help="run folders of the real corpora")
    parser.add_argument("--evidently", help="interpreter of evidently's environment; without it, evidently is left out")
    parser.add_argument("--scratch", type=Path, default=Path("runs/drift-work"), help="files of evidently's worker")
    parser.add_argument("--nulls", nargs="+", choices=get_args(Null), default=get_args(Null), metavar="NULL")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    options = parser.parse_args()
    settings = {"level": LEVEL, "pools": POOLS, "strata": STRATA, "drawn": DRAWN, "replications": options.replications}
    table = Table(options.out, "drift-calibration", settings)
    for null, n in product(options.nulls, SIZES):
        if table.lacks(part="null", null=null, sources=n, method="topicgpu"):
            work = partial(count, options.runs, null, n)
            table.put(rows_of(null, n, in_parts(work, options.replications, options.processes)))
    for sides in ((2, 2), (3, 2)):
        if table.lacks(part="described", sources=f"{sides[0]} against {sides[1]}"):
            table.put(described_rows(*sides))
    for n, n_periods in ((20, 2), (60, 4)):
        where: Row = {"kind": "prevalence", "sources": n, "periods": n_periods, "themes": N_THEMES}
        if table.lacks(part="discoveries", **where):
            found = in_parts(
                partial(shares_found, n, n_periods), min(DISCOVERIES, options.replications), options.processes
            )
            table.put([discovery_row(found, **where)])
    if table.lacks(part="discoveries", kind="all three"):
        found = in_parts(partial(kinds_found, 20), min(ALL_KINDS, options.replications), options.processes)
        table.put([discovery_row(found, kind="all three", sources=20, periods=2, themes=N_THEMES)])
    for null, n in product(options.nulls, SIZES):
        if options.evidently and table.lacks(part="null", null=null, sources=n, peer="evidently"):
            table.put(evidently_rows(options.runs, options.evidently, options.scratch, null, n))
    draw_calibration(table.rows, options.out)


if __name__ == "__main__":
    main()
