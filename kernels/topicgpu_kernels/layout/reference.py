"""UMAP's force layout in plain torch."""

from typing import NamedTuple

import torch
from torch import Tensor

from topicgpu_kernels.layout.draws import draw
from topicgpu_kernels.layout.forces import LARGEST, LEAST, LEAST_BITS, STEP_BITS
from topicgpu_kernels.layout.problem import Problem
from topicgpu_kernels.layout.slices import Slice


class _Edges(NamedTuple):
    """A slice with the vertex of each edge, in the types that torch's operations want."""

    rows: Tensor  # (e,) int32
    rows_long: Tensor  # (e,) int64
    offsets: Tensor  # (n + 1,) int64
    columns: Tensor  # (e,) int32
    weights: Tensor  # (e,) float32


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
    In a slice all vertices move at once, from where the slice before left them. Attraction is a step of the implicit
    Euler method for forces in proportion to the differences: F / (1 + A), with F the sum of the forces and A of their
    coefficients, so that no vertex is thrown beyond the mean of those that attract it, however many they are. On the
    CPU sums run in the order of the edges, on any number of threads, and the result is the kernel's to the last bit; on
    CUDA `segment_reduce` may add in another order. About 25 operations on each edge and on 32 draws a vertex, an epoch.
    """
    n, c = start.shape
    among = n if fixed is None else len(fixed)
    edges = [_edges(part) for part in problem.slices]
    places = start.T.contiguous()
    for epoch, rate in enumerate(problem.rates):
        for part, slice_edges in enumerate(edges):
            others = places if fixed is None else fixed.T.contiguous()
            drawn = draw(n, among, problem.seed, epoch, part).to(start.device)
            attraction = _attraction(problem.table, slice_edges, places, others)
            repulsion = _repulsion(problem.table, drawn, places, others)
            scale = attraction[c] * float(rate) + 1
            pushed = problem.repulsion * float(rate)
            places = torch.stack(
                [
                    (places[axis] + attraction[axis] * float(rate) / scale) + repulsion[axis] * pushed
                    for axis in range(c)
                ]
            )
    return places.T.contiguous()


def _edges(part: Slice) -> _Edges:
    offsets = part.offsets.long()
    rows = torch.repeat_interleave(torch.arange(len(offsets) - 1, device=offsets.device), offsets.diff())
    return _Edges(rows.int(), rows, offsets, part.columns, part.weights)


def _attraction(table: Tensor, edges: _Edges, places: Tensor, others: Tensor) -> list[Tensor]:
    """Sums over the edges of each vertex: of the forces on each axis, then of their coefficients."""
    differences = [
        other.index_select(0, edges.columns) - own.index_select(0, edges.rows)
        for own, other in zip(places, others, strict=True)
    ]
    coefficients = _coefficients(table[0], table[1], differences) * edges.weights
    return [_sums(edges, coefficients * difference) for difference in differences] + [_sums(edges, coefficients)]


def _repulsion(table: Tensor, drawn: Tensor, places: Tensor, others: Tensor) -> list[Tensor]:
    """Sums over the draws of each vertex: of the forces on each axis."""
    flat = drawn.reshape(-1)
    differences = [
        own - other.index_select(0, flat).view(drawn.shape) for own, other in zip(places, others, strict=True)
    ]
    coefficients = _coefficients(table[2], table[3], differences)
    sums = []
    for difference in differences:
        total = torch.zeros_like(places[0])
        for force in coefficients * difference:
            total += force
        sums.append(total)
    return sums


def _coefficients(values: Tensor, slopes: Tensor, differences: list[Tensor]) -> Tensor:
    squared = differences[0] * differences[0]
    for difference in differences[1:]:
        squared = squared + difference * difference
    bits = squared.clamp_(LEAST, LARGEST).view(torch.int32)
    entries = ((bits - LEAST_BITS) >> STEP_BITS).view(-1)
    within = (bits & ((1 << STEP_BITS) - 1)).float() * 2.0**-STEP_BITS
    rise = slopes.index_select(0, entries).view(bits.shape) * within
    return values.index_select(0, entries).view(bits.shape) + rise


def _sums(edges: _Edges, values: Tensor) -> Tensor:
    if values.device.type == "cpu":
        return torch.zeros(len(edges.offsets) - 1).scatter_add_(0, edges.rows_long, values)
    return torch.segment_reduce(values, "sum", offsets=edges.offsets)  # scattering on CUDA adds in any order
