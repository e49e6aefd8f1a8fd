"""
One way to the k nearest rows, in a process and an environment of its own: vectors in, indices out, seconds printed.

    PEERS/faiss-cpu/bin/python benchmarks/neighbors_run.py "FAISS flat" VECTORS.npy INDICES.npy 15 2
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Find = Callable[[Any, int], Any]
THREADS = os.cpu_count() or 1


def topicgpu_exact() -> Find:
    return _topicgpu("exact")


def topicgpu_partitioned() -> Find:
    return _topicgpu("partitioned")


def _topicgpu(method: str) -> Find:
    from topicgpu.config import NeighborsSection
    from topicgpu.neighbors import find_neighbors
    from topicgpu.types import Embeddings, Repeats

    nothing = np.empty(0, dtype=np.int64)

    def find(x: Any, k: int) -> Any:
        embeddings = Embeddings(x, np.ones(len(x), dtype=bool), "encoder", "revision", (), "rows")
        repeats = Repeats(nothing, nothing, (), np.empty(0), len(x), "rows")
        found = find_neighbors(embeddings, repeats, NeighborsSection.model_validate({"k": k, "method": method}), "cpu")
        find.stated = found.recall  # type: ignore[attr-defined]
        return found.indices

    return find


def product() -> Find:
    """The products of exact alone, in its blocks: all of them, not the half that a self-join needs."""
    import torch

    from topicgpu_kernels.topk.reference import BLOCK

    def multiply(x: Any, k: int) -> Any:
        rows, block = torch.from_numpy(x), BLOCK["cpu"]
        tile = torch.empty(block, block)
        for left in rows.split(block):
            for right in rows.split(block):
                torch.mm(left, right.T, out=tile[: len(left), : len(right)])

    return multiply


def scikit_learn() -> Find:
    from sklearn.neighbors import NearestNeighbors

    def find(x: Any, k: int) -> Any:
        fitted = NearestNeighbors(n_neighbors=k + 1, algorithm="brute", metric="cosine", n_jobs=THREADS).fit(x)
        return fitted.kneighbors(x, return_distance=False)

    return find


def faiss_flat() -> Find:
    import faiss

    def find(x: Any, k: int) -> Any:
        index = faiss.IndexFlatIP(x.shape[1])
        index.add(x)
        return index.search(x, k + 1)[1]

    return find


def faiss_hnsw(ef: int) -> Callable[[], Find]:
    def load() -> Find:
        import faiss

        def find(x: Any, k: int) -> Any:
            index = faiss.IndexHNSWFlat(x.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efSearch = ef
            index.add(x)
            return index.search(x, k + 1)[1]

        return find

    return load


def usearch_exact() -> Find:
    from usearch.index import MetricKind, search

    return lambda x, k: search(x, x, k + 1, MetricKind.IP, exact=True, threads=THREADS).keys


def usearch_hnsw(ef: int) -> Callable[[], Find]:
    def load() -> Find:
        from usearch.index import Index

        def find(x: Any, k: int) -> Any:
            index = Index(ndim=x.shape[1], metric="ip", dtype="f32", expansion_search=ef)
            index.add(np.arange(len(x)), x, threads=THREADS)
            return index.search(x, k + 1, threads=THREADS).keys

        return find

    return load


def pynndescent() -> Find:
    from pynndescent import NNDescent

    return lambda x, k: NNDescent(x, metric="cosine", n_neighbors=k + 1, random_state=0).neighbor_graph[0]


WAYS: dict[str, tuple[str, Callable[[], Find]]] = {  # name: package, loader
    "product alone": ("topicgpu", product),
    "topicgpu exact": ("topicgpu", topicgpu_exact),
    "topicgpu partitioned": ("topicgpu", topicgpu_partitioned),
    "scikit-learn brute": ("scikit-learn", scikit_learn),
    "FAISS flat": ("faiss-cpu", faiss_flat),
    "FAISS HNSW, ef 64": ("faiss-cpu", faiss_hnsw(64)),
    "FAISS HNSW, ef 256": ("faiss-cpu", faiss_hnsw(256)),
    "usearch exact": ("usearch", usearch_exact),
    "usearch HNSW, ef 64": ("usearch", usearch_hnsw(64)),
    "usearch HNSW, ef 256": ("usearch", usearch_hnsw(256)),
    "PyNNDescent": ("pynndescent", pynndescent),
}


def main() -> None:
    name, source, target, k, runs = sys.argv[1:]
    vectors = np.load(source)
    started = time.perf_counter()
    find = WAYS[name][1]()
    seconds, cpu = [], []
    for run in range(int(runs)):
        if run:
            started = time.perf_counter()
        spent = time.process_time()
        found = find(vectors, int(k))
        seconds.append(round(time.perf_counter() - started, 2))
        cpu.append(round(time.process_time() - spent, 2))
    if found is not None:
        np.save(target, np.asarray(found).astype(np.int64))
    # Not ru_maxrss, which a process takes over from the one that started it.
    peak = int(next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line).split()[1])
    facts = {"first_s": seconds[0], "warm_s": min(seconds[1:], default=None), "warm_cpu_s": min(cpu[1:], default=None)}
    print(json.dumps({**facts, "peak_gb": round(peak / 1e6, 2), "stated": getattr(find, "stated", None)}))


if __name__ == "__main__":
    main()
