"""The k best of each row while candidates come in, in any order and any number."""

import torch
from torch import Tensor

from topicgpu_kernels.topk.keys import LOWEST, from_keys, to_keys

_WIDTH = 64  # candidates of a row in one selection: rows with thousands more must not widen the table for all


class Ranking:
    """
    Keep the k best candidates of each row: score first, then the lower index.

    Parameters
    ----------
    n, k : int
        Rows, and places of each.
    limit : int
        Candidates that are held before they are merged.
    device : torch.device
        Of the candidates.

    Attributes
    ----------
    k : int
        Places of each row.
    threshold : Tensor
        (n,) float32: there are k candidates at least as good as this. Where indices only grow, one that is to come must
        be better.

    Notes
    -----
    8 n k bytes, and some 50 for each candidate that is held.
    """

    def __init__(self, n: int, k: int, limit: int, device: torch.device) -> None:
        self._keys = torch.full((n, k), LOWEST, dtype=torch.int64, device=device)
        self.threshold = torch.full((n,), -torch.inf, device=device)
        self.k = k
        self._limit, self._held, self._waiting = limit, 0, list[tuple[Tensor, Tensor]]()

    def add(self, rows: Tensor, scores: Tensor, columns: Tensor) -> None:
        """Take candidates (c,): whose, how good, and which; no pair twice."""
        # A NaN has a sign, and with the wrong one it would be last instead of first, where it is seen.
        self._waiting.append((rows, to_keys(torch.where(scores.isnan(), torch.nan, scores), columns)))
        self._held += len(rows)
        if self._held > self._limit:
            self._merge()

    @property
    def complete(self) -> bool:
        """Whether every place of every row is taken."""
        self._merge()
        return bool((self._keys != LOWEST).all())

    def result(self, rows: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scores (n, k) descending and indices of these rows, or of all; NaN in places that nothing has taken."""
        self._merge()
        keys = self._keys if rows is None else self._keys[rows]
        return from_keys(keys.sort(dim=1, descending=True).values)

    def _merge(self) -> None:
        if not self._held:
            return
        rows, order = torch.cat([rows for rows, _ in self._waiting]).sort()
        keys = torch.cat([keys for _, keys in self._waiting])[order]
        self._waiting, self._held = [], 0
        _, run, counts = rows.unique_consecutive(return_inverse=True, return_counts=True)
        places = torch.arange(len(rows), device=rows.device) - (counts.cumsum(0) - counts)[run]
        most = int(counts.max())
        for first in range(0, most, _WIDTH):
            if most <= _WIDTH:
                self._select(rows, places, keys, most)
            else:
                part = (places >= first) & (places < first + _WIDTH)
                self._select(rows[part], places[part] - first, keys[part], _WIDTH)

    def _select(self, rows: Tensor, places: Tensor, keys: Tensor, width: int) -> None:
        k = self._keys.shape[1]
        touched, slots = rows.unique_consecutive(return_inverse=True)
        table = keys.new_full((len(touched), k + width), LOWEST)
        table[:, :k] = self._keys[touched]
        table[slots, k + places] = keys
        best = table.topk(k, dim=1, sorted=False).values
        self._keys[touched] = best
        last = best.amin(dim=1)
        full = touched[last != LOWEST]
        self.threshold[full] = torch.maximum(self.threshold[full], from_keys(last[last != LOWEST])[0])
