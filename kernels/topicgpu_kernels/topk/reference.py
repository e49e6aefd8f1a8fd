"""The k most similar rows, block by block: a product, a selection, a merge. Plain torch, the same on CPU and CUDA."""

import torch
from torch import Tensor

# On 2 CPU cores any tile from 256 x 4096 to 1024 x 20,000 costs the same (README.md); this one takes 16 MB.
QUERY_BLOCK = 1024
BASE_BLOCK = 4096


def topk_reference(
    queries: Tensor,
    base: Tensor,
    k: int,
    *,
    exclude_self: bool = False,
    query_block: int = QUERY_BLOCK,
    base_block: int = BASE_BLOCK,
) -> tuple[Tensor, Tensor]:
    """
    Find for each query the k base rows with the largest inner product, ties to the lower index.

    Parameters
    ----------
    queries : Tensor
        (n, d) float32, float16 or bfloat16.
    base : Tensor
        (m, d) of the same type and device.
    k : int
        From 1 to m, to m - 1 with `exclude_self`.
    exclude_self : bool
        Leave out row i for query i.
    query_block, base_block : int
        Rows of a tile; they change the cost, not what is computed.

    Returns
    -------
    tuple of (Tensor, Tensor)
        Scores (n, k) float32, descending, and indices (n, k) int64.

    Notes
    -----
    2 n m d FLOP; at most 16 bytes of scratch for each of the query_block x base_block pairs in work.
    """
    n, m = len(queries), len(base)
    scores = torch.empty((n, k), dtype=torch.float32, device=base.device)
    indices = torch.empty((n, k), dtype=torch.int64, device=base.device)
    for first in range(0, n, query_block):
        block = queries[first : first + query_block].float()
        best = block.new_empty((len(block), 0)), indices.new_empty((len(block), 0))
        for start in range(0, m, base_block):
            tile = block @ base[start : start + base_block].float().T
            if exclude_self:
                tile.diagonal(first - start).fill_(-torch.inf)
            best = _merge(best, _select(tile, k, start), k)
        scores[first : first + len(block)], indices[first : first + len(block)] = best
    return scores, indices


def _select(tile: Tensor, k: int, start: int) -> tuple[Tensor, Tensor]:
    """Top k of each row of a tile, by score, then by index."""
    width = tile.shape[1]
    if k >= width:
        return _by_score(tile, torch.arange(start, start + width, device=tile.device).expand_as(tile))
    # torch.topk may keep any of the rows that tie for the last place, and in any order: one more than k shows where.
    values, columns = tile.topk(k + 1, dim=1)
    columns, order = columns[:, :k].sort(dim=1)
    scores, columns = _by_score(values.gather(1, order), columns)
    tied = torch.nonzero(values[:, k] == values[:, k - 1]).squeeze(1)
    if len(tied):
        ranked, ranking = tile[tied].sort(dim=1, descending=True, stable=True)
        scores[tied], columns[tied] = ranked[:, :k], ranking[:, :k]
    return scores, columns + start


def _merge(best: tuple[Tensor, Tensor], found: tuple[Tensor, Tensor], k: int) -> tuple[Tensor, Tensor]:
    """Join two rankings; every index of the first is lower, so a stable sort keeps the tie rule."""
    scores, indices = _by_score(torch.cat([best[0], found[0]], dim=1), torch.cat([best[1], found[1]], dim=1))
    return scores[:, :k], indices[:, :k]


def _by_score(scores: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Sort by falling score; ties stay in the order in which they come."""
    scores, order = scores.sort(dim=1, descending=True, stable=True)
    return scores, indices.gather(1, order)
