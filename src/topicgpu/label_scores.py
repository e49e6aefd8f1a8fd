"""How far a run's themes agree with labels given by hand, and two readers with each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import ConfigError
from topicgpu.themes.labels import NONE, Label, labelled_rows
from topicgpu.types import Floats, Segments, Themes

_Z = 1.959964  # 95 %
_CONFUSIONS = 10  # shown


class Rate(NamedTuple):
    """A share with its 95 % interval; None where there is nothing to count."""

    share: float | None
    low: float | None
    high: float | None
    n: int  # labelled segments


@dataclass(frozen=True)
class Scores:
    """Agreement of a run with a reader."""

    agreement: Rate  # of those that the run gave a theme: it is the reader's
    either: Rate  # the same, where the reader's second theme does as well
    coverage: Rate  # of those that the reader gave a theme: the run gave one
    by_theme: dict[str, tuple[Rate, Rate]]  # of those the run says it of, the reader does too; and the other way
    by_source: dict[str, tuple[Rate, Rate]]  # agreement, coverage
    confusions: list[tuple[str, str, int]]  # reader, run, segments
    n_labels: int
    not_found: int  # labels whose text is in no segment of the run
    unknown: list[str]  # themes of labels that the run has not


def weighted_rate(hits: NDArray[np.bool_], weights: Floats) -> Rate:
    """
    Estimate a share from a stratified sample.

    Parameters
    ----------
    hits : ndarray of bool, shape (n,)
        Of which the share is wanted.
    weights : ndarray of float64, shape (n,)
        How many segments each stands for.

    Returns
    -------
    Rate
        The weighted share, with Wilson's interval at Kish's effective size: the square of the sum of the weights over
        the sum of their squares.
    """
    if not len(hits):
        return Rate(None, None, None, 0)
    share = float(weights[hits].sum() / weights.sum())
    n = float(weights.sum() ** 2 / (weights**2).sum())
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Rate(round(share, 4), round(low, 4), round(high, 4), len(hits))


class _Pairs(NamedTuple):
    """One row a label: what the run says of its segment, and what the reader says. None: no theme."""

    run: NDArray[np.object_]
    reader: NDArray[np.object_]
    second: NDArray[np.object_]
    source: NDArray[np.object_]
    weights: Floats

    def agreement(self, among: NDArray[np.bool_], second: bool = False) -> Rate:
        """Of some rows: how many have the reader's theme."""
        agree = (self.run == self.reader) | (second & (self.run == self.second))
        return weighted_rate(agree[among], self.weights[among])

    def coverage(self, among: NDArray[np.bool_]) -> Rate:
        """Of some rows: how many have a theme by the run."""
        return weighted_rate(_is_theme(self.run)[among], self.weights[among])


def score_labels(
    labels: Sequence[Label],
    segments: Segments,
    themes: Themes,
    counted: NDArray[np.bool_],
    *,
    became: Mapping[str, str | None] | None = None,
    guided: bool = False,
) -> Scores:
    """
    Compare a run's primary themes with a reader's.

    Parameters
    ----------
    labels : sequence of Label
        By hand, of this cut or another: each is compared with the segment that shares most text with it.
    segments : Segments
        n rows.
    themes : Themes
        Of the run.
    counted : ndarray of bool, shape (n,)
        Segments that count in the run's shares. A label of a source stands for as many of them as that source has a
        label; sources without labels are not judged.
    became : mapping, optional
        Themes that are part of another by now, or of none.
    guided : bool
        Judge guided themes alone: what has a discovered one counts as given none, by the run and by the reader.

    Returns
    -------
    Scores
        All shares weighted for the sources.
    """
    rows = labelled_rows(labels, segments)
    found = [(label, int(row)) for label, row in zip(labels, rows, strict=True) if row >= 0]
    judged = [theme.theme_id for theme in themes.themes if theme.kind == "guided" or not guided]
    pairs = _pairs(found, segments, themes, counted, became or {}, judged)
    said, asked = _is_theme(pairs.run), _is_theme(pairs.reader)
    wrong = pairs.run != pairs.reader
    differences = Counter(zip(pairs.reader[wrong], pairs.run[wrong], strict=True)).most_common(_CONFUSIONS)
    present = {*pairs.run, *pairs.reader}
    return Scores(
        agreement=pairs.agreement(said),
        either=pairs.agreement(said, second=True),
        coverage=pairs.coverage(asked),
        by_theme={
            theme: (pairs.agreement(pairs.run == theme), pairs.agreement(pairs.reader == theme))
            for theme in judged
            if theme in present
        },
        by_source={
            source: (
                pairs.agreement(said & (pairs.source == source)),
                pairs.coverage(asked & (pairs.source == source)),
            )
            for source in dict.fromkeys(segments.source_id)
            if source in pairs.source
        },
        confusions=[(reader or NONE, run or NONE, count) for (reader, run), count in differences],
        n_labels=len(labels),
        not_found=len(labels) - len(found),
        unknown=sorted(present - {None, *(theme.theme_id for theme in themes.themes)}),
    )


def _pairs(
    found: Sequence[tuple[Label, int]],
    segments: Segments,
    themes: Themes,
    counted: NDArray[np.bool_],
    became: Mapping[str, str | None],
    judged: Sequence[str],
) -> _Pairs:
    ids = [theme.theme_id for theme in themes.themes]
    left_out = set(ids) - set(judged)
    primary = themes.primary

    def column(named: Iterable[str | None]) -> NDArray[np.object_]:
        now = [None if theme_id is None else became.get(theme_id, theme_id) for theme_id in named]
        return _column([None if theme_id in left_out else theme_id for theme_id in now])

    source = _column([segments.source_id[row] for _, row in found])
    sizes = Counter(segments.source_id[row] for row in np.flatnonzero(counted))
    labelled = Counter(source)
    return _Pairs(
        run=column(ids[primary[row]] if primary[row] >= 0 else None for _, row in found),
        reader=column(label.primary for label, _ in found),
        second=column(label.second for label, _ in found),
        source=source,
        weights=np.array([max(sizes[name], 1) / labelled[name] for name in source], dtype=np.float64),
    )


def _is_theme(column: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.array([theme_id is not None for theme_id in column], dtype=bool)


def _column(values: Sequence[Any]) -> NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def reader_kappa(labels: Sequence[Label], others: Sequence[Label]) -> tuple[Rate, float | None]:
    """
    Compare two readers of the same segments.

    Parameters
    ----------
    labels, others : sequence of Label
        Of the same cut.

    Returns
    -------
    Rate, float or None
        How many of the segments that both have read have the same primary theme, and Cohen's kappa, None where both
        gave all of them one and the same.

    Raises
    ------
    ConfigError
        If no segment was read by both.
    """
    from sklearn.metrics import cohen_kappa_score

    theirs = {label[:3]: label.primary or NONE for label in others}
    both = [(label.primary or NONE, theirs[label[:3]]) for label in labels if label[:3] in theirs]
    if not both:
        raise ConfigError("--against: the two files have no labelled segment in common; give two readings of a sample.")
    one, other = zip(*both, strict=True)
    same = np.array([mine == yours for mine, yours in both])
    kappa = None if len({*one, *other}) == 1 else round(float(cohen_kappa_score(one, other)), 4)
    return weighted_rate(same, np.ones(len(both))), kappa
