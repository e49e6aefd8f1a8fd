"""What the report says about each source: what it is, how much of it was used, what was left out and why."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.report.quotes import is_digest, source_anchor
from topicgpu.report.wording import counted, readable_date
from topicgpu.types import Ints, Repeats, Segments, Sources

MAX_LISTED = 200  # sources that the page lists one by one; links lead to these alone

REPEATED = {
    "exact": "the same words again, counted where they first stand",
    "near": "nearly the same words again, counted where they first stand",
    "translation": "translations, counted in the language that they are kept in",
}


def listed_sources(
    sources: Sources, segments: Segments, served: NDArray[np.bool_], evidence: Iterable[str]
) -> frozenset[int]:
    """
    Choose the sources that the page lists: all, or those that a reader is likeliest to ask for.

    Parameters
    ----------
    sources : Sources
        One row a source.
    segments : Segments
        n rows.
    served : (n,) array of bool
        Whether the encoder serves each segment's language.
    evidence : iterable of str
        Ids of the segments that the findings quote, best first.

    Returns
    -------
    frozenset of int
        At most `MAX_LISTED` rows: first the sources of the evidence, then those of which most words were left out.
    """
    if len(sources) <= MAX_LISTED:
        return frozenset(range(len(sources)))
    row_of = {source_id: row for row, source_id in enumerate(sources.source_id)}
    source_of = dict(zip(segments.segment_id, segments.source_id, strict=True))
    chosen = dict.fromkeys(row_of[source_of[segment_id]] for segment_id in evidence if segment_id in source_of)
    left_out = np.zeros(len(sources))
    np.add.at(left_out, [row_of[name] for name in sources.dropped.source_id], sources.dropped.n_words)
    unserved = np.flatnonzero(~served)
    np.add.at(left_out, [row_of[segments.source_id[row]] for row in unserved], segments.n_words[unserved])
    chosen |= dict.fromkeys(np.argsort(-left_out, kind="stable").tolist())
    return frozenset(list(chosen)[:MAX_LISTED])


def source_rows(
    sources: Sources,
    segments: Segments,
    served: NDArray[np.bool_],
    repeats: Repeats,
    period_of: Mapping[str, str],
    listed: Collection[int],
) -> list[dict[str, Any]]:
    """
    Describe each source.

    Parameters
    ----------
    sources : Sources
        One row a source.
    segments : Segments
        n rows.
    served : (n,) array of bool
        Whether the encoder serves each segment's language.
    repeats : Repeats
        Segments that say again what another one says.
    period_of : mapping of str to str
        Period of each source id; others are in none.
    listed : collection of int
        Rows of the sources that the page lists: the others have no anchor.

    Returns
    -------
    list of dict
        In the order of the sources. `days` is the first day and a half-open end, as ordinals, or None.
    """
    row_of = {source_id: row for row, source_id in enumerate(sources.source_id)}
    source = np.array([row_of[source_id] for source_id in segments.source_id], dtype=np.int64)
    n_words = np.bincount(source, segments.n_words, len(sources)).astype(np.int64).tolist()
    n_segments = np.bincount(source, minlength=len(sources)).tolist()
    # A translation is counted where its original is, so that its words are in one line of the two.
    unserved = _grouped(np.flatnonzero(~served & ~repeats.mask), source)
    repeated = _grouped(repeats.row, source)
    dropped: list[Counter[str]] = [Counter() for _ in sources.source_id]
    for source_id, reason, n in zip(
        sources.dropped.source_id, sources.dropped.reason, sources.dropped.n_words, strict=True
    ):
        dropped[row_of[source_id]][reason] += int(n)
    kind_of, dates = dict(zip(repeats.row.tolist(), repeats.kind, strict=True)), sources.dates
    rows = []
    for row, source_id in enumerate(sources.source_id):
        start, end = sources.date_start[row], sources.date_end[row]
        own, not_served = repeated.get(row, []), unserved.get(row, [])
        rows.append(
            {
                "source_id": source_id,
                "anchor": source_anchor(row) if row in listed else None,
                "number": row + 1,
                "title": sources.title[row],
                "date": readable_date(start, end),
                "iso_date": dates[row],
                "days": None if start is None or end is None else (start.toordinal(), end.toordinal() + 1),
                "period": period_of.get(source_id),
                "genre": sources.genre[row] or "kind not stated",
                "form": sources.form[row],
                "digest": is_digest(sources.form[row], sources.genre[row]),
                "series": sources.series[row],
                "languages": list(sources.languages[row]),
                "path": sources.path[row],
                "sha256": sources.sha256[row],
                "origin": sources.origin[row],
                "words": counted(n_words[row], "word"),
                "segments": counted(n_segments[row], "segment"),
                "dropped": [f"{counted(n, 'word')}: {reason}" for reason, n in sorted(dropped[row].items())],
                "repeats": _by_kind(segments, own, kind_of),
                "not_served": _by_language(segments, not_served),
            }
        )
    return rows


def repeat_lines(segments: Segments, repeats: Repeats) -> list[str]:
    """
    Say how many segments repeat others, by kind.

    Parameters
    ----------
    segments : Segments
        n rows.
    repeats : Repeats
        Segments that say again what another one says.

    Returns
    -------
    list of str
        A line for each kind that there is.
    """
    rows = repeats.row.tolist()
    return _by_kind(segments, rows, dict(zip(rows, repeats.kind, strict=True)))


def _grouped(rows: Ints, source: Ints) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for row, place in zip(rows.tolist(), source[rows].tolist(), strict=True):
        groups.setdefault(place, []).append(row)
    return groups


def _by_kind(segments: Segments, rows: list[int], kind_of: Mapping[int, str]) -> list[str]:
    found = {kind: [row for row in rows if kind_of[row] == kind] for kind in REPEATED}
    return [f"{_amount(segments, own)}: {REPEATED[kind]}" for kind, own in found.items() if own]


def _by_language(segments: Segments, rows: list[int]) -> list[str]:
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(segments.language[row], []).append(row)
    return [f"{language}: {_amount(segments, own)}" for language, own in sorted(found.items())]


def _amount(segments: Segments, rows: list[int]) -> str:
    return f"{counted(len(rows), 'segment')}, {counted(int(segments.n_words[rows].sum()), 'word')}"
