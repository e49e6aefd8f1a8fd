"""What is said now and what was said before: the segments that lie farthest along the move of a theme's content."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.inside import Inside, inside
from topicgpu.drift.changes.separation import side_votes, within_strata
from topicgpu.drift.shares.counts import Counts
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints, Move, Segments, Strings, Themes, Vectors

_EXEMPLARS = 6
_PER_SOURCE = 2
_MIN_WORDS, _MAX_WORDS = 20, 150  # shorter ones seldom stand on their own as a quote, longer ones are not read
_STILL = 1e-6  # length of a difference between means of unit vectors that is nothing but rounding
_SEVERAL = 2  # units that a subtheme is in; of a side with one unit, that one
_RULE_OF_THREE = 3.0  # expected segments of a subtheme, of which none by chance is one case in twenty


def moves(
    counts: Counts,
    units: Units,
    segments: Segments,
    vectors: Vectors,
    themes: Themes,
    compared: Sequence[Comparison],
    periods: Strings,
) -> tuple[Move, ...]:
    """
    Find the segments and subthemes that show how the content of each theme moves.

    Parameters
    ----------
    counts : Counts
        The n counted segments.
    units : Units
        Of inference.
    segments : Segments
        N rows.
    vectors : (N, d) float32
        Of all segments.
    themes : Themes
        Whose primary segments are compared, with their subthemes.
    compared : sequence of Comparison
        Pairs of sides.
    periods : tuple of str
        Names of the periods.

    Returns
    -------
    tuple of Move
        One a comparison and theme that has something to show: at most six segments of each side, two of a source,
        the farthest first.

    Notes
    -----
    The move is the difference between the sides' mean vectors, each unit one vote, inside the strata that both sides
    have where there are some; a segment lies as far along it as its projection says, and is shown where that is on
    its own side of the middle. A subtheme appears where the other side has none of it, though as large a part of the
    theme there would be three segments, of which none by chance is one case in twenty [1]_. Cost: O(n d).

    References
    ----------
    .. [1] J. A. Hanley, A. Lippman-Hand, "If nothing goes wrong, is everything all right? Interpreting zero
       numerators", JAMA 249 (1983) 1743-1745.
    """
    primary = themes.primary[counts.row]
    parts = _Parts.of(counts, units, primary, themes)
    readable = (segments.n_words >= _MIN_WORDS) & (segments.n_words <= _MAX_WORDS)
    by_theme: list[list[Move]] = []
    for number, theme in enumerate(themes.themes):
        said = inside(counts, units, primary, number)
        row = counts.row[said.place]
        own = vectors[row]
        votes = sparse.csr_array((said.weight, (said.of, np.arange(len(row)))), shape=(len(said.units), len(row)))
        means = votes @ own
        found = []
        for comparison in compared:
            now, before = _exemplars(said, units, comparison, means, own, readable[row])
            appear, fade = parts.moved(number, units, comparison)
            names = [tuple(segments.segment_id[row[place]] for place in chosen) for chosen in (now, before)]
            ids = [tuple(themes.subthemes[part].theme_id for part in chosen) for chosen in (appear, fade)]
            found.append(Move(theme.theme_id, comparison.level, *comparison.labels(periods), *names, *ids))
        by_theme.append(found)
    every = (move for row in zip(*by_theme, strict=True) for move in row)
    return tuple(move for move in every if move.now or move.before or move.parts_appear or move.parts_fade)


def _exemplars(
    said: Inside, units: Units, comparison: Comparison, means: Floats, own: Vectors, readable: NDArray[np.bool_]
) -> tuple[list[int], list[int]]:
    period = units.period[said.units]
    later, earlier = np.isin(period, comparison.later), np.isin(period, comparison.earlier)
    if not (later.any() and earlier.any()):
        return [], []
    either = np.flatnonzero(later | earlier)
    contrast = within_strata(later[either], units.stratum[said.units[either]])
    if not contrast.any():
        contrast = side_votes(later[either])
    direction = contrast @ means[either]
    if np.linalg.norm(direction) <= _STILL:
        return [], []
    along = own @ direction
    votes = means @ direction
    taking_part = np.zeros(len(period), dtype=bool)
    taking_part[either] = contrast != 0
    middle = (votes[taking_part & later].mean() + votes[taking_part & earlier].mean()) / 2
    chosen = []
    for side, beyond in ((later, along - middle), (earlier, middle - along)):
        candidates = np.flatnonzero((taking_part & side)[said.of] & (beyond > 0))
        fit = candidates[readable[candidates]]
        candidates = fit if len(fit) else candidates
        chosen.append(_spread(candidates[np.argsort(-beyond[candidates], kind="stable")], said.source))
    return chosen[0], chosen[1]


def _spread(ranked: Ints, source: Ints) -> list[int]:
    taken: Counter[int] = Counter()
    chosen: list[int] = []
    for place in ranked.tolist():
        if len(chosen) < _EXEMPLARS and taken[source[place]] < _PER_SOURCE:
            taken[source[place]] += 1
            chosen.append(place)
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """How many segments each unit has of each subtheme and theme."""

    parent: Ints  # (s,) theme of each subtheme
    of_part: Ints  # (k, s)
    of_theme: Ints  # (k, t)

    @classmethod
    def of(cls, counts: Counts, units: Units, primary: Ints, themes: Themes) -> "_Parts":
        number = {theme.theme_id: index for index, theme in enumerate(themes.themes)}
        part = np.full(themes.n_rows, -1)
        part[themes.sub_row] = themes.sub
        unit = units.of_source[counts.source]
        return cls(
            parent=np.array([number.get(theme.parent_id or "", -1) for theme in themes.subthemes], dtype=np.int64),
            of_part=_count(unit, part[counts.row], (len(units), len(themes.subthemes))),
            of_theme=_count(unit, primary, (len(units), len(themes.themes))),
        )

    def moved(self, theme: int, units: Units, comparison: Comparison) -> tuple[list[int], list[int]]:
        """Name the subthemes of a theme that the later side alone has, and those that the earlier side alone has."""
        own = np.flatnonzero(self.parent == theme)
        later, earlier = (np.isin(units.period, side) for side in (comparison.later, comparison.earlier))

        def only(side: NDArray[np.bool_], other: NDArray[np.bool_]) -> list[int]:
            here, there = self.of_part[side][:, own], self.of_part[other][:, own].sum(axis=0)
            several = (here > 0).sum(axis=0) >= min(_SEVERAL, max(len(here), 1))
            share = here.sum(axis=0) / max(int(self.of_theme[side, theme].sum()), 1)
            missed = share * self.of_theme[other, theme].sum() >= _RULE_OF_THREE
            chosen: list[int] = own[(there == 0) & several & missed].tolist()
            return chosen

        return only(later, earlier), only(earlier, later)


def _count(unit: Ints, group: Ints, shape: tuple[int, int]) -> Ints:
    kept = (unit >= 0) & (group >= 0)
    table = np.zeros(shape, dtype=np.int64)
    np.add.at(table, (unit[kept], group[kept]), 1)
    return table
