"""
How much of `topk` is the product and how much the selection, for several tiles.

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

BLOCKS = ((256, 4096), (512, 4096), (1024, 4096), (2048, 4096), (1024, 2048), (1024, 8192), (1024, 20_000))
SHAPE, QUERIES, K, SEED, REPEATS = (20_000, 384), 4096, 15, 0, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    options = parser.parse_args()
    base = torch.nn.functional.normalize(torch.randn(SHAPE, generator=torch.Generator().manual_seed(SEED)), dim=1)
    base = base.to(options.device)
    rows = []
    for query_block, base_block in BLOCKS:
        product_s = _median_s(lambda q=query_block, b=base_block: _product(base[:QUERIES], base, q, b))
        whole_s = _median_s(
            lambda q=query_block, b=base_block: topk_reference(base[:QUERIES], base, K, query_block=q, base_block=b)
        )
        rows.append(
            {
                "query_block": query_block,
                "base_block": base_block,
                "product_s": round(product_s, 3),
                "whole_s": round(whole_s, 3),
                "whole_to_product": round(whole_s / product_s, 2),
            }
        )
        print(rows[-1], flush=True)
    settings = {"base": SHAPE, "queries": QUERIES, "k": K, "seed": SEED, "medians_of": REPEATS}
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


def _product(queries: torch.Tensor, base: torch.Tensor, query_block: int, base_block: int) -> None:
    for first in range(0, len(queries), query_block):
        for start in range(0, len(base), base_block):
            queries[first : first + query_block] @ base[start : start + base_block].T


if __name__ == "__main__":
    main()
