"""What could not be decided, and why: one sentence each."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.phrases import counted_noun, listed
from topicgpu.drift.findings.results import Results
from topicgpu.drift.findings.unchanged import unchanged
from topicgpu.drift.periods import Calendar
from topicgpu.drift.shares.cells import Cells
from topicgpu.drift.shares.counts import SECONDS, WORDS, Counts
from topicgpu.drift.shares.intervals import MIN_SOURCES
from topicgpu.types import Embeddings, Finding, Ints, Repeats, Segments, Strings

_PERIODS_NAMED = 5


def undecided(
    embeddings: Embeddings,
    repeats: Repeats,
    calendar: Calendar,
    speakers: Cells,
    evidence: Evidence,
    results: Results,
    findings: Sequence[Finding],
) -> Strings:
    """
    Say what no share, period, interval or change could be given for.

    Parameters
    ----------
    embeddings : Embeddings
        Which rows are served.
    repeats : Repeats
        Rows that are counted elsewhere.
    calendar : Calendar
        Periods, and the sources without one.
    speakers : Cells
        Shares of speakers.
    evidence : Evidence
        Segments, and shares of sources and periods.
    results : Results
        The comparisons.
    findings : sequence of Finding
        What could be decided.

    Returns
    -------
    tuple of str
        Whole sentences, what concerns most of the result first.
    """
    counts, sources = evidence.counts, evidence.sources
    return (
        *_themes(counts),
        *_change(calendar),
        *unchanged(evidence, results, findings),
        *_speech(evidence.segments, np.flatnonzero(~embeddings.served & ~repeats.mask), counts, sources),
        *_dates(calendar),
        *_intervals(evidence),
        *_times(counts, sources, wanted=evidence.unit == SECONDS),
        *_speakers(speakers),
    )


def _themes(counts: Counts) -> list[str]:
    return [] if counts.columns.n_themes else ["There is no theme, so there is nothing to compare."]


def _change(calendar: Calendar) -> list[str]:
    if len(calendar.periods) > 1:
        return []
    if calendar.periods:
        several = " What they differ in is a difference of sources and of their kinds." * (len(calendar.period_of) > 1)
        return [
            f"All dated sources are of {calendar.periods[0]}, so nothing can be said about change over time.{several}"
        ]
    return ["No counted source has a date that fits a period, so nothing can be said about change over time."]


def _speech(segments: Segments, left_out: Ints, counts: Counts, sources: Cells) -> list[str]:
    sentences = []
    if len(left_out):
        n_words, total = int(segments.n_words[left_out].sum()), int(segments.n_words.sum())
        languages = sorted({segments.language[row] for row in left_out})
        where = sorted({segments.source_id[row] for row in left_out})
        sentences.append(
            f"{n_words:,} of {counted_noun(total, 'word')} are in languages that the encoder does not serve "
            f"({listed(languages)}) and are in no share; they are in {_named(where)}."
        )
    n_counted = np.bincount(counts.source, minlength=len(sources.keys))
    silent = [sources.keys[row] for row in np.flatnonzero(n_counted == 0)]
    if silent:
        sentences.append(f"Nothing is counted in {_named(silent)}: no served speech that is not a repeat.")
    return sentences


def _dates(calendar: Calendar) -> list[str]:
    sentences = []
    if calendar.undated:
        sentences.append(f"In no period, for want of a date: {_named(calendar.undated)}.")
    if calendar.straddling:
        one = "one named period" if calendar.rule == "named" else f"one {calendar.rule}"
        sentences.append(f"In no period, since the date does not fit inside {one}: {_named(calendar.straddling)}.")
    if calendar.outside:
        sentences.append(f"In no period, since the date is outside every named one: {_named(calendar.outside)}.")
    return sentences + _gaps(calendar)


def _gaps(calendar: Calendar) -> list[str]:
    if calendar.rule == "named":
        return [f"No counted source is of the named period {name}." for name in calendar.empty]
    wide = [
        f"{earlier} with {later} ({counted_noun(gap, calendar.rule)})"
        for (earlier, later), gap in zip(pairwise(calendar.periods), calendar.gaps, strict=True)
        if gap
    ]
    return [f"Compared though no source is of the time between: {listed(wide)}."] if wide else []


def _intervals(evidence: Evidence) -> list[str]:
    n_sources = {period: len(evidence.side([period]).rows) for period in range(len(evidence.periods.keys))}
    few = [period for period, n in n_sources.items() if 0 < n < MIN_SOURCES]
    if not few or not evidence.n_themes:
        return []
    single = [evidence.label([period]) for period in few if n_sources[period] == 1]
    named = [f"{evidence.label([period])} ({counted_noun(n_sources[period], 'source')})" for period in few]
    where = f"all {len(few)} periods" if len(few) == len(n_sources) > _PERIODS_NAMED else listed(named, _PERIODS_NAMED)
    sentences = [f"Fewer than {MIN_SOURCES} sources, and so no interval for the shares, in {where}."]
    if single and len(n_sources) > 1:
        have = "has one source" if len(single) == 1 else "have one source each"
        them = "it" if len(single) == 1 else "them"
        sentences.append(f"{listed(single)} {have}: whatever is said of {them} is said of that source.")
    return sentences


def _times(counts: Counts, sources: Cells, wanted: bool) -> list[str]:
    timed = np.bincount(counts.source, np.isfinite(counts.units[SECONDS]), minlength=len(sources.keys)) > 0
    spoken = sources.known[WORDS]
    untimed = [sources.keys[row] for row in np.flatnonzero((timed | wanted) & spoken & ~sources.known[SECONDS])]
    return [f"No shares of time, since not every segment has its times: {_named(untimed)}."] if untimed else []


def _speakers(speakers: Cells) -> list[str]:
    shared = [key for key, n in zip(speakers.keys, speakers.n_sources[WORDS], strict=True) if n > 1]
    return [f"One name in several sources is taken for one speaker: {listed(shared)}."] if shared else []


def _named(source_ids: Sequence[str]) -> str:
    return f"{'source' if len(source_ids) == 1 else 'sources'} {listed(source_ids)}"
