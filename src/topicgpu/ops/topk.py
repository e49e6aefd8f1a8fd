"""The k most similar rows: checks, the choice of the implementation, and the call."""

from importlib import metadata
from importlib.util import find_spec
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from topicgpu.errors import MissingExtraError, ShapeError, TopicGPUError
from topicgpu.ops.checks import check_count, check_finite, check_pair
from topicgpu.ops.gpu import gpu_problem, reason
from topicgpu_kernels.topk.plan import Plan, architecture, plan_topk
from topicgpu_kernels.topk.reference import topk_reference


class TopK(NamedTuple):
    """The most similar base rows of each query, best first; ties by the lower index."""

    scores: Tensor  # (n, k) float32, descending
    indices: Tensor  # (n, k) int64
    recall: float = 1.0  # 1 where exact; else the share of true neighbors found, on a sample of rows
    how: str = ""  # by what, and why not by the fused kernels


def topk(
    queries: Tensor,
    base: Tensor,
    k: int,
    *,
    exclude_self: bool = False,
    impl: Literal["auto", "reference", "fused"] = "auto",
    mode: Literal["exact", "fast"] = "exact",
) -> TopK:
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
    impl : str
        `auto` takes the fused kernels where they can run and pay, and the reference otherwise.
    mode : str
        `fast` lets the fused kernels answer without proof, and measures the recall; the reference is always exact.

    Returns
    -------
    TopK
        Scores (n, k) float32, descending, and indices (n, k) int64; rows with equal scores by the lower index.

    Raises
    ------
    ShapeError
        If the tables do not fit together, `impl` or `mode` is none of these, `k` is out of range, or too large a share
        of the base for `impl="fused"`.
    DTypeError
        If a table is of another type, or the types differ.
    NumericalError
        If an input or a score is not finite.
    DeviceError
        If `impl="fused"` and the device can't run it.
    MissingExtraError
        If `impl="fused"` and Triton is not installed.

    Notes
    -----
    2 n m d FLOP; memory O(n k) and one block of scores, never (n, m). Scores are summed in float32 by either
    implementation, in other orders: they agree to float32's rounding.
    """
    check_pair(("queries", "base"), queries, base)
    _check_word("impl", impl, ("auto", "reference", "fused"))
    _check_word("mode", mode, ("exact", "fast"))
    if exclude_self and len(queries) != len(base):
        raise ShapeError(
            f"queries and base must be the same rows with exclude_self; got {len(queries)} and {len(base)} rows."
        )
    limit = len(base) - exclude_self
    check_count("k", k, 1, limit, f"base has {len(base)} rows" + (", self excluded" if exclude_self else ""))
    check_finite("queries", queries)
    check_finite("base", base)
    plan = None if impl == "reference" else _plan(queries, base, k, exact=mode == "exact")
    if impl == "fused" and plan is None:
        raise _problem(base.device) or ShapeError(
            f'k = {k} is too large a share of {len(base)} rows for impl="fused"; take impl="reference".'
        )
    if plan is None:
        problem = _problem(base.device)
        why = "asked for" if impl == "reference" else reason(problem) if problem else "k is a large share of the rows"
        ranked = topk_reference(queries, base, k, exclude_self=exclude_self)
        found = TopK(*ranked, how=f"reference (torch): {why}")
    else:
        from topicgpu_kernels.topk import parts_triton
        from topicgpu_kernels.topk.fused import topk_fused

        fused = topk_fused(queries, base, k, exclude_self=exclude_self, plan=plan, parts=parts_triton)
        by = f"fused (Triton {metadata.version('triton')})"
        how = by if fused.filtered == 1 else f"{by}; {1 - fused.filtered:.2%} of the rows by the reference"
        found = TopK(fused.scores, fused.indices, fused.recall, how)
    check_finite("scores", found.scores)
    return found


def topk_implementation(device: str | torch.device) -> str:
    """
    Say what `impl="auto"` runs on a device, and why.

    Parameters
    ----------
    device : str or torch.device
        As of the tensors.

    Returns
    -------
    str
        For the manifest and `topicgpu doctor`.
    """
    problem = _problem(torch.device(device))
    if problem:
        return f"reference (torch): {reason(problem)}"
    return f"fused (Triton {metadata.version('triton')}); the reference (torch) where k is a large share of the rows"


def _check_word(name: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise ShapeError(f"{name} = {value!r} must be one of {', '.join(words)}.")


def _plan(queries: Tensor, base: Tensor, k: int, *, exact: bool) -> Plan | None:
    if _problem(base.device):
        return None
    arch = architecture(torch.cuda.get_device_capability(base.device))
    m, d = base.shape
    return plan_topk(arch, len(queries), m, d, k, exact=exact) if arch else None


def _problem(device: torch.device) -> TopicGPUError | None:
    """Why the fused kernels can't run."""
    problem = gpu_problem(device)
    if problem is None and find_spec("triton") is None:
        return MissingExtraError('impl="fused" needs Triton, which is not installed; pip install triton.')
    return problem
