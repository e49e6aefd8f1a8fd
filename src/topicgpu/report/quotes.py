"""Quotes: a segment's words, exactly as they stand, with all that a reader needs to find them again."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from topicgpu.errors import MisalignedError
from topicgpu.report.wording import clock, count, readable_date
from topicgpu.types import Segments, Sources

_MOST_PLACES = 3  # captions and pages that are named one by one

DIGEST_MARK = "digest, not the speaker\u2019s words"


def source_anchor(row: int) -> str:
    """
    Name the place of a source in the page.

    Parameters
    ----------
    row : int
        Of the source.

    Returns
    -------
    str
        An id for HTML, safe whatever the source's own id holds.
    """
    return f"source-{row + 1}"


def is_digest(form: str | None, genre: str | None) -> bool:
    """
    Tell whether a source is a digest: written about the speech, not taken from it.

    Parameters
    ----------
    form : str or None
        As the corpus states it, free text.
    genre : str or None
        The kind of source, free text too: "news digest".

    Returns
    -------
    bool
        True where either has the word digest.
    """
    return any(re.search(r"\bdigest\b", stated, re.IGNORECASE) for stated in (form, genre) if stated)


class Quotes:
    """
    The quotes of a run, by segment.

    Parameters
    ----------
    sources : Sources
        With turns, whose locators lead back to the originals.
    segments : Segments
        Whose texts are quoted.
    listed : collection of int, optional
        Rows of the sources that the page lists: a quote of another has no anchor. All where not given.
    """

    def __init__(self, sources: Sources, segments: Segments, listed: Collection[int] | None = None) -> None:
        self._sources, self._segments = sources, segments
        self._listed = range(len(sources)) if listed is None else listed
        self._source_row = {source_id: row for row, source_id in enumerate(sources.source_id)}
        self._row = {segment_id: row for row, segment_id in enumerate(segments.segment_id)}
        turns = sources.turns
        turns_of = np.array([self._source_row[source_id] for source_id in turns.source_id], dtype=np.int64)
        self._turn_order = np.lexsort((turns.start_char, turns_of))
        self._turn_bounds = np.searchsorted(turns_of[self._turn_order], np.arange(len(sources) + 1))

    def row(self, segment_id: str) -> int:
        """
        Find a segment.

        Parameters
        ----------
        segment_id : str
            As results name it.

        Returns
        -------
        int
            Row of the segment.

        Raises
        ------
        MisalignedError
            If there is no such segment.
        """
        if segment_id not in self._row:
            raise MisalignedError(
                f"a result names the segment {segment_id!r}, which is not among the {len(self._row)} segments of this "
                "run; run the stages again from themes."
            )
        return self._row[segment_id]

    def source(self, row: int) -> int:
        """
        Find the source of a segment.

        Parameters
        ----------
        row : int
            Of the segment.

        Returns
        -------
        int
            Row of the source.
        """
        return self._source_row[self._segments.source_id[row]]

    def varied(self, segment_ids: Iterable[str], limit: int) -> list[dict[str, Any]]:
        """
        Quote segments, the first of each source before the second of any.

        Parameters
        ----------
        segment_ids : iterable of str
            Best first.
        limit : int
            At most this many quotes.

        Returns
        -------
        list of dict
            As `quote` gives them.
        """
        turn: dict[str, int] = {}
        ranked = []
        for place, segment_id in enumerate(segment_ids):
            row = self.row(segment_id)
            source_id = self._segments.source_id[row]
            turn[source_id] = turn.get(source_id, -1) + 1
            ranked.append((turn[source_id], place, row))
        return [self.quote(row) for _, _, row in sorted(ranked)[:limit]]

    def quote(self, row: int) -> dict[str, Any]:
        """
        Quote one segment.

        Parameters
        ----------
        row : int
            Of the segment.

        Returns
        -------
        dict
            text (None where it is withheld), language, speaker, time, start, end, segment_id, locator, and of the
            source title, anchor, date, iso_date and mark (None unless it is a digest).
        """
        segments, sources = self._segments, self._sources
        source = self._source_row[segments.source_id[row]]
        start, end = int(segments.start_char[row]), int(segments.end_char[row])
        return {
            # Captions are full of spaces that do not break. None: the text is withheld.
            "text": " ".join(segments.text[row].split()) or None,
            "language": segments.language[row],
            "speaker": segments.speaker[row],
            "time": clock(float(segments.start_s[row])),
            "start": count(start),
            "end": count(end),
            "segment_id": segments.segment_id[row],
            "locator": "; ".join(self._locators(source, start, end)) or None,
            "title": sources.title[source],
            "anchor": source_anchor(source) if source in self._listed else None,
            "date": readable_date(sources.date_start[source], sources.date_end[source]),
            "iso_date": segments.date[row],
            "mark": DIGEST_MARK if is_digest(sources.form[source], sources.genre[source]) else None,
        }

    def _locators(self, source: int, start: int, end: int) -> Sequence[str]:
        turns = self._sources.turns
        own = self._turn_order[self._turn_bounds[source] : self._turn_bounds[source + 1]]
        first, last = np.searchsorted(turns.end_char[own], start, "right"), np.searchsorted(turns.start_char[own], end)
        locators = (turns.locator[turn] for turn in own[first:last])
        places = list(dict.fromkeys(locator for locator in locators if locator))
        return places if len(places) <= _MOST_PLACES else [f"{places[0]} to {places[-1]}"]


def plain(quote: dict[str, Any]) -> str:
    """
    Write a quote as plain text, for the label that a browser shows beside a point.

    Parameters
    ----------
    quote : dict
        As `Quotes.quote` gives it.

    Returns
    -------
    str
        Where it is from on the first line; the words after it, so that no direction mark in them reaches it.
    """
    parts = [quote["title"], quote["speaker"], quote["date"], f"characters {quote['start']} to {quote['end']}"]
    words = quote["text"] or "the text is withheld"
    return ", ".join(part for part in (*parts, quote["mark"]) if part) + f"\n{words}"
