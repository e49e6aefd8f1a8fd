"""
How many communities the grain's rule finds, beside the labels: chosen on two sets, shown on the third.

    TOPICGPU_DATA=... python benchmarks/grain.py --out benchmarks/results/grain-MACHINE.json
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from labelled import CASES, SAMPLE_SEED, data_folder, embed_cached, load_case, prepare
from record import write_record
from topicgpu.cluster.communities import find_communities
from topicgpu.cluster.grain import WORTH_OF_AN_EDGE, find_grain
from topicgpu.cluster.leiden import leiden
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.types import Ints, Neighbors

WORTHS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)
SEEDS = (0, 1, 2)
JUDGED = ("banking77", "clinc150-intents", "acl-workshops")
ALSO = ("sib200", "beige-book")
# The rule that was not taken: the resolution whose communities agree best between samples of four fifths of the rows.
RESOLUTIONS = tuple(2 ** (step / 2) for step in range(10))
SAMPLES = 4


def problems(cache: Path) -> Iterator[tuple[str, Neighbors, Ints]]:
    data = data_folder()
    by_name = {case.name: replace(case, limit=None) for case in CASES}
    for name in (*JUDGED, *ALSO):
        texts, truth = load_case(by_name[name], data)
        vectors = embed_cached(texts, cache)
        yield name, prepare(vectors, truth).neighbors, truth
        if name in JUDGED:  # the same talk, as many labels, a quarter of the rows for each
            rows = np.sort(np.random.default_rng(SAMPLE_SEED).permutation(len(vectors))[: len(vectors) // 4])
            yield f"{name}, a quarter", prepare(vectors[rows], truth[rows]).neighbors, truth[rows]


def by_worth(name: str, neighbors: Neighbors, truth: Ints) -> Iterator[dict[str, Any]]:
    graph = fuzzy_graph(neighbors.indices, neighbors.distances)
    for worth in WORTHS:
        runs = []
        for seed in SEEDS:
            resolution = find_grain(graph, seed, worth=worth).resolution
            labels = leiden(graph, resolution, seed)
            runs.append((resolution, labels.max() + 1, _ami(truth, labels), adjusted_rand_score(truth, labels)))
        resolution, n_groups, ami, ari = np.median(runs, axis=0)
        yield _row(name, truth, n_groups) | {
            "rule": "description length",
            "worth": worth,
            "resolution": round(float(resolution), 2),
            "ami": round(float(ami), 4),
            "ari": round(float(ari), 4),
        }


def of_levels(name: str, neighbors: Neighbors, truth: Ints) -> dict[str, Any]:
    levels = find_communities(neighbors, 0.0, SEEDS[0]).levels
    counts = [int(level.max()) + 1 for level in levels.groups]
    chosen = counts[levels.chosen]
    return _row(name, truth, chosen) | {"rule": "levels, as shipped", "worth": WORTH_OF_AN_EDGE, "levels": counts}


def by_stability(name: str, neighbors: Neighbors, truth: Ints) -> dict[str, Any]:
    graph = fuzzy_graph(neighbors.indices, neighbors.distances)
    n = graph.shape[0]
    rng = np.random.default_rng(SAMPLE_SEED)
    samples = [np.sort(rng.permutation(n)[: int(0.8 * n)]) for _ in range(SAMPLES)]
    parts = [sparse.csr_array(graph[rows][:, rows]) for rows in samples]
    agreement, counts = [], []
    for resolution in RESOLUTIONS:
        labels = np.full((SAMPLES, n), -1)
        for sample, rows in enumerate(samples):
            labels[sample, rows] = leiden(parts[sample], resolution, sample)
        pairs = [(one, other, (one >= 0) & (other >= 0)) for one, other in combinations(labels, 2)]
        agreement.append(np.mean([adjusted_rand_score(one[both], other[both]) for one, other, both in pairs]))
        counts.append(len(np.unique(leiden(graph, resolution, SEEDS[0]))))
    best = int(np.argmax(agreement))
    return _row(name, truth, counts[best]) | {
        "rule": "agreement of samples",
        "resolution": round(RESOLUTIONS[best], 2),
        "counts": counts,
        "agreement": np.round(agreement, 3).tolist(),
    }


def held_out(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Choose the worth on two sets by the least sum of doublings off, and show it on the third."""
    ratio = {(row["set"], row["worth"]): row["found_per_true"] for row in rows if row["rule"] == "description length"}
    for third in JUDGED:
        two = [name for name in JUDGED if name != third]
        worth = min(WORTHS, key=lambda worth: sum(abs(np.log2(ratio[name, worth])) for name in two))
        yield {"rule": "chosen on two", "two": two, "worth": worth, "set": third, "found_per_true": ratio[third, worth]}


def _row(name: str, truth: Ints, n_groups: float) -> dict[str, Any]:
    n_true = len(np.unique(truth))
    row = {"set": name, "n": len(truth), "n_true": n_true, "n_groups": int(n_groups)}
    return row | {"found_per_true": round(n_groups / n_true, 2)}


def _ami(truth: Ints, labels: Ints) -> float:
    return float(adjusted_mutual_info_score(truth, labels))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name, neighbors, truth in problems(options.cache):
        rows += [*by_worth(name, neighbors, truth), of_levels(name, neighbors, truth)]
        if name in JUDGED:
            rows.append(by_stability(name, neighbors, truth))
        print(*(row for row in rows if row["set"] == name), sep="\n", flush=True)
    rows += held_out(rows)
    print(*rows[-len(JUDGED) :], sep="\n")
    settings = {"encoder": "all-MiniLM-L6-v2", "seeds": SEEDS, "shipped": WORTH_OF_AN_EDGE, "score": "medians of seeds"}
    write_record(options.out, "grain", settings, rows)


if __name__ == "__main__":
    main()
