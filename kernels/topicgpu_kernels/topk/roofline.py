"""The least time of a fused topk on a given machine: FLOP over rate, bytes over bandwidth, launch by launch."""

from dataclasses import dataclass

from topicgpu_kernels.topk.plan import Launch, Plan, group_max_launch, rescore_launch


@dataclass(frozen=True)
class Machine:
    """Rates of a device."""

    half_flop_s: float  # 16-bit products on tensor cores, summed in float32
    float_flop_s: float  # float32 outside of them
    bytes_s: float  # device memory


# Rates that H100 SXM cards were seen to reach in large products and copies; the data sheet says 989e12 and 3.35e12.
H100 = Machine(half_flop_s=798e12, float_flop_s=45e12, bytes_s=3.0e12)


@dataclass(frozen=True)
class Bound:
    """Least seconds of each step of one call, and of all."""

    group_max_s: float
    choose_s: float
    rescore_s: float
    rank_s: float

    @property
    def total_s(self) -> float:
        """The steps follow one another."""
        return self.group_max_s + self.choose_s + self.rescore_s + self.rank_s


def bound(plan: Plan, machine: Machine) -> Bound:
    """
    Bound the time of a call in which every row gets its certificate at once.

    Parameters
    ----------
    plan : Plan
        Of the call.
    machine : Machine
        Whose rates hold.

    Returns
    -------
    Bound
        Choosing and ranking are counted as one reading of what the step before wrote.
    """
    products, scores = [], []
    for first in range(0, plan.n, plan.query_block):
        rows = min(plan.query_block, plan.n - first)
        products.append(group_max_launch(plan, rows))
        scores.append(rescore_launch(plan, rows, plan.widths[0]))
    return Bound(
        group_max_s=sum(least_s(launch, machine.half_flop_s, machine.bytes_s) for launch in products),
        choose_s=sum(launch.written_bytes for launch in products) / machine.bytes_s,
        rescore_s=sum(least_s(launch, machine.float_flop_s, machine.bytes_s) for launch in scores),
        rank_s=sum(launch.written_bytes for launch in scores) / machine.bytes_s,
    )


def least_s(launch: Launch, flop_s: float, bytes_s: float) -> float:
    """
    Bound the time of one launch.

    Parameters
    ----------
    launch : Launch
        With its work.
    flop_s, bytes_s : float
        Rates.

    Returns
    -------
    float
        Seconds: of the arithmetic or of the memory, whichever takes longer.
    """
    return max(launch.flop / flop_s, (launch.read_bytes + launch.written_bytes) / bytes_s)
