"""What the report says about each source: what it is, how much of it was used, what was left out and why."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.report.quotes import is_digest, source_anchor
from topicgpu.report.wording import counted, readable_date
from topicgpu.types import Repeats, Segments, Sources

REPEATED = {
    "exact": "the same words again, counted where they first stand",
    "near": "nearly the same words again, counted where they first stand",
    "translation": "translations, counted in the language that they are kept in",
}


def source_rows(
    sources: Sources,
    segments: Segments,
    served: NDArray[np.bool_],
    repeats: Repeats,
    period_of: dict[str, str],
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
    period_of : dict of str to str
        Period of each source id; others are in none.

    Returns
    -------
    list of dict
        In the order of the sources. `days` is the first and the last day and a half-open end, as ordinals, or None.
    """
    row_of = {source_id: row for row, source_id in enumerate(sources.source_id)}
    source = np.array([row_of[source_id] for source_id in segments.source_id], dtype=np.int64)
    dropped: list[Counter[str]] = [Counter() for _ in sources.source_id]
    for source_id, reason, n_words in zip(
        sources.dropped.source_id, sources.dropped.reason, sources.dropped.n_words, strict=True
    ):
        dropped[row_of[source_id]][reason] += int(n_words)
    dates, rows = sources.dates, []
    for row, source_id in enumerate(sources.source_id):
        own = np.flatnonzero(source == row)
        start, end = sources.date_start[row], sources.date_end[row]
        rows.append(
            {
                "source_id": source_id,
                "anchor": source_anchor(row),
                "number": row + 1,
                "title": sources.title[row],
                "date": readable_date(start, end),
                "iso_date": dates[row],
                "days": None if start is None or end is None else (start.toordinal(), end.toordinal() + 1),
                "period": period_of.get(source_id),
                "genre": sources.genre[row] or "kind not stated",
                "form": sources.form[row],
                "digest": is_digest(sources.form[row]),
                "series": sources.series[row],
                "languages": list(sources.languages[row]),
                "path": sources.path[row],
                "sha256": sources.sha256[row],
                "origin": sources.origin[row],
                "words": counted(int(segments.n_words[own].sum()), "word"),
                "segments": counted(len(own), "segment"),
                "dropped": [f"{counted(n, 'word')}: {reason}" for reason, n in sorted(dropped[row].items())],
                "repeats": repeat_lines(segments, repeats, own),
                # A translation is counted where its original is, so that its words are in one line of the two.
                "not_served": _not_served(segments, own[~served[own] & ~repeats.mask[own]]),
            }
        )
    return rows


def repeat_lines(segments: Segments, repeats: Repeats, rows: NDArray[np.int64]) -> list[str]:
    """
    Say how many segments repeat others, by kind.

    Parameters
    ----------
    segments : Segments
        n rows.
    repeats : Repeats
        Segments that say again what another one says.
    rows : (m,) array of int
        The segments in question.

    Returns
    -------
    list of str
        A line for each kind that there is.
    """
    among = np.isin(repeats.row, rows)
    kinds = np.array(repeats.kind, dtype=object)
    found = {kind: repeats.row[among & (kinds == kind)] for kind in REPEATED}
    return [f"{_amount(segments, own)}: {REPEATED[kind]}" for kind, own in found.items() if len(own)]


def _amount(segments: Segments, rows: NDArray[np.int64]) -> str:
    return f"{counted(len(rows), 'segment')}, {counted(int(segments.n_words[rows].sum()), 'word')}"


def _not_served(segments: Segments, rows: NDArray[np.int64]) -> list[str]:
    languages = np.array([segments.language[row] for row in rows], dtype=object)
    return [f"{language}: {_amount(segments, rows[languages == language])}" for language in sorted(set(languages))]
