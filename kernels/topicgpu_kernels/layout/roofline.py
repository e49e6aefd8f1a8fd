"""The least time of a layout on a given machine: bytes over bandwidth, operations over rates, for each slice."""

from dataclasses import dataclass

from topicgpu_kernels.layout.draws import DRAWS
from topicgpu_kernels.layout.plan import move_launch
from topicgpu_kernels.layout.slices import SLICES
from topicgpu_kernels.machine import Machine

_SECTOR = 32  # bytes that a look at a place somewhere moves at least
_WORD = 4
# Philox 4x64-10: ten rounds of two products of 64 by 64 bits, each at least four of 32 by 32.
_MULTIPLIES = 10 * 2 * 4


@dataclass(frozen=True)
class Bound:
    """Least seconds of one layout by each resource; the slowest holds the others up."""

    memory_s: float
    cache_s: float
    arithmetic_s: float

    @property
    def total_s(self) -> float:
        """In each slice all go on at once, and slices follow one another."""
        return max(self.memory_s, self.cache_s, self.arithmetic_s)


def bound(n: int, edges: int, components: int, n_epochs: int, machine: Machine) -> Bound:
    """
    Bound the time of a layout.

    Parameters
    ----------
    n : int
        Vertices.
    edges : int
        Stored entries of the graph: each edge from both of its ends.
    components : int
        Axes.
    n_epochs : int
        Passes over the edges.
    machine : Machine
        Whose rates hold.

    Returns
    -------
    Bound
        What is read in order comes from memory, and places of other vertices from the cache while all places fit
        there. A launch's own time is not counted.
    """
    move = move_launch(n, edges // SLICES, components)
    launches = n_epochs * SLICES
    ordered = launches * (move.read_bytes + move.written_bytes)
    looked_up = launches * (edges // SLICES + n * DRAWS) * _SECTOR * sectors(components)
    fits = n * components * _WORD <= machine.cache_bytes
    # Products and sums are rounded apart: a rate that counts a product and a sum as one instruction is halved.
    float_s = launches * move.flop / (machine.float_flop_s / 2)
    whole_s = launches * n * _MULTIPLIES / machine.multiplies_s
    return Bound(
        memory_s=(ordered if fits else ordered + looked_up) / machine.bytes_s,
        cache_s=(ordered + looked_up) / machine.cache_bytes_s,
        arithmetic_s=max(float_s, whole_s),
    )


def sectors(components: int) -> float:
    """
    Count what one place spreads over.

    Parameters
    ----------
    components : int
        Numbers of a place, which follow one another.

    Returns
    -------
    float
        Sectors of 32 bytes in the mean of all places.
    """
    length, turns = components * _WORD, _SECTOR // _WORD  # after so many places the pattern begins again
    ends = [(at * length // _SECTOR, (at * length + length - 1) // _SECTOR) for at in range(turns)]
    return sum(last - first + 1 for first, last in ends) / turns
