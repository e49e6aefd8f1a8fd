"""Which vertices repel which: numbers that depend on seed, epoch, slice and vertex alone."""

import numpy as np
import torch
from torch import Tensor

DRAWS = 4  # of a vertex in a slice: one block of the generator


def draw(n: int, among: int, seed: int, epoch: int, part: int) -> Tensor:
    """
    Draw vertices for every vertex.

    Parameters
    ----------
    n : int
        Vertices that are repelled.
    among : int
        Vertices that repel; below 2^32.
    seed : int
        Key, from 0 to 2^64 - 1.
    epoch, part : int
        The slice.

    Returns
    -------
    Tensor
        (4, n) int32 from 0 to among - 1.

    Notes
    -----
    Philox 4x64-10 (Salmon, Moraes, Dror and Shaw, 2011) in NumPy, with key (seed, 0) and counter (vertex, part, epoch,
    0): a vertex's numbers are those of its block, whoever asks for them and in whatever order.
    """
    first = (epoch << 128) + (part << 64)
    generator = np.random.Philox(key=seed, counter=(first - 1) % 2**256)  # NumPy counts before it draws
    words = generator.random_raw(DRAWS * n)
    words >>= np.uint64(32)
    words *= np.uint64(among)
    words >>= np.uint64(32)
    return torch.from_numpy(words.reshape(n, DRAWS).T.astype(np.int32, order="C"))
