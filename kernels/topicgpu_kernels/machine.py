"""Rates of a device, and the least time that work takes there."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Machine:
    """Rates of a device."""

    half_flop_s: float  # 16-bit products on tensor cores, summed in float32
    float_flop_s: float  # float32 outside of them
    bytes_s: float  # device memory
    cache_bytes_s: float  # level-2 cache
    cache_bytes: float
    multiplies_s: float  # of 32-bit whole numbers


# Rates that H100 SXM cards were seen to reach in large products and copies; the data sheet says 989e12 and 3.35e12.
# Of its 50 MB of level-2 cache some 40 hold what is read again. Estimates: the cache's rate, and whole numbers that are
# multiplied by 64 lanes of each of 132 processors at 1.7 GHz.
H100 = Machine(
    half_flop_s=798e12,
    float_flop_s=45e12,
    bytes_s=3.0e12,
    cache_bytes_s=5.5e12,
    cache_bytes=40e6,
    multiplies_s=1.4e13,
)


class Work(Protocol):
    """Work of a launch."""

    @property
    def flop(self) -> float: ...
    @property
    def read_bytes(self) -> float: ...
    @property
    def written_bytes(self) -> float: ...


def least_s(work: Work, flop_s: float, bytes_s: float) -> float:
    """
    Bound the time of one launch.

    Parameters
    ----------
    work : Work
        Of a launch.
    flop_s, bytes_s : float
        Rates.

    Returns
    -------
    float
        Seconds: of the arithmetic or of the memory, whichever takes longer.
    """
    return max(work.flop / flop_s, (work.read_bytes + work.written_bytes) / bytes_s)
