"""
Which method finds the labelled groups, at which cost: communities, density, and k-means with the true number.

    TOPICGPU_DATA=... python benchmarks/clusters.py --out benchmarks/results/clusters-MACHINE.json
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from graspologic_native import leiden_csr
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, normalized_mutual_info_score

from labelled import CASES, SAMPLE_SEED, Problem, data_folder, embed_cached, load_case, prepare
from record import write_record
from topicgpu.cluster import find_clusters
from topicgpu.config import ClusterSection, NeighborsSection
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.types import Ints, Neighbors

SEEDS = (0, 1, 2)
MIN_SIZE = ClusterSection().min_size


def ours(**settings: Any) -> Callable[[Problem, int], Ints]:
    """Group as the package does with these settings."""

    def run(problem: Problem, seed: int) -> Ints:
        return find_clusters(problem.embeddings, problem.neighbors, ClusterSection(**settings), seed).labels

    return run


def leiden_on(
    weigh: Callable[[Neighbors], sparse.csr_array], resolution: float, *, modularity: bool = True
) -> Callable[[Problem, int], Ints]:
    """Group by Leiden on another graph, or for another quality; groups below the least size are left out."""

    def run(problem: Problem, seed: int) -> Ints:
        graph = weigh(problem.neighbors)
        graph.sort_indices()
        _, found = leiden_csr(
            graph.indptr.astype(np.int64),
            graph.indices.astype(np.int32),
            graph.data,
            len(problem.truth),
            resolution=resolution,
            iterations=2,
            use_modularity=modularity,
            seed=seed,
        )
        labels = np.array([found[row] for row in range(len(found))], dtype=np.int64)
        return np.where(np.bincount(labels)[labels] >= MIN_SIZE, labels, -1)

    return run


def kmeans_true_k(problem: Problem, seed: int) -> Ints:
    model = KMeans(n_clusters=int(problem.truth.max()) + 1, n_init=3, random_state=seed)
    return model.fit_predict(problem.embeddings.vectors).astype(np.int64)


def fuzzy(neighbors: Neighbors) -> sparse.csr_array:
    return fuzzy_graph(neighbors.indices, neighbors.distances)


def cosine(neighbors: Neighbors) -> sparse.csr_array:
    graph = _directed(neighbors, np.maximum(1 - neighbors.distances, 1e-6))
    return sparse.csr_array(graph.maximum(graph.T))


def mutual_cosine(neighbors: Neighbors) -> sparse.csr_array:
    graph = _directed(neighbors, np.maximum(1 - neighbors.distances, 1e-6))
    return sparse.csr_array(graph.minimum(graph.T))


def shared(neighbors: Neighbors) -> sparse.csr_array:
    """Weigh edges of the graph by the Jaccard index of the two rows' neighbors, themselves included."""
    graph = _directed(neighbors, np.ones(neighbors.indices.shape))
    lists = graph + sparse.eye_array(len(neighbors))
    common = sparse.csr_array((lists @ lists.T).multiply(graph.maximum(graph.T)))
    common.data = common.data / (2 * (neighbors.indices.shape[1] + 1) - common.data)
    return common


def _directed(neighbors: Neighbors, weights: NDArray[Any]) -> sparse.csr_array:
    n, k = neighbors.indices.shape
    starts = np.arange(n + 1) * k
    return sparse.csr_array((weights.ravel().astype(np.float64), neighbors.indices.ravel(), starts), shape=(n, n))


METHODS: Mapping[str, Callable[[Problem, int], Ints]] = {
    "communities (default)": ours(),
    "communities, resolution 0.5": ours(resolution=0.5),
    "communities, resolution 2": ours(resolution=2.0),
    "Leiden, cosine graph": leiden_on(cosine, 1.0),
    "Leiden, mutual cosine graph": leiden_on(mutual_cosine, 1.0),
    "Leiden, shared-neighbor graph": leiden_on(shared, 1.0),
    "Leiden, fuzzy graph, CPM 0.03": leiden_on(fuzzy, 0.03, modularity=False),
    # Density leans on its least size far more than communities do, so it is given a choice of them.
    "density, least size 8 (default)": ours(method="density"),
    "density, least size 15": ours(method="density", min_size=15),
    "density, least size 30": ours(method="density", min_size=30),
    "density, least size 60": ours(method="density", min_size=60),
    "k-means, true k": kmeans_true_k,
}


def measure(problem: Problem, method: Callable[[Problem, int], Ints]) -> dict[str, Any]:
    """Medians over the seeds; unassigned rows count as one group of their own."""
    runs = []
    for seed in SEEDS:
        started, cpu = time.perf_counter(), time.process_time()
        labels = method(problem, seed)
        runs.append(
            {
                "nmi": normalized_mutual_info_score(problem.truth, labels),
                "ami": adjusted_mutual_info_score(problem.truth, labels),
                "ari": adjusted_rand_score(problem.truth, labels),
                "n_groups": len(set(labels[labels >= 0].tolist())),
                "unassigned": float((labels < 0).mean()),
                "wall_s": time.perf_counter() - started,
                "cpu_s": time.process_time() - cpu,
            }
        )
    return {name: round(float(np.median([run[name] for run in runs])), 4) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    options = parser.parse_args()
    rows = []
    for case in CASES:
        texts, truth = load_case(case, data_folder())
        problem = prepare(embed_cached(texts, options.cache), truth)
        for name, method in METHODS.items():
            row = {"set": case.name, "n": len(texts), "n_true": int(truth.max()) + 1, "method": name}
            rows.append(row | measure(problem, method))
            print(*(f"{value}" for value in rows[-1].values()), sep="  ", flush=True)
    settings = {
        "encoder": "all-MiniLM-L6-v2",
        "sample_seed": SAMPLE_SEED,
        "seeds": SEEDS,
        "k": NeighborsSection().k,
        "min_size": MIN_SIZE,
        "score": "medians over the seeds; unassigned rows are one group; times leave out embedding and neighbors",
    }
    write_record(options.out, "clusters", settings, rows)


if __name__ == "__main__":
    main()
