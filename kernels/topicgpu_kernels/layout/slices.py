"""The edges of a graph dealt into slices, so that no vertex follows many of its edges at once."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SLICES = 8


class Slice(NamedTuple):
    """Some edges of every vertex, row by row."""

    offsets: Tensor  # (n + 1,) int32: where the edges of a vertex begin
    columns: Tensor  # (e,) int32: the other ends
    weights: Tensor  # (e,) float32

    def to(self, device: torch.device) -> "Slice":
        """
        Move.

        Parameters
        ----------
        device : torch.device
            Where to.

        Returns
        -------
        Slice
            There.
        """
        return Slice(*(part.to(device) for part in self))


def deal(offsets: NDArray[np.integer], columns: NDArray[np.integer], weights: NDArray[np.float32]) -> tuple[Slice, ...]:
    """
    Deal the edges of each vertex, heaviest first, one to a slice in turn.

    Parameters
    ----------
    offsets : ndarray
        (n + 1,) where the edges of a vertex begin.
    columns : ndarray
        (e,) other ends, each once for a vertex.
    weights : ndarray
        (e,) float32.

    Returns
    -------
    tuple of Slice
        Eight, which together hold every edge once. A vertex begins with the slice of its number, so that no slice has
        all the heaviest edges.
    """
    n = len(offsets) - 1
    rows = np.repeat(np.arange(n), np.diff(offsets))
    order = np.lexsort((columns, -weights, rows))
    columns, weights = columns[order], weights[order]
    dealt = (np.arange(len(rows)) - offsets[:-1][rows] + rows) % SLICES
    slices = []
    for part in range(SLICES):
        mine = np.flatnonzero(dealt == part)
        ends = np.concatenate([[0], np.cumsum(np.bincount(rows[mine], minlength=n))])
        parts = (ends.astype(np.int32), columns[mine].astype(np.int32), weights[mine].astype(np.float32))
        slices.append(Slice(*(torch.from_numpy(part) for part in parts)))
    return tuple(slices)
