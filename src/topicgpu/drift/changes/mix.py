"""Mix against substance: whether other kinds of source speak, or the same ones say something else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.shares.counts import Counts
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints, OptionalStrings, Split, Strings

NOT_GIVEN = "not given"
NAMED = 20  # kinds that one side alone has; the others are counted


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """What each source says under each kind of one division of speech: m pairs of a source and a kind."""

    by: str  # genre, series, speaker, language
    kinds: Strings  # (k,) sorted
    source: Ints  # (m,)
    kind: Ints  # (m,)
    part: Floats  # (m,) of the source's speech; they add to 1 in each source
    themes: Floats  # (m, t) part of the source's speech that is of this kind and of each theme


def speech_by(counts: Counts, by: str, labels: OptionalStrings, unit: int) -> Speech:
    """
    Divide the speech of each source.

    Parameters
    ----------
    counts : Counts
        n counted segments.
    by : str
        Name of the division.
    labels : (n,) tuple of str or None
        Kind of each counted segment; None is a kind too.
    unit : int
        Index of the unit of the shares.

    Returns
    -------
    Speech
        Of the sources with shares in this unit.
    """
    named = [NOT_GIVEN if label is None else label for label in labels]
    kinds = sorted(set(named))
    place = {kind: index for index, kind in enumerate(kinds)}
    n_sources = len(counts.source_ids)
    total = np.bincount(counts.source, counts.units[unit], n_sources)
    pair = counts.source * len(kinds) + np.array([place[label] for label in named], dtype=np.int64)
    pair[~(total > 0)[counts.source]] = -1
    pairs, group = np.unique(pair, return_inverse=True)
    group -= len(pairs) > 0 and pairs[0] < 0
    pairs = pairs[pairs >= 0]
    themes, parts = (table[unit] for table in counts.sums(group, len(pairs)))
    source, kind = np.divmod(pairs, max(1, len(kinds)))
    return Speech(
        by=by,
        kinds=tuple(kinds),
        source=source,
        kind=kind,
        part=parts / total[source],
        themes=themes[:, counts.columns.primary] / total[source, None],
    )


def splits(
    speech: Speech, units: Units, comparison: Comparison, theme_ids: Strings, periods: Strings
) -> tuple[Split, ...]:
    """
    Split the change of each theme into a change of mix and a change inside the kinds that both sides have.

    Parameters
    ----------
    speech : Speech
        By genre, series, speaker or language.
    units : Units
        Units of inference; each has one vote, and in it each source.
    comparison : Comparison
        The sides.
    theme_ids : (t,) tuple of str
        Of the themes.
    periods : tuple of str
        Names of all periods.

    Returns
    -------
    tuple of Split
        One a theme; none where a side has no speech, or where both have one and the same kind alone. total = mix +
        inside + unsplit, and total is the `effect` of the change of prevalence. Of the kinds that one side alone has
        the first 20 are named.

    Notes
    -----
    A source's vote is divided over its speech, and so is a kind's weight the part of the side's votes that is spent on
    it, and its rate the theme's part of that: all divisions give the total that the mean of shares has, and nothing is
    pooled over sources, also where several speakers or languages share one. The kinds of both sides are split as
    if nothing else were said, their weights adding to 1 on each side: a change of weight times the mean rate is mix,
    and a mean weight times the change of rate is inside [1]_. What the kinds of one side alone make of it, that they
    come or go and take weight from the others, stays in one piece, the rest of the total. No source is on both sides,
    so that a division by source would have nothing to split; a source that comes again is a series.

    References
    ----------
    .. [1] E. M. Kitagawa, "Components of a difference between two rates", Journal of the American Statistical
       Association 50 (1955) 1168-1194.
    """
    known = np.zeros(len(units.of_source), dtype=bool)
    known[speech.source] = True
    sides = [_votes(units, side, known) for side in (comparison.earlier, comparison.later)]
    if not all(side.any() for side in sides):
        return ()
    k, n_themes = len(speech.kinds), speech.themes.shape[1]
    weight, said = np.zeros((2, k)), np.zeros((2, k, n_themes))
    for side, votes in enumerate(sides):
        vote = votes[speech.source]
        weight[side] = np.bincount(speech.kind, vote * speech.part, k)
        np.add.at(said[side], speech.kind, vote[:, None] * speech.themes)
    both, either = (weight > 0).all(axis=0), (weight > 0).any(axis=0)
    if either.sum() == 1:
        return ()
    rate = said[:, both] / weight[:, both, None]
    total = (said[1] - said[0]).sum(axis=0)
    if both.any():
        part = weight[:, both] / weight[:, both].sum(axis=1, keepdims=True)
        mix = ((part[1] - part[0])[:, None] * rate.mean(axis=0)).sum(axis=0)
        inside = (part.mean(axis=0)[:, None] * (rate[1] - rate[0])).sum(axis=0)
        unsplit = total - mix - inside if either.sum() > both.sum() else np.zeros(n_themes)
    else:
        mix, inside = np.full((2, n_themes), np.nan)
        unsplit = total
    earlier, later = comparison.labels(periods)
    only = [tuple(speech.kinds[kind] for kind in np.flatnonzero((weight[side] > 0) & ~both)) for side in (0, 1)]
    return tuple(
        Split(
            theme_id=theme_id,
            level=comparison.level,
            from_=earlier,
            to=later,
            by=speech.by,
            total=float(total[theme]),
            mix=float(mix[theme]),
            inside=float(inside[theme]),
            only_from=only[0][:NAMED],
            only_to=only[1][:NAMED],
            n_only_from=len(only[0]),
            n_only_to=len(only[1]),
            unsplit=float(unsplit[theme]),
        )
        for theme, theme_id in enumerate(theme_ids)
    )


def _votes(units: Units, side: Sequence[int], known: NDArray[np.bool_]) -> Floats:
    sources = units.sources(known)
    voting = np.isin(units.period, side) & (sources > 0)
    of_unit = np.divide(1.0, sources * voting.sum(), out=np.zeros(len(units)), where=voting)
    inside = known & (units.of_source >= 0)
    votes = np.zeros(len(known))
    votes[inside] = of_unit[units.of_source[inside]]
    return votes
