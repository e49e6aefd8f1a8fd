"""The two kernels of the fused topk in Triton (Tillet, Kung & Cox 2019), and their launches."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from topicgpu_kernels.topk.plan import Plan, group_max_launch, rescore_launch


# The sizes are not specialised: one compiled variant a width of rows, which is the one that the tests compile.
@triton.jit(do_not_specialize=["n", "m", "own", "groups"])
def _group_max(
    queries,
    base,
    maxima,
    n,
    m,
    own,
    groups,
    D: tl.constexpr,
    GROUP: tl.constexpr,
    BLOCK_Q: tl.constexpr,
    BLOCK_B: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    # Neighboring programs take the same rows of the base and other queries: the base is read from memory once.
    query_tiles = tl.cdiv(n, BLOCK_Q)
    query_tile = tl.program_id(0) % query_tiles
    base_tile = tl.program_id(0) // query_tiles
    rows = tl.arange(0, BLOCK_Q)
    columns = tl.arange(0, BLOCK_B)
    depth = tl.arange(0, BLOCK_D)
    query_at = queries + query_tile.to(tl.int64) * (BLOCK_Q * D) + rows[:, None] * D + depth[None, :]
    base_at = base + base_tile.to(tl.int64) * (BLOCK_B * D) + columns[:, None] * D + depth[None, :]
    scores = tl.zeros((BLOCK_Q, BLOCK_B), dtype=tl.float32)
    for _ in range(0, D, BLOCK_D):
        scores = tl.dot(tl.load(query_at), tl.load(base_at).T, scores)
        query_at += BLOCK_D
        base_at += BLOCK_D
    rows += query_tile * BLOCK_Q
    columns += base_tile * BLOCK_B
    takes_part = (columns < m)[None, :] & (columns[None, :] != rows[:, None] + own)
    scores = tl.where(takes_part, scores, float("-inf"))
    best = tl.max(tl.reshape(scores, (BLOCK_Q, BLOCK_B // GROUP, GROUP)), axis=2)
    group = base_tile * (BLOCK_B // GROUP) + tl.arange(0, BLOCK_B // GROUP)
    inside = (rows < n)[:, None] & (group < groups)[None, :]
    tl.store(maxima + rows[:, None].to(tl.int64) * groups + group[None, :], best, mask=inside)


@triton.jit(do_not_specialize=["m", "width"])
def _rescore(queries, base, groups, own, keys, m, width, D: tl.constexpr, GROUP: tl.constexpr, BLOCK_D: tl.constexpr):
    cell = tl.program_id(0).to(tl.int64)
    row = cell // width
    columns = tl.load(groups + cell) * GROUP + tl.arange(0, GROUP)
    depth = tl.arange(0, BLOCK_D)
    sums = tl.zeros((GROUP, BLOCK_D), dtype=tl.float32)
    for start in range(0, D, BLOCK_D):
        inside = start + depth < D
        query = tl.load(queries + row * D + start + depth, mask=inside, other=0.0)
        at = base + columns[:, None] * D + (start + depth)[None, :]
        sums += tl.load(at, mask=(columns < m)[:, None] & inside[None, :], other=0.0) * query[None, :]
    scores = tl.sum(sums, axis=1)
    # As in keys.py: -0 is 0, negative scores in order, the lower index above.
    bits = tl.where(scores == 0, 0.0, scores).to(tl.int32, bitcast=True)
    ordered = tl.where(bits < 0, bits ^ 0x7FFFFFFF, bits).to(tl.int64)
    key = (ordered << 32) | (0xFFFFFFFF - columns)
    takes_part = (columns < m) & (columns != tl.load(own + row))
    key = tl.where(takes_part, key, -0x8000000000000000)
    tl.store(keys + cell * GROUP + tl.arange(0, GROUP), key)


def group_max(queries: Tensor, base: Tensor, maxima: Tensor, own: int, plan: Plan) -> None:
    """
    Write the largest score of each query in each group of base rows; `parts_torch.group_max` says what.

    Parameters
    ----------
    queries : Tensor
        (rows, D) float16, padded to whole tiles.
    base : Tensor
        (m, D) float16, padded to whole tiles.
    maxima : Tensor
        (rows, groups) float32, contiguous.
    own : int
        Row i leaves out column own + i.
    plan : Plan
        Sizes and tiles.
    """
    launch = group_max_launch(plan, len(maxima))
    with torch.cuda.device_of(maxima):
        _group_max[launch.grid](
            queries,
            base,
            maxima,
            len(maxima),
            plan.m,
            own,
            plan.groups,
            **launch.constants,
            num_warps=launch.warps,
            num_stages=launch.stages,
            enable_fp_fusion=False,
        )


def rescore(queries: Tensor, base: Tensor, groups: Tensor, own: Tensor, keys: Tensor, plan: Plan) -> None:
    """
    Write the keys of the float32 scores of chosen groups; `parts_torch.rescore` says what.

    Parameters
    ----------
    queries : Tensor
        (rows, d) float32, contiguous.
    base : Tensor
        (m, d) float32, contiguous.
    groups : Tensor
        (rows, width) int64, contiguous.
    own : Tensor
        (rows,) int64.
    keys : Tensor
        (rows, width x group) int64, contiguous.
    plan : Plan
        Sizes and tiles.
    """
    launch = rescore_launch(plan, *groups.shape)
    with torch.cuda.device_of(keys):
        _rescore[launch.grid](
            queries,
            base,
            groups,
            own,
            keys,
            plan.m,
            groups.shape[1],
            **launch.constants,
            num_warps=launch.warps,
            num_stages=launch.stages,
            enable_fp_fusion=False,
        )
