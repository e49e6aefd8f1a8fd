"""Batches by token budget: pure planning, no tensors."""

from collections.abc import Iterator, Sequence

import numpy as np

from topicgpu.types import Ints

# Lengths are padded to a multiple of this, so that a run has few distinct shapes.
_PAD_TO = 8


def plan_batches(lengths: Sequence[int] | Ints, budget: int) -> Iterator[tuple[Ints, int]]:
    """
    Group texts of similar length so that no batch holds more than `budget` tokens, padding included.

    Parameters
    ----------
    lengths : sequence of int, length n
        Tokens of each text.
    budget : int
        Tokens a batch; a longer text makes a batch of its own.

    Yields
    ------
    (ndarray of int, int)
        Rows of the batch, and the length to pad them to. Longest first, so that memory runs out early or never.
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        width = -(-max(int(lengths[order[start]]), 1) // _PAD_TO) * _PAD_TO
        size = max(1, budget // width)
        yield order[start : start + size], width
        start += size
