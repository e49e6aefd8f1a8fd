"""Where a change of the talk may be one of how it was recorded: form, language, length of segments, named speakers."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.phrases import listed, percent, quoted
from topicgpu.drift.mixes import mix_differs
from topicgpu.drift.shares.counts import WORDS
from topicgpu.types import Ints, Sources, Strings

_KNOWN = 0.2  # of the words of a side whose speaker is known, from which the sides differ
_LENGTH = 1.25  # times
_PAIRS_NAMED = 3
_NAMED = 2  # forms or languages a side
_NONE = "not given"


def instruments(sources: Sources, evidence: Evidence, changes: Sequence[Change]) -> Strings:
    """
    Warn where what is compared was recorded in different ways.

    Parameters
    ----------
    sources : Sources
        With the form of each transcript.
    evidence : Evidence
        Counted segments, and the sources of each period.
    changes : sequence of Change
        The comparisons that are findings, and the widest one, are looked at.

    Returns
    -------
    tuple of str
        One sentence at most for each of: form (more than a fifth of one side's sources would need another), language
        (the same of its words), words of a segment (more than a quarter longer), and segments whose speaker is known
        (more than a fifth of the words more or less).

    Notes
    -----
    All vectors of a run are of one encoder at one revision, which `Embeddings` holds: there is no change of it to
    find.
    """
    form = dict(zip(sources.source_id, sources.form, strict=True))
    sentences = []
    for check in _CHECKS.values():
        said = [(pair, text) for pair in _compared(changes) if (text := check(evidence, form, pair)) is not None]
        if said:
            more = [" and ".join(_names(evidence, pair)) for pair, _ in said[1:]]
            also = f" The same holds for {listed(more, _PAIRS_NAMED)}." if more else ""
            sentences.append(f"{said[0][1]}, which may look like a change of the talk.{also}")
    return tuple(sentences)


def recorded(sources: Sources, evidence: Evidence) -> Callable[[Comparison], Strings]:
    """
    Look up how the recording of two sides differs.

    Parameters
    ----------
    sources : Sources
        With the form of each transcript.
    evidence : Evidence
        Counted segments, and the sources of each period.

    Returns
    -------
    callable
        Of two sides, which of form, languages, length of segments and known speakers differ between them.
    """
    form = dict(zip(sources.source_id, sources.form, strict=True))
    return cache(lambda pair: tuple(name for name, check in _CHECKS.items() if check(evidence, form, pair) is not None))


def _compared(changes: Sequence[Change]) -> list[Comparison]:
    every = list(dict.fromkeys(change.comparison for change in changes))
    found = {change.comparison for change in changes if change.found}
    widest = [pair for pair in every if pair.level == "span"] or every[:1]
    return [pair for pair in every if pair in found or pair in widest]


def _names(evidence: Evidence, pair: Comparison) -> tuple[str, str]:
    return pair.labels(evidence.periods.keys)


def _forms(evidence: Evidence, form: Mapping[str, str | None], pair: Comparison) -> str | None:
    keys = evidence.sources.keys
    sides = [Counter(form[keys[row]] or _NONE for row in evidence.side(side).rows) for side in pair[1:]]
    return _mix(f"The transcripts of {' and '.join(_names(evidence, pair))} differ in form", sides)


def _languages(evidence: Evidence, _: Mapping[str, str | None], pair: Comparison) -> str | None:
    sides = []
    for side in pair[1:]:
        words: Counter[str] = Counter()
        for index in _segments(evidence, side).tolist():
            words[evidence.segments.language[evidence.counts.row[index]]] += int(evidence.counts.units[WORDS, index])
        sides.append(words)
    return _mix(f"The sources of {' and '.join(_names(evidence, pair))} differ in language", sides)


def _lengths(evidence: Evidence, _: Mapping[str, str | None], pair: Comparison) -> str | None:
    words = [float(evidence.counts.units[WORDS, _segments(evidence, side)].mean()) for side in pair[1:]]
    if max(words) <= _LENGTH * min(words):
        return None
    earlier, later = _names(evidence, pair)
    return f"A segment of {earlier} has {words[0]:.1f} words on average and one of {later} {words[1]:.1f}"


def _speakers(evidence: Evidence, _: Mapping[str, str | None], pair: Comparison) -> str | None:
    shares = []
    for side in pair[1:]:
        inside = _segments(evidence, side)
        named = np.array([evidence.segments.speaker[row] is not None for row in evidence.counts.row[inside]])
        words = evidence.counts.units[WORDS, inside]
        if not words.any():
            return None
        shares.append(float(words[named].sum() / words.sum()))
    if abs(shares[1] - shares[0]) <= _KNOWN:
        return None
    earlier, later = _names(evidence, pair)
    known = f"{percent(shares[0])} of the words of {earlier} and of {percent(shares[1])} of those of {later}"
    return f"Who speaks is known of {known}"


def _segments(evidence: Evidence, periods: Sequence[int]) -> Ints:
    inside: Ints = np.flatnonzero(np.isin(evidence.counts.source, evidence.side(periods).rows))
    return inside


def _mix(head: str, sides: Sequence[Counter[str]]) -> str | None:
    if not mix_differs(*sides):
        return None
    kinds = " against ".join(quoted([kind for kind, _ in side.most_common()], _NAMED) for side in sides)
    return f"{head} ({kinds})"


_CHECKS = {
    "the form of the transcripts": _forms,
    "the languages": _languages,
    "the length of segments": _lengths,
    "whose speakers are known": _speakers,
}
