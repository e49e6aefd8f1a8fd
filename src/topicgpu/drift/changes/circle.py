"""The second null, for slow wander: turn the periods of a comparison round the circle of all of them."""

from collections.abc import Sequence

from topicgpu.drift.changes.design import Comparison


def rotations(comparison: Comparison, heard: Sequence[int]) -> list[Comparison]:
    """
    Turn the periods of a comparison round the circle of all periods.

    Parameters
    ----------
    comparison : Comparison
        Two sets of periods.
    heard : sequence of int
        All periods that can be compared, in the order of time; those of both sides are among them.

    Returns
    -------
    list of Comparison
        One a period, of sides that may lie across the end of the circle: to be measured, not to be named.
        The first is the comparison itself. Each keeps the order of the periods, and so every slow wander in them: a
        change that wander makes is found in other places of the circle as well. Comparisons of neighbours all turn
        through the same places.
    """
    place = {period: index for index, period in enumerate(heard)}

    def turned(side: tuple[int, ...], shift: int) -> tuple[int, ...]:
        return tuple(heard[(place[period] + shift) % len(heard)] for period in side)

    return [
        Comparison(comparison.level, turned(comparison.earlier, shift), turned(comparison.later, shift))
        for shift in range(len(heard))
    ]
