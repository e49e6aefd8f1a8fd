"""Studentised intervals of shares on the arcsine scale, from blocks of segments and from whole sources."""

import hashlib
import math

import numpy as np
from scipy import sparse, special

from topicgpu.types import Floats, Ints

_DRAWS = 999
_LEVELS = (0.975, 0.025)
_LARGEST_LAG_ONE = 0.99
_BEYOND = 1e12


def generator(seed: int, *names: str) -> np.random.Generator:
    """
    Make a random generator that depends on what it is for, and not on what was drawn before.

    Parameters
    ----------
    seed : int
        Of the run.
    *names : str
        What is drawn: a source, a period.

    Returns
    -------
    numpy.random.Generator
        The same for the same seed and names.
    """
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest, dtype=np.uint32).tolist()])


def block_lengths(n: int, lag_one: Floats) -> Ints:
    """
    Choose the length of the blocks of each column.

    Parameters
    ----------
    n : int
        Segments of the source.
    lag_one : (K,) float
        Autocorrelation at lag one.

    Returns
    -------
    (K,) int
        Segments a block: the plug-in rule for a first-order process, and at least n^(1/3).

    Notes
    -----
    The variance of the moving-block bootstrap is that of a Bartlett window of the block's length, for which the
    rule is the best one in mean square [1]_.

    References
    ----------
    .. [1] D. W. K. Andrews, "Heteroskedasticity and autocorrelation consistent covariance matrix estimation",
       Econometrica 59 (1991) 817-858, equations 5.3 and 6.4.
    """
    rho = np.clip(lag_one, 0.0, _LARGEST_LAG_ONE)
    plug_in = np.cbrt(6.0 * n * (rho / (1 - rho**2)) ** 2)
    lengths: Ints = np.ceil(np.maximum(plug_in, math.ceil(n ** (1 / 3)))).astype(np.int64)
    return lengths


def block_sums(values: Floats, length: int) -> Floats:
    """
    Sum every run of `length` neighbouring rows.

    Parameters
    ----------
    values : (n, K) float
        In the order of the source.
    length : int
        At most n.

    Returns
    -------
    (n - length + 1, K) float
        One row a block.
    """
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    sums: Floats = total[length:] - total[:-length]
    return sums


def moving_block_interval(
    indicators: Floats, weights: Floats, length: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """
    Bootstrap shares of weight from blocks of neighbouring segments, studentised on the arcsine scale.

    Parameters
    ----------
    indicators : (n, K) float
        1 where a segment carries the theme; no column may be constant.
    weights : (n,) float
        Words, segments or seconds.
    length : int
        Segments a block.
    rng : numpy.random.Generator
        Draws the blocks.

    Returns
    -------
    low, high : (K,) float
        95 % interval inside [0, 1].

    Notes
    -----
    All overlapping blocks take part [1]_. Each of 999 draws takes ceil(n / length) of them; its standard error comes
    from the drawn blocks. Cost: O(draws * n / length * K) time, O(draws * (n / length + K)) memory.

    References
    ----------
    .. [1] H. R. Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of Statistics
       17 (1989) 1217-1241.
    """
    n = len(weights)
    amount = block_sums(indicators * weights[:, None], length)
    size = block_sums(weights[:, None], length)
    drawn = math.ceil(n / length)
    draws = _draws(len(size), drawn, rng)
    # One row more: every block once, for the centre and its error, scaled to as many blocks as are drawn.
    scale = drawn / len(size)
    parts = (amount, size, amount**2, amount * size, size**2)
    terms = [np.concatenate([draws @ part, scale * part.sum(axis=0, keepdims=True)]) for part in parts]
    share = np.clip(terms[0] / terms[1], 0.0, 1.0)
    squares = np.maximum(terms[2] - 2 * share * terms[3] + share**2 * terms[4], 0.0)
    error = _arcsine_error(share, np.sqrt(squares) / terms[1])
    observed = weights @ indicators / weights.sum()
    return _studentised(_arcsine(observed), _arcsine(share[-1]), error[-1], _arcsine(share[:-1]), error[:-1])


def arcsine_interval(shares: Floats) -> tuple[Floats, Floats]:
    """
    Give the mean share of sources Student's t interval on the arcsine scale.

    Parameters
    ----------
    shares : (k, K) float
        One row a source, k >= 2.

    Returns
    -------
    low, high : (K,) float
        95 % interval inside [0, 1].
    """
    centre, error = _mean_on_arcsine(shares)
    reach = special.stdtrit(len(shares) - 1, _LEVELS[0]) * error
    return _share(centre - reach), _share(centre + reach)


def sources_interval(shares: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """
    Bootstrap the mean share of whole sources, studentised on the arcsine scale.

    Parameters
    ----------
    shares : (k, K) float
        One row a source; no column may be constant.
    rng : numpy.random.Generator
        Draws the sources.

    Returns
    -------
    low, high : (K,) float
        95 % interval inside [0, 1].

    Notes
    -----
    Cost: O(draws * k * K) time, O(draws * (k + K)) memory.
    """
    k = len(shares)
    draws = _draws(k, k, rng)
    mean = np.clip(draws @ shares / k, 0.0, 1.0)
    variance = np.maximum(draws @ shares**2 / k - mean**2, 0.0) * k / (k - 1)
    error = _arcsine_error(mean, np.sqrt(variance / k))
    centre, centre_error = _mean_on_arcsine(shares)
    return _studentised(centre, centre, centre_error, _arcsine(mean), error)


def _draws(n: int, taken: int, rng: np.random.Generator) -> sparse.csr_array:
    picks = rng.integers(0, n, _DRAWS * taken)
    return sparse.csr_array((np.ones(len(picks)), picks, np.arange(_DRAWS + 1) * taken), shape=(_DRAWS, n))


def _arcsine(share: Floats) -> Floats:
    return np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0)))


def _share(arcsine: Floats) -> Floats:
    share: Floats = np.sin(np.clip(arcsine, 0.0, np.pi / 2)) ** 2
    return share


def _mean_on_arcsine(shares: Floats) -> tuple[Floats, Floats]:
    mean = shares.mean(axis=0)
    return _arcsine(mean), _arcsine_error(mean, shares.std(axis=0, ddof=1) / math.sqrt(len(shares)))


def _arcsine_error(share: Floats, error: Floats) -> Floats:
    # Delta method: the derivative of arcsin(sqrt(p)) is 1 / (2 sqrt(p (1 - p))). A draw without spread has no error.
    slope = 2 * np.sqrt(share * (1 - share))
    scaled: Floats = np.divide(error, slope, out=np.zeros_like(error), where=slope > 0)
    return scaled


def _studentised(
    observed: Floats, centre: Floats, error: Floats, drawn: Floats, drawn_error: Floats
) -> tuple[Floats, Floats]:
    # A draw without spread says only on which side it lies; times any error that counts, this is past 0 or 1.
    beyond = np.copysign(_BEYOND, drawn - centre)
    statistic = np.divide(drawn - centre, drawn_error, out=beyond, where=drawn_error > 0)
    upper, lower = np.quantile(statistic, _LEVELS, axis=0, method="weibull")
    return _share(observed - upper * error), _share(observed - lower * error)
