"""
How long a self-join takes beside all products of the same blocks, of which it computes half, for several blocks.

    python benchmarks/topk_blocks.py --out benchmarks/results/topk-blocks-MACHINE.json
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from record import write_record
from topicgpu_kernels.topk.reference import topk_reference

BLOCKS = (512, 1024, 2048, 4096)
SHAPE, K, SEED, REPEATS = (20_000, 384), 15, 0, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    options = parser.parse_args()
    base = torch.nn.functional.normalize(torch.randn(SHAPE, generator=torch.Generator().manual_seed(SEED)), dim=1)
    base = base.to(options.device)
    rows = []
    for block in BLOCKS:
        product_s = _median_s(lambda block=block: _product(base, block))
        whole_s = _median_s(lambda block=block: topk_reference(base, base, K, exclude_self=True, block=block))
        rows.append(
            {
                "block": block,
                "product_s": round(product_s, 3),
                "whole_s": round(whole_s, 3),
                "whole_to_product": round(whole_s / product_s, 2),
            }
        )
        print(rows[-1], flush=True)
    settings = {"base": SHAPE, "k": K, "seed": SEED, "medians_of": REPEATS}
    write_record(
        options.out, "topk-blocks", settings | {"threads": torch.get_num_threads(), "device": options.device}, rows
    )


def _median_s(call: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        call()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def _product(base: torch.Tensor, block: int) -> None:
    tile = base.new_empty(block, block)
    for left in base.split(block):
        for right in base.split(block):
            torch.mm(left, right.T, out=tile[: len(left), : len(right)])


if __name__ == "__main__":
    main()
