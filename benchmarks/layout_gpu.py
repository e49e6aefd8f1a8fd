"""
The force layout on a CUDA device, beside its bound; layouts of cuML and FlashLib from the same graph or rows.

    python benchmarks/layout_gpu.py --out benchmarks/results/layout-gpu.json

The bound takes the rates of an H100 (layout/roofline.py) whatever the device is; `settings` names the device. `kept` is
the share of a row's neighbors that are among its nearest in the layout, on a sample: a fast layout that fails shows.
cuML and FlashLib are timed where they are installed.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import sparse

from gpu_times import REPEATS, forget_compiled, timed
from record import write_record
from topicgpu.bertopic.umap import UMAP
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import curve, layout
from topicgpu.ops.mst import nearest
from topicgpu_kernels.cuda import launcher
from topicgpu_kernels.layout.fused import layout_fused
from topicgpu_kernels.layout.plan import source
from topicgpu_kernels.layout.problem import prepare
from topicgpu_kernels.layout.roofline import bound
from topicgpu_kernels.machine import H100

SIZES, D, K, EPOCHS, SEED = (100_000, 1_000_000), 5, 15, 200, 0
CENTRES, SAMPLE, COMPONENTS = 1000, 1000, (2, 5)
MIN_DIST = 0.1
TARGET_S = {(1_000_000, 2): 0.5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    options = parser.parse_args()
    forget_compiled()
    results = []
    for n in SIZES:
        rows = _clusters(n)
        near = nearest(torch.from_numpy(rows), K)
        indices = near.indices.numpy()
        graph = fuzzy_graph(indices, near.distances.numpy().astype(np.float32))
        for components in COMPONENTS:
            for name, place in _ways(rows, graph, components):
                times = timed(place)
                result = {"n": n, "components": components, "way": name, **times.record()}
                if name == FUSED:
                    result |= _against_bound(graph, components, times.median_s)
                results.append(result | {"kept": _kept(indices, np.asarray(times.result))})
                print(results[-1], flush=True)
    settings = {"d": D, "k": K, "epochs": EPOCHS, "seed": SEED, "medians_of": REPEATS}
    settings |= {"bound": asdict(H100), "device": torch.cuda.get_device_name()}
    write_record(options.out, "layout-gpu", settings, results)


FUSED = "kernel, edges dealt"  # what the bound and the target are of: the host's part comes before it


def _clusters(n: int) -> np.ndarray:
    """Rows around centres in few dimensions, so that exact neighbors are soon found on the host."""
    random = np.random.default_rng(SEED)
    centres = random.uniform(-10, 10, (CENTRES, D))
    return (centres[random.integers(CENTRES, size=n)] + random.normal(0, 0.5, (n, D))).astype(np.float32)


def _ways(rows: np.ndarray, graph: sparse.csr_array, components: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    a, b = curve(1.0, MIN_DIST)
    start = rows[:, :components].copy()
    sizes = {"n_neighbors": K, "n_components": components, "n_epochs": EPOCHS, "min_dist": MIN_DIST}
    settings = {"n_epochs": EPOCHS, "a": a, "b": b, "seed": SEED, "impl": "fused", "device": torch.device("cuda")}
    yield FUSED, _kernel(graph, start, a, b)
    yield "layout, graph given", lambda: layout(graph, start, **settings)
    yield "UMAP from rows, topicgpu", lambda: UMAP(**sizes, init="pca", device="cuda").fit_transform(rows)
    if find_spec("cuml"):
        import cuml
        from cuml.manifold import UMAP as Peer
        from cuml.manifold.umap import simplicial_set_embedding

        name, shape = f"cuml {cuml.__version__}", {"n_components": components, "n_epochs": EPOCHS, "a": a, "b": b}
        for kind, seed in (("", None), (", random_state", SEED)):
            given = {**shape, "init": "random", "random_state": seed}
            place = partial(simplicial_set_embedding, rows, graph.tocoo(), **given)
            yield f"layout, graph given, {name}{kind}", lambda place=place: _host(place())
        yield f"UMAP from rows, {name}", lambda: _host(Peer(**sizes).fit_transform(rows))
    if find_spec("flashlib"):
        from flashlib import flash_umap

        table = torch.from_numpy(rows).cuda()
        yield f"UMAP from rows, flashlib {version('flashlib')}", lambda: flash_umap(table, **sizes).cpu().numpy()


def _kernel(graph: sparse.csr_array, start: np.ndarray, a: float, b: float) -> Callable[[], Any]:
    device, places = torch.device("cuda", torch.cuda.current_device()), torch.from_numpy(start).cuda()
    settings = {"a": a, "b": b, "n_epochs": EPOCHS, "learning_rate": 1.0, "repulsion": 5.0, "seed": SEED}
    problem = prepare(graph.indptr, graph.indices, graph.data, **settings, device=device)
    run = launcher(source(start.shape[1]), device)
    return lambda: layout_fused(problem, places, run).cpu().numpy()


def _host(found: Any) -> np.ndarray:
    """cuML returns what it was given, or CuPy's."""
    return found.get() if hasattr(found, "get") else np.asarray(found)


def _against_bound(graph: sparse.csr_array, components: int, seconds: float) -> dict[str, Any]:
    n = graph.shape[0]
    least = bound(n, graph.nnz, components, EPOCHS, H100)
    return {
        "edges": graph.nnz,
        "bound_s": round(least.total_s, 6),
        "bound_to_seconds": round(least.total_s / seconds, 3),
        "target_s": TARGET_S.get((n, components)),
    }


def _kept(indices: np.ndarray, places: np.ndarray) -> float:
    sample = np.random.default_rng(SEED).choice(len(places), min(SAMPLE, len(places)), replace=False)
    table = torch.from_numpy(places).cuda()
    kept = 0
    for row in sample:
        apart = (table - table[row]).square().sum(dim=1)
        apart[row] = torch.inf
        kept += len(np.intersect1d(apart.topk(K, largest=False).indices.cpu().numpy(), indices[row]))
    return round(kept / (len(sample) * K), 4)


if __name__ == "__main__":
    main()
