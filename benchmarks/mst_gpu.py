"""
The minimum spanning tree of mutual reachability on a CUDA device, beside its bound; HDBSCAN beside other libraries.

    python benchmarks/mst_gpu.py --out benchmarks/results/mst-gpu.json

The bound takes the rates of an H100 (mst/roofline.py) whatever the device is; `settings` names the device. cuML and
FlashLib are timed where they are installed: neither gives its tree alone, so clusterings are compared, each from the
rows. FlashLib's is its own default, over a graph of 32 neighbors, since its exact way holds all pairs in memory.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gpu_times import REPEATS, forget_compiled, timed
from record import write_record
from topicgpu.bertopic.hdbscan import HDBSCAN
from topicgpu.ops.mst import mst, nearest
from topicgpu_kernels.cuda import launcher
from topicgpu_kernels.launch import Source
from topicgpu_kernels.machine import H100
from topicgpu_kernels.mst.fused import forest_fused
from topicgpu_kernels.mst.roofline import bound

SIZES, D, K, SEED = (100_000, 1_000_000), 5, 15, 0
CENTRES, MIN_CLUSTER_SIZE, MIN_SAMPLES = 1000, 50, 5
TARGET_S = {1_000_000: 0.020}  # of the kernels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    options = parser.parse_args()
    forget_compiled()
    rows = []
    for n in SIZES:
        table = _clusters(n)
        for case in (_kernels(table), _whole(table), *_clusterings(table)):
            rows.append({"n": n} | case)
            print(rows[-1], flush=True)
    settings = {"d": D, "k": K, "min_cluster_size": MIN_CLUSTER_SIZE, "min_samples": MIN_SAMPLES, "seed": SEED}
    settings |= {"medians_of": REPEATS, "bound": asdict(H100), "device": torch.cuda.get_device_name()}
    write_record(options.out, "mst-gpu", settings, rows)


def _clusters(n: int) -> Tensor:
    """Rows around centres, as a layout in five dimensions leaves them."""
    random = np.random.default_rng(SEED)
    centres = random.uniform(-10, 10, (CENTRES, D))
    rows = centres[random.integers(CENTRES, size=n)] + random.normal(0, 0.3, (n, D))
    return torch.from_numpy(rows.astype(np.float32)).cuda()


def _lists(table: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    near = nearest(table, K)
    return near.indices.cuda(), near.distances.cuda(), near.distances[:, MIN_SAMPLES - 1].contiguous().cuda()


def _kernels(table: Tensor) -> dict[str, Any]:
    """Every edge that the lists make certain: Boruvka's rounds alone."""
    n = len(table)
    indices, distances, core = _lists(table)
    reach = torch.maximum(distances[:, -1], core)
    run = launcher(Source("topicgpu_kernels.mst"), table.device)
    times = timed(lambda: forest_fused(indices, distances, core, reach, run))
    least = bound(n, K, H100)
    return {
        "way": "kernels, lists given",
        **times.record(),
        "edges_share": len(times.result.edges) / (n - 1),
        "bound_s": round(least.total_s, 6),
        "bound_rounds": least.rounds,  # the most that there can be
        "bound_to_seconds": round(least.total_s / times.median_s, 3),
        "target_s": TARGET_S.get(n),
    }


def _whole(table: Tensor) -> dict[str, Any]:
    """The exact tree of all rows, components joined by searches beyond the lists."""
    lists = _lists(table)
    times = timed(lambda: mst(table, *lists, impl="fused"))
    return {"way": "tree, lists given", **times.record(), "how": times.result.how}


def _clusterings(table: Tensor) -> Iterator[dict[str, Any]]:
    """Labels from rows; groups are counted so that a fast failure shows."""
    for name, cluster in _ways(table).items():
        times = timed(cluster)
        labels = np.asarray(times.result)
        yield {
            "way": f"clusters from rows, {name}",
            **times.record(),
            "clusters": int(labels.max()) + 1,
            "noise": round(float((labels < 0).mean()), 4),
        }


def _ways(table: Tensor) -> dict[str, Callable[[], Any]]:
    rows = table.cpu().numpy()
    sizes = {"min_cluster_size": MIN_CLUSTER_SIZE, "min_samples": MIN_SAMPLES}
    ways: dict[str, Callable[[], Any]] = {"topicgpu": lambda: HDBSCAN(**sizes, device="cuda").fit(rows).labels_}
    if find_spec("cuml"):
        import cuml
        from cuml.cluster import HDBSCAN as Peer

        ways[f"cuml {cuml.__version__}"] = lambda: Peer(**sizes, output_type="numpy").fit(rows).labels_
    if find_spec("flashlib"):
        from flashlib import flash_hdbscan

        ways[f"flashlib {version('flashlib')}"] = lambda: flash_hdbscan(table, **sizes)
    return ways


if __name__ == "__main__":
    main()
