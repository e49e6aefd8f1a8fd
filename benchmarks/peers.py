"""
Ours beside BERTopic, umap-learn + hdbscan, umap-learn + fast_hdbscan, EVoC and k-means, on the same vectors.

    python benchmarks/peers.py --set-up                                    # an environment for each peer, once
    TOPICGPU_DATA=... python benchmarks/peers.py --out benchmarks/results/peers-MACHINE.json
    ... --part quality --methods topicgpu                                  # ours again, into the same file

`quality` rows: means over five seeds on a whole labelled set. `kept_*` are of the rows that a method gave a group, as
it comes, beside `left_out`; `assigned_*` of all rows, the others given to the nearest mean of a group; `own_*` of all
rows where the library does that itself (BERTopic's reduce_outliers by embeddings). `agreement_*` is the mean ARI of all
pairs of five seeds and, but for the methods that lay out by UMAP, of five draws of 90 % of the rows with one seed;
every row assigned.

`speed` rows: seconds from vectors to labels. `cold_s` is a fresh process's import of the library and its first fit,
with an empty folder for numba's compiled code or one that an earlier process filled; `warm_s` its second fit. Of
BERTopic only its reduction and clustering are counted, timed inside it; `warm_whole_s` is all of its fit. Speed runs
give no seed, since UMAP with one uses one core; quality runs do. `grown_mb` is the peak over the first fit, above
`held_mb`, what the process held with the library and the vectors loaded.

Rows are merged into --out: one of the same part, method, set or size and caches is replaced, and each says with which
commit and load it was measured. k-means is told the number of groups that topicgpu found, which has to be there first.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peer_plots
from labelled import SAMPLE_SEED
from peer_quality import FULL, SEEDS, SETS, SHARE, SUBSAMPLES, means, quality
from peer_runs import ESTIMATOR, OURS, PEERS, TURFTOPIC, Work, set_up
from peer_speed import SIZES, exponents, prepare, speed
from record import COMMIT, write_record

METHODS = tuple(name for name in PEERS if name not in (ESTIMATOR, TURFTOPIC))  # those are discovery.py's
KEY = ("part", "method", "set", "n", "caches")
Row = dict[str, Any]


class Table:
    """Rows of the record, written whenever one is measured: hours of work outlive an interruption."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.rows = self._read()

    def _read(self) -> list[Row]:
        rows: list[Row] = json.loads(self.out.read_text(encoding="utf-8"))["rows"] if self.out.exists() else []
        return [row for row in rows if row["part"] in ("quality", "speed")]

    def part(self, name: str) -> list[Row]:
        return [row for row in self.rows if row["part"] == name]

    def put(self, row: Row) -> None:
        row |= {"commit": COMMIT[:12] + ("+changes" if COMMIT.endswith("+changes") else "")}
        row |= {"load": round(os.getloadavg()[0], 2)}
        self.rows = [old for old in self._read() if _key(old) != _key(row)] + [row]  # others may have put theirs
        print(row, flush=True)
        self.write()

    def write(self) -> None:
        order = {name: number for number, name in enumerate(PEERS)}
        self.rows.sort(key=lambda row: (row["part"], row["n"], row.get("set", ""), order[row["method"]], _key(row)))
        derived = [{"part": "means"} | row for row in means(self.part("quality"))]
        derived += [{"part": "exponents"} | row for row in exponents(self.part("speed"))]
        settings = {
            "encoder": "all-MiniLM-L6-v2",
            "seeds": SEEDS,
            "subsamples": f"{SUBSAMPLES} of {SHARE:.0%} of the rows, seed {SEEDS[0]}",
            "sample_seed": SAMPLE_SEED,
        }
        write_record(self.out, "peers", settings, [*self.rows, *derived])

    def number_of_groups(self, part: str, **where: Any) -> int | None:
        """How many groups topicgpu found there."""
        found = [row for row in self.part(part) if row["method"] == OURS and where.items() <= row.items()]
        return round(found[-1]["n_clusters"]) if found else None


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in KEY)


def needs_our_number(name: str, number: int | None) -> bool:
    """Say that k-means has to wait."""
    if PEERS[name].method == "kmeans" and number is None:
        print(f"{name}: left out, since {OURS} has not run there", flush=True)
        return True
    return False


def run_quality(options: argparse.Namespace, work: Work, data: Path, table: Table) -> Iterator[Row]:
    for name in options.sets:
        for method in options.methods:
            number = table.number_of_groups("quality", set=name)
            if not needs_our_number(method, number):
                yield quality(work, FULL[name], method, data, options.cache, number)


def run_speed(options: argparse.Namespace, work: Work, data: Path, table: Table) -> Iterator[Row]:
    for n in options.sizes:
        files = prepare(n, data, options.cache, work.scratch)
        for method in options.methods:
            number = table.number_of_groups("speed", n=n)
            if not needs_our_number(method, number):
                yield from speed(work, method, n, files, number, options.runs, options.cold_runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write, or to put rows into; plots go beside it")
    parser.add_argument("--set-up", action="store_true", help="make the peers' environments, and end")
    parser.add_argument("--part", choices=("quality", "speed", "plots"), help="default: all")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS, metavar="NAME")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, metavar="NAME", help="of quality")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="N", help="of speed")
    parser.add_argument("--runs", type=int, default=5, help="fresh processes a size, to 25,000 rows; above it one")
    parser.add_argument("--cold-runs", type=int, default=5, help="the same with empty caches; 0 leaves them out")
    parser.add_argument("--environments", type=Path, default=Path("runs/peers"), help="folder of the environments")
    parser.add_argument("--python", nargs=2, action="append", default=[], metavar=("ENVIRONMENT", "PYTHON"))
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    parser.add_argument("--scratch", type=Path, default=Path("runs/peers-work"), help="files of the workers")
    options = parser.parse_args()
    if options.set_up:
        set_up(options.environments)
        return
    if options.out is None or "TOPICGPU_DATA" not in os.environ:
        parser.error("give --out FILE, and set TOPICGPU_DATA to the folder that holds data/")
    work = Work(options.environments, options.scratch, dict(options.python))
    data, table = Path(os.environ["TOPICGPU_DATA"]) / "data", Table(options.out)
    for part, run in (("quality", run_quality), ("speed", run_speed)):
        if options.part in (None, part):
            for row in run(options, work, data, table):
                table.put({"part": part} | row)
    table.write()
    peer_plots.draw(table.rows, options.out)


if __name__ == "__main__":
    main()
