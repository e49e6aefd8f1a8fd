"""Ids of another run: what it knows joins what this folder knows, and takes no id away."""

from dataclasses import replace

import numpy as np

from topicgpu.ops.spans import Spans, merged_spans, overlaps
from topicgpu.themes.matching import LEVELS, Members, matches_of
from topicgpu.types import Ints, KnownTheme, ThemeIds


def adopt(own: ThemeIds, theirs: ThemeIds) -> ThemeIds:
    """
    Add the themes of another run to those that are known.

    Parameters
    ----------
    own : ThemeIds
        Of this folder; all of it stays.
    theirs : ThemeIds
        Of the other run.

    Returns
    -------
    ThemeIds
        `own` with what it lacks: the themes that the other run has and that share less than half with every own one,
        under their ids where those are free here, else under the next numbers; and what the other run says of text
        that `own` does not have. They count as retired until a run in this folder finds them. Time as of `keep_ids`.
    """
    live = {theme.theme_id for theme in theirs.known if not theme.retired}
    rows = np.array(
        [row for row, theme_id in enumerate(theirs.theme_id) if theme_id is None or theme_id in live], dtype=np.int64
    )
    same = _same(own, theirs, rows)
    taken = {theme.theme_id for theme in own.known}
    number = max(own.next_number, theirs.next_number)
    new: list[KnownTheme] = []
    for theme in theirs.known:
        if theme.theme_id in live and theme.theme_id not in same:
            free = theme.theme_id not in taken
            same[theme.theme_id] = theme.theme_id if free else f"d{number}"
            number += not free
            new.append(theme._replace(theme_id=same[theme.theme_id], kept_from=None, retired=True))
    ids = [None if theirs.theme_id[row] is None else same[str(theirs.theme_id[row])] for row in rows]
    new_ids = {theme.theme_id for theme in new}
    theirs_alone = np.ones(len(rows), dtype=bool)
    theirs_alone[overlaps(_spans(theirs, rows), merged_spans(_spans(own))).left] = False
    added = [place for place, theme_id in enumerate(ids) if theme_id in new_ids or theirs_alone[place]]
    spans = _spans(theirs, rows[added])
    return replace(
        own,
        known=(*own.known, *new),
        theme_id=(*own.theme_id, *(ids[place] for place in added)),
        source_id=(*own.source_id, *spans.source_id),
        start_char=np.concatenate([own.start_char, spans.start_char]),
        end_char=np.concatenate([own.end_char, spans.end_char]),
        next_number=number,
    )


def _same(own: ThemeIds, theirs: ThemeIds, rows: Ints) -> dict[str, str]:
    """Ids of the other run's themes to those that they have here."""
    spans = _spans(theirs, rows)
    keys = list(zip(spans.source_id, spans.start_char.tolist(), spans.end_char.tolist(), strict=True))
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}  # a row a segment, whatever its levels
    segment = np.array([place[key] for key in keys], dtype=np.int64)
    first = rows[np.unique(segment, return_index=True)[1]]
    members = {}
    for level in LEVELS:
        themes = [theme for theme in theirs.known if theme.level == level and not theme.retired]
        number = {theme.theme_id: index for index, theme in enumerate(themes)}
        of_level = [
            (place[key], number.get(theirs.theme_id[row] or "", -1)) for key, row in zip(keys, rows, strict=True)
        ]
        pairs = np.array([pair for pair in of_level if pair[1] >= 0], dtype=np.int64).reshape(-1, 2)
        members[level] = Members(themes, pairs[:, 0], pairs[:, 1])
    return {theme_id: match.known for theme_id, match in matches_of(members, _spans(theirs, first), own).items()}


def _spans(ids: ThemeIds, rows: Ints | None = None) -> Spans:
    if rows is None:
        return Spans(ids.source_id, ids.start_char, ids.end_char)
    return Spans([ids.source_id[row] for row in rows], ids.start_char[rows], ids.end_char[rows])
