"""16-bit copies of the rows, what rounding took from them, and how far a 16-bit score can be off."""

from typing import NamedTuple

import torch
from torch import Tensor

_ROWS_AT_ONCE = 8192  # 25 MB of float64 at 384 columns
# The largest value of a row or table is brought into [2^14, 2^15): below float16's 65504, and values 2^28 times smaller
# are still normal numbers.
_TOP = 15


class Halves(NamedTuple):
    """Rows times a power of two, rounded to float16; norms and residuals are of the scaled rows."""

    rows: Tensor  # (n, d) float16, and rows and columns of zeros up to whole tiles
    exponents: Tensor  # (n,) int64: a row is its scaled row times 2^exponent
    norms: Tensor  # (n,) float64
    residuals: Tensor  # (n,) float64: norm of the scaled row minus its 16-bit copy


def halve(table: Tensor, *, each_row: bool, row_multiple: int, column_multiple: int) -> Halves:
    """
    Copy a table in 16 bits.

    Parameters
    ----------
    table : Tensor
        (n, d) float32, finite, of any scale.
    each_row : bool
        One power of two for each row; otherwise one for the whole table.
    row_multiple, column_multiple : int
        The copy is padded with zeros to multiples of these.

    Returns
    -------
    Halves
        Of (n, d).

    Notes
    -----
    Scaled in float64, where it is exact for every float32; a few thousand rows at once.
    """
    n, d = table.shape
    low, high = table.aminmax(dim=1) if each_row else (value.expand(n) for value in table.aminmax())
    exponents = torch.frexp(torch.maximum(-low, high)).exponent.long() - _TOP
    rows = table.new_zeros((_up(n, row_multiple), _up(d, column_multiple)), dtype=torch.float16)
    norms, residuals = (torch.empty(n, dtype=torch.float64, device=table.device) for _ in range(2))
    for first in range(0, n, _ROWS_AT_ONCE):
        part = slice(first, min(first + _ROWS_AT_ONCE, n))
        scaled = table[part].double() * power_of_two(-exponents[part])[:, None]
        rows[part, :d] = scaled.half()
        norms[part] = scaled.norm(dim=1)
        residuals[part] = (scaled - rows[part, :d]).norm(dim=1)
    return Halves(rows, exponents, norms, residuals)


def score_scale(queries: Halves, base: Halves) -> Tensor:
    """
    Give what a score of scaled rows is to be multiplied by.

    Parameters
    ----------
    queries : Halves
        Of n rows.
    base : Halves
        Of a table with one power of two.

    Returns
    -------
    Tensor
        (n,) float64, powers of two.
    """
    return power_of_two(queries.exponents + base.exponents[0])


def score_error(queries: Halves, base: Halves, width: int) -> Tensor:
    """
    Bound the difference between the 16-bit score and the float32 score of any pair.

    Parameters
    ----------
    queries : Halves
        Of n rows.
    base : Halves
        Of a table with one power of two.
    width : int
        Columns d of the rows.

    Returns
    -------
    Tensor
        (n,) float64, in the units of the float32 scores; infinity where a score could exceed float32.

    Notes
    -----
    The derivation is in README.md. Rounding is bounded by what it took from these rows, not by its worst case; sums by
    d 2^-22 (16-bit products on tensor cores, which may truncate) and d 2^-23 (float32) of the product of the norms.
    """
    norm, lost = base.norms.max(), base.residuals.max()
    rounding = queries.residuals * norm + (queries.norms + queries.residuals) * lost
    sums = width * (2.0**-22 + 2.0**-23) * (queries.norms + queries.residuals) * (norm + lost)
    scale = score_scale(queries, base)
    error = scale * (rounding + sums) + width * torch.finfo(torch.float32).tiny
    return torch.where(scale * queries.norms * norm < torch.finfo(torch.float32).max / 2, error, torch.inf)


def power_of_two(exponents: Tensor) -> Tensor:
    """
    Compute 2^e exactly.

    Parameters
    ----------
    exponents : Tensor
        (...) int64, from -1022 to 1023.

    Returns
    -------
    Tensor
        (...) float64, made from its bits: `pow` may be off by one in the last place on a GPU.
    """
    return ((exponents + 1023) << 52).view(torch.float64)


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
