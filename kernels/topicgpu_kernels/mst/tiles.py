"""Searches in many dimensions: tiles of distances to all rows, by products in float64. The same on CPU and CUDA."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from topicgpu_kernels.mst.edges import Edges, Floats, Rows, Vectors, all_edges, weigh

_TILE = {"cpu": 1 << 21, "cuda": 1 << 26}  # distances of a tile: 16 MB, and 512 MB


class Tiles:
    """
    Squared distances of rows to all rows, tile by tile, and how far off rounding may have put them.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32 or float64, on the device of the products.
    """

    def __init__(self, vectors: Tensor) -> None:
        rows = vectors.double()
        # Squares keep their digits only beside norms that are not far larger.
        self._rows = rows - rows.mean(dim=0)
        self._norms = self._rows.square().sum(dim=1)
        self.off = rounding(vectors, np.finfo(np.float64).eps)

    def __call__(self, rows: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """
        Measure some rows.

        Parameters
        ----------
        rows : Tensor
            (m,) int64.

        Yields
        ------
        tuple of (Tensor, Tensor)
            Some of the rows, and their squared distances to all rows, which the next tile overwrites.
        """
        step = max(_TILE[self._rows.device.type] // max(len(self._rows), 1), 1)
        for part in rows.split(step):
            squares = torch.addmm(self._norms, self._rows[part], self._rows.T, alpha=-2)
            yield part, squares.add_(self._norms[part, None])


def rounding(vectors: Tensor, eps: float) -> float:
    """
    Bound the error of a squared distance that is computed as two squares less a product.

    Parameters
    ----------
    vectors : Tensor
        (n, d) rows.
    eps : float
        Spacing of the numbers at 1.

    Returns
    -------
    float
        (d + 8) eps times the square of the widest distance that there can be, which covers sums in any order (Higham
        2002, section 3.1).
    """
    rows = vectors.double()
    largest = (rows - rows.mean(dim=0)).square().sum(dim=1).max().item() if len(rows) else 0.0
    return (vectors.shape[1] + 8) * eps * 4 * largest


class TileSearch:
    """
    Exact search among the rows of other components: products propose, differences decide.

    Parameters
    ----------
    vectors : ndarray
        (n, d) float32 or float64.
    core : ndarray
        (n,) core distances.
    device : torch.device
        Where the products run.
    """

    def __init__(self, vectors: Vectors, core: Floats, device: torch.device) -> None:
        self._vectors, self._core = vectors, core
        self._tiles = Tiles(torch.from_numpy(vectors).to(device))
        self._squares = torch.from_numpy(core).to(device).square()
        self._device = device

    def __call__(self, rows: Rows, component: Rows, bound: Floats, reach: Floats) -> Edges:
        """Look from some rows for what leads out of their components (`topicgpu_kernels.mst.rounds.Search`)."""
        components = torch.from_numpy(component).to(self._device)
        found = []
        for part, squares in self._tiles(torch.from_numpy(rows).to(self._device)):
            squares.masked_fill_(components[part, None] == components, torch.inf)
            weights = torch.maximum(squares, self._squares)
            # Below its own core distance all edges of a row weigh the same, and their distances decide.
            least = torch.maximum(weights.amin(dim=1), self._squares[part]) + 2 * self._tiles.off
            near, others = (weights <= least[:, None]).nonzero(as_tuple=True)
            first = part.cpu().numpy()
            edges = weigh(self._vectors, self._core, first[near.cpu().numpy()], others.cpu().numpy())
            best = _first_of_each(edges, near.cpu().numpy())
            found.append(best)
            reach[first] = np.maximum(reach[first], best.weight)
        return all_edges(*found)


def _first_of_each(edges: Edges, group: Rows) -> Edges:
    """Keep the first edge of each group."""
    order = np.lexsort((*edges[::-1], group))
    return edges.take(order[np.unique(group[order], return_index=True)[1]])
