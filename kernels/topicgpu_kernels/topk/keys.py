"""The order of a ranking as one whole number: score first, then the lower index, and nothing ties."""

import torch
from torch import Tensor

LOWEST = -(1 << 63)  # the key of what takes no part: below every key of a score


def to_keys(scores: Tensor, columns: Tensor) -> Tensor:
    """
    Pack scores and indices so that a larger key ranks higher.

    Parameters
    ----------
    scores : Tensor
        (...) float32; 0 and -0 are one score.
    columns : Tensor
        (...) int64, from 0 to 2^32 - 1.

    Returns
    -------
    Tensor
        (...) int64: the score in the upper half, the index counted down in the lower.

    Notes
    -----
    A float32 read as an integer is in order among the positive numbers and in reverse among the negative ones; turning
    the bits of those over below the sign mends that (the usual key of a radix sort of floats).
    """
    bits = torch.where(scores == 0, 0.0, scores).contiguous().view(torch.int32)
    return (_turn(bits).long() << 32) | (0xFFFFFFFF - columns)


def from_keys(keys: Tensor) -> tuple[Tensor, Tensor]:
    """
    Unpack keys.

    Parameters
    ----------
    keys : Tensor
        (...) int64 from `to_keys`.

    Returns
    -------
    tuple of (Tensor, Tensor)
        Scores (...) float32 and indices (...) int64; the score of `LOWEST` is NaN.
    """
    return _turn((keys >> 32).int()).view(torch.float32), 0xFFFFFFFF - (keys & 0xFFFFFFFF)


def _turn(bits: Tensor) -> Tensor:
    return torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
