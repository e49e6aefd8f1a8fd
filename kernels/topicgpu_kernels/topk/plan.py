"""Launch plans of the fused topk: pure functions of architecture and sizes, with the work of every launch counted."""

from dataclasses import dataclass, replace
from math import ceil

# Rows of the base that share one maximum: more of them cost bytes in the rescoring, fewer cost bytes of maxima.
GROUP = 32
# A row without a certificate is tried once more with this many times the groups, before the reference takes it.
WIDEN = 8
# The rescored share of the base below which groups pay: an estimate from the bounds of both ways (README.md).
PAYS_BELOW = 1 / 16
# Queries of a block at most: their 16-bit copies (3 MB at 384 dimensions) then stay in the L2 cache.
MOST_QUERIES = 4096


@dataclass(frozen=True)
class Tile:
    """What one program of `group_max` computes, and with what."""

    queries: int
    base: int
    depth: int
    warps: int
    stages: int


# The smaller tile fits into the 99 KB of shared memory of consumer cards, too.
TILES = {
    "sm_80": Tile(queries=128, base=128, depth=32, warps=8, stages=4),
    "sm_90": Tile(queries=128, base=256, depth=64, warps=8, stages=4),
    "sm_100": Tile(queries=128, base=256, depth=64, warps=8, stages=4),
}


@dataclass(frozen=True)
class Plan:
    """One call of the fused topk: sizes, groups and blocks."""

    tile: Tile
    n: int
    m: int
    d: int
    k: int
    exact: bool
    widths: tuple[int, ...]  # groups that are rescored: at first, and again for rows without a certificate
    query_block: int
    group: int = GROUP

    @property
    def groups(self) -> int:
        """Groups of the base."""
        return ceil(self.m / self.group)

    @property
    def depth(self) -> int:
        """Columns of the 16-bit copies: d, and zeros up to whole tiles."""
        return ceil(self.d / self.tile.depth) * self.tile.depth


@dataclass(frozen=True)
class Launch:
    """One launch of a kernel: its grid, its constants, and its work for the roofline."""

    grid: tuple[int]
    warps: int
    stages: int
    constants: dict[str, int]
    flop: float
    read_bytes: float  # from device memory, with every operand read once
    written_bytes: float


def architecture(capability: tuple[int, int]) -> str | None:
    """
    Name the set of tiles for a device.

    Parameters
    ----------
    capability : tuple of (int, int)
        Compute capability, as of `torch.cuda.get_device_capability`.

    Returns
    -------
    str or None
        A key of `TILES`; None below 8.0, where the kernels are not tried.
    """
    major, _ = capability
    if major < 8:
        return None
    # wgmma and tcgen05 are instructions of the data-centre parts; other cards run the code for 8.0.
    return {9: "sm_90", 10: "sm_100"}.get(major, "sm_80")


def plan_topk(
    arch: str, n: int, m: int, d: int, k: int, *, exact: bool = True, memory_bytes: int = 1 << 30
) -> Plan | None:
    """
    Choose tiles, groups and blocks.

    Parameters
    ----------
    arch : str
        A key of `TILES`.
    n, m, d, k : int
        Queries, base rows, columns and neighbors.
    exact : bool
        Rescore a quarter more groups than k (at least four) and ask for a certificate; k groups otherwise.
    memory_bytes : int
        For what a block of queries needs beside inputs, 16-bit copies and results.

    Returns
    -------
    Plan or None
        None where groups don't pay: more than a sixteenth of the base would be rescored, or the base has more
        than 2^31 - 2^16 rows, or rows have no columns.
    """
    width = 4 * ceil((k + max(4, k // 4)) / 4) if exact else k
    if width * GROUP > m * PAYS_BELOW or m > 2**31 - 2**16 or not d:
        return None
    tile = TILES[arch]
    widths = (width, min(WIDEN * width, ceil(m / GROUP))) if exact else (width,)
    plan = Plan(tile, n, m, d, k, exact, widths, query_block=tile.queries)
    fits = memory_bytes // _bytes_a_query(plan) // tile.queries * tile.queries
    return replace(plan, query_block=max(tile.queries, min(fits, MOST_QUERIES)))


def _bytes_a_query(plan: Plan) -> int:
    """Count a block whose rows all have a second try: maxima twice, keys and torch.topk's scratch, copies of rows."""
    return 2 * 4 * plan.groups + 3 * 8 * plan.widths[-1] * plan.group + 4 * 4 * plan.depth


def group_max_launch(plan: Plan, rows: int) -> Launch:
    """
    Plan the pass that leaves the maximum of each group.

    Parameters
    ----------
    plan : Plan
        Of the whole call.
    rows : int
        Queries of this block.

    Returns
    -------
    Launch
        2 FLOP a pair and column, tiles counted whole; one maximum written for each query and group.
    """
    tile = plan.tile
    query_tiles, base_tiles = ceil(rows / tile.queries), ceil(plan.m / tile.base)
    tall, long = query_tiles * tile.queries, base_tiles * tile.base
    return Launch(
        grid=(query_tiles * base_tiles,),
        warps=tile.warps,
        stages=tile.stages,
        constants={
            "D": plan.depth,
            "GROUP": plan.group,
            "BLOCK_Q": tile.queries,
            "BLOCK_B": tile.base,
            "BLOCK_D": tile.depth,
        },
        flop=2.0 * tall * long * plan.depth,
        read_bytes=2.0 * (tall + long) * plan.depth,
        written_bytes=4.0 * rows * plan.groups,
    )


def rescore_launch(plan: Plan, rows: int, width: int) -> Launch:
    """
    Plan the float32 scores of the chosen groups.

    Parameters
    ----------
    plan : Plan
        Of the whole call.
    rows : int
        Queries to be rescored.
    width : int
        Groups a query.

    Returns
    -------
    Launch
        Each program reads one group, whole: nothing is counted as shared between queries.
    """
    cells = rows * width
    pairs = cells * plan.group
    return Launch(
        grid=(cells,),
        warps=4,
        stages=1,
        constants={"D": plan.d, "GROUP": plan.group, "BLOCK_D": 128},
        flop=2.0 * pairs * plan.d,
        read_bytes=4.0 * pairs * plan.d + 4.0 * rows * plan.d + 8.0 * cells,
        written_bytes=8.0 * pairs,
    )
