"""The two kernels of the fused topk in plain torch: their oracle, and what the driver is tested with on a CPU."""

import torch
from torch import Tensor

from topicgpu_kernels.topk.keys import LOWEST, to_keys
from topicgpu_kernels.topk.plan import Plan

_GATHERED = 1 << 24  # values of base rows that are copied at once: 64 MB


def group_max(queries: Tensor, base: Tensor, maxima: Tensor, own: int, plan: Plan) -> None:
    """
    Write the largest score of each query in each group of base rows.

    Parameters
    ----------
    queries : Tensor
        (rows, D) float16, at least as many rows as `maxima`; the further ones are padding.
    base : Tensor
        (at least m, D) float16.
    maxima : Tensor
        (rows, groups) float32; every cell is written: minus infinity where no row of the group takes part.
    own : int
        Row i leaves out column own + i; m where nothing is left out.
    plan : Plan
        Sizes and tiles.
    """
    rows = len(maxima)
    columns = torch.arange(plan.tile.base, device=base.device)
    ours = own + torch.arange(rows, device=base.device)
    step = plan.tile.base // plan.group
    for first in range(0, plan.groups, step):
        tile = slice(first * plan.group, first * plan.group + plan.tile.base)
        scores = queries[:rows].float() @ base[tile].float().T
        here = columns[: scores.shape[1]] + tile.start
        scores.masked_fill_((here >= plan.m) | (here == ours[:, None]), -torch.inf)
        best = scores.view(rows, -1, plan.group).amax(dim=2)
        maxima[:, first : first + step] = best[:, : plan.groups - first]


def rescore(queries: Tensor, base: Tensor, groups: Tensor, own: Tensor, keys: Tensor, plan: Plan) -> None:
    """
    Write the keys of the float32 scores of chosen groups.

    Parameters
    ----------
    queries : Tensor
        (rows, d) float32.
    base : Tensor
        (m, d) float32.
    groups : Tensor
        (rows, width) int64, the groups chosen for each query.
    own : Tensor
        (rows,) int64: the column that a row leaves out, m for none.
    keys : Tensor
        (rows, width x group) int64; every cell is written: `LOWEST` for what takes no part.
    plan : Plan
        Sizes and tiles.

    Notes
    -----
    Each score is a sum along one row, in an order that depends on d alone: equal rows have equal scores.
    """
    columns = (groups[:, :, None] * plan.group + torch.arange(plan.group, device=groups.device)).flatten(1)
    step = max(1, _GATHERED // (columns.shape[1] * plan.d))
    for first in range(0, len(queries), step):
        part = slice(first, first + step)
        rows = base[columns[part].clamp(max=plan.m - 1)]
        scores = (rows * queries[part, None, :]).sum(dim=2)
        takes_part = (columns[part] < plan.m) & (columns[part] != own[part, None])
        keys[part] = to_keys(scores, columns[part]).where(takes_part, LOWEST)
