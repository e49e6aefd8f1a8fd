"""Step 4: launch plans, and the bytes and FLOP of each launch against what can be worked out by hand."""

from math import ceil

import pytest

from topicgpu_kernels.machine import H100, least_s
from topicgpu_kernels.topk.plan import TILES, architecture, group_max_launch, plan_topk, rescore_launch
from topicgpu_kernels.topk.roofline import bound

pytestmark = pytest.mark.kernels

SHARED_BYTES = {"sm_80": 99 * 1024, "sm_90": 227 * 1024, "sm_100": 227 * 1024}


def million(**settings):
    plan = plan_topk("sm_90", 1_000_000, 1_000_000, 384, 15, **settings)
    assert plan is not None
    return plan


@pytest.mark.parametrize(
    ("capability", "arch"),
    [((7, 5), None), ((8, 0), "sm_80"), ((8, 9), "sm_80"), ((9, 0), "sm_90"), ((10, 3), "sm_100"), ((12, 0), "sm_80")],
)
def test_each_device_has_its_tiles(capability, arch):
    assert architecture(capability) == arch


@pytest.mark.parametrize(("arch", "tile"), TILES.items())
def test_a_tile_and_its_stages_fit_into_shared_memory(arch, tile):
    assert 2 * (tile.queries + tile.base) * tile.depth * tile.stages <= SHARED_BYTES[arch]
    assert tile.base % 32 == 0


def test_the_product_of_a_million_rows():
    plan = million()
    launches = [group_max_launch(plan, plan.query_block)] * (plan.n // plan.query_block)
    assert sum(launch.flop for launch in launches) == pytest.approx(2 * 1e12 * 384, rel=0.01)
    assert bound(plan, H100).group_max_s == pytest.approx(0.96, rel=0.01)


def test_the_traffic_of_the_group_maxima():
    plan = million()
    launch = group_max_launch(plan, 1000)
    assert launch.written_bytes == 4 * 1000 * ceil(1_000_000 / 32)
    assert launch.read_bytes == 2 * 384 * (1024 + 1_000_192)
    assert bound(plan, H100).choose_s == pytest.approx(1e12 / 32 * 4 / 3e12, rel=0.01)


def test_the_traffic_of_the_rescoring():
    plan = million()
    assert plan.widths[0] == 20
    launch = rescore_launch(plan, 1000, 20)
    assert launch.flop == 2 * 1000 * 20 * 32 * 384
    assert launch.read_bytes == pytest.approx(4 * 1000 * 20 * 32 * 384, rel=0.01)
    assert launch.written_bytes == 8 * 1000 * 20 * 32
    assert least_s(launch, H100.float_flop_s, H100.bytes_s) == pytest.approx(
        (launch.read_bytes + launch.written_bytes) / 3e12
    )
    assert bound(plan, H100).rescore_s == pytest.approx(0.33, rel=0.02)


def test_the_targets_leave_room_above_the_bound():
    assert bound(million(), H100).total_s < 5 / 3
    assert bound(million(exact=False), H100).total_s < 2.5 / 1.8


@pytest.mark.parametrize(("n", "m"), [(1, 20_000), (1001, 100_000), (4096, 10_000_000), (5, 2_000_000_000)])
def test_a_block_of_queries_fits_into_its_memory(n, m):
    plan = plan_topk("sm_90", n, m, 384, 15, memory_bytes=1 << 30)
    assert plan is not None
    assert plan.query_block % plan.tile.queries == 0
    needed = plan.query_block * (8 * plan.groups + 24 * plan.widths[-1] * 32)  # when every row has a second try
    assert needed <= 1 << 30 or plan.query_block == plan.tile.queries


def test_grids_cover_every_query_and_every_group():
    plan = plan_topk("sm_80", 1000, 100_001, 385, 15)
    assert plan is not None
    assert plan.depth == 416
    assert group_max_launch(plan, 1000).grid == (8 * 782,)
    assert rescore_launch(plan, 7, 20).grid == (140,)


@pytest.mark.parametrize(("m", "k", "pays"), [(10_240, 15, True), (10_239, 15, False), (100_000, 300, False)])
def test_groups_pay_up_to_a_sixteenth_of_the_base(m, k, pays):
    assert (plan_topk("sm_90", 10, m, 384, k) is not None) == pays


def test_indices_fit_into_32_bits():
    assert plan_topk("sm_90", 10, 2**31, 384, 15) is None
