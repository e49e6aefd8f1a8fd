"""Which interval a share gets: 95 %, inside [0, 1], never [0, 0]."""

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from topicgpu.drift.shares.bootstrap import (
    arcsine_interval,
    block_lengths,
    block_sums,
    generator,
    moving_block_interval,
    sources_interval,
)
from topicgpu.drift.shares.dependence import Dependence
from topicgpu.types import Floats, Ints

MIN_BLOCKS = 10  # of a source, for the bootstrap
MIN_SOURCES = 5  # of a period, for any interval
_MIN_SOURCES_BOOTSTRAP = 20
_MIN_BLOCKS_EACH = 10  # expected in a draw with the theme, and without: on fewer the studentised tails run wild
_MIN_SOURCES_EACH = 10
_ROUNDING = 1e-12  # a weighted share of all is 1 up to the rounding of its sum


class Interval(NamedTuple):
    """Ends of the interval of each column, and the number of independent blocks that it is worth."""

    low: Floats  # (K,)
    high: Floats
    blocks: Floats  # NaN where blocks play no part


def jeffreys(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """
    Give the equal-tailed Jeffreys interval of a proportion.

    Parameters
    ----------
    share : (K,) float
        Observed proportion.
    n : (K,) float
        Trials, not necessarily whole.

    Returns
    -------
    low, high : (K,) float
        95 % interval; from 0 where the share is 0, to 1 where it is 1.

    References
    ----------
    .. [1] L. D. Brown, T. T. Cai, A. DasGupta, "Interval estimation for a binomial proportion", Statistical Science
       16 (2001) 101-133, section 4.1.
    """
    hits, misses = share * n + 0.5, (1 - share) * n + 0.5
    low = np.where(share <= _ROUNDING, 0.0, special.betaincinv(hits, misses, 0.025))
    high = np.where(share >= 1 - _ROUNDING, 1.0, special.betaincinv(hits, misses, 0.975))
    return low, high


def within_source(indicators: Floats, weights: Floats, serial: Dependence, seed: int, source_id: str) -> Interval:
    """
    Give the shares of one source an interval that covers the noise inside it.

    Parameters
    ----------
    indicators : (n, K) float
        Segments in the order of the source; 1 where one carries the theme.
    weights : (n,) float
        Words, segments or seconds; not all 0.
    serial : Dependence
        Of the same indicators.
    seed : int
        Of the run.
    source_id : str
        With the seed, decides the draws: other sources and their order do not.

    Returns
    -------
    Interval
        The studentised moving-block bootstrap where there are 10 blocks or more, 10 of which can be expected to hold
        the theme and 10 something else; else Jeffreys with the effective number of segments.

    Notes
    -----
    Segments are worth (sum of weights)^2 / (sum of squared weights) equal ones, and those are worth that over the
    design effect. Cost: of the bootstrap, once for each distinct length of block.
    """
    weights = weights / weights.max()  # the scale plays no part, and squares of very small weights would vanish
    share = np.clip(weights @ indicators / weights.sum(), 0.0, 1.0)
    effective = weights.sum() ** 2 / (weights**2).sum() / serial.design_effect
    low, high = jeffreys(share, effective)
    if len(weights) < MIN_BLOCKS:
        return Interval(low, high, effective)
    lengths = block_lengths(len(weights), serial.lag_one)
    blocks = effective
    for length in np.unique(lengths[len(weights) >= MIN_BLOCKS * lengths]).tolist():
        columns = np.flatnonzero(lengths == length)
        columns = columns[_can_be_drawn(indicators[:, columns], weights, length)]
        if len(columns):
            rng = generator(seed, source_id, str(length))
            ends = moving_block_interval(indicators[:, columns], weights, length, rng)
            low[columns], high[columns] = ends
            blocks[columns] = len(weights) / length
    return Interval(low, high, blocks)


def _can_be_drawn(indicators: Floats, weights: Floats, length: int) -> Ints:
    weighs = (weights > 0).astype(np.float64)[:, None]
    held, other = block_sums(indicators * weighs, length), block_sums((1 - indicators) * weighs, length)
    drawn = math.ceil(len(weights) / length)
    expected = drawn * np.minimum((held > 0).mean(axis=0), (other > 0).mean(axis=0))
    every_block_counts = ((held + other) > 0).all(axis=0)
    return np.flatnonzero((expected >= _MIN_BLOCKS_EACH) & every_block_counts)


def between_sources(shares: Floats, seed: int, period: str) -> Interval:
    """
    Give the mean share of the sources of one period an interval that covers how its sources differ.

    Parameters
    ----------
    shares : (k, K) float
        One row a source.
    seed : int
        Of the run.
    period : str
        With the seed, decides the draws.

    Returns
    -------
    Interval
        NaN below 5 sources. Student's t for the mean, formed on the arcsine scale; from 20 sources on the bootstrap-t
        of whole sources for the themes that 10 of them carry. Where all sources have one share there is no spread to
        go by: Jeffreys with one trial a source.

    Notes
    -----
    The interval is for the mean of the shares: the mean and its error are carried to the arcsine scale. The mean of
    the sources' arcsines would be another quantity, below the mean share where sources differ.
    """
    k, n_columns = shares.shape
    low, high, blocks = np.full((3, n_columns), np.nan)
    if k < MIN_SOURCES:
        return Interval(low, high, blocks)
    same = np.ptp(shares, axis=0) <= 0
    low[same], high[same] = jeffreys(shares[0, same], np.full(same.sum(), float(k)))
    carried = np.minimum((shares > 0).sum(axis=0), (shares < 1).sum(axis=0))
    drawn = ~same & (carried >= _MIN_SOURCES_EACH) & (k >= _MIN_SOURCES_BOOTSTRAP)
    student = ~same & ~drawn
    low[student], high[student] = arcsine_interval(shares[:, student])
    if drawn.any():
        low[drawn], high[drawn] = sources_interval(shares[:, drawn], generator(seed, period))
    return Interval(low, high, blocks)
