"""The fused topk's driver: 16-bit group maxima choose, float32 decides, and a bound says where that is proved."""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from topicgpu_kernels.topk.halves import Halves, halve, score_error, score_scale
from topicgpu_kernels.topk.keys import from_keys
from topicgpu_kernels.topk.plan import Plan
from topicgpu_kernels.topk.reference import topk_reference

_SAMPLE = 256  # rows whose recall is measured


class Parts(Protocol):
    """The two kernels: `parts_triton`, or `parts_torch`, which says what they do."""

    def group_max(self, queries: Tensor, base: Tensor, maxima: Tensor, own: int, plan: Plan) -> None: ...
    def rescore(self, queries: Tensor, base: Tensor, groups: Tensor, own: Tensor, keys: Tensor, plan: Plan) -> None: ...


class Found(NamedTuple):
    """A ranking and how it was come by."""

    scores: Tensor  # (n, k) float32, descending
    indices: Tensor  # (n, k) int64
    filtered: float  # share of rows that the filter answered; the reference answered the others
    recall: float  # 1 where exact; else share of the true neighbors found, on a sample of rows


class _Table(NamedTuple):
    rows: Tensor  # (m, d) float32
    halves: Halves


def topk_fused(queries: Tensor, base: Tensor, k: int, *, exclude_self: bool = False, plan: Plan, parts: Parts) -> Found:
    """
    Find for each query the k base rows with the largest inner product, ties to the lower index.

    Parameters
    ----------
    queries : Tensor
        (n, d) float32, float16 or bfloat16, finite.
    base : Tensor
        (m, d) of the same type and device.
    k : int
        From 1 to m, to m - 1 with `exclude_self`.
    exclude_self : bool
        Leave out row i for query i.
    plan : Plan
        For these sizes; `plan.exact` asks for a proof of each row.
    parts : Parts
        The kernels.

    Returns
    -------
    Found
        Exact: the float32 ranking. Otherwise the float32 ranking of the rows in the k best groups of the 16-bit scores.

    Notes
    -----
    2 n m d FLOP in 16 bits; memory for 16-bit copies, results and `plan.query_block` rows of group maxima.
    """
    n, m = len(queries), len(base)
    rows = _float32(base)
    halves = halve(rows, each_row=False, row_multiple=plan.tile.base, column_multiple=plan.tile.depth)
    own = torch.arange(n, device=base.device) if exclude_self else torch.full((n,), m, device=base.device)
    best = torch.empty((n, k), dtype=torch.int64, device=base.device)
    left = []
    for first in range(0, n, plan.query_block):
        part = slice(first, min(first + plan.query_block, n))
        best[part], not_proved = _block(_float32(queries[part]), _Table(rows, halves), own[part], plan, parts)
        left.append(first + not_proved)
    scores, indices = from_keys(best)
    again = torch.cat(left) if left else own[:0]
    if len(again):
        scores[again], indices[again] = _by_reference(queries[again], base, k, own[again])
    filtered = 1 - len(again) / max(n, 1)
    recall = 1.0 if plan.exact else _recall(queries, base, indices, own)
    return Found(scores, indices, filtered, recall)


def _block(queries: Tensor, base: _Table, own: Tensor, plan: Plan, parts: Parts) -> tuple[Tensor, Tensor]:
    """Rank keys (rows, k) for a block of queries, and the numbers of the rows whose ranking is not proved."""
    halves = halve(queries, each_row=True, row_multiple=plan.tile.queries, column_multiple=plan.tile.depth)
    scale, error = score_scale(halves, base.halves), score_error(halves, base.halves, plan.d)
    maxima = torch.empty((len(queries), plan.groups), dtype=torch.float32, device=queries.device)
    parts.group_max(halves.rows, base.halves.rows, maxima, int(own[0]), plan)
    best = torch.empty((len(queries), plan.k), dtype=torch.int64, device=queries.device)
    left = torch.arange(len(queries), device=queries.device)
    for width in plan.widths:
        if not len(left):
            break
        groups, beyond = _choose(maxima if len(left) == len(maxima) else maxima[left], width)
        keys = torch.empty((len(left), width * plan.group), dtype=torch.int64, device=queries.device)
        parts.rescore(queries[left], base.rows, groups, own[left], keys, plan)
        best[left] = keys.topk(plan.k, dim=1).values
        proved = torch.isfinite(error[left])
        if plan.exact:
            worst = from_keys(best[left, -1])[0]
            proved &= beyond.double() * scale[left] + error[left] < worst.double()
        left = left[~proved]
    return best, left


def _choose(maxima: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Find the best groups of each row, (rows, width), and the largest maximum of the groups left out, (rows,)."""
    if width == maxima.shape[1]:
        every = torch.arange(width, device=maxima.device).repeat(len(maxima), 1)
        return every, maxima.new_full((len(maxima),), -torch.inf)
    values, groups = maxima.topk(width + 1, dim=1)
    return groups[:, :width].contiguous(), values[:, width]


def _by_reference(queries: Tensor, base: Tensor, k: int, own: Tensor) -> tuple[Tensor, Tensor]:
    """Rank some rows of a call: one more than k, less the row's own column, or else the last."""
    if own[0] == len(base):
        return topk_reference(queries, base, k)
    scores, indices = topk_reference(queries, base, k + 1)
    keep = indices != own[:, None]
    keep[:, -1] &= ~keep.all(dim=1)
    return scores[keep].view(-1, k), indices[keep].view(-1, k)


def _recall(queries: Tensor, base: Tensor, indices: Tensor, own: Tensor) -> float:
    """Share of the reference's neighbors that were found, on rows at equal distances."""
    n, k = indices.shape
    sample = torch.linspace(0, n - 1, min(n, _SAMPLE), device=indices.device).long()
    if not len(sample):
        return 1.0
    _, wanted = _by_reference(queries[sample], base, k, own[sample])
    return (indices[sample][:, :, None] == wanted[:, None, :]).any(dim=1).double().mean().item()


def _float32(table: Tensor) -> Tensor:
    """Rows as the kernels read them: float32, contiguous, beginning at a multiple of 16 bytes."""
    table = table.float().contiguous()
    return table.clone() if table.data_ptr() % 16 else table
