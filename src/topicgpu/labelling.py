"""A sample of segments for blind labelling by hand: drawn evenly from the sources, without the run's own answer."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.errors import ConfigError
from topicgpu.ops.spans import Spans, overlaps
from topicgpu.store import write_text
from topicgpu.themes.labels import NONE, Label, spans_of
from topicgpu.types import Embeddings, Ints, Repeats, Segments, Themes

_COLUMNS = ("segment_id", "source", "date", "before", "text", "after", "primary", "second")
_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would take the beginning of a formula for
_HOW = f"""Write into `primary` the id of the theme that the `text` is mostly about, or `{NONE}` where it is about none
of them; a theme that would do as well goes into `second`. `before` and `after` are what is said around it, and are not
judged. Rows without `primary` count as not labelled yet.
"""


def candidates(
    segments: Segments, embeddings: Embeddings, repeats: Repeats, labelled: Sequence[Label] = ()
) -> NDArray[np.bool_]:
    """
    Tell which segments may be drawn.

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Segments in languages that the encoder does not serve are left out.
    repeats : Repeats
        Repeats are left out.
    labelled : sequence of Label
        Segments that share text with one of these are left out.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where a segment counts in the run's shares and is not labelled yet.
    """
    free = embeddings.served & ~repeats.mask
    free[overlaps(spans_of(labelled), Spans(segments.source_id, segments.start_char, segments.end_char)).right] = False
    return free


def draw_sample(segments: Segments, free: NDArray[np.bool_], n: int, seed: int) -> Ints:
    """
    Draw segments, as many from each source as from the others, as far as it has them.

    Parameters
    ----------
    segments : Segments
        All of them.
    free : ndarray of bool
        Those that may be drawn.
    n : int
        How many.
    seed : int
        The same seed draws the same segments.

    Returns
    -------
    ndarray of int64, shape (up to n,)
        Their rows, in an order that says nothing.
    """
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(free)
    names, source = np.unique([segments.source_id[row] for row in rows], return_inverse=True)
    sizes, quota = np.bincount(source, minlength=len(names)), np.zeros(len(names), dtype=np.int64)
    order = rng.permutation(len(names))
    while (left := min(n, len(rows)) - int(quota.sum())) > 0:
        quota[order[quota[order] < sizes[order]][:left]] += 1
    drawn = [rng.choice(rows[source == number], quota[number], replace=False) for number in range(len(names))]
    return rng.permutation(np.concatenate([*drawn, rows[:0]]))


def write_sample(path: Path, segments: Segments, rows: Ints, themes: Themes, config: ThemesSection) -> Path:
    """
    Write the sample as CSV for a spreadsheet, and beside it the themes that there are.

    Parameters
    ----------
    path : Path
        Where; nothing is overwritten.
    segments : Segments
        All of them.
    rows : ndarray of int64
        The sample.
    themes : Themes
        Those that a reader may choose from.
    config : ThemesSection
        Definitions of the guided ones.

    Returns
    -------
    Path
        Of the file of themes.

    Raises
    ------
    ConfigError
        If one of the two files is there.
    """
    about = path.with_name(f"{path.stem}-themes.md")
    for file in (path, about):
        if file.exists():
            raise ConfigError(f"{file}: is there already, and labels are work; give another place with --out.")
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_COLUMNS)
    for row in rows:
        around = (_neighbor(segments, int(row), -1), segments.text[row], _neighbor(segments, int(row), 1))
        known = (segments.segment_id[row], segments.source_id[row], segments.date[row])
        writer.writerow([*known, *map(_plain, around), "", ""])
    write_text(about, _definitions(themes, config))
    write_text(path, "\ufeff" + table.getvalue())  # the mark tells spreadsheets that it is UTF-8
    return about


def _neighbor(segments: Segments, row: int, step: int) -> str:
    other = row + step
    same = 0 <= other < len(segments) and segments.source_id[other] == segments.source_id[row]
    return segments.text[other] if same else ""


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _definitions(themes: Themes, config: ThemesSection) -> str:
    lines = ["# Themes", "", _HOW]
    guided = {theme.id: theme for theme in config.guided}
    for theme in themes.themes:
        lines.append(f"- `{theme.theme_id}`: **{theme.name}**")
        if theme.theme_id in guided:
            definition = guided[theme.theme_id]
            lines[-1] += f". {definition.description}"
            lines.extend(f"  - like: {phrase}" for phrase in definition.seeds)
            lines.extend(f"  - not: {phrase}" for phrase in definition.exclude)
        else:
            lines[-1] += f". {', '.join(word.term for word in theme.keywords)}"
    return "\n".join(lines) + "\n"
