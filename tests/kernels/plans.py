"""Plans whose tiles are small enough that small data crosses every border."""

from topicgpu_kernels.topk.plan import Plan, Tile

SMALL = Tile(queries=4, base=8, depth=4, warps=1, stages=1)


def small_plan(queries, base, k, *, exact=True, widths=None, query_block=8, group=4, tile=SMALL):
    """Groups of four, tiles of two groups; k groups and two more are rescored, then three times k."""
    groups = -(-len(base) // group)
    widths = widths or ((k + 2, 3 * k) if exact else (k,))
    widths = tuple(min(width, groups) for width in widths)
    return Plan(tile, len(queries), *base.shape, k, exact, widths, query_block, group)
