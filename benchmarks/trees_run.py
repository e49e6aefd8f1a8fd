"""
One way to the clusters of HDBSCAN, in a process and an environment of its own (the worker of trees.py).

    ENVIRONMENTS/hdbscan/bin/python benchmarks/trees_run.py '{"way": "hdbscan, prims_kdtree", "data": FILE, ...}'
"""

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fresh import work

LEAST = 10  # rows of a cluster, and rank of the neighbor that a core distance reaches to


class Found(NamedTuple):
    """Labels, and the weights of the spanning tree's edges where the library shows them."""

    labels: Any
    weights: Any


Fit = Callable[[Any], Found]


def topicgpu() -> Fit:
    from topicgpu.bertopic import HDBSCAN

    def fit(rows: Any) -> Found:
        model = HDBSCAN(min_cluster_size=LEAST, device="cpu").fit(rows)
        return Found(model.labels_, model.single_linkage_tree_.to_numpy()[:, 2])

    return fit


def hdbscan(algorithm: str, *, approximate: bool = True) -> Callable[[], Fit]:
    def load() -> Fit:
        from hdbscan import HDBSCAN

        settings = {"algorithm": algorithm, "approx_min_span_tree": approximate, "core_dist_n_jobs": -1}

        def fit(rows: Any) -> Found:
            model = HDBSCAN(min_cluster_size=LEAST, **settings).fit(rows)
            return Found(model.labels_, model.single_linkage_tree_.to_numpy()[:, 2])

        return fit

    return load


def fast_hdbscan() -> Fit:
    from fast_hdbscan import HDBSCAN

    def fit(rows: Any) -> Found:
        model = HDBSCAN(min_cluster_size=LEAST, min_samples=LEAST, reproducible=True).fit(rows)
        return Found(model.labels_, model._single_linkage_tree[:, 2])

    return fit


def scikit_learn(algorithm: str) -> Callable[[], Fit]:
    def load() -> Fit:
        from sklearn.cluster import HDBSCAN

        def fit(rows: Any) -> Found:
            # scikit-learn counts a row as its own first neighbor, hdbscan does not.
            settings = {"algorithm": algorithm, "min_samples": LEAST + 1, "n_jobs": -1, "copy": True}
            model = HDBSCAN(min_cluster_size=LEAST, **settings).fit(rows)
            return Found(model.labels_, model._single_linkage_tree_["value"])

        return fit

    return load


def cuml() -> Fit:
    from cuml.cluster import HDBSCAN

    return lambda rows: Found(HDBSCAN(min_cluster_size=LEAST, output_type="numpy").fit_predict(rows), None)


def flashlib() -> Fit:
    import torch
    from flashlib.applications.hdbscan import HDBSCAN

    model = HDBSCAN(min_cluster_size=LEAST)
    return lambda rows: Found(model.fit_predict(torch.from_numpy(rows).cuda()).cpu().numpy(), None)


WAYS: dict[str, tuple[str, str, Callable[[], Fit]]] = {  # name: environment, package, loader
    "topicgpu": ("", "topicgpu", topicgpu),
    "hdbscan, as it comes": ("hdbscan", "hdbscan", hdbscan("best")),
    "hdbscan, boruvka_kdtree, exact": ("hdbscan", "hdbscan", hdbscan("boruvka_kdtree", approximate=False)),
    "hdbscan, boruvka_balltree, exact": ("hdbscan", "hdbscan", hdbscan("boruvka_balltree", approximate=False)),
    "hdbscan, prims_kdtree": ("hdbscan", "hdbscan", hdbscan("prims_kdtree")),
    "hdbscan, prims_balltree": ("hdbscan", "hdbscan", hdbscan("prims_balltree")),
    "fast_hdbscan": ("fast-hdbscan", "fast_hdbscan", fast_hdbscan),
    "scikit-learn, kd_tree": ("scikit-learn", "scikit-learn", scikit_learn("kd_tree")),
    "scikit-learn, brute": ("scikit-learn", "scikit-learn", scikit_learn("brute")),
    "cuML": ("cuml", "cuml", cuml),
    "FlashLib": ("flashlib", "flashlib", flashlib),
}


def main() -> None:
    job = json.loads(sys.argv[1])
    rows = np.load(job["data"])

    def do(fit: Fit, task: dict[str, Any]) -> Callable[[], dict[str, float | None]]:
        found = fit(rows)

        def keep() -> dict[str, float | None]:
            np.save(task["out"], np.asarray(found.labels).astype(np.int64))
            return {"weight": None if found.weights is None else float(np.sum(found.weights, dtype=np.float64))}

        return keep

    loaders = {name: loader for name, (_, _, loader) in WAYS.items()}
    work(loaders, do, {name: package for name, (_, package, _) in WAYS.items()})


if __name__ == "__main__":
    main()
