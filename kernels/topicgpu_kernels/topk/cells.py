"""Many of the k most similar rows, for a part of the products: a row meets the members of cells near to it."""

import torch
from torch import Tensor

from topicgpu_kernels.topk.keys import to_keys
from topicgpu_kernels.topk.reference import BLOCK
from topicgpu_kernels.topk.sieve import Sieve


class CellSearch:
    """
    Rank the other members of each row's own cell, then those of further cells.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32.
    k : int
        Places of each row.
    home : Tensor
        (n,) int64: the one cell that a row is a member of, from 0.

    Notes
    -----
    n s d FLOP for cells of s rows, and 2 n s d for each further one. A copy of the vectors in the order of the cells:
    a cell is read where it lies; and 24 n k bytes.
    """

    def __init__(self, vectors: Tensor, k: int, home: Tensor) -> None:
        self._order = home.argsort(stable=True)
        self._place = torch.empty_like(self._order)
        self._place[self._order] = torch.arange(len(home), device=home.device)
        self._vectors = vectors[self._order]
        ends = torch.bincount(home).cumsum(0).tolist()
        self._cells = list(zip([0, *ends[:-1]], ends, strict=True))
        self._block = BLOCK[vectors.device.type]
        self._sieve = Sieve(len(vectors), k, self._block, vectors.device)
        for begin, end in self._cells:
            self._join(begin, end)

    def visit(self, cells: Tensor) -> None:
        """
        Compare each row with the members of further cells, which it has not met before.

        Parameters
        ----------
        cells : Tensor
            (n, p) int64; several at a time make fuller tiles.
        """
        visits = cells[self._order].flatten()
        visitors = visits.argsort(stable=True) // cells.shape[1]
        counts = torch.bincount(visits, minlength=len(self._cells)).tolist()
        for rows_of_cell, (begin, end) in zip(visitors.split(counts), self._cells, strict=True):
            for rows in rows_of_cell.split(self._block):
                left = self._vectors[rows]
                for start in range(begin, end, self._block):
                    tile = self._sieve.multiply(left, self._vectors[start : min(start + self._block, end)])
                    self._sieve.offer(tile, 0, rows, start)

    @property
    def complete(self) -> bool:
        """Whether every place of every row is taken."""
        return self._sieve.ranking.complete

    def reverse(self) -> None:
        """Offer each row to the rows that it found; the last step, since a pair that is met again would count twice."""
        ranking = self._sieve.ranking
        scores, indices = ranking.result()
        own = torch.arange(len(indices), device=indices.device)[:, None].expand_as(indices)
        taken = ~scores.isnan()
        rows, columns, scores = indices[taken], own[taken], scores[taken]
        better = (scores > ranking.threshold[rows]).nonzero().squeeze(1)
        rows, columns, scores = rows[better], columns[better], scores[better]
        new = (indices[rows] != columns[:, None]).all(dim=1)
        ranking.add(rows[new], scores[new], columns[new])

    def result(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """
        Read the ranking of some rows.

        Parameters
        ----------
        rows : Tensor
            (r,) int64.

        Returns
        -------
        tuple of (Tensor, Tensor)
            Scores (r, k) float32, descending, and indices (r, k) int64; NaN and -1 in places that nothing has taken.
        """
        scores, places = self._sieve.ranking.result(self._place[rows])
        taken = ~scores.isnan()
        indices = self._order[torch.where(taken, places, 0)]
        ranked = to_keys(scores, indices).argsort(
            dim=1, descending=True
        )  # equal scores stood in the order of the cells
        return scores.gather(1, ranked), torch.where(taken, indices, -1).gather(1, ranked)

    def _join(self, begin: int, end: int) -> None:
        numbers = torch.arange(begin, end, device=self._vectors.device)
        for rows in numbers.split(self._block):
            left = self._vectors[rows[0] : rows[-1] + 1]
            for others in numbers[rows[0] - begin :].split(self._block):
                tile = self._sieve.multiply(left, self._vectors[others[0] : others[-1] + 1])
                if others[0] == rows[0]:
                    tile.diagonal().fill_(-torch.inf)
                self._sieve.offer(tile, 0, rows, int(others[0]))
                if others[0] != rows[0]:
                    self._sieve.offer(tile, 1, others, int(rows[0]))
