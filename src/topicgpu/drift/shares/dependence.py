"""How much the segments of a source repeat their neighbours' themes: what n segments are worth as independent ones."""

from typing import NamedTuple

import numpy as np
from scipy import fft

from topicgpu.types import Floats

_FFT_VALUES = 1 << 22  # of one chunk of columns: 64 MiB of complex numbers


class Dependence(NamedTuple):
    """Serial dependence of each column of a table of indicators along a source."""

    lag_one: Floats  # (K,) autocorrelation at lag one, 0 for a constant column
    design_effect: Floats  # (K,) 1 + 2 * sum of autocorrelations, at least 1


def dependence(indicators: Floats) -> Dependence:
    """
    Measure the serial dependence of indicators along a source.

    Parameters
    ----------
    indicators : (n, K) float
        Segments in the order of the source, one column a theme.

    Returns
    -------
    Dependence
        A constant column, which has no autocorrelation of its own, borrows the design effect of all columns
        together: a theme that is never heard would come in runs as long as the others'.

    Notes
    -----
    Autocorrelations are summed up to the first that is not positive; later ones are noise [1]_. Cost: O(K n log n).

    References
    ----------
    .. [1] C. J. Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7 (1992) 473-483, section 3.3.
    """
    n, n_columns = indicators.shape
    if n == 1:  # no neighbours; corpora of very many sources are often of such
        return Dependence(np.zeros(n_columns), np.ones(n_columns))
    length = fft.next_fast_len(2 * n, real=True)
    width = max(1, _FFT_VALUES // length)
    lag_one, design_effect = np.zeros(n_columns), np.ones(n_columns)
    pooled = np.zeros(n)
    for start in range(0, n_columns, width):
        chunk = slice(start, start + width)
        covariance = _autocovariance(indicators[:, chunk], length)
        pooled += covariance.sum(axis=1)
        varies = covariance[0] > 0
        correlation = covariance / np.where(varies, covariance[0], 1.0)
        lag_one[chunk] = correlation[1]
        design_effect[chunk] = np.where(varies, _positive_sum(correlation), np.nan)
    typical = _positive_sum((pooled / pooled[0])[:, None])[0] if pooled[0] > 0 else 1.0
    return Dependence(lag_one, np.where(np.isnan(design_effect), typical, design_effect))


def _autocovariance(columns: Floats, length: int) -> Floats:
    constant = (columns == columns[:1]).all(axis=0)
    centred = np.where(constant, 0.0, columns - columns.mean(axis=0))
    spectrum = fft.rfft(centred, n=length, axis=0)
    covariance: Floats = fft.irfft(np.abs(spectrum) ** 2, n=length, axis=0)[: len(columns)]
    return covariance


def _positive_sum(correlation: Floats) -> Floats:
    initial = np.logical_and.accumulate(correlation > 0, axis=0)
    total: Floats = 2 * np.where(initial, correlation, 0.0).sum(axis=0) - 1
    return total
