"""How themes move: shares of sources, periods, speakers and all, changes between periods, findings, what stays open."""

import numpy as np

from topicgpu.config import DriftSection
from topicgpu.drift.changes.compared import compare
from topicgpu.drift.changes.families import judge
from topicgpu.drift.changes.rows import changes_table
from topicgpu.drift.findings.evidence import Evidence, source_kinds
from topicgpu.drift.findings.instruments import instruments, recorded
from topicgpu.drift.findings.presence import can_test, presences
from topicgpu.drift.findings.results import Results
from topicgpu.drift.findings.sentences import find
from topicgpu.drift.findings.undecided import undecided
from topicgpu.drift.gates import check_gates, hold_against
from topicgpu.drift.periods import assign_periods
from topicgpu.drift.shares.cells import corpus_cells, period_cells, source_cells, speaker_cells
from topicgpu.drift.shares.counts import UNITS, count_units
from topicgpu.drift.shares.tables import pooled_shares, prevalence_table
from topicgpu.drift.units import inference_units
from topicgpu.types import Drift, Embeddings, Repeats, Segments, Sources, Themes, check_rows

__all__ = ["drift"]


def drift(
    sources: Sources,
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    themes: Themes,
    config: DriftSection,
    seed: int,
    device: str = "cpu",
) -> Drift:
    """
    Measure how much of the speech each theme takes, and how that changes over time.

    Parameters
    ----------
    sources : Sources
        S rows, with dates and kinds.
    segments : Segments
        N rows.
    embeddings : Embeddings
        Its `served` mask says which segments count.
    repeats : Repeats
        Segments said before, which do not count again.
    themes : Themes
        T themes and who carries them.
    config : DriftSection
        Rule of the periods, unit of inference, unit of the shares, level of the tests, limit of thin cells, gates.
    seed : int
        Of all draws; with a source's id it decides that source's.
    device : str
        On which distances are computed.

    Returns
    -------
    Drift
        Shares in [0, 1] of words, segments and seconds for each source, period and speaker and for the corpus; changes
        of how much is said of a theme, what and in which words, with the findings among them; pooled shares in the
        unit of `config`, as primary theme. The order of the sources changes nothing.

    Raises
    ------
    MisalignedError
        If a table was made from other segments, or a segment's source is missing.

    Notes
    -----
    Cost: O(N T), a bootstrap of each source, the pairwise distances inside each theme, once, and 10,000 assignments of
    periods for each comparison of each theme.
    """
    check_rows(segments.fingerprint, embeddings, repeats, themes)
    check_gates(config.gates, tuple(theme.theme_id for theme in themes.themes))
    unit = UNITS.index(config.shares_of)
    counts = count_units(sources, segments, embeddings, repeats, themes)
    by_source = source_cells(counts, seed)
    counted = {counts.source_ids[index] for index in np.unique(counts.source)}
    calendar = assign_periods(sources, counted, config.period, config.periods)
    members = [
        [row for row, source in enumerate(counts.source_ids) if calendar.period_of.get(source) == period]
        for period in calendar.periods
    ]
    by_period = period_cells(by_source, calendar.periods, members, seed)
    by_speaker = speaker_cells(counts, tuple(segments.speaker[row] for row in counts.row))
    levels = (by_source, by_period, corpus_cells(by_source, seed), by_speaker)
    units = inference_units(sources, calendar, config.unit)
    kinds = source_kinds(sources, counts.source_ids)
    evidence = Evidence(
        themes, segments, counts, by_source, by_period, members, kinds, units, unit, calendar.rule == "named"
    )
    compared = compare(
        sources, segments, embeddings.vectors, counts, by_source, units, themes, calendar.periods, config, seed, device
    )
    changes, presence, families = judge(
        compared.changes,
        presences(evidence, config.level),
        np.array([not theme.unstable for theme in themes.themes], dtype=bool),
        counts.columns.theme_ids,
        config.level,
    )
    results = Results(
        changes, presence, compared.splits, compared.moves, compared.terms, families, recorded(sources, evidence)
    )
    findings = find(evidence, results, can_test(evidence, config.level))
    return Drift(
        prevalence=prevalence_table(levels, counts.columns, config.min_words),
        changes=changes_table(changes, counts.columns.theme_ids, calendar.periods),
        findings=findings,
        periods=calendar.periods,
        period_of=calendar.period_of,
        pooled=pooled_shares(by_period, counts.columns, unit),
        undecided=(*undecided(embeddings, repeats, calendar, by_speaker, evidence, results, findings), *compared.notes),
        rows=segments.fingerprint,
        terms=compared.terms,
        families=families,
        splits=compared.splits,
        moves=compared.moves,
        presence=presence,
        instruments=instruments(sources, evidence, changes),
        gates=hold_against(config.gates, changes, counts.columns.theme_ids, calendar.periods),
    )
