"""
How well, how fast and in how much memory rows are laid out, beside umap-learn, openTSNE and TorchDR.

    python benchmarks/layouts.py --set-up                                      # an environment for each peer, once
    TOPICGPU_DATA=... python benchmarks/layouts.py --out benchmarks/results/layouts-MACHINE.json
    ... --only quality --sets banking77 --ways topicgpu                        # a part, into the same file

Ours and umap-learn are given the same fuzzy graph of the 15 nearest by cosine, and both take 500 epochs up to 10,000
rows and 200 above; the others search their own neighbors and have the epochs of their defaults. Two dimensions are laid
out with a least distance of 0.1, five with 0.

`quality` rows are means over the seeds; layouts_judge.py says what is scored. `whole epochs` moves each row once an
epoch by all its forces, to show what that costs.

`speed` rows: `warm_s` is one layout, after one of 500 rows, the faster of two up to 20,000 rows. `digest` is of the
layout's bytes: one digest for all threads and runs is one layout. More than 60,000 rows are vectors of the static tier.

`fresh` rows: `cold_s` is the import and the first layout of a fresh process whose folder of numba's compiled code is
empty, `filled_s` the same where an earlier process has filled it; medians of rounds in which all ways take their turn.
Vectors, graph and numpy are loaded before.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fresh import Places, fresh_s, run, set_up
from labelled import CASES, SAMPLE_SEED, data_folder, embed_cached, load_case, prepare
from layouts_judge import ALONE, FAR, LEAST_GROUP, K, judge
from layouts_run import MIN_DIST, WAYS
from neighbors import load_vectors
from record import put_row
from topicgpu.ops.fuzzy_graph import fuzzy_graph

Row = dict[str, Any]
SEEDS = 5
OF_ALL_SEEDS = ("topicgpu", "umap-learn, seed")  # the others: the first seed
SETS = {"clinc150-intents": 10**9, "banking77": 10**9, "acl-workshops": 10**9, "beige-book": 8000}  # rows at most
WHOLE_EPOCHS, THEIR_SET = "whole epochs", "acl-workshops"
ONE_THREAD = [name for name in WAYS if name != "umap-learn, no seed"]  # of quality, where two run at once
PLANE_ONLY = ("openTSNE",)  # its approximations of the repulsion are for one and two dimensions
SIZES, HEAD, COLD_TO, TWICE_TO, PLANE_FROM = (5_000, 20_000, 100_000), 500, 20_000, 20_000, 100_000
ROUNDS = 3
LARGEST = {"openTSNE": 20_000, "TorchDR": 20_000}  # beyond it they take longer than all others together
KEY = ("part", "set", "n", "axes", "way", "threads")


def keep(folder: Path, vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> Path:
    """Write vectors, labels, neighbors and graph for the workers."""
    if not (folder / "graph.npz").exists():
        folder.mkdir(parents=True, exist_ok=True)
        found = prepare(np.ascontiguousarray(vectors), labels).neighbors
        indices, distances = found.indices[:, :K], found.distances[:, :K]
        np.save(folder / "vectors.npy", vectors)
        np.save(folder / "labels.npy", labels)
        np.save(folder / "neighbors.npy", indices)
        graph = fuzzy_graph(indices, distances)
        sparse.save_npz(folder / "graph.npz", graph, compressed=False)
    return folder


def labelled_set(name: str, cache: Path, scratch: Path) -> Path:
    """Rows of one labelled set, all or a sample with a fixed seed."""
    case = next(case for case in CASES if case.name == name)
    texts, labels = load_case(replace(case, limit=10**9), data_folder())
    kept = np.sort(np.random.default_rng(SAMPLE_SEED).permutation(len(texts))[: SETS[name]])
    return keep(scratch / name, embed_cached(texts, cache)[kept], labels[kept])


def keep_rows(folder: Path, n: int, cache: Path) -> Path:
    """Keep rows without labels, for times."""
    if not (folder / "graph.npz").exists():
        keep(folder, load_vectors(n, data_folder(), cache)[1], np.zeros(n, dtype=np.int64))
    return folder


def dimensions(way: str) -> list[int]:
    return [2] if way in PLANE_ONLY else list(MIN_DIST)


def lay(places: Places, way: str, data: Path, tasks: list[Row], threads: int, caches: Path | None = None) -> Row:
    """Let a fresh process lay out."""
    job = {"way": way, "data": str(data), "tasks": tasks}
    return run(places, "layouts_run.py", WAYS[way][0], job, threads, caches)


def quality(places: Places, name: str, data: Path, ways: list[str], all_seeds: range) -> list[Row]:
    """Rows of one labelled set: all ways lay out, as many at once as there are cores, and are judged together."""
    jobs = []
    for way in ways:
        seeds = all_seeds if way in OF_ALL_SEEDS else all_seeds[:1]
        tasks = [{"axes": axes, "seed": seed} for axes in dimensions(way) for seed in seeds]
        where = data / WAYS[way][0]
        where.mkdir(exist_ok=True)
        for task in tasks:
            task["out"] = str(where / f"{way}-{task['axes']}-{task['seed']}.npy")
        if way != WHOLE_EPOCHS or name == THEIR_SET:
            jobs.append((way, tasks))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        work = [pool.submit(lay, places, way, data, tasks, 1) for way, tasks in jobs if way in ONE_THREAD]
    reports = iter([future.result() for future in work])
    done = [(w, t, next(reports) if w in ONE_THREAD else lay(places, w, data, t, os.cpu_count() or 1)) for w, t in jobs]
    files = [task["out"] for _, tasks, report in done if "missing" not in report for task in tasks]
    vectors, neighbors, labels = (np.load(data / f"{part}.npy") for part in ("vectors", "neighbors", "labels"))
    scores = dict(zip(files, judge(vectors, neighbors, labels, [np.load(file) for file in files]), strict=True))
    rows = []
    for way, tasks, report in done:
        row = {"part": "quality", "set": name, "n": len(vectors), "way": way}
        if "missing" in report:
            rows += [row | {"axes": axes, "missing": report["missing"]} for axes in dimensions(way)]
            continue
        for axes in dimensions(way):
            of_axes = [scores[task["out"]] for task in tasks if task["axes"] == axes]
            rows.append(row | {"axes": axes, "seeds": len(of_axes)} | _means(of_axes))
    return rows


def _means(scores: list[dict[str, float]]) -> Row:
    values = {name: [score[name] for score in scores] for name in scores[0]}
    means = {name: round(float(np.mean(value)), 4) for name, value in values.items()}
    sds = {f"{name}_sd": round(float(np.std(values[name])), 4) for name in ("trustworthiness", "kept")}
    return means | sds | {"most_outliers": round(max(values["outliers"]), 1)}


def speed(places: Places, n: int, data: Path, way: str, axes: int, threads: int) -> Row:
    """One row: warm seconds and memory."""
    row: Row = {"part": "speed", "n": n, "axes": axes, "way": way, "threads": threads}
    if n > LARGEST.get(way, n):
        return row | {"missing": f"not beyond {LARGEST[way]} rows"}
    task: Row = {"axes": axes, "seed": 0}
    times = 2 if n <= TWICE_TO else 1
    report = lay(places, way, data, [task | {"head": HEAD}, *[task] * times], threads)
    if "missing" in report:
        return row | report
    best = min(report["tasks"][1:], key=lambda cost: cost["s"])
    row |= {"warm_s": round(best["s"], 2), "warm_cpu_s": round(best["cpu_s"], 2)}
    digests = sorted({cost["digest"] for cost in report["tasks"][1:]})
    return row | {"load_s": report["load"]["s"], "peak_gb": report["peak_gb"], "digest": " ".join(digests)}


def fresh(places: Places, n: int, data: Path, ways: list[str], threads: int, rounds: int) -> list[Row]:
    """Rows of all ways: seconds of a fresh process in two dimensions, without and with compiled code of an earlier."""
    task: list[Row] = [{"axes": 2, "seed": 0}]
    reports: dict[str, list[tuple[Row, Row]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            with tempfile.TemporaryDirectory(dir=places.scratch) as caches:
                cold = lay(places, way, data, task, threads, Path(caches))
                filled = lay(places, way, data, task, threads, Path(caches))
            reports[way].append((cold, filled))
    rows = []
    for way, pairs in reports.items():
        row: Row = {"part": "fresh", "n": n, "axes": 2, "way": way, "threads": threads, "rounds": rounds}
        missing = next((report["missing"] for pair in pairs for report in pair if "missing" in report), None)
        if missing:
            rows.append(row | {"missing": missing})
            continue
        for name, of_rounds in zip(("cold", "filled"), zip(*pairs, strict=True), strict=True):
            for clock in ("s", "cpu_s"):
                row[f"{name}_{clock}"] = round(median(fresh_s(report, clock) for report in of_rounds), 2)
        rows.append(row)
    return rows


def run_quality(options: argparse.Namespace, places: Places) -> Iterator[Row]:
    for name in options.sets:
        data = labelled_set(name, options.vectors, options.scratch)
        yield from quality(places, name, data, options.ways, range(options.seeds))


def run_speed(options: argparse.Namespace, places: Places) -> Iterator[Row]:
    for n in options.sizes:
        data = keep_rows(options.scratch / f"rows-{n}", n, options.vectors)
        for way in (way for way in options.ways if way != WHOLE_EPOCHS):
            for axes in dimensions(way) if n < PLANE_FROM else [2]:
                for threads in options.threads:
                    yield speed(places, n, data, way, axes, threads)


def run_fresh(options: argparse.Namespace, places: Places) -> Iterator[Row]:
    for n in (n for n in options.sizes if n <= COLD_TO):
        data = keep_rows(options.scratch / f"rows-{n}", n, options.vectors)
        ways = [way for way in options.ways if way != WHOLE_EPOCHS and n <= LARGEST.get(way, n)]
        yield from fresh(places, n, data, ways, max(options.threads), options.rounds)


PARTS = {"quality": run_quality, "speed": run_speed, "fresh": run_fresh}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write, or to put rows into")
    parser.add_argument("--set-up", action="store_true", help="make the peers' environments, and end")
    parser.add_argument(
        "--only", nargs="+", choices=list(PARTS), default=list(PARTS), metavar="PART", help="default: all"
    )
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), metavar="WAY")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS), metavar="NAME", help="of quality")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of quality, for ours and umap-learn")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="N", help="of times")
    parser.add_argument("--threads", nargs="+", type=int, default=(1, 2), metavar="N", help="of times; most for fresh")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of fresh")
    parser.add_argument(
        "--environments", type=Path, default=Path("runs/environments"), help="folder of the environments"
    )
    parser.add_argument("--vectors", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    parser.add_argument("--scratch", type=Path, default=Path("runs/layouts-work"), help="files of the workers")
    options = parser.parse_args()
    if options.set_up:
        set_up(options.environments)
        return
    if options.out is None:
        parser.error("give --out FILE")
    places = Places(options.environments, options.scratch)
    settings = {
        "k": K,
        "min_dist": MIN_DIST,
        "seeds": options.seeds,
        "alone": ALONE,
        "far": FAR,
        "hdbscan_min_cluster_size": LEAST_GROUP,
    }
    settings |= {"sample_seed": SAMPLE_SEED, "encoder": "all-MiniLM-L6-v2"}

    for part in options.only:
        for row in PARTS[part](options, places):
            put_row(options.out, "layouts", settings, row, KEY)


if __name__ == "__main__":
    main()
