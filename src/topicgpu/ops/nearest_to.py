"""The nearest of known rows to new ones, by Euclidean distance."""

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from topicgpu.errors import ShapeError
from topicgpu.ops.checks import check_count, check_finite
from topicgpu.ops.mst import Nearest
from topicgpu_kernels.mst.reference import MOST_DIMENSIONS

_DIFFERENCES = 2**26  # numbers at once, 512 MB


def nearest_to(queries: Tensor, vectors: Tensor, k: int) -> Nearest:
    """
    Find the k rows of a table that are nearest to each of other rows, exact in float64.

    Parameters
    ----------
    queries : Tensor
        (q, d) float32 or float64.
    vectors : Tensor
        (n, d) float32 or float64, on the same device.
    k : int
        From 1 to n.

    Returns
    -------
    Nearest
        Rows of `vectors` (q, k), nearest first, and their distances.

    Raises
    ------
    ShapeError
        If the tables do not fit together, or `k` is out of range.
    NumericalError
        If a row is not finite.

    Notes
    -----
    Up to ten dimensions by a k-d tree on the host; beyond them 3 q n d FLOP, by differences and not by products, so
    that a row's answer is the same alone and among others.
    """
    if queries.ndim != 2 or vectors.ndim != 2 or queries.shape[1] != vectors.shape[1]:
        raise ShapeError(
            f"queries and vectors must have rows of one width; got {tuple(queries.shape)} and {tuple(vectors.shape)}."
        )
    check_count("k", k, 1, len(vectors), f"vectors has {len(vectors)} rows")
    check_finite("queries", queries)
    check_finite("vectors", vectors)
    if vectors.shape[1] <= MOST_DIMENSIONS:
        tree = cKDTree(vectors.cpu().double().numpy())
        distances, rows = tree.query(queries.cpu().double().numpy(), np.arange(1, k + 1), workers=-1)
        found = torch.from_numpy(np.asarray(rows, dtype=np.int64)), torch.from_numpy(np.asarray(distances))
        return Nearest(*(table.to(vectors.device) for table in found))
    parts = queries.double().split(max(_DIFFERENCES // max(vectors.numel(), 1), 1))
    base = vectors.double()
    tables = [
        torch.cdist(part, base, compute_mode="donot_use_mm_for_euclid_dist").topk(k, dim=1, largest=False)
        for part in parts
    ]
    return Nearest(torch.cat([table.indices for table in tables]), torch.cat([table.values for table in tables]))
