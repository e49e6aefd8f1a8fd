"""
How fast are HDBSCAN's clusters found, and are they the same: ours beside hdbscan, fast_hdbscan and scikit-learn.

    python benchmarks/trees.py --set-up                                        # an environment for each peer, once
    TOPICGPU_DATA=... python benchmarks/trees.py --out benchmarks/results/trees-MACHINE.json
    ... --sizes 20000 --ways topicgpu fast_hdbscan                             # a part, into the same file

Rows are real vectors, whole (384 dimensions) or laid out by ours in five; layouts.py says which. `warm_s` is the faster
of two fits after a first one, `cold_s` the import and the first fit of a fresh process with an empty folder of numba's
compiled code, `filled_s` the same where an earlier process has filled it. `weight` is the sum of the spanning tree's
weights: the smallest one is right, a larger one is no minimum. `ari` is the agreement with the first of ours and of
hdbscan's exact way that was run on these rows, noise as a group of its own.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from fresh import Places, fresh_s, run, set_up
from labelled import SAMPLE_SEED
from layouts import keep_rows, lay
from record import put_row
from trees_run import LEAST, WAYS

Row = dict[str, Any]
WHOLE, LAID_OUT = 384, 5
PROBLEMS = ((5_000, LAID_OUT), (20_000, LAID_OUT), (100_000, LAID_OUT), (5_000, WHOLE))  # rows, dimensions
COLD_TO, TWICE_TO = 20_000, 20_000
QUADRATIC = ("hdbscan, prims_kdtree", "hdbscan, prims_balltree", "scikit-learn, kd_tree", "scikit-learn, brute")
LARGEST = dict.fromkeys(QUADRATIC, 20_000) | {"scikit-learn, brute": 5_000}  # all distances in memory, or n^2 steps
BESIDE = ("topicgpu", "hdbscan, boruvka_kdtree, exact")
KEY = ("n", "axes", "way", "threads")


def rows_of(places: Places, n: int, axes: int, vectors: Path) -> Path:
    """Vectors, or their layout, as a file for the workers."""
    folder = keep_rows(places.scratch / f"rows-{n}", n, vectors)
    if axes == WHOLE:
        return folder / "vectors.npy"
    file = folder / f"laid-out-{axes}.npy"
    if not file.exists():
        report = lay(places, "topicgpu", folder, [{"axes": axes, "seed": 0, "out": str(file)}], 2)
        if "missing" in report:
            raise SystemExit(f"our layout of {n} rows failed: {report['missing']}")
    return file


def measure(places: Places, n: int, axes: int, file: Path, way: str, threads: int) -> Row:
    """Seconds, memory, and agreement with what is there of the other ways."""
    row: Row = {"n": n, "axes": axes, "way": way, "threads": threads}
    if n > LARGEST.get(way, n):
        return row | {"missing": f"not beyond {LARGEST[way]} rows"}
    labels = {name: file.with_name(f"labels-{axes}-{name}.npy") for name in (way, *BESIDE)}
    job = {"way": way, "data": str(file), "tasks": [{"out": str(labels[way])}]}
    if n <= COLD_TO:
        with tempfile.TemporaryDirectory(dir=places.scratch) as empty:
            for name in ("cold_s", "filled_s"):
                report = run(places, "trees_run.py", WAYS[way][0], job, threads, Path(empty))
                if "missing" in report:
                    return row | report
                row |= {name: fresh_s(report, "s"), name.replace("_s", "_cpu_s"): fresh_s(report, "cpu_s")}
    job["tasks"] *= 3 if n <= TWICE_TO else 2
    report = run(places, "trees_run.py", WAYS[way][0], job, threads)
    if "missing" in report:
        return row | report
    best = min(report["tasks"][1:], key=lambda cost: cost["s"])
    found = np.load(labels[way])
    row |= {"warm_s": best["s"], "warm_cpu_s": best["cpu_s"], "peak_gb": report["peak_gb"], "weight": best["weight"]}
    row |= {"clusters": int(found.max()) + 1, "noise": round(float((found < 0).mean()), 4)}
    for name in BESIDE:
        if labels[name].exists():
            row[f"ari_{name.split(',')[0]}"] = round(float(adjusted_rand_score(np.load(labels[name]), found)), 5)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write, or to put rows into")
    parser.add_argument("--set-up", action="store_true", help="make the peers' environments, and end")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), metavar="WAY")
    parser.add_argument("--sizes", nargs="+", type=int, help="only problems of as many rows")
    parser.add_argument("--threads", nargs="+", type=int, default=(2,), metavar="N")
    parser.add_argument("--environments", type=Path, default=Path("runs/environments"), help="folder of them")
    parser.add_argument("--vectors", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    parser.add_argument("--scratch", type=Path, default=Path("runs/layouts-work"), help="files of the workers")
    options = parser.parse_args()
    if options.set_up:
        set_up(options.environments)
        return
    if options.out is None:
        parser.error("give --out FILE")
    places = Places(options.environments, options.scratch)
    problems = [problem for problem in PROBLEMS if options.sizes is None or problem[0] in options.sizes]
    problems += [(n, LAID_OUT) for n in options.sizes or () if n not in {rows for rows, _ in PROBLEMS}]
    settings = {"min_cluster_size": LEAST, "core_distance_to": LEAST, "sample_seed": SAMPLE_SEED}
    order = sorted(options.ways, key=lambda way: way not in BESIDE)  # the others are compared with these
    for n, axes in problems:
        file = rows_of(places, n, axes, options.vectors)
        for way in order:
            for threads in options.threads:
                put_row(options.out, "trees", settings, measure(places, n, axes, file, way, threads), KEY)


if __name__ == "__main__":
    main()
