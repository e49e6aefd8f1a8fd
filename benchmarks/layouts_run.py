"""
One way to lay rows out in few dimensions, in a process and an environment of its own (the worker of layouts.py).

    ENVIRONMENTS/umap-learn/bin/python benchmarks/layouts_run.py '{"way": "umap-learn, seed", "data": FOLDER, ...}'

The folder holds vectors, neighbors and the fuzzy graph of them. Ways that take no graph search their own neighbors.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from fresh import work

K, NEGATIVES = 15, 5
MIN_DIST = {2: 0.1, 5: 0.0}  # a map, and what HDBSCAN is given


@dataclass(frozen=True)
class Data:
    """What is laid out; `head` is a part of it to warm up with."""

    vectors: Any
    graph: Any

    @classmethod
    def load(cls, folder: Path) -> "Data":
        return cls(np.load(folder / "vectors.npy"), sparse.load_npz(folder / "graph.npz"))

    def head(self, n: int) -> "Data":
        return Data(self.vectors[:n], self.graph[:n][:, :n])


Lay = Callable[[Data, int, int], Any]  # data, dimensions, seed -> places


def topicgpu() -> Lay:
    from topicgpu.ops.layout import curve, epochs, layout
    from topicgpu.ops.starts import start

    def lay(data: Data, axes: int, seed: int) -> Any:
        a, b = curve(1.0, MIN_DIST[axes])
        begun = start("spectral", data.graph, data.vectors, axes, seed).places
        return layout(data.graph, begun, n_epochs=epochs(len(begun)), a=a, b=b, seed=seed)

    return lay


def umap_learn(*, parallel: bool) -> Callable[[], Lay]:
    """Lay out as UMAP.fit does with and without random_state, which decides whether it runs on more than one core."""

    def load() -> Lay:
        from umap.umap_ import find_ab_params, simplicial_set_embedding

        def lay(data: Data, axes: int, seed: int) -> Any:
            a, b = find_ab_params(1.0, MIN_DIST[axes])
            return simplicial_set_embedding(
                data=data.vectors,
                graph=data.graph.tocoo(),
                n_components=axes,
                initial_alpha=1.0,
                a=a,
                b=b,
                gamma=1.0,
                negative_sample_rate=NEGATIVES,
                n_epochs=None,
                init="spectral",
                random_state=np.random.RandomState(seed),
                metric="euclidean",
                metric_kwds={},
                densmap=False,
                densmap_kwds={},
                output_dens=False,
                parallel=parallel,
            )[0]

        return lay

    return load


def open_tsne() -> Lay:
    from openTSNE import TSNE

    return lambda data, axes, seed: TSNE(axes, metric="cosine", random_state=seed, n_jobs=-1).fit(data.vectors)


def torchdr() -> Lay:
    from torchdr import UMAP

    def lay(data: Data, axes: int, seed: int) -> Any:
        settings = {"min_dist": MIN_DIST[axes], "device": "cpu", "backend": None, "random_state": seed}
        return UMAP(n_neighbors=K, n_components=axes, **settings).fit_transform(data.vectors)

    return lay


def cuml() -> Lay:
    from cuml.manifold import UMAP

    def lay(data: Data, axes: int, seed: int) -> Any:
        settings = {"metric": "cosine", "min_dist": MIN_DIST[axes], "random_state": seed}
        return UMAP(n_neighbors=K + 1, n_components=axes, **settings).fit_transform(data.vectors)

    return lay


def flashlib() -> Lay:
    import torch
    from flashlib.applications.umap import UMAP

    def lay(data: Data, axes: int, seed: int) -> Any:
        torch.manual_seed(seed)
        return UMAP(n_neighbors=K, n_components=axes).fit_transform(torch.from_numpy(data.vectors).cuda()).cpu()

    return lay


def whole_epochs() -> Lay:
    """
    Move each row once an epoch, by the sum of all forces on it: what ours avoids by parting the epoch.

    Rows with many edges step many times too far. The forces are those of UMAP, the start the principal axes.
    """
    from topicgpu.ops.layout import curve
    from topicgpu.ops.starts import principal_axes

    def lay(data: Data, axes: int, seed: int, epochs: int = 200) -> Any:
        a, b = curve(1.0, MIN_DIST[axes])
        rng, edges = np.random.default_rng(seed), data.graph.tocoo()
        share = edges.data / edges.data.max()
        places = principal_axes(data.vectors, axes).astype(np.float64)
        places *= 10 / np.abs(places).max()
        for epoch in range(epochs):
            drawn = rng.random(len(share)) < share
            near, far = edges.row[drawn], edges.col[drawn]
            rows = np.concatenate([near, far, np.repeat(near, NEGATIVES)])
            others = np.concatenate([far, near, rng.integers(len(places), size=NEGATIVES * len(near))])
            apart = places[rows] - places[others]
            squared = (apart**2).sum(axis=1, keepdims=True)
            pull = -2 * a * b * np.maximum(squared, 1e-12) ** (b - 1) / (1 + a * squared**b)
            push = 2 * b / ((0.001 + squared) * (1 + a * squared**b))
            attracts = (np.arange(len(rows)) < 2 * len(near))[:, None]
            forces = np.clip(np.where(attracts, pull, push) * apart, -4, 4)
            for axis in range(axes):
                moved = np.bincount(rows, weights=forces[:, axis], minlength=len(places))
                places[:, axis] += (1 - epoch / epochs) * moved
        return places

    return lay


WAYS: dict[str, tuple[str, str, Callable[[], Lay]]] = {  # name: environment, package, loader
    "topicgpu": ("", "topicgpu", topicgpu),
    "umap-learn, seed": ("umap-learn", "umap-learn", umap_learn(parallel=False)),
    "umap-learn, no seed": ("umap-learn", "umap-learn", umap_learn(parallel=True)),
    "openTSNE": ("openTSNE", "openTSNE", open_tsne),
    "TorchDR": ("torchdr", "torchdr", torchdr),
    "cuML": ("cuml", "cuml", cuml),
    "FlashLib": ("flashlib", "flashlib", flashlib),
    "whole epochs": ("", "topicgpu", whole_epochs),
}


def main() -> None:
    data = Data.load(Path(json.loads(sys.argv[1])["data"]))

    def do(lay: Lay, task: dict[str, Any]) -> Callable[[], dict[str, str]]:
        """Lay out; write the places once the clock has stopped."""
        some = data.head(task["head"]) if "head" in task else data
        places = np.ascontiguousarray(np.asarray(lay(some, task["axes"], task["seed"]), dtype=np.float32))

        def keep() -> dict[str, str]:
            if "out" in task:
                np.save(task["out"], places)
            return {"digest": hashlib.sha256(places.tobytes()).hexdigest()[:12]}

        return keep

    loaders = {name: loader for name, (_, _, loader) in WAYS.items()}
    work(loaders, do, {name: package for name, (_, package, _) in WAYS.items()})


if __name__ == "__main__":
    main()
