"""Ids that last: a discovered theme is the earlier one that it shares most of its text with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from topicgpu.ops.spans import Spans, merged_spans, overlaps
from topicgpu.types import Floats, Ints, KnownTheme, Segments, Theme, ThemeIds, ThemeLevel, Themes

_SAME_FROM = 0.5  # Jaccard; of two disjoint themes only one can share more than this with a third
LEVELS: tuple[ThemeLevel, ...] = ("theme", "subtheme", "family")


class Members(NamedTuple):
    """The discovered themes of one level, and the segments that each has."""

    themes: Sequence[Theme | KnownTheme]
    row: Ints
    theme: Ints  # index into `themes`


class Match(NamedTuple):
    """The earlier theme that a theme is."""

    known: str
    overlap: float


def keep_ids(themes: Themes, segments: Segments, earlier: ThemeIds | None = None) -> Themes:
    """
    Give discovered themes the ids of the earlier ones that they are, and new ones the next number.

    Parameters
    ----------
    themes : Themes
        Discovered ones under any ids that do not repeat, before anything is merged or hidden.
    segments : Segments
        n rows.
    earlier : ThemeIds, optional
        What is known from runs before.

    Returns
    -------
    Themes
        The same with ids `d1`, `d2` and so on, `kept_from` where an id is an earlier one's, and `ids` for later runs.

    Notes
    -----
    Themes, subthemes and families are matched each among themselves: an optimal assignment (Jonker and Volgenant) over
    the Jaccard overlap of their characters, of which at least half must agree. Only text that both runs have counts, so
    that neither a new source nor another cut speaks against a match. Themes of the last run come first, retired ones
    get what is left. Where nothing differs from the last run, `kept_from` is what it was: the same inputs give the same
    result. Time O(n log n + themes^3).
    """
    members = {level: _members(themes, level) for level in LEVELS}
    earlier = earlier or ThemeIds()
    texts = Spans(segments.source_id, segments.start_char, segments.end_char)
    matches = matches_of(members, texts, earlier)
    new_id, number = {}, earlier.next_number
    for theme in chain.from_iterable(members[level].themes for level in LEVELS):
        if theme.theme_id in matches:
            new_id[theme.theme_id] = matches[theme.theme_id].known
        else:
            new_id[theme.theme_id], number = f"d{number}", number + 1
    kept_from = {match.known: match.overlap for match in matches.values()}
    spans = _spans(members, new_id, segments)
    if _as_before(spans, earlier):
        kept_from = {theme.theme_id: theme.kept_from for theme in earlier.known if theme.kept_from is not None}

    def renumbered(tables: tuple[Theme, ...]) -> tuple[Theme, ...]:
        return tuple(_renumbered(theme, new_id, kept_from) for theme in tables)

    changed = replace(
        themes,
        themes=renumbered(themes.themes),
        subthemes=renumbered(themes.subthemes),
        families=renumbered(themes.families),
    )
    return replace(changed, ids=_remembered(changed, spans, earlier, number))


def _members(themes: Themes, level: ThemeLevel) -> Members:
    if level == "subtheme":
        return Members(themes.subthemes, themes.sub_row, themes.sub)
    first = themes.rank == 1
    row, theme = themes.row[first], themes.theme[first]
    if level == "theme":
        found, group = tuple(theme for theme in themes.themes if theme.kind == "discovered"), _places(themes.themes)
    else:
        found, place = themes.families, {family.theme_id: number for number, family in enumerate(themes.families)}
        group = np.array([place.get(theme.parent_id or "", -1) for theme in themes.themes], dtype=np.int64)
    own = group[theme] if len(theme) else theme
    return Members(found, row[own >= 0], own[own >= 0])


def _places(themes: Sequence[Theme]) -> Ints:
    """Give each discovered theme its number among its like, guided ones -1."""
    discovered = np.array([theme.kind == "discovered" for theme in themes], dtype=bool)
    return np.where(discovered, np.cumsum(discovered) - 1, -1)


def matches_of(members: Mapping[ThemeLevel, Members], texts: Spans, earlier: ThemeIds) -> dict[str, Match]:
    """
    Find which earlier themes themes are.

    Parameters
    ----------
    members : mapping
        Level to its themes and their rows of `texts`.
    texts : Spans
        n segments, none of which overlaps another.
    earlier : ThemeIds
        What is known.

    Returns
    -------
    dict
        Id of a theme to its match; no earlier theme is there twice.
    """
    shared = overlaps(merged_spans(Spans(earlier.source_id, earlier.start_char, earlier.end_char)), texts)
    in_both = np.bincount(shared.right, shared.n_chars, len(texts.source_id)).astype(np.float64)
    matches: dict[str, Match] = {}
    for level in LEVELS:
        for retired in (False, True):
            known = [theme.theme_id for theme in earlier.known if (theme.level, theme.retired) == (level, retired)]
            jaccard = _jaccard(members[level], texts, in_both, earlier, known)
            taken = [theme.theme_id in matches for theme in members[level].themes]
            jaccard[taken] = 0
            matches |= _assigned(jaccard, members[level], known)
    return matches


def _jaccard(members: Members, texts: Spans, in_both: Floats, earlier: ThemeIds, known: Sequence[str]) -> Floats:
    """(themes, known): characters that both have, over those that either has, of the text of both runs."""
    number = {theme_id: place for place, theme_id in enumerate(known)}
    of = np.array([number.get(theme_id or "", -1) for theme_id in earlier.theme_id], dtype=np.int64)
    rows = np.flatnonzero(of >= 0)
    spans = Spans([earlier.source_id[row] for row in rows], earlier.start_char[rows], earlier.end_char[rows])
    pairs = overlaps(spans, texts)
    before = of[rows][pairs.left]
    theme_of = np.full(len(texts.source_id), -1, dtype=np.int64)
    theme_of[members.row] = members.theme
    now = theme_of[pairs.right]
    shape = len(members.themes), len(known)
    both = np.zeros(shape)
    np.add.at(both, (now[now >= 0], before[now >= 0]), pairs.n_chars[now >= 0])
    sizes = np.bincount(members.theme, in_both[members.row], shape[0])
    earlier_sizes = np.bincount(before, pairs.n_chars, shape[1])
    either = sizes[:, None] + earlier_sizes - both
    return np.divide(both, either, out=np.zeros(shape), where=either > 0)


def _assigned(jaccard: Floats, members: Members, known: Sequence[str]) -> dict[str, Match]:
    # Of equal halves of one theme the one with the first segment keeps its id, whatever the order of the themes.
    first = np.full(len(members.themes), np.iinfo(np.int64).max)
    np.minimum.at(first, members.theme, members.row)
    order = np.argsort(first, kind="stable")
    same = np.where(jaccard >= _SAME_FROM, jaccard, 0.0)[order]
    pairs = zip(*linear_sum_assignment(same, maximize=True), strict=True)
    return {
        members.themes[int(order[now])].theme_id: Match(known[int(before)], round(float(same[now, before]), 6))
        for now, before in pairs
        if same[now, before] > 0
    }


def _renumbered(theme: Theme, new_id: Mapping[str, str], kept_from: Mapping[str, float]) -> Theme:
    theme_id = new_id.get(theme.theme_id, theme.theme_id)
    parent = None if theme.parent_id is None else new_id.get(theme.parent_id, theme.parent_id)
    return replace(theme, theme_id=theme_id, parent_id=parent, kept_from=kept_from.get(theme_id))


class _Rows(NamedTuple):
    """The columns of `ThemeIds`."""

    theme_id: tuple[str | None, ...]
    source_id: tuple[str, ...]
    start_char: Ints
    end_char: Ints


def _spans(members: Mapping[ThemeLevel, Members], new_id: Mapping[str, str], segments: Segments) -> _Rows:
    rows: list[Ints] = []
    ids: list[str | None] = []
    for level in LEVELS:
        names = [new_id[theme.theme_id] for theme in members[level].themes]
        rows.append(members[level].row)
        ids.extend(names[theme] for theme in members[level].theme)
    rest = np.setdiff1d(np.arange(len(segments)), np.concatenate(rows))
    row = np.concatenate([*rows, rest])
    ids.extend([None] * len(rest))
    sources = tuple(segments.source_id[place] for place in row)
    return _Rows(tuple(ids), sources, segments.start_char[row], segments.end_char[row])


def _as_before(spans: _Rows, earlier: ThemeIds) -> bool:
    """Whether the last run had the same: its rows come first, then those of retired themes."""
    n = len(spans.theme_id)
    return (
        spans.theme_id == earlier.theme_id[:n]
        and spans.source_id == earlier.source_id[:n]
        and np.array_equal(spans.start_char, earlier.start_char[:n])
        and np.array_equal(spans.end_char, earlier.end_char[:n])
        and {theme.theme_id for theme in earlier.retired}.issuperset(earlier.theme_id[n:])
    )


def _remembered(themes: Themes, spans: _Rows, earlier: ThemeIds, next_number: int) -> ThemeIds:
    found = [theme for theme in themes.all if theme.kind == "discovered"]
    known = [KnownTheme(theme.theme_id, theme.name, theme.level, theme.kept_from, False) for theme in found]
    live = {theme.theme_id for theme in known}
    gone = [theme._replace(retired=True) for theme in earlier.known if theme.theme_id not in live]
    gone_ids = {theme.theme_id for theme in gone}
    kept = np.array([row for row, theme_id in enumerate(earlier.theme_id) if theme_id in gone_ids], dtype=np.int64)
    return ThemeIds(
        known=(*known, *gone),
        theme_id=spans.theme_id + tuple(earlier.theme_id[row] for row in kept),
        source_id=spans.source_id + tuple(earlier.source_id[row] for row in kept),
        start_char=np.concatenate([spans.start_char, earlier.start_char[kept]]),
        end_char=np.concatenate([spans.end_char, earlier.end_char[kept]]),
        next_number=next_number,
        origin=earlier.origin,
    )
