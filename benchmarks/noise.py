"""
What tells noise: strengths as reject scores, and what a threshold leaves out. Every labelled set whole.

    TOPICGPU_DATA=... python benchmarks/noise.py --out benchmarks/results/noise-MACHINE.json

`reject` rows: AUROC of what is no member of any label: clinc150's out-of-scope queries among all of its queries; and of
rows whose label is not that of most of their group. `threshold` rows: the share of rows below it, AMI and ARI of those
kept, and of all rows with the others given to the nearest mean. The product of share inside and cosine was chosen, and
the threshold, on banking77, acl-workshops and sib200; clinc150 and beige-book show them.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, roc_auc_score

from labelled import CASES, data_folder, embed_cached, load_case, prepare, read_rows
from peer_quality import SETS, assign
from record import write_record
from topicgpu.cluster import find_clusters
from topicgpu.config import ClusterSection, ThemesSection
from topicgpu.themes.noise import strengths_in
from topicgpu.types import Floats, Ints

CHOSEN_ON = ("banking77", "acl-workshops", "sib200")
SHIPPED = ThemesSection().noise.threshold
THRESHOLDS = (0.0, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2)


def scores(vectors: NDArray[np.float32]) -> tuple[Ints, dict[str, Floats]]:
    """Groups, and the reject scores of the rows: higher is surer."""
    n = len(vectors)
    problem = prepare(vectors, np.zeros(n, dtype=np.int64))
    found = find_clusters(problem.embeddings, problem.neighbors, ClusterSection(), 0)
    everyone, whole = np.ones(n, dtype=bool), np.ones(n, dtype=np.float32)
    return found.labels, {
        "share inside": found.strengths.astype(np.float64),
        "nearness of neighbors": 1 - problem.neighbors.distances.mean(axis=1, dtype=np.float64),
        "cosine with the mean": strengths_in(found.labels, whole, vectors, everyone),
        "share inside x cosine": strengths_in(found.labels, found.strengths, vectors, everyone),
    }


def rejects(name: str, noise: NDArray[np.bool_], found: dict[str, Floats]) -> Iterator[dict[str, Any]]:
    for score, values in found.items():
        auroc = round(float(roc_auc_score(noise, -values)), 3)
        yield {
            "part": "reject",
            "set": name,
            "n": len(noise),
            "noise": int(noise.sum()),
            "score": score,
            "auroc": auroc,
        }


def thresholds(name: str, vectors: NDArray[np.float32], truth: Ints, labels: Ints, strength: Floats) -> Iterator[Any]:
    for threshold in THRESHOLDS:
        kept = np.where(strength >= threshold, labels, -1)
        inside, whole = kept >= 0, assign(vectors, kept)
        row = {"part": "threshold", "set": name, "threshold": threshold, "left_out": 1 - inside.mean()}
        row |= {"kept_ami": adjusted_mutual_info_score(truth[inside], kept[inside])}
        row |= {"kept_ari": adjusted_rand_score(truth[inside], kept[inside])}
        row |= {"all_ami": adjusted_mutual_info_score(truth, whole), "all_ari": adjusted_rand_score(truth, whole)}
        yield {key: round(float(value), 4) if isinstance(value, float) else value for key, value in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    options = parser.parse_args()
    data, rows = data_folder(), []
    cases = {case.name: replace(case, limit=None) for case in CASES}
    for name in SETS:
        texts, truth = load_case(cases[name], data)
        vectors = embed_cached(texts, options.cache)
        labels, found = scores(vectors)
        most = np.array([np.bincount(truth[labels == label]).argmax() for label in range(labels.max() + 1)])
        rows += rejects(f"{name}, not as its group", np.append(most, -1)[labels] != truth, found)
        rows += thresholds(name, vectors, truth, labels, found["share inside x cosine"])
        if name == "clinc150-intents":
            asked = read_rows(data / "clinc150" / "clinc150.jsonl.gz")
            outside = embed_cached([row["text"] for row in asked if row["label"] == "oos"], options.cache)
            both = np.concatenate([vectors, outside])
            noise = np.arange(len(both)) >= len(vectors)
            found = scores(both)[1]
            rows += rejects("clinc150, out of scope", noise, found)
            cut = found["share inside x cosine"] < SHIPPED
            row = {"part": "out of scope", "threshold": SHIPPED}
            rows.append(
                row | {"cut": round(float(cut[noise].mean()), 4), "cut_in_scope": round(float(cut[~noise].mean()), 4)}
            )
        print(*rows[-len(THRESHOLDS) :], sep="\n", flush=True)
    for threshold in THRESHOLDS:
        mine = [row for row in rows if row.get("threshold") == threshold and row["part"] == "threshold"]
        names = ("left_out", "kept_ami", "kept_ari", "all_ami", "all_ari")
        mean = {name: round(float(np.mean([row[name] for row in mine])), 4) for name in names}
        rows.append({"part": "mean", "threshold": threshold} | mean)
        print(rows[-1])
    settings = {"encoder": "all-MiniLM-L6-v2", "seed": 0, "chosen_on": CHOSEN_ON, "shipped": SHIPPED}
    write_record(options.out, "noise", settings, rows)


if __name__ == "__main__":
    main()
