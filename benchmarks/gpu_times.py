"""Seconds of a call on a CUDA device: the first, which imports and compiles, and those after it."""

import os
import tempfile
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

REPEATS = 3


class Times(NamedTuple):
    """Of one call, with the last result."""

    first_s: float
    median_s: float  # of those that follow
    result: Any
    peak_bytes: int  # of torch's memory, above what there was before

    def record(self) -> dict[str, Any]:
        """As a row of a record has them."""
        return {
            "first_s": round(self.first_s, 4),
            "seconds": round(self.median_s, 5),
            "peak_bytes_above_input": self.peak_bytes,
        }


def timed(call: Callable[[], Any]) -> Times:
    """Call once, then `REPEATS` times, each to the end of the device's work."""
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    times, result = [], None
    for _ in range(1 + REPEATS):
        started = time.perf_counter()
        result = call()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    peak = torch.cuda.max_memory_allocated() - before
    return Times(times[0], float(np.median(times[1:])), result, peak)


def forget_compiled() -> None:
    """Give CuPy an empty folder for what it compiles, so that first calls compile; before CuPy is imported."""
    os.environ["CUPY_CACHE_DIR"] = tempfile.mkdtemp(prefix="topicgpu-cupy-")
