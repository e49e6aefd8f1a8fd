"""
Which themes are parted: mixed labels, which should be, beside clouds of the same covariance, which should not.

    TOPICGPU_DATA=... python benchmarks/parts.py --out benchmarks/results/parts-MACHINE.json

Mixed: two to five labels of one set, equal rows each. Clouds: normal draws with mean and covariance of one label or of
the mixed rows, so without groups. Shown is the share of each that is parted at several thresholds of stability, for
samples of nine and of seven tenths of the rows, and the AMI of the parts of the mixed ones with their labels.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from labelled import CASES, SAMPLE_SEED, data_folder, embed_cached, load_case, prepare
from record import write_record
from topicgpu.cluster import communities_of
from topicgpu.config import ThemesSection
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.themes import hierarchy

SETS = ("banking77", "clinc150-intents", "acl-workshops", "beige-book")
SIZES = (48, 60, 100, 200, 400)
THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9)
DRAWS = 24


def parted(vectors: NDArray[np.float32]) -> tuple[float, NDArray[np.int64]]:
    """Stability of the parts, and the parts; 0 where there are not two."""
    graph = fuzzy_graph(*_pair(vectors))
    one = np.zeros(len(vectors), dtype=np.int64)
    found = hierarchy.find_parts(one, vectors, graph, communities_of, ThemesSection(), 0)
    sizes = np.bincount(found.part_of[found.part_of >= 0])
    return (float(np.average(found.stability, weights=sizes)), found.part_of) if len(sizes) else (0.0, found.part_of)


def _pair(vectors: NDArray[np.float32]) -> Any:
    neighbors = prepare(vectors, np.zeros(len(vectors), dtype=np.int64)).neighbors
    return neighbors.indices, neighbors.distances


def cloud(vectors: NDArray[np.float32], n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    mean = vectors.mean(axis=0)
    rows = mean + rng.normal(size=(n, len(vectors))) @ (vectors - mean) / np.sqrt(len(vectors) - 1)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    options = parser.parse_args()
    data, sets = data_folder(), []
    for case in CASES:
        if case.name in SETS:
            texts, truth = load_case(replace(case, limit=None), data)
            sets.append((embed_cached(texts, options.cache), truth))
    rows: list[dict[str, Any]] = []
    shipped = hierarchy._STABLE_FROM, hierarchy._SHARE
    # All that can be parted is, with its stability.
    hierarchy._STABLE_FROM = hierarchy._HOPEFUL_FROM = 0.0
    for share in (0.9, 0.7):
        hierarchy._SHARE = share
        for n in SIZES:
            mixed, clouds, ami = [], [], []
            for draw in range(DRAWS):
                rng = np.random.default_rng([SAMPLE_SEED, n, draw])
                vectors, truth = sets[draw % len(sets)]
                labels = rng.choice(truth.max() + 1, min(int(rng.integers(2, 6)), max(2, n // 20)), replace=False)
                picked = [rng.permutation(np.flatnonzero(truth == one))[: n // len(labels)] for one in labels]
                together = vectors[np.concatenate(picked)]
                stable, parts = parted(together)
                mixed.append(stable)
                ami.append(adjusted_mutual_info_score(truth[np.concatenate(picked)], parts))
                of = vectors[truth == labels[0]] if draw % 2 else together
                clouds.append(parted(cloud(of, len(together), rng))[0])
            row: dict[str, Any] = {"sample": share, "rows": n, "draws": DRAWS, "ami": round(float(np.mean(ami)), 3)}
            for threshold in THRESHOLDS:
                row[f"mixed_{threshold}"] = round(float(np.mean(np.array(mixed) >= threshold)), 2)
                row[f"clouds_{threshold}"] = round(float(np.mean(np.array(clouds) >= threshold)), 2)
            rows.append(row)
            print(row, flush=True)
    settings = {"encoder": "all-MiniLM-L6-v2", "shipped": {"threshold": shipped[0], "sample": shipped[1]}}
    write_record(options.out, "parts", settings, rows)


if __name__ == "__main__":
    main()
