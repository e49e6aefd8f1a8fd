"""The k most similar rows, tile by tile: a product, a sieve, a merge. Plain torch, the same on CPU and CUDA."""

import torch
from torch import Tensor

from topicgpu_kernels.topk.ranking import Ranking

BLOCK = {"cpu": 1024, "cuda": 8192}  # 4 MB stay near a core; on a GPU few large steps count
_GROUP = 8  # columns that are looked at as one; with 4 or 16 the whole costs more (README.md)


def topk_reference(
    queries: Tensor, base: Tensor, k: int, *, exclude_self: bool = False, block: int | None = None
) -> tuple[Tensor, Tensor]:
    """
    Find for each query the k base rows with the largest inner product, ties to the lower index.

    Parameters
    ----------
    queries : Tensor
        (n, d) float32, float16 or bfloat16.
    base : Tensor
        (m, d) of the same type and device; if it is `queries` itself, each product serves both of its rows.
    k : int
        From 1 to m, to m - 1 with `exclude_self`.
    exclude_self : bool
        Leave out row i for query i.
    block : int, optional
        Rows and columns of a tile; it changes the cost, not what is computed.

    Returns
    -------
    tuple of (Tensor, Tensor)
        Scores (n, k) float32, descending, and indices (n, k) int64.

    Notes
    -----
    2 n m d FLOP, half of it if base is queries. Memory: 24 n k bytes, and at most 100 bytes of scratch for each of the
    block x block pairs in work.
    """
    block = block or BLOCK[base.device.type]
    symmetric = queries.is_set_to(base)
    ranking = Ranking(len(queries), k, 16 * block, base.device)
    side = -(-block // _GROUP) * _GROUP
    tile = torch.full((side, side), -torch.inf, device=base.device)
    for first in range(0, len(queries), block):
        left = queries[first : first + block].float()
        for start in range(first if symmetric else 0, len(base), block):
            right = base[start : start + block].float()
            if min(len(left), len(right)) < block:
                tile.fill_(-torch.inf)
            scores = torch.mm(left, right.T, out=tile[: len(left), : len(right)])
            if exclude_self and start == first:
                scores.diagonal().fill_(-torch.inf)
            _offer(ranking, tile, 0, slice(first, first + len(left)), start)
            if symmetric and start != first:
                _offer(ranking, tile, 1, slice(start, start + len(right)), first)
    return ranking.result()


def _offer(ranking: Ranking, tile: Tensor, axis: int, rows: slice, start: int) -> None:
    """Give the rows along an axis of a tile what may be among their k best of the other, whose first index is `start`."""
    # A group takes every (side / 8)th column, so that its maximum is found a whole line of memory at a time.
    maxima = tile.unflatten(1 - axis, (_GROUP, -1)).amax(1 - axis)
    if axis == 1:
        maxima, tile = maxima.T, tile.T
    threshold = tile.new_full((len(tile), 1), torch.inf)
    threshold[: rows.stop - rows.start, 0] = ranking.threshold[rows]
    if start == 0 and ranking.k <= maxima.shape[1]:
        # The first that these rows see: k groups have k columns, and what comes later must beat them.
        threshold = maxima.topk(ranking.k, dim=1, sorted=False).values.amin(dim=1, keepdim=True)
        ranking.threshold[rows] = threshold[: rows.stop - rows.start, 0]
        threshold = threshold.nextafter(threshold.new_tensor(-torch.inf))
    # Not "above", which a NaN never is.
    row, group = (maxima <= threshold).logical_not_().nonzero().unbind(1)
    members = tile.unflatten(1, (_GROUP, -1))[row, :, group]
    chosen, member = (members <= threshold[row]).logical_not_().nonzero().unbind(1)
    columns = member * maxima.shape[1] + group[chosen] + start
    ranking.add(row[chosen] + rows.start, members[chosen, member], columns)
