"""The k most similar rows, tile by tile: a product, a sieve, a merge. Plain torch, the same on CPU and CUDA."""

import torch
from torch import Tensor

from topicgpu_kernels.topk.sieve import Sieve

BLOCK = {"cpu": 1024, "cuda": 8192}  # 4 MB stay near a core; on a GPU few large steps count
_SHARE = 4  # rows of a sample that are looked at as one


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
    sieve = Sieve(len(queries), k, block, base.device)
    sieve.ranking.threshold[:] = _floor(queries, base, k + exclude_self, block)
    numbers = torch.arange(len(queries), device=base.device)
    for first in range(0, len(queries), block):
        left, rows = queries[first : first + block].float(), numbers[first : first + block]
        for start in range(first if symmetric else 0, len(base), block):
            tile = sieve.multiply(left, base[start : start + block].float())
            if exclude_self and start == first:
                tile.diagonal().fill_(-torch.inf)
            sieve.offer(tile, 0, rows, start)
            if symmetric and start != first:
                sieve.offer(tile, 1, numbers[start : start + block], first)
    return sieve.ranking.result()


def _floor(queries: Tensor, base: Tensor, k: int, block: int) -> Tensor:
    """Give each query a score that k base rows reach: the k-th best in a sample, less what rounding may add."""
    # From all over the base: in the order of a corpus the first tile of a row may hold nothing like it.
    sample = base[:: max(len(base) // block, 1)].float()
    if len(base) <= block or k > len(sample) // _SHARE:  # then the first tile is as good
        return queries.new_full((len(queries),), -torch.inf, dtype=torch.float32)
    sample = sample[: len(sample) // _SHARE * _SHARE]
    largest = sample.norm(dim=1).max()
    parts = []
    for left in (part.float() for part in queries.split(block)):
        best = (left @ sample.T).unflatten(1, (_SHARE, -1)).amax(dim=1).topk(k, dim=1, sorted=False).values.amin(dim=1)
        # Two sums of d products differ by less than 2 d roundings of the product of the norms (Higham, 3.1).
        margin = base.shape[1] * torch.finfo(torch.float32).eps * left.norm(dim=1) * largest
        parts.append(best - 2 * margin - torch.finfo(torch.float32).tiny)
    return torch.cat(parts) if parts else queries.new_empty(0, dtype=torch.float32)
