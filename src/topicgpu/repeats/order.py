"""Where two texts say the same in the same order, that order is evidence for what lies between the sure pairs."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

_LEAST_PAIRS = 3
_IN_ORDER = 0.9  # of the pairs of two sources


class Side(NamedTuple):
    """Segments of one language."""

    texts: Sequence[str]
    sources: Sequence[str]  # of each text; those of one source stand together and in its order


class Gap(NamedTuple):
    """Rows of two sources between two pairs, or between a pair and the end of the sources."""

    left: range
    right: range
    around: range  # `right` and the rows of the pairs beside it


def gaps(
    pairs: Iterable[tuple[int, int]],
    left_sources: Sequence[str],
    right_sources: Sequence[str],
    least_share: float = 0.0,
) -> Iterator[Gap]:
    """
    Find what lies between pairs where the pairs of two sources are in order.

    Parameters
    ----------
    pairs : iterable of (int, int)
        Rows of either side that say the same, each row in one pair at most.
    left_sources, right_sources : sequence of str
        The source of each row; rows of one source stand together and in its order.
    least_share : float
        Part of the rows of the source with fewer rows that has to be in pairs.

    Yields
    ------
    Gap
        None of two sources that have too few pairs, fewer than three, or more than a tenth out of order.

    Notes
    -----
    In order is the longest increasing subsequence: O(n log n) for n pairs.
    """
    spans = _spans(left_sources), _spans(right_sources)
    by_sources: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for left, right in sorted(pairs):
        by_sources[left_sources[left], right_sources[right]].append((left, right))
    for (left_source, right_source), found in by_sources.items():
        ordered = _increasing(found)
        lefts, rights = spans[0][left_source], spans[1][right_source]
        least = least_share * min(len(lefts), len(rights))
        if len(ordered) < max(_LEAST_PAIRS, _IN_ORDER * len(found), least):
            continue
        bounds = [(lefts.start - 1, rights.start - 1), *ordered, (lefts.stop, rights.stop)]
        for (left, right), (next_left, next_right) in pairwise(bounds):
            around = range(max(right, rights.start), min(next_right + 1, rights.stop))
            yield Gap(range(left + 1, next_left), range(right + 1, next_right), around)


def _spans(sources: Sequence[str]) -> dict[str, range]:
    spans, start = {}, 0
    for source, group in groupby(sources):
        end = start + len(list(group))
        spans[source], start = range(start, end), end
    return spans


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Longest part of the pairs, which are sorted by the left row, in which the right rows rise too."""
    ends: list[int] = []  # right row that the best run of each length ends in
    length_at = []
    for _, right in pairs:
        length = bisect_left(ends, right)
        ends[length : length + 1] = [right]
        length_at.append(length)
    longest: list[tuple[int, int]] = []
    wanted = len(ends) - 1
    for pair, length in zip(reversed(pairs), reversed(length_at), strict=True):
        if length == wanted and (not longest or pair[1] < longest[-1][1]):
            longest.append(pair)
            wanted -= 1
    return longest[::-1]
