"""The shares of all levels as one table, and the pooled shares beside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from topicgpu.drift.shares.cells import Cells
from topicgpu.drift.shares.counts import UNITS, Columns
from topicgpu.types import Prevalence

_COVERS = {"source": "within", "period": "between", "corpus": "between"}


def prevalence_table(levels: Sequence[Cells], columns: Columns, min_words: int) -> Prevalence:
    """
    Write the shares of all levels as one table, a row for each that can be counted.

    Parameters
    ----------
    levels : sequence of Cells
        Sources, periods, the corpus, speakers.
    columns : Columns
        Names of their K columns.
    min_words : int
        Cells with fewer counted words are marked thin.

    Returns
    -------
    Prevalence
        Themes that a speaker never carries have no row; elsewhere an absence is a row.
    """
    theme_ids, measures = (np.array(labels, dtype=object) for labels in columns.labels)
    parts = []
    for cells in levels:
        shown = np.broadcast_to(cells.known[:, :, None], cells.share.shape)
        if cells.level == "speaker":
            shown = shown & (cells.theme_units > 0)
        unit, group, column = np.nonzero(shown)
        low = cells.low[shown]
        parts.append(
            {
                "theme_id": theme_ids[column],
                "level": np.full(len(unit), cells.level, dtype=object),
                "key": np.array(cells.keys, dtype=object)[group],
                "unit": np.array(UNITS, dtype=object)[unit],
                "measure": measures[column],
                "share": cells.share[shown],
                "low": low,
                "high": cells.high[shown],
                "interval": np.array([_COVERS.get(cells.level), None], dtype=object)[np.isnan(low).astype(int)],
                "theme_units": cells.theme_units[shown],
                "total_units": cells.total_units[unit, group],
                "n_sources": cells.n_sources[unit, group].astype(np.int64),
                "n_blocks": cells.blocks[shown],
                "thin": cells.n_words[unit, group] < min_words,
            }
        )
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    table: dict[str, Any] = {name: tuple(v.tolist()) if v.dtype == object else v for name, v in joined.items()}
    return Prevalence(**table)


def pooled_shares(periods: Cells, columns: Columns, unit: int) -> dict[str, dict[str, float]]:
    """
    Give each theme's share of all speech of a period, long sources counting for more.

    Parameters
    ----------
    periods : Cells
        Of the periods.
    columns : Columns
        Names of the columns.
    unit : int
        Index of the unit.

    Returns
    -------
    dict of str to dict of str to float
        Theme id, then period, to the share as primary theme; periods with nothing counted in this unit are absent.
    """
    return {
        theme_id: {
            period: float(periods.theme_units[unit, p, theme] / periods.total_units[unit, p])
            for p, period in enumerate(periods.keys)
            if periods.known[unit, p]
        }
        for theme, theme_id in enumerate(columns.theme_ids)
    }
