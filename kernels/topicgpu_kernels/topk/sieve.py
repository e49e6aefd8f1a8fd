"""What of a tile of scores may be among the k best: most of a tile is passed over eight columns at a time."""

import torch
from torch import Tensor

from topicgpu_kernels.topk.ranking import Ranking

_GROUP = 8  # columns that are looked at as one; with 4 or 16 the whole costs more (README.md)


class Sieve:
    """
    Multiply tiles and keep what beats the k best so far.

    Parameters
    ----------
    n, k : int
        Rows to be served, and places of each.
    block : int
        Rows and columns of the largest tile.
    device : torch.device
        Of the rows.

    Attributes
    ----------
    ranking : Ranking
        What was kept.

    Notes
    -----
    4 block^2 bytes for the tile, and at most 100 for each of its pairs while one is offered.
    """

    def __init__(self, n: int, k: int, block: int, device: torch.device) -> None:
        self.ranking = Ranking(n, k, 16 * block, device)
        side = _padded(block)
        self._scores = torch.empty(side * side, device=device)

    def multiply(self, left: Tensor, right: Tensor) -> Tensor:
        """
        Multiply rows (r, d) by rows (c, d).

        Returns
        -------
        Tensor
            (r, c) scores, filled up with -inf to whole groups; overwritten by the next call.
        """
        rows, columns = len(left), len(right)
        height, width = _padded(rows), _padded(columns)
        tile = self._scores[: height * width].view(height, width)
        tile[rows:] = -torch.inf
        tile[:, columns:] = -torch.inf
        torch.mm(left, right.T, out=tile[:rows, :columns])
        return tile

    def offer(self, tile: Tensor, axis: int, rows: Tensor, start: int) -> None:
        """
        Give rows what may be among their k best.

        Parameters
        ----------
        tile : Tensor
            From `multiply`.
        axis : int
            0 where its rows are served, 1 where its columns are.
        rows : Tensor
            (r,) or (c,) their numbers in the ranking.
        start : int
            Index of the first candidate; the others follow. Where a row's candidates come by rising index, equal scores
            go to the lower one.
        """
        ranking = self.ranking
        # A group takes every (side / 8)th candidate: its maximum is found a whole line of memory at a time.
        maxima = tile.unflatten(1 - axis, (_GROUP, -1)).amax(1 - axis)
        if axis == 1:
            maxima, tile = maxima.T, tile.T
        threshold = tile.new_full((len(tile), 1), torch.inf)
        threshold[: len(rows), 0] = ranking.threshold[rows]
        if ranking.k <= maxima.shape[1] and (threshold == -torch.inf).any():
            threshold = self._first(maxima, rows, threshold)
        # Not "above", which a NaN never is.
        row, group = (maxima <= threshold).logical_not_().nonzero().unbind(1)
        members = tile.unflatten(1, (_GROUP, -1))[row, :, group]
        chosen, member = (members <= threshold[row]).logical_not_().nonzero().unbind(1)
        columns = member * maxima.shape[1] + group[chosen] + start
        ranking.add(rows[row[chosen]], members[chosen, member], columns)

    def _first(self, maxima: Tensor, rows: Tensor, threshold: Tensor) -> Tensor:
        """Set the mark of rows that have none: k groups hold k candidates as good, and later ones must be better."""
        enough = maxima.topk(self.ranking.k, dim=1, sorted=False).values.amin(dim=1, keepdim=True)
        fresh = threshold == -torch.inf
        self.ranking.threshold[rows] = torch.where(fresh, enough, threshold)[: len(rows), 0]
        return torch.where(fresh, enough.nextafter(enough.new_tensor(-torch.inf)), threshold)


def _padded(count: int) -> int:
    return -(-count // _GROUP) * _GROUP
