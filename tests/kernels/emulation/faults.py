"""Run the kernels of samples/fused.cu that hold an error, and their twins without: `python faults.py KERNEL...`."""

import sys

import numpy as np
import torch

from kernels.emulation.emulated import emulated
from topicgpu_kernels.launch import Launch, Source

N = 96


def arguments(kernel: str) -> tuple[torch.Tensor | np.generic, ...]:
    n = np.int32(N)
    match kernel.partition("_")[0]:
        case "total":
            return torch.ones(N), n, torch.zeros(2)
        case "least":
            return torch.arange(N), torch.zeros(N).int(), n, torch.full((1,), 2**62)
        case "read":
            return torch.ones(N), n, torch.zeros(N)
        case _:
            return torch.full((N,), 2**31 - 1).int(), n, torch.zeros(N).int()


def main() -> None:
    for kernel in sys.argv[1:]:
        launch = Launch(kernel, (2,), (64,), 0, 0, 0)
        emulated(Source("kernels.emulation.samples"))(launch, *arguments(kernel))


if __name__ == "__main__":
    main()
