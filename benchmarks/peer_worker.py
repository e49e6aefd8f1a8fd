"""
One method, in an environment of its own: vectors in and labels out, as files.

    PEER/bin/python benchmarks/peer_worker.py METHOD JOB.json

Needs NumPy and the method's own library, nothing of topicgpu and no other file, so that a peer's environment holds the
peer alone. JOB.json is {packages, vectors: .npy, texts: .json, report: .json, fits: [{seed, rows, n_clusters, labels,
assigned}]}. `seed` null leaves the library its own, which lets UMAP use all cores; `rows` is null or a .npy of row
numbers; `labels` the .npy to write; `assigned` the .npy for labels of every row where the library gives those itself.

Linux only: peak memory is VmHWM, reset before the first fit (`ru_maxrss` would begin with what the parent held).
"""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]


class Fit(NamedTuple):
    """What one fit gave; `seconds` is from vectors to labels, where that is less than the whole call."""

    labels: Labels
    seconds: float | None = None
    assigned: Labels | None = None
    levels: tuple[Labels, ...] = ()


Method = Callable[[Vectors, "list[str]", int | None, int | None], Fit]


def bertopic() -> Method:
    """BERTopic as it comes, told only the seed."""
    from bertopic import BERTopic

    def fit(vectors: Vectors, texts: list[str], seed: int | None, _: int | None) -> Fit:
        model = BERTopic()
        model.umap_model.random_state = seed
        steps = [_timed(model, "_reduce_dimensionality"), _timed(model, "_cluster_embeddings")]
        topics, _ = model.fit_transform(texts, vectors)
        labels, assigned = np.asarray(topics), None
        if 0 < (labels < 0).mean() < 1:
            assigned = np.asarray(model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=vectors))
        return Fit(labels, sum(seconds[0] for seconds in steps), assigned)

    return fit


def _timed(owner: Any, name: str) -> list[float]:
    """Let a method of an object also append the seconds that it took to the list returned."""
    whole, seconds = getattr(owner, name), []

    def call(*given: Any, **named: Any) -> Any:
        started = time.perf_counter()
        result = whole(*given, **named)
        seconds.append(time.perf_counter() - started)
        return result

    setattr(owner, name, call)
    return seconds


def umap_hdbscan() -> Method:
    """Neighbors and distance of umap-learn's page on clustering, in five dimensions; a least size of 15."""
    from hdbscan import HDBSCAN

    return _on_layout(lambda: HDBSCAN(min_cluster_size=15))


def umap_fast_hdbscan() -> Method:
    """fast_hdbscan as its README has it: a drop-in replacement on the output of UMAP."""
    from fast_hdbscan import HDBSCAN

    return _on_layout(lambda: HDBSCAN(min_cluster_size=15))


def _on_layout(make: Callable[[], Any]) -> Method:
    from umap import UMAP

    def fit(vectors: Vectors, _: list[str], seed: int | None, __: int | None) -> Fit:
        layout = UMAP(n_neighbors=30, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
        return Fit(make().fit_predict(layout.fit_transform(vectors)))

    return fit


def evoc() -> Method:
    """EVoC as it comes: the layer that lasts longest; its other layers are kept."""
    from evoc import EVoC

    def fit(vectors: Vectors, _: list[str], seed: int | None, __: int | None) -> Fit:
        model = EVoC(random_state=seed)
        labels = model.fit_predict(vectors)
        return Fit(labels, levels=tuple(model.cluster_layers_))

    return fit


def kmeans() -> Method:
    """scikit-learn's k-means as it comes, told the number of clusters."""
    from sklearn.cluster import KMeans

    def fit(vectors: Vectors, _: list[str], seed: int | None, n_clusters: int | None) -> Fit:
        return Fit(KMeans(n_clusters, random_state=seed).fit_predict(vectors))

    return fit


class _Handed:
    """Stands where Turftopic wants an encoder: all vectors are handed in, and its default keywords need none."""

    def encode(self, *_: Any, **__: Any) -> Vectors:
        raise RuntimeError("every vector was handed in")


def turftopic() -> Method:
    """Turftopic's clustering model as it comes: HDBSCAN on a t-SNE layout."""
    from turftopic import ClusteringTopicModel

    def fit(vectors: Vectors, texts: list[str], seed: int | None, _: int | None) -> Fit:
        model = ClusteringTopicModel(encoder=_Handed(), random_state=seed)
        steps = [_timed(model.dimensionality_reduction, "fit_transform"), _timed(model.clustering, "fit_predict")]
        labels = model.fit_predict(texts, embeddings=vectors)
        return Fit(np.asarray(labels), sum(seconds[0] for seconds in steps))

    return fit


METHODS: dict[str, Callable[[], Method]] = {
    "bertopic": bertopic,
    "umap+hdbscan": umap_hdbscan,
    "umap+fast_hdbscan": umap_fast_hdbscan,
    "evoc": evoc,
    "kmeans": kmeans,
    "turftopic": turftopic,
}


def memory_mb(name: str) -> float:
    """A line of /proc/self/status: VmRSS is what this process holds, VmHWM the most it has held."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def work(load: Callable[[], Method], job: dict[str, Any]) -> None:
    """Import the library, then fit as often as the job says, and write labels and a report."""
    started = time.perf_counter()
    method = load()
    import_s = time.perf_counter() - started
    vectors, texts = np.load(job["vectors"]), json.loads(Path(job["texts"]).read_text(encoding="utf-8"))
    before = memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # VmHWM counts from here
    library = [f"{name} {version(name)}" for name in job["packages"]]
    report: dict[str, Any] = {"library": library, "import_s": import_s, "held_mb": before, "fits": []}
    for wanted in job["fits"]:
        rows = slice(None) if wanted["rows"] is None else np.load(wanted["rows"])
        some = texts if wanted["rows"] is None else [texts[row] for row in rows]
        started = time.perf_counter()
        fit = method(vectors[rows], some, wanted["seed"], wanted["n_clusters"])
        whole_s = time.perf_counter() - started
        if not report["fits"]:
            report["grown_mb"] = memory_mb("VmHWM") - before
        np.save(wanted["labels"], fit.labels)
        if fit.assigned is not None:
            np.save(wanted["assigned"], fit.assigned)
        levels = [int(level.max(initial=-1)) + 1 for level in fit.levels]
        seconds = whole_s if fit.seconds is None else fit.seconds
        report["fits"].append({"seconds": seconds, "whole_s": whole_s, "levels": levels})
    Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    work(METHODS[sys.argv[1]], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
