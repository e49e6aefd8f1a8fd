"""Changes one by one, as the three kinds of drift give them, and the table that they make."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.testing import SHIFT_LEVEL
from topicgpu.types import Changes, Strings

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Change:
    """
    One theme between two sides; the fields are the columns of `Changes`, NaN where a kind has no such figure.

    `reach` is none of them: it gives `detectable` once the families say which p is asked for.
    """

    theme: int
    kind: str
    comparison: Comparison
    unit: str
    effect: float
    n_from: int  # sources
    n_to: int
    units_from: int
    units_to: int
    smallest_p: float
    low: float = NAN
    high: float = NAN
    loo_low: float = NAN
    loo_high: float = NAN
    value_from: float = NAN
    value_to: float = NAN
    ratio: float = NAN
    within: float = NAN
    within_low: float = NAN
    within_high: float = NAN
    within_loo_low: float = NAN
    within_loo_high: float = NAN
    within_expected: float = NAN
    expected: float = NAN
    p: float = NAN
    p_shift: float = NAN
    detectable: float = NAN
    q: float = NAN
    rests_on: str | None = None
    term: str | None = None
    unstable: bool = False
    found: bool = False
    why: str | None = None  # set: described
    reach: Callable[[float], float] | None = field(default=None, compare=False, repr=False)  # p to reach -> detectable

    @property
    def status(self) -> str:
        """Whether a test was made."""
        return "described" if self.why is not None else "tested"

    @property
    def stands(self) -> bool:
        """Whether no slow wander makes as large a change, as far as the rotations of the periods were looked at."""
        return not self.p_shift > SHIFT_LEVEL


def changes_table(changes: Sequence[Change], theme_ids: Strings, periods: Strings) -> Changes:
    """
    Write changes as one table.

    Parameters
    ----------
    changes : sequence of Change
        In the order of the rows.
    theme_ids : tuple of str
        Of the themes.
    periods : tuple of str
        Names of the periods.

    Returns
    -------
    Changes
        One row each.
    """
    sides = [change.comparison.labels(periods) for change in changes]
    named: dict[str, Any] = {
        "theme_id": tuple(theme_ids[change.theme] for change in changes),
        "level": tuple(change.comparison.level for change in changes),
        "from_": tuple(earlier for earlier, _ in sides),
        "to": tuple(later for _, later in sides),
    }
    types: dict[Any, Any] = {int: np.int64, float: np.float64, bool: np.bool_}
    own = {column.name: types.get(column.type) for column in fields(Change)}
    for column in fields(Changes):
        if column.name not in named:
            values = tuple(getattr(change, column.name) for change in changes)
            dtype = own.get(column.name)
            named[column.name] = values if dtype is None else np.array(values, dtype=dtype)
    return Changes(**named)
