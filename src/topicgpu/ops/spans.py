"""Stretches of text that two tables share: how segments of one cut find their like in another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from topicgpu.types import Ints


class Spans(NamedTuple):
    """Stretches of the texts of sources; offsets are code points."""

    source_id: Sequence[str]
    start_char: Ints
    end_char: Ints


class Overlaps(NamedTuple):
    """Pairs of stretches that share text."""

    left: Ints  # rows, ascending
    right: Ints
    n_chars: Ints  # shared, at least 1


def overlaps(left: Spans, right: Spans) -> Overlaps:
    """
    Find which stretches of two tables share text.

    Parameters
    ----------
    left : Spans
        n stretches, in any order; they may overlap each other.
    right : Spans
        m stretches, in any order, none of which overlaps another.

    Returns
    -------
    Overlaps
        Every pair that shares at least one character. Time O((n + m) log m + pairs).
    """
    code = {source: number for number, source in enumerate(dict.fromkeys(right.source_id))}
    width = 1 + int(max(left.end_char.max(initial=0), right.end_char.max(initial=0)))
    base = np.array([code.get(source, -1) for source in left.source_id], dtype=np.int64) * width
    start, end = base + left.start_char, base + left.end_char
    base = np.array([code[source] for source in right.source_id], dtype=np.int64) * width
    order = np.argsort(base + right.start_char, kind="stable")
    other_start, other_end = (base + right.start_char)[order], (base + right.end_char)[order]
    first = np.searchsorted(other_end, start, side="right")
    n_pairs = np.maximum(np.searchsorted(other_start, end, side="left") - first, 0)
    rows = np.repeat(np.arange(len(start)), n_pairs)
    places = np.arange(len(rows)) + np.repeat(first - (np.cumsum(n_pairs) - n_pairs), n_pairs)
    n_chars = np.minimum(end[rows], other_end[places]) - np.maximum(start[rows], other_start[places])
    real = n_chars > 0
    return Overlaps(rows[real], order[places[real]], n_chars[real])


def merged_spans(spans: Spans) -> Spans:
    """
    Join stretches that overlap or touch.

    Parameters
    ----------
    spans : Spans
        In any order.

    Returns
    -------
    Spans
        The same text as stretches that do not overlap, source by source.
    """
    names = list(dict.fromkeys(spans.source_id))
    code = {source: number for number, source in enumerate(names)}
    width = 1 + int(spans.end_char.max(initial=0))
    base = np.array([code[source] for source in spans.source_id], dtype=np.int64) * width
    order = np.argsort(base + spans.start_char, kind="stable")
    start, reach = (base + spans.start_char)[order], np.maximum.accumulate((base + spans.end_char)[order])
    begins = np.flatnonzero(np.concatenate([[True], start[1:] > reach[:-1]])) if len(start) else np.zeros(0, int)
    ends = np.append(begins[1:], len(start))[: len(begins)] - 1
    source = start[begins] // width
    return Spans([names[number] for number in source], start[begins] % width, reach[ends] - source * width)
