"""What a layout is computed from, checked and prepared once: the same for the reference and the kernel."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from topicgpu_kernels.layout.draws import DRAWS
from topicgpu_kernels.layout.forces import force_table
from topicgpu_kernels.layout.slices import SLICES, Slice, deal

_ATTRACTION = np.float32(1.5)  # of 1 to 2, neighborhoods are kept best with 1, and groups found best with 2


class Problem(NamedTuple):
    """Edges and forces of a layout."""

    slices: tuple[Slice, ...]
    repulsion: Tensor  # (n,) float32: weight of each vertex that repels one
    table: Tensor  # of `force_table`
    rates: tuple[np.float32, ...]  # how far a force of 1 moves a vertex, by epoch
    seed: int


def prepare(
    offsets: NDArray[np.integer],
    columns: NDArray[np.integer],
    weights: NDArray[np.float32],
    *,
    a: float,
    b: float,
    n_epochs: int,
    learning_rate: float,
    repulsion: float,
    seed: int,
    device: torch.device,
) -> Problem:
    """
    Weigh attraction and repulsion by what UMAP draws in the mean.

    Parameters
    ----------
    offsets, columns, weights : ndarray
        The graph by rows; weights in (0, 1].
    a, b : float
        Of the similarity in the layout.
    n_epochs : int
        Passes over the edges.
    learning_rate : float
        Of the first epoch; it falls to zero in equal steps.
    repulsion : float
        Vertices drawn for each edge, times the strength of their forces.
    seed : int
        Of the draws.
    device : torch.device
        Where the layout will be computed.

    Returns
    -------
    Problem
        For `layout_reference` or `layout_fused`.

    Notes
    -----
    UMAP draws an edge in an epoch with its share of the heaviest weight, from each of its ends, moves that end, and
    lets five vertices repel it (McInnes, Healy and Melville, 2018, algorithm 5). Here each end moves in every epoch, by
    that share, and is repelled by 32 vertices whose weights add to five times its edges'. umap-learn moves the other
    end too, which doubles attraction, but its steps go too far and lose some of that: one and a half times here.
    """
    heaviest = weights.max(initial=np.float32(0)) or np.float32(1)
    shares = weights / heaviest
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    total = np.bincount(rows, shares.astype(np.float64), minlength=len(offsets) - 1)
    drawn = torch.from_numpy((total * (repulsion / (SLICES * DRAWS))).astype(np.float32))
    return Problem(
        slices=tuple(part.to(device) for part in deal(offsets, columns, _ATTRACTION * shares)),
        repulsion=drawn.to(device),
        table=force_table(a, b).to(device),
        rates=tuple(np.float32(learning_rate * (1 - epoch / n_epochs)) for epoch in range(n_epochs)),
        seed=seed,
    )
