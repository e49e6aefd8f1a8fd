"""The driver of the layout's kernel: a launch for each slice of each epoch."""

import numpy as np
import torch
from torch import Tensor

from topicgpu_kernels.cuda import Launcher
from topicgpu_kernels.layout.plan import move_launch
from topicgpu_kernels.layout.problem import Problem


def layout_fused(problem: Problem, start: Tensor, launch: Launcher, fixed: Tensor | None = None) -> Tensor:
    """
    Move vertices as `layout_reference` does, to the last bit.

    Parameters
    ----------
    problem : Problem
        Of n vertices, on the device of `start`.
    start : Tensor
        (n, c) float32.
    launch : Launcher
        Of the kernel of `plan.source(c)`.
    fixed : Tensor, optional
        (m, c) float32: places that do not move. None: the vertices themselves.

    Returns
    -------
    Tensor
        (n, c) float32.

    Notes
    -----
    Two copies of the places: a slice reads one and writes the other.
    """
    n, c = start.shape
    places, moved = start.contiguous().clone(), torch.empty((n, c), dtype=torch.float32, device=start.device)
    held = None if fixed is None else fixed.contiguous()
    among = np.int32(n if held is None else len(held))
    for epoch, rate in enumerate(problem.rates):
        for part, edges in enumerate(problem.slices):
            launch(
                move_launch(n, len(edges.columns), c),
                *(edges.offsets, edges.columns, edges.weights, problem.repulsion, problem.table),
                *(places, places if held is None else held, moved),
                *(np.int32(n), among, rate, np.uint64(problem.seed), np.uint64(epoch), np.uint64(part)),
            )
            places, moved = moved, places
    return places
