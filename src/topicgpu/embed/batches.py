"""How many texts make a batch: pure planning, no tensors."""

import numpy as np

from topicgpu.types import Ints


def longest_first(lengths: Ints) -> Ints:
    """
    Order texts so that neighbors are alike in length, and memory runs out early or never.

    Parameters
    ----------
    lengths : ndarray of int, shape (n,)
        Tokens of each text.

    Returns
    -------
    ndarray of int, shape (n,)
        Rows, the longest first, equal ones in their order.
    """
    return np.argsort(-lengths, kind="stable")


def batch_size(lengths: Ints, budget: int, pad_to: int | None) -> int:
    """
    Count the texts at the front that make a batch of at most `budget` tokens, padding included.

    Parameters
    ----------
    lengths : ndarray of int, shape (n,)
        Tokens of each text, the longest first; n at least 1.
    budget : int
        Tokens a batch.
    pad_to : int or None
        Texts are padded to the longest, rounded up to a multiple of this; None: they are not padded.

    Returns
    -------
    int
        At least 1: a text over the budget makes a batch of its own.
    """
    if pad_to is None:
        filled = np.cumsum(lengths[: budget + 1])
        return max(1, int(np.searchsorted(filled, budget, side="right")))
    width = -(-max(int(lengths[0]), 1) // pad_to) * pad_to
    return min(len(lengths), max(1, budget // width))
