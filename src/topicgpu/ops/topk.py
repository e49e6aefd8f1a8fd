"""The k most similar rows: checks, the choice of the implementation, and the call."""

from typing import NamedTuple

from torch import Tensor

from topicgpu.errors import ShapeError
from topicgpu.ops.checks import check_count, check_finite, check_pair
from topicgpu_kernels.topk.reference import topk_reference

IMPLEMENTATION = "reference (torch), the only implementation"


class TopK(NamedTuple):
    """The most similar base rows of each query, best first; ties by the lower index."""

    scores: Tensor  # (n, k) float32, descending
    indices: Tensor  # (n, k) int64


def topk(queries: Tensor, base: Tensor, k: int, *, exclude_self: bool = False) -> TopK:
    """
    Find for each query the k base rows with the largest inner product.

    Parameters
    ----------
    queries : Tensor
        (n, d) float32, float16 or bfloat16.
    base : Tensor
        (m, d) of the same type, on the same device.
    k : int
        From 1 to m, to m - 1 with `exclude_self`.
    exclude_self : bool
        Row i of `queries` is row i of `base`, and is not its own neighbor.

    Returns
    -------
    TopK
        Scores (n, k) float32, descending, and indices (n, k) int64; rows with equal scores by the lower index.

    Raises
    ------
    ShapeError
        If the tables do not fit together, or `k` is out of range.
    DTypeError
        If a table is of another type, or the types differ.
    NumericalError
        If an input or a score is not finite.

    Notes
    -----
    2 n m d FLOP; memory O(n k) and one tile of scores, never (n, m). 16-bit rows are multiplied and summed in float32.
    """
    check_pair(("queries", "base"), queries, base)
    if exclude_self and len(queries) != len(base):
        raise ShapeError(
            f"queries and base must be the same rows with exclude_self; got {len(queries)} and {len(base)} rows."
        )
    limit = len(base) - exclude_self
    check_count("k", k, 1, limit, f"base has {len(base)} rows" + (", self excluded" if exclude_self else ""))
    check_finite("queries", queries)
    check_finite("base", base)
    scores, indices = topk_reference(queries, base, k, exclude_self=exclude_self)
    check_finite("scores", scores)
    return TopK(scores, indices)
