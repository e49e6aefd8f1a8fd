"""Changes of share between periods, and how much of each hangs on one source."""

from collections.abc import Sequence

import numpy as np

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.shares.cells import Cells
from topicgpu.drift.shares.counts import UNITS, Columns
from topicgpu.types import Floats


def period_pairs(n_periods: int) -> list[tuple[int, int]]:
    """
    List the pairs of periods that are compared.

    Parameters
    ----------
    n_periods : int
        Periods in the order of time.

    Returns
    -------
    list of (int, int)
        Each and the next, then the first and the last where those are not neighbours.
    """
    pairs = [(period, period + 1) for period in range(n_periods - 1)]
    return [*pairs, (0, n_periods - 1)] if n_periods > 2 else pairs


def leave_one_out(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """
    Give the range of a difference of means when each source in turn is left out.

    Parameters
    ----------
    before : (k, t) float
        Shares of the sources of one period, k >= 1.
    after : (m, t) float
        Shares of the sources of another, m >= 1.

    Returns
    -------
    low, high : (t,) float
        A period's only source is not left out; NaN where both periods have one.

    Notes
    -----
    The mean without one source is largest where the smallest is left out. Cost: O((k + m) t).
    """
    low, high = np.full(before.shape[1], np.inf), np.full(before.shape[1], -np.inf)
    for varied, fixed, sign in ((after, before, 1), (before, after, -1)):
        k = len(varied)
        if k > 1:
            means = np.stack([varied.sum(axis=0) - varied.max(axis=0), varied.sum(axis=0) - varied.min(axis=0)])
            effects = sign * (means / (k - 1) - fixed.mean(axis=0))
            low, high = np.minimum(low, effects.min(axis=0)), np.maximum(high, effects.max(axis=0))
    return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def period_changes(
    sources: Cells, periods: Cells, members: Sequence[Sequence[int]], columns: Columns, unit: int
) -> list[Change]:
    """
    Compare the periods' shares of each theme, as primary theme and in one unit.

    Parameters
    ----------
    sources : Cells
        Of the sources.
    periods : Cells
        Of the periods, in the order of time.
    members : sequence of sequences of int
        Rows of `sources` in each period.
    columns : Columns
        Names of the columns.
    unit : int
        Index of the unit.

    Returns
    -------
    list of Change
        One a theme and pair: each period and the next, and the first and the last, of those with shares in this
        unit. Described, not tested: no interval and no p.
    """
    usable = np.flatnonzero(periods.known[unit]).tolist()
    rows = {p: [row for row in members[p] if sources.known[unit, row]] for p in usable}
    shares = sources.share[unit, :, columns.primary]
    pairs = [(usable[a], usable[b]) for a, b in period_pairs(len(usable))]
    n_themes = columns.n_themes
    effect, loo_low, loo_high = np.full((3, len(pairs), n_themes), np.nan)
    for index, (a, b) in enumerate(pairs):
        effect[index] = periods.share[unit, b, columns.primary] - periods.share[unit, a, columns.primary]
        loo_low[index], loo_high[index] = leave_one_out(shares[rows[a]], shares[rows[b]])
    share = periods.share[unit, :, columns.primary]
    return [
        Change(
            theme=theme,
            kind="prevalence",
            comparison=Comparison("period" if b == a + 1 else "span", (a,), (b,)),
            unit=UNITS[unit],
            effect=float(effect[index, theme]),
            n_from=len(rows[a]),
            n_to=len(rows[b]),
            units_from=len(rows[a]),
            units_to=len(rows[b]),
            smallest_p=1.0,
            loo_low=float(loo_low[index, theme]),
            loo_high=float(loo_high[index, theme]),
            value_from=float(share[a, theme]),
            value_to=float(share[b, theme]),
            why="not tested",
        )
        for index, (a, b) in enumerate(pairs)
        for theme in range(n_themes)
    ]
