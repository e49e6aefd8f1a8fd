"""Shares as the drift stage gives them, looked up by theme and source or period, and worded."""

import math
from heapq import nsmallest
from typing import Any

from topicgpu.report.wording import count, percent, percent_range
from topicgpu.types import Drift, Prevalence

_HEAT_LEVELS = 9
_MIN_SOURCES = 5  # a period has an interval from here on


class Shares:
    """
    The primary shares in one unit, by theme, level and key.

    Parameters
    ----------
    drift : Drift
        With prevalence in any units and measures, and pooled shares.
    unit : str
        words, segments or seconds: the unit shown.
    """

    def __init__(self, drift: Drift, unit: str) -> None:
        table = drift.prevalence
        self.unit = unit
        self._table, self._pooled = table, drift.pooled
        keys = zip(table.theme_id, table.level, table.key, table.unit, table.measure, strict=True)
        self._row = {
            (theme_id, level, key): row
            for row, (theme_id, level, key, own, measure) in enumerate(keys)
            if own == unit and measure == "primary"
        }
        self._of = {key[1:]: row for key, row in self._row.items()}  # some row of each source and period
        self._largest: dict[str, float] = {}  # share of each level
        for (_, level, _), row in self._row.items():
            self._largest[level] = max(self._largest.get(level, 0.0), float(table.share[row]))

    def cell(self, theme_id: str | None, level: str, key: str) -> dict[str, Any] | None:
        """
        Look up one share.

        Parameters
        ----------
        theme_id : str or None
            None: speech with no theme.
        level : str
            source or period.
        key : str
            Source id or period.

        Returns
        -------
        dict or None
            share, low and high as numbers (low and high None where there is no interval), the same worded, how dark
            the cell is beside the largest share of its level (0 to 9), thin; None where there is no share.
        """
        row = self._row.get((theme_id, level, key))
        if row is None:
            return None
        table = self._table
        share, low, high = float(table.share[row]), float(table.low[row]), float(table.high[row])
        known = math.isfinite(low) and math.isfinite(high)
        return {
            "share": share,
            "low": low if known else None,
            "high": high if known else None,
            "percent": percent(share),
            "interval": percent_range(low, high) if known else None,
            "no_interval": None if known else _why_not(table, row),
            "heat": math.ceil(_HEAT_LEVELS * math.sqrt(share / self._largest[level])) if share > 0 else 0,
            "thin": bool(table.thin[row]),
            "units": f"{count(table.theme_units[row])} of {count(table.total_units[row])} {self.unit}",
            "n_sources": int(table.n_sources[row]),
            "pooled": self._pooled_share(theme_id, key) if level == "period" else None,
        }

    def _pooled_share(self, theme_id: str | None, period: str) -> str | None:
        share = self._pooled.get(theme_id, {}).get(period) if theme_id is not None else None
        return None if share is None else percent(share)

    def has(self, level: str, key: str) -> bool:
        """
        Tell whether a source or period has shares at all.

        Parameters
        ----------
        level : str
            source or period.
        key : str
            Source id or period.

        Returns
        -------
        bool
            False where none of its speech is counted.
        """
        return (level, key) in self._of

    def counted(self, level: str, key: str) -> float:
        """
        Tell how much speech the shares of a source or period are of.

        Parameters
        ----------
        level : str
            source or period.
        key : str
            Source id or period.

        Returns
        -------
        float
            In the unit shown; 0 where none is counted.
        """
        row = self._of.get((level, key))
        return 0.0 if row is None else float(self._table.total_units[row])

    def sources(self, level: str, key: str) -> int:
        """
        Tell how many sources the shares of a period are the mean of.

        Parameters
        ----------
        level : str
            source or period.
        key : str
            Source id or period.

        Returns
        -------
        int
            0 where none is counted.
        """
        row = self._of.get((level, key))
        return 0 if row is None else int(self._table.n_sources[row])

    def largest_sources(self, limit: int) -> dict[str, list[str]]:
        """
        Find the sources in which each theme has its largest shares.

        Parameters
        ----------
        limit : int
            At most this many of each theme.

        Returns
        -------
        dict of str to list of str
            Ids of sources by theme id, the largest share first; sources without the theme are in no list.
        """
        found: dict[str, list[tuple[float, int]]] = {}
        for (theme_id, level, _), row in self._row.items():
            share = float(self._table.share[row])
            if level == "source" and theme_id is not None and share > 0:
                found.setdefault(theme_id, []).append((-share, row))
        return {
            theme_id: [self._table.key[row] for _, row in nsmallest(limit, rows)] for theme_id, rows in found.items()
        }


def _why_not(table: Prevalence, row: int) -> str:
    if table.level[row] == "period" and table.n_sources[row] < _MIN_SOURCES:
        return "no interval: fewer than five sources"
    return "no interval"
