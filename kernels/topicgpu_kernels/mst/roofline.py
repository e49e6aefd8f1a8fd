"""The least time of Boruvka's rounds on a given machine: bytes over bandwidth, launch by launch."""

from dataclasses import dataclass

from topicgpu_kernels.launch import Launch
from topicgpu_kernels.machine import Machine
from topicgpu_kernels.mst.plan import entry_launch, hook_launch, jump_launch, jumps, relabel_launch

_SECTOR = 32  # bytes that one look at a row somewhere in a table moves, whatever is read of it
_KEY = 8  # bytes of an entry's distance
# Tables of which a pass reads the other row's place: its component, and for an edge between two its core and its least.
_TABLES = 3
_TABLE_BYTES = 4 + 8 + 8  # of a row, in these tables


@dataclass(frozen=True)
class Bound:
    """Least seconds of the rounds of one tree."""

    first_s: float  # the first round, in which every entry joins two components
    later_s: float  # all others, in which no distance need be read again
    rounds: int

    @property
    def total_s(self) -> float:
        """The rounds follow one another."""
        return self.first_s + self.later_s


def bound(n: int, k: int, machine: Machine, *, rounds: int | None = None) -> Bound:
    """
    Bound the time of a tree that the neighbor lists settle; no search beyond them is counted.

    Parameters
    ----------
    n, k : int
        Rows, and neighbors of each.
    machine : Machine
        Whose rates hold.
    rounds : int, optional
        By default the most that there can be, log2(n): components at least halve.

    Returns
    -------
    Bound
        A launch's own time is not counted, nor the host's between rounds.
    """
    rounds = max((n - 1).bit_length(), 1) if rounds is None else rounds
    times = [_round_s(n, k, machine, done) for done in range(rounds)]
    return Bound(times[0], sum(times[1:]), rounds)


def _round_s(n: int, k: int, machine: Machine, done: int) -> float:
    """Bound one round: halved components after `done` rounds, entries between components in the first alone."""
    passes = [entry_launch(kernel, n, k) for kernel in ("least_weight", "least_distance", "least_edge")]
    inside = 0 if done == 0 else n * k
    looked_up = _SECTOR * (n * k if inside else n * k * _TABLES)
    entries = sum(_least_s(one, n, machine, looked_up, skipped=_KEY * inside) for one in passes)
    ways = [jump_launch(n)] * jumps(n >> (done + 1))
    rows = [hook_launch(n), *ways, relabel_launch(n)]
    return entries + sum(_least_s(one, n, machine) for one in rows)


def _least_s(launch: Launch, n: int, machine: Machine, looked_up: float = 0, skipped: float = 0) -> float:
    """Bound one launch: what is read in order comes from memory, what is looked up from the cache while it fits."""
    ordered = launch.read_bytes + launch.written_bytes - skipped
    if n * _TABLE_BYTES > machine.cache_bytes:
        return (ordered + looked_up) / machine.bytes_s
    return max(ordered / machine.bytes_s, (ordered + looked_up) / machine.cache_bytes_s)
