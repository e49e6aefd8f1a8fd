"""UMAP's force layout in plain torch."""

from typing import NamedTuple

import torch
from torch import Tensor

from topicgpu_kernels.layout.draws import DRAWS, draw
from topicgpu_kernels.layout.forces import ENTRIES, HARDEST, LARGEST, LEAST, LEAST_BITS, STEP_BITS
from topicgpu_kernels.layout.problem import Problem
from topicgpu_kernels.layout.slices import Slice


class _Pairs(NamedTuple):
    """A slice's edges and, behind them, its draws: one array of pairs, so that each operation is called once."""

    edges: int
    rows: Tensor  # (e,) int64: the vertex of each edge
    offsets: Tensor  # (n + 1,) int64
    ends: Tensor  # (e + 4 n,) int32: other ends; those of the draws change
    weights: Tensor  # (e,) float32
    crowds: Tensor  # (e,) float32: edges of the vertex of each edge


def layout_reference(problem: Problem, start: Tensor, fixed: Tensor | None = None) -> Tensor:
    """
    Move vertices along the forces of their edges and of vertices that are drawn, slice by slice.

    Parameters
    ----------
    problem : Problem
        Of n vertices, on the device of `start`.
    start : Tensor
        (n, c) float32.
    fixed : Tensor, optional
        (m, c) float32: places that attract and repel but do not move, to which the columns of the edges refer. None:
        the vertices themselves.

    Returns
    -------
    Tensor
        (n, c) float32.

    Notes
    -----
    In a slice all vertices move at once, from where the slice before left them. An edge that would move its vertex by f
    times the difference moves it by f / (1 + k f) times, where k counts the edges of the vertex in the slice: together
    they throw no vertex beyond those that attract it, however many they are, and strong near edges do not slow what a
    weak far one does. What is drawn pushes a vertex by no more than 4 on each axis, so that one of thousands of edges,
    which is repelled with the weight of them all, stays among them. On the CPU sums run in the order of the edges, on
    any number of threads, and the result is the kernel's to the last bit; on CUDA `segment_reduce` may add in another
    order. About 25 operations on each edge and on 32 draws a vertex, an epoch.
    """
    n = len(start)
    among = n if fixed is None else len(fixed)
    slices = [_pairs(part) for part in problem.slices]
    places = start.T.clone(memory_format=torch.contiguous_format)  # of one axis, .contiguous() would be the input
    others = places if fixed is None else fixed.T.contiguous()
    table = problem.table.view(-1)
    for epoch, rate in enumerate(map(float, problem.rates)):
        pushed, farthest = problem.repulsion * rate, HARDEST * rate
        for part, pairs in enumerate(slices):
            pairs.ends[pairs.edges :] = draw(n, among, problem.seed, epoch, part).view(-1).to(start.device)
            differences = [_differences(pairs, *axis) for axis in zip(places, others, strict=True)]
            forces = _coefficients(table, pairs, differences)
            attraction = forces[: pairs.edges].mul_(rate)
            attraction /= (attraction * pairs.crowds).add_(1)
            for own, difference in zip(places, differences, strict=True):
                difference *= forces
                own += _pull(pairs, difference)
                own += _push(pairs, difference).mul_(pushed).clamp_(-farthest, farthest)
    return places.T.contiguous()


def _pairs(part: Slice) -> _Pairs:
    offsets = part.offsets.long()
    n, edges = len(offsets) - 1, len(part.columns)
    rows = torch.repeat_interleave(torch.arange(n, device=offsets.device), offsets.diff())
    ends = torch.cat([part.columns, part.columns.new_empty(DRAWS * n)])
    crowds = offsets.diff().float().index_select(0, rows)
    return _Pairs(edges, rows, offsets, ends, part.weights, crowds)


def _differences(pairs: _Pairs, own: Tensor, other: Tensor) -> Tensor:
    """From each vertex to its other ends, on one axis."""
    found = other.index_select(0, pairs.ends)
    found[: pairs.edges].sub_(own.index_select(0, pairs.rows))
    found[pairs.edges :].view(DRAWS, -1).sub_(own)
    return found


def _coefficients(table: Tensor, pairs: _Pairs, differences: list[Tensor]) -> Tensor:
    """Look up what differences are multiplied by: attraction with its weight for edges, repulsion for draws."""
    squared = differences[0] * differences[0]
    for difference in differences[1:]:
        squared += difference * difference
    bits = squared.clamp_(LEAST, LARGEST).view(torch.int32)
    entries = (bits - LEAST_BITS).bitwise_right_shift_(STEP_BITS)
    entries[pairs.edges :].add_(2 * ENTRIES)
    within = bits.bitwise_and_((1 << STEP_BITS) - 1).float().mul_(2.0**-STEP_BITS)
    found = within.mul_(table[ENTRIES:].index_select(0, entries)).add_(table.index_select(0, entries))
    found[: pairs.edges].mul_(pairs.weights)
    return found


def _pull(pairs: _Pairs, values: Tensor) -> Tensor:
    """Add up the edges of each vertex."""
    values = values[: pairs.edges]
    if values.device.type == "cpu":
        return torch.zeros(len(pairs.offsets) - 1).scatter_add_(0, pairs.rows, values)
    return torch.segment_reduce(values, "sum", offsets=pairs.offsets)  # scattering on CUDA adds in any order


def _push(pairs: _Pairs, values: Tensor) -> Tensor:
    """Add up the draws of each vertex, away from them."""
    drawn = values[pairs.edges :].view(DRAWS, -1)
    total = torch.zeros_like(drawn[0])
    for force in drawn:
        total -= force
    return total
