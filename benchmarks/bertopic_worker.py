"""
One program with BERTopic, in a fresh process: texts in; topics, words and the seconds of each part out, as files.

    python benchmarks/bertopic_worker.py JOB.json

JOB.json is {ours: names of PARTS, texts: .json, vectors: .npy or null, weights: folder of all-MiniLM-L6-v2, topics:
.npy, report: .json}. What is not ours is BERTopic's default; vectors that are given take the encoder's place. The clock
starts before anything but the standard library is imported, and modules are imported where a program would.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LAYOUT = {"n_neighbors": 15, "n_components": 5, "min_dist": 0.0, "metric": "cosine"}  # BERTopic's
LEAST = {"min_cluster_size": 10}  # BERTopic's min_topic_size
STEPS = {"_extract_embeddings": "embedding", "_reduce_dimensionality": "layout", "_cluster_embeddings": "clusters"}


def embedder(**named: Any) -> dict[str, Any]:
    from topicgpu.bertopic import Embedder

    return {"embedding_model": Embedder(**named)}


def umap() -> dict[str, Any]:
    from topicgpu.bertopic import UMAP

    return {"umap_model": UMAP(**LAYOUT)}


def hdbscan() -> dict[str, Any]:
    from topicgpu.bertopic import HDBSCAN

    return {"hdbscan_model": HDBSCAN(**LEAST)}


def communities() -> dict[str, Any]:
    """On the vectors themselves, which need no layout."""
    from bertopic.dimensionality import BaseDimensionalityReduction

    from topicgpu.bertopic import Communities

    return {"umap_model": BaseDimensionalityReduction(), "hdbscan_model": Communities(**LEAST)}


PARTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "Embedder": embedder,
    "Embedder, int8": lambda: embedder(tier="int8"),
    "Embedder, static": lambda: embedder(tier="static"),
    "UMAP": umap,
    "HDBSCAN": hdbscan,
    "Communities": communities,
}


def program(job: Mapping[str, Any]) -> Any:
    """The model of the program."""
    from bertopic import BERTopic

    parts = {} if job["vectors"] else {"embedding_model": job["weights"]}
    for name in job["ours"]:
        parts |= PARTS[name]()
    return BERTopic(**parts)


def watch(model: Any, ends: dict[str, float]) -> None:
    """Let the model note when the first call of each of its steps ended; representations embed too, later."""
    for name, step in STEPS.items():
        setattr(model, name, _noting(getattr(model, name), step, ends))


def _noting(whole: Callable[..., Any], step: str, ends: dict[str, float]) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        result = whole(*given, **named)
        ends.setdefault(step, time.perf_counter())
        return result

    return call


def seconds(started: float, ends: Mapping[str, float]) -> dict[str, float]:
    """From each end to the next: loading an encoder, and what that imports, belongs to the embedding."""
    spent, before = {}, started
    for step, end in ends.items():
        spent[f"{step}_s"], before = end - before, end
    return spent


def main(job: Mapping[str, Any]) -> None:
    """Import and make the model, fit it, write."""
    started = time.perf_counter()
    model = program(job)
    import_s = time.perf_counter() - started
    import numpy as np

    texts = json.loads(Path(job["texts"]).read_text(encoding="utf-8"))
    vectors = np.load(job["vectors"]) if job["vectors"] else None
    ends: dict[str, float] = {}
    watch(model, ends)
    begun = time.perf_counter()
    topics, _ = model.fit_transform(texts, vectors)
    ends["representation"] = time.perf_counter()
    report = {"import_s": import_s} | seconds(begun, ends)
    report |= {"whole_s": sum(report.values()), "cpu_s": time.process_time()}
    words = {topic: [word for word, _ in pairs] for topic, pairs in model.get_topics().items()}
    np.save(job["topics"], np.asarray(topics))
    Path(job["report"]).write_text(json.dumps(report | {"words": words}), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
