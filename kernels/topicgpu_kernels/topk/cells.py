"""Many of the k most similar rows, found in the cells that are nearest to a row."""

import torch
from torch import Tensor

from topicgpu_kernels.topk.reference import BLOCK
from topicgpu_kernels.topk.sieve import Sieve


def topk_cells(vectors: Tensor, k: int, cells: Tensor) -> tuple[Tensor, Tensor]:
    """
    Find for each row the k most similar others among the members of some cells.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32.
    k : int
        Places; a row whose cells hold fewer others keeps NaN and the index 2^32 - 1 in the rest.
    cells : Tensor
        (n, p) int64: the cell that a row is a member of, then others whose members it is compared with.

    Returns
    -------
    tuple of (Tensor, Tensor)
        Scores (n, k) float32, descending, and indices (n, k) int64.

    Notes
    -----
    2 p s n d FLOP for cells of s rows; the first of the p cells takes half. A second copy of the vectors, 24 n k bytes and
    32 n p; nothing of size n s.
    """
    n, home = len(vectors), cells[:, 0]
    order = home.argsort(stable=True)
    vectors = vectors[order]  # a cell's rows lie side by side
    ends = torch.bincount(home, minlength=int(cells.max()) + 1).cumsum(0)
    block = BLOCK[vectors.device.type]
    sieve = Sieve(n, k, block, vectors.device)
    numbers = torch.arange(n, device=vectors.device)
    bounds = list(zip([0, *ends.tolist()], ends.tolist(), strict=False))
    for begin, end in bounds:
        for first in range(begin, end, block):
            for start in range(first, end, block):
                rows, others = numbers[first : min(first + block, end)], numbers[start : min(start + block, end)]
                tile = sieve.multiply(vectors[rows[0] : rows[-1] + 1], vectors[others[0] : others[-1] + 1])
                if first == start:
                    tile.diagonal().fill_(-torch.inf)
                sieve.offer(tile, 0, rows, start)
                if first != start:
                    sieve.offer(tile, 1, others, first)
    guests = cells[order, 1:].flatten()
    by_cell = guests.argsort(stable=True) // max(cells.shape[1] - 1, 1)
    counts = torch.bincount(guests, minlength=len(bounds)).tolist()
    for (begin, end), visitors in zip(bounds, by_cell.split(counts), strict=True):
        for first in range(0, len(visitors), block):
            rows = visitors[first : first + block]
            left = vectors[rows]
            for start in range(begin, end, block):
                sieve.offer(sieve.multiply(left, vectors[start : min(start + block, end)]), 0, rows, start)
    scores, indices = sieve.ranking.result()
    return scores, indices
