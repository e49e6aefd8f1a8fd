"""
The fused topk on a CUDA device, beside its bound and beside torch's own product and selection.

    python benchmarks/topk_gpu.py --out benchmarks/results/topk-gpu.json

The bound takes the rates of an H100 (roofline.py) whatever the device is; `settings` names the device. Rows in clusters
are the harder case: more groups come near the k-th score, and fewer rows get their certificate at once.
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gpu_times import REPEATS, timed
from record import write_record
from topicgpu_kernels.machine import H100
from topicgpu_kernels.topk import parts_triton
from topicgpu_kernels.topk.fused import topk_fused
from topicgpu_kernels.topk.plan import architecture, plan_topk
from topicgpu_kernels.topk.roofline import bound

SIZES, D, K, SEED = (100_000, 1_000_000), 384, 15, 0
CENTRES = 2000
PLAIN_QUERIES, PLAIN_BLOCK = 8192, 1024  # torch's way writes every score: a sample of queries, in blocks of 4 GB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    options = parser.parse_args()
    arch = architecture(torch.cuda.get_device_capability())
    if arch is None:
        parser.error(f"the kernels need compute capability 8.0; {torch.cuda.get_device_name()} has less")
    rows = []
    for n in SIZES:
        for kind, vectors in (("even", _even(n)), ("clusters", _clusters(n))):
            cases = [_fused(vectors, arch, exact=True), _fused(vectors, arch, exact=False)]
            cases += [_plain(vectors, torch.float32), _plain(vectors, torch.float16)]
            for case in cases:
                rows.append({"n": n, "rows": kind} | case)
                print(rows[-1], flush=True)
    settings = {"d": D, "k": K, "seed": SEED, "medians_of": REPEATS, "arch": arch, "bound": asdict(H100)}
    write_record(options.out, "topk-gpu", settings | {"device": torch.cuda.get_device_name()}, rows)


def _even(n: int) -> Tensor:
    return normalize(torch.randn((n, D), generator=torch.Generator("cuda").manual_seed(SEED), device="cuda"), dim=1)


def _clusters(n: int) -> Tensor:
    """Unit rows around centres, at a cosine of about 0.9 to their centre."""
    random = torch.Generator("cuda").manual_seed(SEED + 1)
    centres = normalize(torch.randn((CENTRES, D), generator=random, device="cuda"), dim=1)
    own = torch.randint(CENTRES, (n,), generator=random, device="cuda")
    noise = torch.randn((n, D), generator=random, device="cuda") * 0.5 / D**0.5
    return normalize(centres[own] + noise, dim=1)


def _fused(vectors: Tensor, arch: str, *, exact: bool) -> dict[str, Any]:
    n = len(vectors)
    plan = plan_topk(arch, n, n, D, K, exact=exact)
    if plan is None:
        raise SystemExit(f"{n} rows are too few for groups")
    times = timed(lambda: topk_fused(vectors, vectors, K, exclude_self=True, plan=plan, parts=parts_triton))
    found, seconds = times.result, times.median_s
    least = bound(plan, H100)
    return {
        "way": "fused, exact" if exact else "fused, fast",
        **times.record(),
        "bound_s": round(least.total_s, 4),
        "bound_parts_s": {name: round(value, 4) for name, value in asdict(least).items()},
        "bound_to_seconds": round(least.total_s / seconds, 3),
        "filtered": found.filtered,
        "recall": found.recall,
    }


def _plain(vectors: Tensor, dtype: torch.dtype) -> dict[str, Any]:
    """torch.matmul and torch.topk, block by block, for some of the queries; no proof, ties as they fall."""
    base = vectors.to(dtype)

    def call() -> None:
        for first in range(0, PLAIN_QUERIES, PLAIN_BLOCK):
            (base[first : first + PLAIN_BLOCK] @ base.T).topk(K + 1, dim=1)

    times = timed(call)
    return {
        "way": f"matmul and topk, {dtype}".replace("torch.", ""),
        "queries": PLAIN_QUERIES,
        **times.record(),
        "seconds_for_all": round(times.median_s * len(vectors) / PLAIN_QUERIES, 4),
    }


if __name__ == "__main__":
    main()
