"""What the emulation must do for the tests that rest on it, on kernels of its own (samples/fused.cu)."""

import numpy as np
import pytest
import torch

from kernels.emulation.emulated import NEEDS_COMPILER, Stuck, emulated
from topicgpu_kernels.launch import Launch, Source

pytestmark = [pytest.mark.kernels, NEEDS_COMPILER]

SAMPLES = Source("kernels.emulation.samples")
SEEDS = (0, 1, 2, 3)  # 0: in rising order


def run(kernel, grid, block, *arguments, seed=0, shared=0):
    emulated(SAMPLES, seed)(Launch(kernel, (grid,), (block,), 0, 0, 0, shared), *arguments)


def whole(n, seed=0, low=-9, high=10):
    return torch.randint(low, high, (n,), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("n", "grid", "block"), [(1, 1, 32), (1000, 4, 256), (2049, 3, 1024)])
def test_barriers_shuffles_and_shared_memory_make_a_sum(n, grid, block, seed):
    values, sums = whole(n).float(), torch.full((grid,), torch.nan)
    run("total", grid, block, values, np.int32(n), sums, seed=seed)
    padded = torch.nn.functional.pad(values, (0, grid * block - n))
    assert torch.equal(sums, padded.reshape(grid, block).sum(1))


def test_a_barrier_that_is_left_out_gives_other_sums():
    values, sums = torch.ones(512), torch.zeros(1)
    found = set()
    for seed in SEEDS:
        run("total_without_barrier", 1, 512, values, np.int32(512), sums, seed=seed)
        found.add(float(sums))
    assert found != {512.0}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_least_of_64_bit_keys_is_that_of_unsigned_numbers(seed):
    keys = whole(3000, low=-(2**62), high=2**62)  # negative ones are the largest unsigned numbers
    bins = whole(3000, seed=1, low=0, high=7).int()
    found = torch.full((7,), -1)
    run("least", 5, 64, keys, bins, np.int32(3000), found, seed=seed)
    unsigned, wanted = keys.numpy().view(np.uint64), np.full(7, 2**64 - 1, np.uint64)
    np.minimum.at(wanted, bins.numpy(), unsigned)
    assert (found.numpy().view(np.uint64) == wanted).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_lanes_vote_and_shuffle_within_their_mask(seed):
    values = whole(32).int()
    voted, turned, up, swapped = torch.full((4, 32), 99, dtype=torch.int32)
    run("lanes", 1, 32, values, voted, turned, up, swapped, seed=seed)
    fours, positive = values.reshape(8, 4), (values > 0).reshape(8, 4)
    ballots = (positive << torch.arange(32).reshape(8, 4)).sum(1)
    wanted = ballots + positive.any(1) * 2 + positive.all(1)
    assert torch.equal(voted.reshape(8, 4).long() & 0xFFFFFFFF, (wanted[:, None].expand(8, 4)) & 0xFFFFFFFF)
    assert torch.equal(turned.reshape(8, 4), fours.roll(-1, 1))
    assert torch.equal(up.reshape(8, 4), torch.cat([fours[:, :1], fours[:, :3]], 1))
    assert torch.equal(swapped.reshape(8, 4), fours.flip(1))


def test_words_and_floats_are_as_the_device_has_them():
    words = np.random.default_rng(0).integers(0, 2**32, 1000, dtype=np.uint32)
    (high, ones), numbers = torch.zeros(2, 1000, dtype=torch.int32), torch.zeros(1000)
    run("bits", 4, 256, torch.from_numpy(words.view(np.int32)), np.int32(1000), high, ones, numbers)
    wanted = (words.astype(np.uint64) * 0xD2511F53) >> np.uint64(32)
    assert (high.numpy().view(np.uint32) == wanted).all()
    assert (ones.numpy() == np.bitwise_count(words)).all()
    drawn = ((words >> 9) | 0x3F800000).view(np.float32)
    assert (numbers.numpy() == drawn * drawn - np.float32(1)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_atomics_give_each_thread_its_place(seed):
    listed, length, seen = torch.full((96,), -1).int(), torch.zeros(1).int(), torch.zeros(3).int()
    last, owner = torch.full((2, 1), -1).int()
    run("queue", 3, 32, listed, length, seen, last, owner, seed=seed)
    assert (int(length), int(last), int(owner)) == (96, 95, -2)
    assert (seen == -1).all()
    assert (listed.sort().values == torch.arange(96)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_seed_0_alone_runs_threads_in_rising_order(seed):
    listed, length, seen = torch.full((96,), -1).int(), torch.zeros(1).int(), torch.zeros(3).int()
    last, owner = torch.full((2, 1), -1).int()
    run("queue", 3, 32, listed, length, seen, last, owner, seed=seed)
    assert torch.equal(listed, torch.arange(96).int()) == (seed == 0)


def test_a_barrier_that_some_threads_never_reach_is_an_error():
    with pytest.raises(Stuck, match=r"half_a_barrier: threads wait for others that have ended"):
        run("half_a_barrier", 1, 64, torch.zeros(64))


def test_what_is_not_emulated_is_an_error():
    with pytest.raises(Stuck, match="dynamic shared memory"):
        run("total", 1, 32, torch.zeros(32), np.int32(32), torch.zeros(1), shared=64)


def test_arguments_are_held_against_what_the_kernel_declares():
    with pytest.raises(TypeError, match=r"n of total must be numpy\.int32; got int"):
        run("total", 1, 32, torch.zeros(32), 32, torch.zeros(1))
