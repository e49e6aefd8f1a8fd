"""Most of the k most similar rows of a table too long for all pairs, and which share of them was found."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from topicgpu.ops.checks import check_count, check_finite, check_matrix
from topicgpu.ops.topk import TopK, topk
from topicgpu_kernels.topk.cells import CellSearch

_CELL = 500  # rows of a cell, on average
_SAMPLE = 32  # rows of a cell that its center is the mean of
_ITERATIONS = 4  # of k-means: more do not find more neighbors
_STEP = 4  # cells that are added before recall is looked at again
_AT_A_TIME = 8192  # rows that are compared with all centers
_JUDGED = 1000  # rows whose neighbors are also looked for among all
_ROUNDING = 1e-6  # of a cosine in float32


def topk_partitioned(vectors: Tensor, k: int, *, recall: float, seed: int) -> TopK:
    """
    Find for each row the k most similar others among the members of the cells that are nearest to it.

    Parameters
    ----------
    vectors : Tensor
        (n, d) float32 unit rows.
    k : int
        From 1 to n - 1.
    recall : float
        Share of the true neighbors to be found; cells are added until a sample of rows reaches it.
    seed : int
        Of the sample and of the cells.

    Returns
    -------
    TopK
        Equal scores by the lower index, but where they tie for the last place: the cell that was met first has it. The
        recall is that of 1,000 rows, whose standard error is below 0.005 for the spread of real texts.

    Raises
    ------
    ShapeError
        If `k` is out of range or the table has not two axes.
    DTypeError
        If the table is not of floats.
    NumericalError
        If a row or a score is not finite.

    Notes
    -----
    2 n p s d FLOP for p cells of s rows, and 2 n d (n / s) for finding them. More cells are met as n grows: time grew
    with n to the 1.6 from 100,000 to 189,000 rows. Memory: a copy of the vectors, 24 n k bytes, and 8 n for each cell
    of a row. Cells are those of spherical k-means on a sample (Dhillon and Modha, 2001), as in an inverted file (Jegou,
    Douze and Schmid, 2011), only that every row is also a query.
    """
    check_matrix("vectors", vectors)
    check_count("k", k, 1, len(vectors) - 1, f"vectors has {len(vectors)} rows, self excluded")
    check_finite("vectors", vectors)
    vectors = vectors.float()
    generator = torch.Generator().manual_seed(seed)
    sample = torch.randperm(len(vectors), generator=generator)[:_JUDGED].sort().values.to(vectors.device)
    needed = _kth_scores(vectors, sample, k)
    centers = _centers(vectors, generator)
    centers = centers[_nearest(vectors, centers, 1)[:, 0].unique()]
    width = min(32, len(centers))
    near = _nearest(vectors, centers, width)
    search = CellSearch(vectors, k, near[:, 0])
    met = 1
    while met < len(centers) and (_recall(search, sample, needed) < recall or not search.complete):
        if met == near.shape[1]:
            near = torch.cat([near, _nearest(vectors, centers, min(met, len(centers) - met), near)], dim=1)
        step = near[:, met : met + _STEP]
        search.visit(step)
        met += step.shape[1]
    search.reverse()
    share = _recall(search, sample, needed)
    scores, indices = search.result(torch.arange(len(vectors), device=vectors.device))
    check_finite("scores", scores)
    return TopK(scores, indices, share, f"the {met} nearest of {len(centers)} cells (torch)")


def _centers(vectors: Tensor, generator: torch.Generator) -> Tensor:
    count = max(len(vectors) // _CELL, 1)
    drawn = torch.randperm(len(vectors), generator=generator)[: count * _SAMPLE].to(vectors.device)
    rows = vectors[drawn]
    centers = rows[:count]
    for _ in range(_ITERATIONS):
        nearest = _nearest(rows, centers, 1)[:, 0]
        sums = torch.zeros_like(centers).index_add_(0, nearest, rows)
        centers = torch.where(sums.any(dim=1, keepdim=True), normalize(sums, dim=1), centers)
    return centers


def _nearest(rows: Tensor, centers: Tensor, width: int, met: Tensor | None = None) -> Tensor:
    """Give (n, width) numbers of the nearest centers, nearest first; none that a row has met before."""
    parts = []
    for first in range(0, len(rows), _AT_A_TIME):
        scores = rows[first : first + _AT_A_TIME] @ centers.T
        if met is not None:
            scores.scatter_(1, met[first : first + _AT_A_TIME], -torch.inf)
        parts.append(scores.topk(width, dim=1).indices)
    return torch.cat(parts)


def _kth_scores(vectors: Tensor, sample: Tensor, k: int) -> Tensor:
    """Give the true k-th score of each row of a sample."""
    scores, indices = topk(vectors[sample], vectors, k + 1)[:2]
    # The row itself is left out; where duplicates have pushed it off the list, the last is one too many.
    alone = indices == sample[:, None]
    before = alone[:, :k].any(dim=1)
    return torch.where(before, scores[:, k], scores[:, k - 1])


def _recall(search: CellSearch, sample: Tensor, needed: Tensor) -> float:
    """Share of places of a sample that hold a true neighbor, or one as good."""
    scores, _ = search.result(sample)
    return float((scores >= needed[:, None] - _ROUNDING).double().mean())
