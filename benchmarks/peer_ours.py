"""The worker of topicgpu's own methods: `peer_worker.py` with another table of methods, in topicgpu's environment."""

import json
import sys
from pathlib import Path

import numpy as np

from peer_worker import Fit, Method, Vectors, work


def topicgpu() -> Method:
    """The default path from vectors to clusters."""
    from topicgpu.cluster import find_clusters
    from topicgpu.config import ClusterSection, NeighborsSection
    from topicgpu.neighbors import find_neighbors
    from topicgpu.types import Embeddings, Repeats

    def fit(vectors: Vectors, _: list[str], seed: int | None, __: int | None) -> Fit:
        n, nothing = len(vectors), np.empty(0, dtype=np.int64)
        embeddings = Embeddings(vectors, np.ones(n, dtype=bool), "any", "any", (), "rows")
        repeats = Repeats(nothing, nothing, (), np.empty(0), n, "rows")
        neighbors = find_neighbors(embeddings, repeats, NeighborsSection(), "cpu", seed or 0)
        found = find_clusters(embeddings, neighbors, ClusterSection(), seed or 0)
        return Fit(found.labels, levels=tuple(found.levels.groups) if found.levels else ())

    return fit


def estimator() -> Method:
    """ThemeModel as it comes: texts and vectors in, topics out."""
    from topicgpu import ThemeModel

    def fit(vectors: Vectors, texts: list[str], seed: int | None, __: int | None) -> Fit:
        model = ThemeModel(random_state=seed, device="cpu")
        return Fit(model.fit_predict(texts, vectors))

    return fit


METHODS = {"topicgpu": topicgpu, "estimator": estimator}

if __name__ == "__main__":
    work(METHODS[sys.argv[1]], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
