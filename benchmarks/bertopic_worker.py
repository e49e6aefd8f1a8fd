"""
One program with BERTopic in a fresh process: texts in; topics, words and seconds by part out, as files.

    python benchmarks/bertopic_worker.py JOB.json

JOB.json is {ours: any of "embedding", "layout", "clusters", texts: .json, vectors: .npy or null, weights: folder,
seed: int or null, topics: .npy, report: .json}. What is not ours is BERTopic's default, with all-MiniLM-L6-v2 read from
`weights`. Vectors that are given take the place of the embedding. Nothing is imported before the clock starts but the
standard library, and modules only where the program would.
"""

import json
import sys
import time

STARTED = time.perf_counter()

from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

UMAP_SETTINGS = {"n_neighbors": 15, "n_components": 5, "min_dist": 0.0, "metric": "cosine"}  # BERTopic's
HDBSCAN_SETTINGS = {"min_cluster_size": 10}  # BERTopic's min_topic_size
STEPS = {"_extract_embeddings": "embedding", "_reduce_dimensionality": "layout", "_cluster_embeddings": "clusters"}


def program(ours: list[str], weights: str, seed: int | None) -> Any:
    """The model of the program, with the parts that are ours put in."""
    from bertopic import BERTopic

    parts: dict[str, Any] = {"embedding_model": weights}
    if "embedding" in ours:
        from topicgpu.bertopic import Embedder

        parts["embedding_model"] = Embedder()
    if "layout" in ours:
        from topicgpu.bertopic import UMAP

        parts["umap_model"] = UMAP(**UMAP_SETTINGS)
    if "clusters" in ours:
        from topicgpu.bertopic import HDBSCAN

        parts["hdbscan_model"] = HDBSCAN(**HDBSCAN_SETTINGS)
    model = BERTopic(**parts)
    if seed is not None:
        model.umap_model.set_params(random_state=seed)
    return model


def watched(model: Any, ends: dict[str, float]) -> None:
    """Let the model note when the first call of each of its steps ended."""
    for name, step in STEPS.items():
        setattr(model, name, _noting(getattr(model, name), step, ends))


def _noting(whole: Callable[..., Any], step: str, ends: dict[str, float]) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        result = whole(*given, **named)
        ends.setdefault(step, time.perf_counter())  # representation models embed too, later
        return result

    return call


def seconds(started: float, ends: dict[str, float]) -> dict[str, float]:
    """Between ends; the loading of the encoder and what it imports belong to the embedding."""
    spent, before = {}, started
    for step, end in ends.items():
        spent[f"{step}_s"], before = end - before, end
    return spent


def main(job: dict[str, Any]) -> None:
    """Import, fit, write."""
    model = program(job["ours"], job["weights"], job["seed"])
    ready = time.perf_counter()
    texts = json.loads(Path(job["texts"]).read_text(encoding="utf-8"))
    import numpy as np

    vectors = None if job["vectors"] is None else np.load(job["vectors"])
    ends: dict[str, float] = {}
    watched(model, ends)
    begun = time.perf_counter()
    topics, _ = model.fit_transform(texts, vectors)
    ends["representation"] = time.perf_counter()
    whole = ready - STARTED + ends["representation"] - begun  # texts are read by neither
    report = {"import_s": ready - STARTED} | seconds(begun, ends) | {"whole_s": whole}
    words = {str(topic): [word for word, _ in pairs] for topic, pairs in model.get_topics().items()}
    np.save(job["topics"], np.asarray(topics))
    Path(job["report"]).write_text(json.dumps(report | {"words": words}), encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
