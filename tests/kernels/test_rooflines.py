"""Bytes and FLOP of each launch against what can be worked out by hand, and targets above their bounds."""

import pytest

from topicgpu_kernels.machine import H100
from topicgpu_kernels.mst import plan as mst
from topicgpu_kernels.mst.roofline import bound as mst_bound

pytestmark = pytest.mark.kernels

MILLION, K = 1_000_000, 15
PASSES = ("least_weight", "least_distance", "least_edge")


def test_a_round_of_boruvka_reads_the_lists_three_times():
    passes = [mst.entry_launch(kernel, MILLION, K) for kernel in PASSES]
    lists = MILLION * K * (4 + 8)
    assert all(lists < one.read_bytes < 1.3 * lists for one in passes)
    # A design that reads each entry and one sector of a table, 40 bytes an entry and row, moves as much.
    assert sum(one.read_bytes + one.written_bytes for one in passes) == pytest.approx(MILLION * (K + 1) * 40, rel=0.1)


@pytest.mark.parametrize("n", [1, 255, 256, 257, MILLION])
def test_every_row_has_a_thread(n):
    for one in (*(mst.entry_launch(kernel, n, K) for kernel in PASSES), mst.hook_launch(n), mst.relabel_launch(n)):
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
