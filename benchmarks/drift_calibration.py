"""
How often drift is found where there is none, beside others on the same replications.

    python benchmarks/drift_calibration.py --podcasts RUN --evidently PEER/bin/python --out RESULTS.json

Three nulls. `exchangeable`: episodes of podcasts with their shows as strata, and dates of the Beige Book, by turns,
dates shuffled inside strata. `wander`: a planted theme whose intensity, content and terms follow a first-order process
without trend. `mix`: two planted genres whose shares move, and nothing inside them. Each of 2,000 replications of a
null and a number of sources (half before, half after) is put to the three tests. `tested` are those whose design allows
one, `rejected` those with p <= 0.05; more than `limit` are expected once in a thousand cells. "With the circular shift"
both p are. Others, and ours with strata ignored, see the first 500 replications, evidently 30. Tests draw 999
assignments where a design has more; for `discoveries` of shares 9,999, as usual.

Others take a segment for a vote. Evidently's methods (`python -m venv PEER; PEER/bin/pip install evidently==0.7.23
'pandas<3'`) see the vectors of the theme before and after and give no p: `rejected` are their verdicts.

`described`: designs too small to show anything. `discoveries`: a fifth of 20 themes has moved in the middle of time;
`proportion` is the mean over replications of the wrong ones among all findings, with its standard error.

Rows are written cell by cell; a cell that is there is not run again. Some 15 minutes of one core.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
from scipy.stats import binom

import drift_others as others
from drift_discoveries import N_THEMES, described_rows, discovery_row, kinds_found, shares_found
from drift_planted import DRAWN, KINDS, LEVEL, Case, Null, fewer_drawn, p_of, planted_case
from drift_plots import draw_calibration
from drift_pools import Pool, beige_book, podcasts
from drift_table import Row, Table, in_parts
from labelled import data_folder

REPLICATIONS, SIZES = 2000, (8, 20, 60)
STRATA = {8: 1, 20: 2, 60: 4}  # at most, of a replication drawn from a real corpus
OTHERS, EVIDENTLY = 500, 30  # replications of others, and of what is slow
DISCOVERIES, ALL_KINDS = 1000, 300


@cache
def pools(podcast_run: Path) -> tuple[Pool, ...]:
    """Read the real corpora, once."""
    return podcasts(podcast_run), beige_book(data_folder(), Path("runs/vectors"))


def case_of(podcast_run: Path, null: Null, n: int, number: int) -> Case:
    """Draw replication `number` of a cell."""
    rng = np.random.default_rng([get_args(Null).index(null), n, number])
    if null != "exchangeable":
        return planted_case(rng, null, (n // 2, n - n // 2))
    corpora = pools(podcast_run)
    while True:
        case = corpora[number % len(corpora)].case(rng, n, STRATA[n])
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


def count(podcast_run: Path, null: Null, n: int, numbers: range) -> Counter[tuple[str, str, str]]:
    """Count verdicts over some replications of a cell."""
    with fewer_drawn():
        return Counter(
            verdict for number in numbers for verdict in verdicts(case_of(podcast_run, null, n, number), number)
        )


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


def evidently_rows(podcast_run: Path, python: str, scratch: Path, null: Null, n: int) -> Iterator[Row]:
    """Ask evidently about the first replications of a cell that have 10 vectors a side."""
    cases: list[tuple[Any, Any]] = []
    for number in range(REPLICATIONS):
        case = case_of(podcast_run, null, n, number)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write, or to put cells into")
    parser.add_argument("--podcasts", type=Path, default=Path("runs/history/podcasts"), help="their run folder")
    parser.add_argument("--evidently", help="interpreter of evidently's environment; without it, evidently is left out")
    parser.add_argument("--scratch", type=Path, default=Path("runs/drift-work"), help="files of evidently's worker")
    parser.add_argument("--nulls", nargs="+", choices=get_args(Null), default=get_args(Null), metavar="NULL")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    options = parser.parse_args()
    settings = {"level": LEVEL, "strata": STRATA, "drawn": DRAWN, "replications": options.replications}
    table = Table(options.out, "drift-calibration", settings)
    if "exchangeable" in options.nulls:
        pools(options.podcasts)  # before the processes fork, which have it then
    run_nulls(options, table)
    run_discoveries(options, table)
    if options.evidently:
        run_evidently(options, table)
    draw_calibration(table.rows, options.out)


def run_nulls(options: argparse.Namespace, table: Table) -> None:
    for null, n in product(options.nulls, SIZES):
        if table.lacks(part="null", null=null, sources=n, method="topicgpu"):
            work = partial(count, options.podcasts, null, n)
            table.put(rows_of(null, n, in_parts(work, options.replications, options.processes)))


def run_discoveries(options: argparse.Namespace, table: Table) -> None:
    for sides in ((2, 2), (3, 2)):
        if table.lacks(part="described", sources=f"{sides[0]} against {sides[1]}"):
            table.put(described_rows(*sides, options.replications))
    for n, n_periods in ((20, 2), (60, 4)):
        where: Row = {"kind": "prevalence", "sources": n, "periods": n_periods, "themes": N_THEMES}
        if table.lacks(part="discoveries", **where):
            number = min(DISCOVERIES, options.replications)
            found = in_parts(partial(shares_found, n, n_periods), number, options.processes)
            table.put([discovery_row(found, **where)])
    if table.lacks(part="discoveries", kind="all three"):
        found = in_parts(partial(kinds_found, 20), min(ALL_KINDS, options.replications), options.processes)
        table.put([discovery_row(found, kind="all three", sources=20, periods=2, themes=N_THEMES)])


def run_evidently(options: argparse.Namespace, table: Table) -> None:
    for null, n in product(options.nulls, SIZES):
        if table.lacks(part="null", null=null, sources=n, peer="evidently"):
            table.put(evidently_rows(options.podcasts, options.evidently, options.scratch, null, n))


if __name__ == "__main__":
    main()
