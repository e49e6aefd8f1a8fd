"""What counts as one observation of a change: a source, a date, or a series in a period, and its stratum."""

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import InferenceUnit
from topicgpu.drift.periods import Calendar
from topicgpu.types import Floats, Ints, Sources, Strings

PLURAL = {"source": "sources", "date": "dates", "series": "series"}


class Kind(NamedTuple):
    """What sources must have in common to change places; None: not given, which is a kind of its own."""

    genre: str | None
    series: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The n units, in the order of time and of their ids; segments and sources inside one are never told apart."""

    kind: InferenceUnit
    ids: Strings  # (n,) a source's id, a date, or a series and a period
    period: Ints  # (n,) index of its period
    stratum: Ints  # (n,) index into `strata`
    strata: tuple[Kind | None, ...]  # None: of units whose sources are of several kinds
    of_source: Ints  # (s,) unit of each source, in the order of their ids; -1: it has no period
    mixed: dict[int, Counter[Kind]] = field(default_factory=dict)  # sources of each kind in the units of several

    def __len__(self) -> int:
        return len(self.ids)

    def means(self, values: Floats) -> Floats:
        """
        Average what is known of sources over those of each unit, one vote a source.

        Parameters
        ----------
        values : (s, t) float
            NaN where nothing is known of a source.

        Returns
        -------
        (n, t) float
            NaN where nothing is known of any source of a unit.
        """
        inside = self.of_source >= 0
        group, chosen = self.of_source[inside], values[inside]
        known = np.isfinite(chosen)
        total, number = np.zeros((2, len(self), values.shape[1]))
        np.add.at(total, group, np.where(known, chosen, 0.0))
        np.add.at(number, group, known)
        return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)

    def sources(self, known: NDArray[np.bool_]) -> Ints:
        """
        Count the known sources of each unit.

        Parameters
        ----------
        known : (s,) bool
            Sources of which something is known.

        Returns
        -------
        (n,) int
            How many votes `means` takes.
        """
        return np.bincount(self.of_source[known & (self.of_source >= 0)], minlength=len(self))

    def heard(self, known: NDArray[np.bool_]) -> tuple[int, ...]:
        """
        List the periods that can be compared: those with a known source.

        Parameters
        ----------
        known : (s,) bool
            Sources of which something is known, as that they have shares in the unit asked for.

        Returns
        -------
        tuple of int
            In the order of time.
        """
        return tuple(np.unique(self.period[self.sources(known) > 0]).tolist())

    def mix(self, rows: Ints) -> dict[Kind, Fraction]:
        """
        Mix the kinds of those of some units that are of several kinds.

        Parameters
        ----------
        rows : (k,) int
            Units.

        Returns
        -------
        dict of Kind to Fraction
            Votes of each kind: a unit has one, which its sources share.
        """
        votes: dict[Kind, Fraction] = {}
        for row in rows.tolist():
            tally = self.mixed.get(row, Counter())
            for kind, n in tally.items():
                votes[kind] = votes.get(kind, Fraction()) + Fraction(n, tally.total())
        return votes


def inference_units(sources: Sources, calendar: Calendar, kind: InferenceUnit) -> Units:
    """
    Gather the sources that have a period into units, each with its stratum.

    Parameters
    ----------
    sources : Sources
        S rows, with dates, genres and series.
    calendar : Calendar
        Periods of the sources that have counted speech.
    kind : {"source", "date", "series"}
        What is one unit: a source; all sources of one date and period; all sources of one series in one period.

    Returns
    -------
    Units
        In the order of periods, then of ids. The stratum is the genre and series of a unit's sources; units of
        sources that differ in either share one, and their mixes are kept.
    """
    place = {source: row for row, source in enumerate(sources.source_id)}
    ordered = sorted(sources.source_id)
    dates = sources.dates

    def name(source: str, period: str) -> str:
        row = place[source]
        if kind == "date":
            return dates[row] or period
        return f"{sources.series[row] or source}, {period}" if kind == "series" else source

    periods = {period: index for index, period in enumerate(calendar.periods)}
    key_of = {
        source: (periods[period], name(source, period))
        for source, period in ((source, calendar.period_of.get(source)) for source in ordered)
        if period is not None
    }
    keys = sorted(set(key_of.values()))
    number = {key: index for index, key in enumerate(keys)}
    of_source = np.array([number[key_of[source]] if source in key_of else -1 for source in ordered], dtype=np.int64)
    kinds: list[Counter[Kind]] = [Counter() for _ in keys]
    for source, key in key_of.items():
        kinds[number[key]][Kind(sources.genre[place[source]], sources.series[place[source]])] += 1
    labels = [next(iter(found)) if len(found) == 1 else None for found in kinds]
    strata = tuple(sorted(set(labels), key=_order))
    stratum = {label: index for index, label in enumerate(strata)}
    return Units(
        kind=kind,
        ids=tuple(name for _, name in keys),
        period=np.array([period for period, _ in keys], dtype=np.int64),
        stratum=np.array([stratum[label] for label in labels], dtype=np.int64),
        strata=strata,
        of_source=of_source,
        mixed={unit: found for unit, found in enumerate(kinds) if len(found) > 1},
    )


def _order(kind: Kind | None) -> tuple[tuple[bool, str], ...]:
    """Sort by name, what is not given before what is."""
    return tuple((name is not None, name or "") for name in kind or ())
