"""Sums of distances between groups of rows: checks, the call, and what follows from the table by arithmetic."""

import math

import torch
from torch import Tensor

from topicgpu.errors import DTypeError, NumericalError, ShapeError
from topicgpu.ops.checks import check_count, check_finite, check_matrix
from topicgpu_kernels.energy.reference import energy_reference

IMPLEMENTATION = "reference (torch tiles), the only implementation"
MAX_GROUPS = 16_384  # a table of 2 GiB


def energy(
    vectors: Tensor, weights: Tensor, groups: Tensor, *, n_groups: int | None = None, bandwidth: float | None = None
) -> Tensor:
    """
    Sum weighted distances between the rows of each pair of groups.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32, float16 or bfloat16, d at least 1.
    weights : Tensor
        (n,) float32 or float64, not negative, on the same device.
    groups : Tensor
        (n,) integers from 0, on the same device; a number may be missing, and its row of the table is then 0.
    n_groups : int, optional
        Rows of the table; by default the highest number and one.
    bandwidth : float, optional
        Sum exp(-|x_i - x_j|^2 / (2 bandwidth^2)) instead, a Gaussian kernel.

    Returns
    -------
    Tensor
        (n_groups, n_groups) float64, symmetric: the sum of w_i w_j |x_i - x_j| over rows i of one group and j of the
        other. Each ordered pair counts once, and so each row with itself.

    Raises
    ------
    ShapeError
        If the three do not fit together, or a group is out of range.
    DTypeError
        If one is of another type.
    NumericalError
        If a number is not finite, a weight negative, or the bandwidth not positive.

    Notes
    -----
    n^2 d FLOP and all sums in float64; memory O(n d + n_groups^2) and one tile. With r = |x| + |y|, both from the mean
    of all rows, the error of a distance D is at most e r^2 / D and e^(1/2) r, where e = (d + 4) 2^-53. For d = 384:
    equal rows come out at most 2e-7 r apart, others are right to some 1e-13; a row is exactly 0 from itself.
    """
    check_matrix("vectors", vectors)
    check_count("the width of vectors", vectors.shape[1], 1, 1 << 31, "rows without numbers have no distance")
    _check_column("weights", weights, vectors, (torch.float32, torch.float64))
    _check_column("groups", groups, vectors, (torch.int64, torch.int32))
    check_finite("vectors", vectors)
    check_finite("weights", weights[:, None])
    if (weights < 0).any():
        row = int((weights < 0).nonzero()[0])
        raise NumericalError(f"weights must not be negative; row {row} is {float(weights[row])}; leave such rows out.")
    if bandwidth is not None and not (math.isfinite(bandwidth) and bandwidth > 0):
        raise NumericalError(f"bandwidth = {bandwidth} must be finite and above 0; the median distance is a usual one.")
    low, high = (int(groups.min()), int(groups.max())) if len(groups) else (0, -1)
    n_groups = high + 1 if n_groups is None else n_groups
    check_count("n_groups", n_groups, 0, MAX_GROUPS, "8 bytes for each pair of groups; number them from 0")
    if low < 0 or high >= n_groups:
        raise ShapeError(f"groups must be from 0 to {n_groups - 1} (n_groups); got {low if low < 0 else high}.")
    table = energy_reference(vectors, weights, groups, n_groups, bandwidth=bandwidth)
    check_finite("the table", table)
    return table


def _check_column(name: str, tensor: Tensor, vectors: Tensor, types: tuple[torch.dtype, ...]) -> None:
    if tensor.ndim != 1 or len(tensor) != len(vectors):
        raise ShapeError(f"{name} must have shape ({len(vectors)},), one for each row; got {tuple(tensor.shape)}.")
    if tensor.dtype not in types:
        raise DTypeError(f"{name} must be {' or '.join(map(str, types))}; got {tensor.dtype}; convert it.")
    if tensor.device != vectors.device:
        raise ShapeError(f"{name} and vectors must be on one device; got {tensor.device} and {vectors.device}.")


def energy_distances(table: Tensor, totals: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """
    Compare sets of groups by the table of their distances: no vector is read again, whatever is tried.

    Parameters
    ----------
    table : Tensor
        (g, g) float64 from `energy`.
    totals : Tensor
        (g,) sums of the weights of each group.
    first, second : Tensor
        (p, g) for p comparisons: how often each group counts in either set, 0 or 1 for a permutation or to leave one
        out, more for a draw with replacement.

    Returns
    -------
    Tensor
        (p,) float64: 2 E|X - Y| - E|X - X'| - E|Y - Y'|, not negative, 0 for equal sets. Of a table of kernel values
        the negative is the squared maximum mean discrepancy. NaN where a set has no weight.

    Notes
    -----
    O(p g^2). Each row is also compared with itself, as in the V-statistic, which is therefore a little above 0 for two
    draws from one distribution: compare it with its permutations.

    References
    ----------
    Székely and Rizzo (2013), Energy statistics: a class of statistics based on distances, Journal of Statistical
    Planning and Inference 143, 1249-1272; Gretton et al. (2012), A kernel two-sample test, JMLR 13, 723-773.
    """
    sets = [chosen.to(table.dtype) for chosen in (first, second)]
    one, other = (chosen / (chosen @ totals.to(table.dtype))[:, None] for chosen in sets)
    difference = one - other
    # 2 a'Tb - a'Ta - b'Tb is -(a - b)'T(a - b): one product, and what both sets share cancels before it is summed.
    return -((difference @ table) * difference).sum(dim=1)
