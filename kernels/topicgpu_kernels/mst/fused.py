"""The driver of the Boruvka kernels: rounds over the neighbor lists until no component is certain of its edge."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from topicgpu_kernels.cuda import Launcher
from topicgpu_kernels.mst.plan import entry_launch, hook_launch, jump_launch, jumps, relabel_launch

_NONE = -1  # of a key: as an unsigned number the largest


class Forest(NamedTuple):
    """Edges of the minimum spanning tree, and the components that they make."""

    edges: Tensor  # (m, 2) int64, the lower row first
    component: Tensor  # (n,) int32, a row of the same component


def forest_fused(neighbors: Tensor, distances: Tensor, core: Tensor, reach: Tensor, launch: Launcher) -> Forest:
    """
    Join rows by those edges of their lists that are certain to be in the minimum spanning tree.

    Parameters
    ----------
    neighbors : Tensor
        (n, k) int64 or int32; a row may be in its own list, where it counts for nothing.
    distances : Tensor
        (n, k) float64, not negative, the same from both ends.
    core : Tensor
        (n,) float64, not negative.
    reach : Tensor
        (n,) float64: every edge of a row that is not listed, by either end, weighs at least this.
    launch : Launcher
        Of the kernels of `fused.cu`.

    Returns
    -------
    Forest
        On the device of the inputs.

    Notes
    -----
    At most log2(n) rounds of 12 n k bytes read three times; one number a round goes to the host. Memory: a copy
    of the lists and 60 n bytes.
    """
    n, k = neighbors.shape
    device = neighbors.device
    lists = neighbors.T.to(torch.int32, memory_format=torch.contiguous_format).contiguous()
    spans, cores, limits = (_bits(values) for values in (distances.T, core, reach))
    component = torch.arange(n, dtype=torch.int32, device=device)
    parent, other = torch.empty_like(component), torch.empty_like(component)
    keys = torch.empty((5, n), dtype=torch.int64, device=device)
    weight, span, edge, limit, chosen = keys
    rows, slots = np.int32(n), np.int32(k)
    found: list[Tensor] = []
    left = n
    while left > 1:
        keys.fill_(_NONE)
        passes = (lists, spans, cores)
        launch(entry_launch("least_weight", n, k), *passes, limits, component, weight, limit, rows, slots)
        launch(entry_launch("least_distance", n, k), *passes, component, weight, span, rows, slots)
        launch(entry_launch("least_edge", n, k), *passes, component, weight, span, edge, rows, slots)
        launch(hook_launch(n), component, weight, limit, edge, parent, chosen, rows)
        joined = chosen[chosen != _NONE]
        if not len(joined):
            break
        for _ in range(jumps(len(joined))):
            launch(jump_launch(n), component, parent, other, rows)
            parent, other = other, parent
        launch(relabel_launch(n), parent, component, rows)
        found.append(joined)
        left -= len(joined)
    names = torch.cat(found) if found else keys[0, :0]
    return Forest(torch.stack((names >> 32, names & 0xFFFFFFFF), dim=1), component)


def _bits(values: Tensor) -> Tensor:
    """The bits of float64 that are not negative: as whole numbers they have the same order."""
    return values.contiguous().view(torch.int64)
