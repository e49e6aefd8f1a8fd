"""Shares of sources, periods, the corpus and speakers, with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicgpu.drift.shares.counts import UNITS, WORDS, Counts
from topicgpu.drift.shares.dependence import dependence
from topicgpu.drift.shares.intervals import between_sources, within_source
from topicgpu.types import Floats, OptionalStrings, Strings

CORPUS_KEY = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The shares of one level: u = 3 units, g sources, periods, speakers or the corpus, K columns of themes."""

    level: str
    keys: Strings  # (g,)
    share: Floats  # (u, g, K); NaN where nothing can be counted in this unit
    low: Floats  # (u, g, K)
    high: Floats
    blocks: Floats
    theme_units: Floats  # (u, g, K)
    total_units: Floats  # (u, g)
    n_words: Floats  # (u, g) counted words behind the share
    n_sources: Floats  # (u, g)

    @property
    def known(self) -> NDArray[np.bool_]:
        """(u, g) True where there are shares in this unit."""
        return self.total_units > 0


def source_cells(counts: Counts, seed: int) -> Cells:
    """
    Measure the shares of each source.

    Parameters
    ----------
    counts : Counts
        The n counted segments of s sources.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Cells
        In the order of the sources' ids; a source has shares of seconds where all its counted segments are timed.

    Notes
    -----
    Cost: O(n K) memory for the largest source, and the bootstrap of each.
    """
    n_sources = len(counts.source_ids)
    theme_units, total_units = counts.sums(counts.source, n_sources)
    share = _ratio(theme_units, total_units)
    low, high, blocks = np.full((3, *share.shape), np.nan)
    for source, source_id in enumerate(counts.source_ids):
        span = counts.span(source)
        if span.start == span.stop:
            continue
        indicators = counts.indicators(span)
        serial = dependence(indicators)
        for unit in np.flatnonzero(total_units[:, source] > 0):
            low[unit, source], high[unit, source], blocks[unit, source] = within_source(
                indicators, counts.units[unit, span], serial, seed, source_id
            )
    return Cells(
        level="source",
        keys=counts.source_ids,
        share=share,
        low=low,
        high=high,
        blocks=blocks,
        theme_units=theme_units,
        total_units=total_units,
        n_words=np.broadcast_to(total_units[WORDS], total_units.shape),
        n_sources=np.ones(total_units.shape),
    )


def period_cells(sources: Cells, periods: Strings, members: Sequence[Sequence[int]], seed: int) -> Cells:
    """
    Average the shares of each period's sources, one vote a source.

    Parameters
    ----------
    sources : Cells
        Of the sources.
    periods : tuple of str
        Names of the p periods.
    members : sequence of p sequences of int
        Rows of `sources` in each period.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Cells
        Of the periods, in their order; in each unit over the sources that have shares in it.
    """
    return _means("period", sources, periods, members, seed)


def corpus_cells(sources: Cells, seed: int) -> Cells:
    """
    Average the shares of all sources, dated or not, one vote a source.

    Parameters
    ----------
    sources : Cells
        Of the sources.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Cells
        Of one group with the key `all`, made as those of periods are.
    """
    return _means("corpus", sources, (CORPUS_KEY,), [range(len(sources.keys))], seed)


def _means(level: str, sources: Cells, keys: Strings, members: Sequence[Sequence[int]], seed: int) -> Cells:
    shape = (len(UNITS), len(keys))
    share, low, high, blocks = np.full((4, *shape, sources.share.shape[2]), np.nan)
    theme_units = np.zeros(share.shape)
    total_units, n_words, n_sources = np.zeros((3, *shape))
    known = sources.known
    for unit in range(len(UNITS)):
        for group, key in enumerate(keys):
            rows = [row for row in members[group] if known[unit, row]]
            if not rows:
                continue
            cell = (unit, group)
            share[cell] = sources.share[unit, rows].mean(axis=0)
            low[cell], high[cell], blocks[cell] = between_sources(sources.share[unit, rows], seed, key)
            theme_units[cell] = sources.theme_units[unit, rows].sum(axis=0)
            total_units[cell] = sources.total_units[unit, rows].sum()
            n_words[cell] = sources.n_words[unit, rows].sum()
            n_sources[cell] = len(rows)
    return Cells(level, keys, share, low, high, blocks, theme_units, total_units, n_words, n_sources)


def speaker_cells(counts: Counts, speakers: OptionalStrings) -> Cells:
    """
    Measure the shares of each named speaker, over all sources that the name speaks in.

    Parameters
    ----------
    counts : Counts
        The n counted segments.
    speakers : (n,) tuple of str or None
        Who speaks in each.

    Returns
    -------
    Cells
        In the order of the names, with no interval: what one speaker says in one source is too short and too much
        led by the other speakers for one that means something.
    """
    keys = tuple(sorted({speaker for speaker in speakers if speaker is not None}))
    place = {key: index for index, key in enumerate(keys)}
    group = np.array([place.get(speaker, -1) if speaker is not None else -1 for speaker in speakers], dtype=np.int64)
    theme_units, total_units = counts.sums(group, len(keys))
    pairs = np.unique(np.stack([group, counts.source])[:, group >= 0], axis=1)
    n_sources = np.bincount(pairs[0], minlength=len(keys)).astype(np.float64)
    nothing = np.full(theme_units.shape, np.nan)
    return Cells(
        level="speaker",
        keys=keys,
        share=_ratio(theme_units, total_units),
        low=nothing,
        high=nothing,
        blocks=nothing,
        theme_units=theme_units,
        total_units=total_units,
        n_words=np.broadcast_to(total_units[WORDS], total_units.shape),
        n_sources=np.broadcast_to(n_sources, total_units.shape),
    )


def _ratio(theme_units: Floats, total_units: Floats) -> Floats:
    known = np.broadcast_to(total_units[..., None] > 0, theme_units.shape)
    share = np.divide(theme_units, total_units[..., None], out=np.full(theme_units.shape, np.nan), where=known)
    capped: Floats = np.minimum(share, 1.0)
    return capped
