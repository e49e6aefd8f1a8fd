"""Segments that people labelled by hand: reading their table, and finding the segments again in another cut."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from topicgpu.config import ThemesSection
from topicgpu.errors import ConfigError
from topicgpu.ops.spans import Spans, overlaps
from topicgpu.types import Ints, Segments

NONE = "none"  # what a reader writes where a segment is about no theme
_COLUMNS = ("segment_id", "primary")


class Label(NamedTuple):
    """What a reader says that a segment is about."""

    source_id: str
    start_char: int
    end_char: int
    primary: str | None  # theme id; None: about no theme
    second: str | None  # a theme that would do as well


def read_labels(path: Path, theme_ids: Collection[str]) -> tuple[Label, ...]:
    """
    Read a table of labelled segments.

    Parameters
    ----------
    path : Path
        CSV with at least the columns `segment_id` and `primary`, split by commas, semicolons or tabs.
    theme_ids : collection of str
        That may be in it, beside those of discovered themes, which may have gone since.

    Returns
    -------
    tuple of Label
        Rows with a primary theme, or `none`; those not labelled yet are left out.

    Raises
    ------
    ConfigError
        If the file can't be read, a column is missing, an id is of no theme, or a segment is there twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: can't be read ({error.strerror}); give a CSV that topicgpu label wrote.") from error
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8; save it as CSV UTF-8.") from None
    head = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    header = [name.strip() for name in next(table, [])]
    for name in _COLUMNS:
        if name not in header:
            raise ConfigError(f"{path}: line 1: has no column {name}; its columns are {', '.join(header) or 'none'}.")
    labels: dict[tuple[str, int, int], Label] = {}
    line = table.line_num + 1
    for row in table:
        cells = defaultdict(str, zip(header, (cell.strip() for cell in row), strict=False))
        if cells["primary"]:
            label = _label(cells, theme_ids, f"{path}: line {line}")
            if label[:3] in labels:
                raise ConfigError(f"{path}: line {line}: {cells['segment_id']} is there already; take one out.")
            labels[label[:3]] = label
        line = table.line_num + 1
    return tuple(labels.values())


def _label(cells: dict[str, str], theme_ids: Collection[str], where: str) -> Label:
    found = re.fullmatch(r"(.+):(\d+)-(\d+)", cells["segment_id"])
    if not found:
        raise ConfigError(f"{where}: {cells['segment_id']!r} is not a segment's id (source:start-end).")
    for column in ("primary", "second"):
        named = cells[column]
        if named and named != NONE and named not in theme_ids and not re.fullmatch(r"d\d+", named):
            known = ", ".join(theme_ids) or "those of discovered themes"
            raise ConfigError(f"{where}: {column} is {named!r}, which no theme has; ids are {known}, or {NONE}.")
    primary, second = (None if cells[column] in ("", NONE) else cells[column] for column in ("primary", "second"))
    return Label(found[1], int(found[2]), int(found[3]), primary, second)


def spans_of(labels: Sequence[Label]) -> Spans:
    """
    Say where labelled text is.

    Parameters
    ----------
    labels : sequence of Label
        Of any cut.

    Returns
    -------
    Spans
        A row a label.
    """
    starts, ends = (np.array([label[column] for label in labels], dtype=np.int64) for column in (1, 2))
    return Spans([label.source_id for label in labels], starts, ends)


def labelled_rows(labels: Sequence[Label], segments: Segments) -> Ints:
    """
    Find the segments that were labelled, in this cut or another one.

    Parameters
    ----------
    labels : sequence of Label, length m
        Of any cut of the same texts.
    segments : Segments
        n rows.

    Returns
    -------
    ndarray of int64, shape (m,)
        The segment that shares most text with each label; -1 where none shares any.
    """
    pairs = overlaps(spans_of(labels), Spans(segments.source_id, segments.start_char, segments.end_char))
    rows = np.full(len(labels), -1, dtype=np.int64)
    most = np.lexsort((-pairs.right, pairs.n_chars))  # of equal shares the earlier segment
    rows[pairs.left[most]] = pairs.right[most]
    return rows


def with_labels(config: ThemesSection, labels: Sequence[Label], segments: Segments) -> ThemesSection:
    """
    Let labelled segments serve as further examples of the guided themes.

    Parameters
    ----------
    config : ThemesSection
        With the definitions.
    labels : sequence of Label
        Read by hand; those of discovered themes, or of none, change nothing.
    segments : Segments
        Where their texts are.

    Returns
    -------
    ThemesSection
        The same with the texts of its labelled segments among each theme's seeds.
    """
    examples: dict[str | None, list[str]] = defaultdict(list)
    for label, row in zip(labels, labelled_rows(labels, segments), strict=True):
        if row >= 0:
            examples[label.primary].append(segments.text[row])
    guided = [theme.model_copy(update={"seeds": (*theme.seeds, *examples[theme.id])}) for theme in config.guided]
    return config.model_copy(update={"guided": tuple(guided)})
