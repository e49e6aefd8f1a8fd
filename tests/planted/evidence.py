"""What findings are made from, for tables made by hand."""

import numpy as np

from planted.tables import Tables
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.evidence import Evidence, source_kinds
from topicgpu.drift.periods import assign_periods
from topicgpu.drift.shares.cells import period_cells, source_cells
from topicgpu.drift.shares.counts import WORDS, count_units
from topicgpu.drift.units import inference_units


def evidence_of(made: Tables, period: str = "auto", unit: str = "source") -> Evidence:
    """
    Gather the evidence as the stage does, in words.

    Parameters
    ----------
    made : Tables
        Of a corpus.
    period : str
        Rule of the periods.
    unit : str
        Kind of the units of inference.

    Returns
    -------
    Evidence
        Of all its themes.
    """
    counts = count_units(*made)
    sources = source_cells(counts, 0)
    calendar = assign_periods(made.sources, {counts.source_ids[index] for index in counts.source}, period)
    members = [
        [row for row, source in enumerate(counts.source_ids) if calendar.period_of.get(source) == each]
        for each in calendar.periods
    ]
    periods = period_cells(sources, calendar.periods, members, 0)
    units = inference_units(made.sources, calendar, unit)
    kinds = source_kinds(made.sources, counts.source_ids)
    return Evidence(made.themes, made.segments, counts, sources, periods, members, kinds, units, WORDS)


def prevalence_row(evidence: Evidence, theme: int, comparison: Comparison, **columns: object) -> Change:
    """
    Compare the shares of a theme on two sides, with the columns of a test given by hand.

    Parameters
    ----------
    evidence : Evidence
        Shares of the sources.
    theme : int
        Index of the theme.
    comparison : Comparison
        The sides.
    **columns
        Further columns, or others.

    Returns
    -------
    Change
        With true shares, effect and range with any one source left out, as if all sources were of one kind.
    """
    before, after = (evidence.shares(theme, evidence.side(side)) for side in comparison[1:])
    without = [np.delete(after, i).mean() - before.mean() for i in range(len(after)) if len(after) > 1]
    without += [after.mean() - np.delete(before, i).mean() for i in range(len(before)) if len(before) > 1]
    own = {
        "theme": theme,
        "kind": "prevalence",
        "comparison": comparison,
        "unit": "words",
        "effect": float(after.mean() - before.mean()),
        "n_from": len(before),
        "n_to": len(after),
        "units_from": len(before),
        "units_to": len(after),
        "smallest_p": 0.001,
        "loo_low": float(min(without, default=np.nan)),
        "loo_high": float(max(without, default=np.nan)),
        "value_from": float(before.mean()),
        "value_to": float(after.mean()),
    }
    own |= {"within": own["effect"], "within_loo_low": own["loo_low"], "within_loo_high": own["loo_high"]}
    return Change(**(own | columns))
