"""The tables that the page's scripts read: deflated, in base64, in elements that are never run."""

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.report.context import Context

TEXT_PART = 2**20  # characters packed together: small enough that a page stays awake while it unpacks one
_LEVEL = 6  # 9 takes twice the time for 0.5 % of the size
_GRID = 65535  # steps of the map in each direction
_LONE = re.compile("[\ud800-\udfff]")  # halves of a pair that UTF-8 cannot hold; JSON's escapes can
_RUNNING = ("source", "start", "second", "further_row", "repeats")  # kept as differences: these mostly rise a little


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
    return _pack_bytes(_LONE.sub(lambda half: f"\\u{ord(half[0]):04x}", text).encode())


def pack_columns(columns: Mapping[str, NDArray[np.int64]]) -> str:
    """
    Pack whole numbers.

    Parameters
    ----------
    columns : mapping of str to (n,) array of int
        Within 32 bits; each of its own length.

    Returns
    -------
    str
        Base64 of a zlib stream. Column after column, all lowest bytes first, then all second ones, and so on: bytes of
        one kind side by side deflate well, and the upper ones of small numbers to almost nothing. The page's
        `unpackColumns` reads it.
    """
    return _pack_bytes(
        b"".join(values.astype("<i4").view(np.uint8).reshape(-1, 4).T.tobytes() for values in columns.values())
    )


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
        By name: segments (tables, and the layout of the columns), columns (a number a segment), and text-0, text-1,
        ... (texts of some `TEXT_PART` characters), which are not there where the configuration withholds texts.
        Nothing where neither section is drawn or the page has no scripts.

    Notes
    -----
    Deflates the whole text once: some 5 s for 100,000 segments of 60 words.
    """
    report = context.results.config.report
    if not report.interactive or not context.drawn & {"map", "segments"}:
        return {}
    texts = context.segments.text if report.text else ()
    firsts = _parts(texts)
    columns = _columns(context)
    layout = [[name, len(values), name in _RUNNING] for name, values in columns.items()]
    stored = {name: np.diff(values, prepend=0) if name in _RUNNING else values for name, values in columns.items()}
    return {
        "segments": pack({**_tables(context), "columns": layout, "parts": firsts}),
        "columns": pack_columns(stored),
        **{
            f"text-{number}": pack(texts[first:last])
            for number, (first, last) in enumerate(zip(firsts, [*firsts, len(texts)][1:], strict=True))
        },
    }


def _pack_bytes(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, _LEVEL)).decode("ascii")


def _parts(texts: Sequence[str]) -> list[int]:
    """First rows of the parts: a new one begins with the first text that starts in a new `TEXT_PART`."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    firsts: list[int] = np.unique((np.cumsum(lengths) - lengths) // TEXT_PART, return_index=True)[1].tolist()
    return firsts


def _tables(context: Context) -> dict[str, Any]:
    segments = context.segments
    names = ("source_id", "title", "date", "iso_date", "genre", "period", "digest", "anchor")
    return {
        "n": len(segments),
        "themes": [
            {**context.refs[theme.theme_id], "theme_id": theme.theme_id, "unstable": theme.unstable}
            for theme in context.themes
        ],
        "sources": [
            {**{name: row[name] for name in names}, "day": row["days"] and row["days"][0]} for row in context.rows
        ],
        "periods": list(context.periods),
        "speakers": _distinct(segments.speaker),
        "languages": _distinct(segments.language),
    }


def _columns(context: Context) -> dict[str, NDArray[np.int64]]:
    segments, themes, n = context.segments, context.results.themes, len(context.segments)
    primary, strength = np.full(n, -1), np.zeros(n)
    further_row = further_theme = np.zeros(0, dtype=np.int64)
    if themes is not None:
        first = themes.rank == 1
        primary = themes.primary
        strength[themes.row[first]] = themes.strength[first]
        further_row, further_theme = themes.row[~first], themes.theme[~first]
    return {
        "source": np.array([context.quotes.source(row) for row in range(n)], dtype=np.int64),
        "start": segments.start_char,
        "chars": segments.end_char - segments.start_char,
        "words": segments.n_words,
        "speaker": _numbers(segments.speaker),
        "language": _numbers(segments.language),
        "second": np.where(np.isfinite(segments.start_s), segments.start_s, -1).astype(np.int64),
        "theme": primary,
        "strength": np.round(100 * strength).astype(np.int64),
        "further_row": further_row,
        "further_theme": further_theme,
        "repeats": np.flatnonzero(context.results.repeats.mask),
        **_places(context),
    }


def _distinct(values: Sequence[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _numbers(values: Sequence[str | None]) -> NDArray[np.int64]:
    """Give each value its place among the distinct ones, and none -1."""
    number = {value: place for place, value in enumerate(_distinct(values))}
    return np.array([-1 if value is None else number[value] for value in values], dtype=np.int64)


def _places(context: Context) -> dict[str, NDArray[np.int64]]:
    """Put the map on a grid from its lower left corner: -1 where a segment has no place; nothing without a map."""
    map_ = context.results.map
    if map_ is None:
        return {}
    placed = np.isfinite(map_.xy).all(axis=1)
    low, high = map_.xy[placed].min(axis=0, initial=np.inf), map_.xy[placed].max(axis=0, initial=-np.inf)
    span = max(float((high - low).max()), 1e-9) if placed.any() else 1.0  # one scale for both: a map keeps its shape
    steps = np.full(map_.xy.shape, -1, dtype=np.int64)
    steps[placed] = np.round((map_.xy[placed] - low) / span * _GRID)
    return {"x": steps[:, 0], "y": steps[:, 1]}
