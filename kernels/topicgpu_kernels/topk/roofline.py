"""The least time of a fused topk on a given machine: FLOP over rate, bytes over bandwidth, launch by launch."""

from dataclasses import dataclass

from topicgpu_kernels.machine import Machine, least_s
from topicgpu_kernels.topk.plan import Plan, group_max_launch, rescore_launch


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
