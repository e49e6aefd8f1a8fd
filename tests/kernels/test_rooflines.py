"""Bytes and FLOP of each launch against what can be worked out by hand, and targets above their bounds."""

import pytest

from topicgpu_kernels.layout.plan import move_launch
from topicgpu_kernels.layout.roofline import bound as layout_bound
from topicgpu_kernels.layout.roofline import sectors
from topicgpu_kernels.machine import H100
from topicgpu_kernels.mst import plan as mst
from topicgpu_kernels.mst.roofline import bound as mst_bound

pytestmark = pytest.mark.kernels

MILLION, K = 1_000_000, 15
EDGES, EPOCHS = 22_500_000, 200  # 15 neighbors of each row, joined with those that see it as one of theirs
PASSES = ("least_weight", "least_distance", "least_edge")


def test_a_round_of_boruvka_reads_the_lists_three_times():
    passes = [mst.entry_launch(kernel, MILLION, K) for kernel in PASSES]
    lists = MILLION * K * (4 + 8)
    assert all(lists < one.read_bytes < 1.3 * lists for one in passes)
    # A design that reads each entry and one sector of a table, 40 bytes an entry and row, moves as much.
    assert sum(one.read_bytes + one.written_bytes for one in passes) == pytest.approx(MILLION * (K + 1) * 40, rel=0.1)


@pytest.mark.parametrize("n", [1, 127, 128, 129, 255, 256, 257, MILLION])
def test_every_row_has_a_thread_and_few_have_none(n):
    passes = (mst.entry_launch(kernel, n, K) for kernel in PASSES)
    for one in (*passes, mst.hook_launch(n), mst.jump_launch(n), mst.relabel_launch(n), move_launch(n, n, 2)):
        assert n <= one.grid[0] * one.block[0] < n + one.block[0]


@pytest.mark.parametrize(("hooked", "steps"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (500_000, 19)])
def test_ways_double_until_the_longest_ends(hooked, steps):
    assert mst.jumps(hooked) == steps


def test_the_bound_of_a_tree_of_a_million_rows():
    # 15 lookups of 32 bytes in three tables, and the lists, from the cache, three times over; rows' own passes on top.
    passes = 3 * MILLION * K * (3 * 32 + 12) / H100.cache_bytes_s
    assert passes < mst_bound(MILLION, K, H100).first_s < 1.2 * passes
    assert mst_bound(MILLION, K, H100, rounds=10).total_s == pytest.approx(4.5e-3, rel=0.02)
    most = mst_bound(MILLION, K, H100)
    assert most.rounds == 20
    assert most.total_s == pytest.approx(8.1e-3, rel=0.02)


def test_tables_beyond_the_cache_are_read_from_memory():
    fits, not_fits = mst_bound(2_000_000, K, H100, rounds=1), mst_bound(2_000_001, K, H100, rounds=1)
    assert not_fits.total_s / fits.total_s == pytest.approx(H100.cache_bytes_s / H100.bytes_s, rel=0.1)


def test_the_target_of_the_tree_leaves_room_above_the_bound():
    assert 2 * mst_bound(MILLION, K, H100).total_s < 0.020


@pytest.mark.parametrize(("components", "each"), [(1, 1), (2, 1), (3, 1.25), (4, 1), (5, 1.5), (8, 1), (9, 2), (32, 4)])
def test_a_place_spreads_over_sectors_of_32_bytes(components, each):
    assert sectors(components) == each


def test_a_slice_of_the_layout_reads_its_edges_and_all_places_once():
    move = move_launch(MILLION, EDGES // 8, 2)
    assert move.read_bytes == 8 * EDGES // 8 + MILLION * (4 + 4 + 2 * 4)  # an offset, a weight of repulsion, a place
    assert move.written_bytes == MILLION * 2 * 4
    pairs = EDGES // 8 + 4 * MILLION
    # A difference, a square, a sum of squares, a force and a sum of forces an axis, and the table.
    assert move.flop == pytest.approx(pairs * 14, rel=0.15)


def test_the_bound_of_a_layout_of_a_million_rows():
    least = layout_bound(MILLION, EDGES, 2, EPOCHS, H100)
    pairs = EPOCHS * (EDGES + 32 * MILLION)
    assert least.cache_s > pairs * 32 / H100.cache_bytes_s
    assert least.total_s == least.cache_s == pytest.approx(0.077, rel=0.01)
    assert least.memory_s == pytest.approx(0.025, rel=0.01)
    # A design that draws a third of the edges and writes both of their ends takes as long: 28 bytes an edge, and seven
    # sectors for each that is drawn, and two more.
    drawn = 0.35 * EDGES
    other = EPOCHS * (EDGES * 28 / H100.bytes_s + drawn * 9 * 32 / H100.cache_bytes_s)
    assert other / 2 < least.total_s < other


def test_places_beyond_the_cache_are_read_from_memory():
    fits, not_fits = layout_bound(5_000_000, EDGES, 2, 1, H100), layout_bound(5_000_001, EDGES, 2, 1, H100)
    assert not_fits.memory_s > 5 * fits.memory_s
    assert not_fits.total_s == not_fits.memory_s


def test_the_target_of_the_layout_leaves_room_above_the_bound():
    assert 4 * layout_bound(MILLION, EDGES, 2, EPOCHS, H100).total_s < 0.5
