"""The table that analysts begin with: a row a segment, with its source, theme and place beside it."""

from typing import Any

import numpy as np
import pyarrow as pa

from topicgpu.report import Results
from topicgpu.types import Themes

_TEXT, _INT, _FLOAT = pa.string(), pa.int64(), pa.float32()
JOINED: dict[str, pa.DataType] = {
    "segment_id": _TEXT,
    "source_id": _TEXT,
    "title": _TEXT,
    "date": _TEXT,
    "genre": _TEXT,
    "period": _TEXT,
    "speaker": _TEXT,
    "language": _TEXT,
    "start_char": _INT,
    "end_char": _INT,
    "start_s": pa.float64(),
    "n_words": _INT,
    "theme_id": _TEXT,
    "theme": _TEXT,
    "strength": _FLOAT,
    "subtheme": _TEXT,
    "family": _TEXT,
    "repeats_id": _TEXT,
    "x": _FLOAT,
    "y": _FLOAT,
    "text": _TEXT,
}


def joined(results: Results) -> dict[str, Any]:
    """
    Put what a run knows of each segment into one row.

    Parameters
    ----------
    results : Results
        As far as the run went.

    Returns
    -------
    dict
        The columns of `JOINED`, n rows in the order of the segments; what the run has not got is missing in every row.
    """
    segments, sources = results.segments, results.sources
    n = len(segments)
    place = {source_id: row for row, source_id in enumerate(sources.source_id)}
    source = [place[source_id] for source_id in segments.source_id]
    period_of = results.drift.period_of if results.drift else {}
    xy = results.map.xy if results.map else np.full((n, 2), np.nan, dtype=np.float32)
    repeats: list[str | None] = [None] * n
    for row, of in zip(results.repeats.row.tolist(), results.repeats.of.tolist(), strict=True):
        repeats[row] = segments.segment_id[of]
    kept = ("segment_id", "source_id", "date", "speaker", "language", "start_char", "end_char", "start_s", "n_words")
    return {
        **{name: getattr(segments, name) for name in kept},
        "title": [sources.title[row] for row in source],
        "genre": [sources.genre[row] for row in source],
        "period": [period_of.get(source_id) for source_id in segments.source_id],
        **_theme_columns(results.themes, n),
        "repeats_id": repeats,
        "x": xy[:, 0],
        "y": xy[:, 1],
        "text": segments.text,
    }


def _theme_columns(themes: Themes | None, n: int) -> dict[str, Any]:
    columns: dict[str, list[str | None]] = {name: [None] * n for name in ("theme_id", "theme", "subtheme", "family")}
    strength = np.full(n, np.nan, dtype=np.float32)
    if themes is None:
        return {**columns, "strength": strength}
    families = {family.theme_id: family.name for family in themes.families}
    primary = themes.primary
    for row in np.flatnonzero(primary >= 0).tolist():
        theme = themes.themes[primary[row]]
        columns["theme_id"][row], columns["theme"][row] = theme.theme_id, theme.name
        columns["family"][row] = families.get(theme.parent_id or "")
    for row, part in zip(themes.sub_row.tolist(), themes.sub.tolist(), strict=True):
        columns["subtheme"][row] = themes.subthemes[part].name
    first = themes.rank == 1
    strength[themes.row[first]] = themes.strength[first]
    return {**columns, "strength": strength}
