"""The tables that the page's scripts read: columns as JSON, deflated, in base64, in elements that are never run."""

import base64
import json
import zlib
from typing import Any

import numpy as np

from topicgpu.report.context import Context
from topicgpu.report.wording import clock

TEXTS = 4096  # segments whose texts are packed together: a page unpacks those that it needs
_GRID = 65535  # steps of the map in each direction


def pack(value: Any) -> str:
    """
    Pack plain data into text that HTML can hold anywhere.

    Parameters
    ----------
    value : JSON
        Lists, dictionaries, numbers, strings.

    Returns
    -------
    str
        Base64 of the zlib stream of its JSON; the page's `unpack` reads it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode("ascii")


def islands(context: Context) -> dict[str, str]:
    """
    Pack what the segment table and the map show.

    Parameters
    ----------
    context : Context
        Of the run.

    Returns
    -------
    dict of str to str
        By name: segments (columns), and text-0, text-1, ... (texts of `TEXTS` segments each). Nothing where neither
        section is drawn.
    """
    if not context.drawn & {"map", "segments"}:
        return {}
    text = context.segments.text
    parts = range(0, len(text), TEXTS)
    texts = {f"text-{number}": pack(text[start : start + TEXTS]) for number, start in enumerate(parts)}
    return {"segments": pack(_columns(context)), **texts}


def _columns(context: Context) -> dict[str, Any]:
    segments, themes, quotes = context.segments, context.results.themes, context.quotes
    speakers = list(dict.fromkeys(name for name in segments.speaker if name is not None))
    languages = list(dict.fromkeys(segments.language))
    speaker_number = {name: number for number, name in enumerate(speakers)}
    language_number = {name: number for number, name in enumerate(languages)}
    n = len(segments)
    strength = np.zeros(n)
    further: list[list[int]] = [[] for _ in range(n)]
    if themes is not None:
        first = themes.rank == 1
        strength[themes.row[first]] = themes.strength[first]
        for row, theme in zip(themes.row[~first], themes.theme[~first], strict=True):
            further[row].append(int(theme))
    return {
        "n": n,
        "texts": TEXTS,
        "themes": [context.refs[theme.theme_id] | {"unstable": theme.unstable} for theme in context.themes],
        "sources": [
            {name: row[name] for name in ("source_id", "title", "date", "genre", "period", "digest", "anchor")}
            for row in context.rows
        ],
        "periods": list(context.periods),
        "speakers": speakers,
        "languages": languages,
        "source": [quotes.source(row) for row in range(n)],
        "start": segments.start_char.tolist(),
        "end": segments.end_char.tolist(),
        "speaker": [-1 if name is None else speaker_number[name] for name in segments.speaker],
        "language": [language_number[name] for name in segments.language],
        "time": [clock(float(second)) for second in segments.start_s],
        "theme": [-1] * n if themes is None else themes.primary.tolist(),
        "strength": np.round(100 * strength).astype(int).tolist(),
        "further": {row: others for row, others in enumerate(further) if others},
        "repeats": np.flatnonzero(context.results.repeats.mask).tolist(),
        **_places(context),
    }


def _places(context: Context) -> dict[str, Any]:
    """Put the map on a grid from its lower left corner: -1 where a segment has no place."""
    map_ = context.results.map
    if map_ is None:
        return {"x": None, "y": None}
    placed = np.isfinite(map_.xy).all(axis=1)
    low, high = map_.xy[placed].min(axis=0, initial=np.inf), map_.xy[placed].max(axis=0, initial=-np.inf)
    span = max(float((high - low).max()), 1e-9) if placed.any() else 1.0  # one scale for both: a map keeps its shape
    steps = np.full(map_.xy.shape, -1, dtype=np.int64)
    steps[placed] = np.round((map_.xy[placed] - low) / span * _GRID)
    return {"x": steps[:, 0].tolist(), "y": steps[:, 1].tolist()}
