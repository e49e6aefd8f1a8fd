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
    # Copies: torch takes no array that is read-only.
    starts, ends, heavy = (torch.from_numpy(np.array(part)) for part in (offsets.astype(np.int64), columns, weights))
    rows = torch.repeat_interleave(torch.arange(n), starts.diff())
    # Bits of floats that are not negative are in the order of the floats. Edges of one weight stay in their order.
    order = torch.sort((rows << 32) - heavy.view(torch.int32), stable=True).indices
    dealt = (torch.arange(len(rows)) - starts[rows] + rows) % SLICES
    slices = []
    for part in range(SLICES):
        mine = (dealt == part).nonzero()[:, 0]
        counts = torch.bincount(rows[mine], minlength=n)
        begin = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        slices.append(Slice(begin.int(), ends[order[mine]].int(), heavy[order[mine]]))
    return tuple(slices)
