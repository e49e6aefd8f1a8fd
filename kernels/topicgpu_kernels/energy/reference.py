"""Sums of distances between groups, tile by tile: a product, a root, a sum. Plain torch, the same on CPU and CUDA."""

import torch
from torch import Tensor

BLOCK = 2048  # rows of a tile, whose scratch is about 100 MB; README.md has the times of others


def energy_reference(
    vectors: Tensor,
    weights: Tensor,
    groups: Tensor,
    n_groups: int,
    *,
    bandwidth: float | None = None,
    block: int = BLOCK,
) -> Tensor:
    """
    Sum weighted distances, or values of a Gaussian kernel, over all pairs of rows of each pair of groups.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32, float16 or bfloat16.
    weights : Tensor
        (n,) of any float type, not negative.
    groups : Tensor
        (n,) integers from 0 to `n_groups` - 1, in any order.
    n_groups : int
        Rows and columns of the table.
    bandwidth : float, optional
        Of the kernel exp(-distance^2 / (2 bandwidth^2)), in the unit of the distances; None sums the distances.
    block : int
        Rows of a tile; it changes the cost, not what is computed.

    Returns
    -------
    Tensor
        (n_groups, n_groups) float64, symmetric. Each ordered pair counts once, and so each row with itself.

    Notes
    -----
    n^2 d FLOP in float64: half of all tiles. Memory O(n d + n_groups^2) and one tile.
    """
    order = groups.argsort(stable=True)
    groups, weights = groups[order].long(), weights[order].double()
    rows = vectors[order].double()
    # Distances keep their digits only beside norms that are not far larger.
    rows = rows - rows.mean(dim=0)
    norms = rows.square().sum(dim=1)
    table = torch.zeros((n_groups, n_groups), dtype=torch.float64, device=vectors.device)
    for first in range(0, len(rows), block):
        one = slice(first, first + block)
        ids, sums = _by_group(groups[one], weights[one])
        for start in range(first, len(rows), block):
            other = slice(start, start + block)
            squares = torch.addmm(norms[other], rows[one], rows[other].T, alpha=-2).add_(norms[one, None]).clamp_(min=0)
            if start == first:
                squares.diagonal().zero_()  # each row with itself, to the last digit
            values = squares.sqrt_() if bandwidth is None else squares.mul_(-0.5 / bandwidth**2).exp_()
            other_ids, other_sums = _by_group(groups[other], weights[other])
            part = sums @ values @ other_sums.T
            part = part / 2 if start == first else part  # that tile holds both orders of its pairs
            table[ids[:, None], other_ids] += part
    return table + table.T


def _by_group(groups: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Name the groups of a tile's rows, with the (groups, rows) matrix that sums over each with the weights."""
    ids, places = groups.unique_consecutive(return_inverse=True)
    sums = weights.new_zeros((len(ids), len(groups)))
    sums[places, torch.arange(len(groups), device=groups.device)] = weights
    return ids, sums
