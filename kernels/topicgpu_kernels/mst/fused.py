"""The driver of the Boruvka kernels: rounds over the neighbor lists until no component is certain of its edge."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from topicgpu_kernels.cuda import Launcher
from topicgpu_kernels.mst.edges import Edges, Rows, weigh
from topicgpu_kernels.mst.plan import entry_launch, hook_launch, jump_launch, jumps, relabel_launch
from topicgpu_kernels.mst.reference import Forest, Graph, mst_reference

_NONE = -1  # of a key: as an unsigned number the largest


def mst_fused(graph: Graph, device: torch.device, launch: Launcher) -> Edges:
    """
    Find the minimum spanning tree of `mst_reference`, the rounds over the lists by kernels.

    Parameters
    ----------
    graph : Graph
        As of `mst_reference`.
    device : torch.device
        Where `launch` runs kernels.
    launch : Launcher
        Of the kernels of `fused.cu`.

    Returns
    -------
    Edges
        The same to the last bit.
    """

    def start(graph: Graph) -> Forest:
        neighbors = torch.from_numpy(graph.neighbors).to(device)
        core, reach = (torch.from_numpy(values).to(device) for values in (graph.core, graph.reach))
        distances = list_spans(torch.from_numpy(graph.vectors).to(device), neighbors)
        edges, component = forest_fused(neighbors, distances, core, reach, launch)
        out = component[:, None] != component[neighbors]
        rows, slots = (ends.cpu().numpy() for ends in out.nonzero(as_tuple=True))
        known = weigh(graph.vectors, graph.core, rows, graph.neighbors[rows, slots])
        low, high = edges.T.cpu().numpy()
        numbers: Rows = np.unique(component.cpu().numpy(), return_inverse=True)[1]
        return Forest(weigh(graph.vectors, graph.core, low, high), numbers, known)

    return mst_reference(graph, device, start)


def list_spans(vectors: Tensor, neighbors: Tensor) -> Tensor:
    """
    Measure the entries of neighbor lists, as `edges.spans` does to the last bit.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32 or float64.
    neighbors : Tensor
        (n, k) int64.

    Returns
    -------
    Tensor
        (n, k) float64.
    """
    squares = torch.zeros(neighbors.shape, dtype=torch.float64, device=vectors.device)
    for column in vectors.T:
        values = column.double()
        squares += (values[:, None] - values[neighbors]).square()
    if squares.is_cuda:
        return squares.sqrt()
    return torch.from_numpy(np.sqrt(squares.numpy()))  # torch's own root on a CPU is not always the nearest number


class Joined(NamedTuple):
    """Edges of the minimum spanning tree, and what they join."""

    edges: Tensor  # (m, 2) int64, the lower row first
    component: Tensor  # (n,) int32, a row of the same component


def forest_fused(neighbors: Tensor, distances: Tensor, core: Tensor, reach: Tensor, launch: Launcher) -> Joined:
    """
    Join rows by those edges of their lists that are certain to be in the minimum spanning tree.

    Parameters
    ----------
    neighbors : Tensor
        (n, k) int64; a row may be in its own list, where it counts for nothing.
    distances : Tensor
        (n, k) float64, not negative, the same from both ends.
    core : Tensor
        (n,) float64, not negative.
    reach : Tensor
        (n,) float64: an edge to a row that is not listed, by either end, weighs at least this.
    launch : Launcher
        Of the kernels of `fused.cu`.

    Returns
    -------
    Joined
        On the device of the inputs.

    Notes
    -----
    At most log2(n) rounds, each of which reads 12 n k bytes three times; one number a round goes to the host. Memory: a
    copy of the lists and 60 n bytes.
    """
    n, k = neighbors.shape
    device = neighbors.device
    lists = neighbors.T.to(torch.int32).contiguous()
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
    names = torch.cat(found) if found else chosen[:0]
    return Joined(torch.stack((names >> 32, names & 0xFFFFFFFF), dim=1), component)


def _bits(values: Tensor) -> Tensor:
    """Take float64 that are not negative as their bits: as whole numbers they have the same order."""
    return values.contiguous().view(torch.int64)
