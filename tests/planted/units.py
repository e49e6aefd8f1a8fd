"""Planted segments inside themes: vectors with what each source is used to say, and moves of all of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from topicgpu.drift.shares.counts import Columns, Counts
from topicgpu.drift.units import Units
from topicgpu.types import Floats, Ints, Vectors

_D = 16


class Said(NamedTuple):
    """What content is compared by."""

    counts: Counts
    units: Units
    primary: Ints
    vectors: Vectors


def units_of(periods: Sequence[int], strata: Sequence[int] | None = None, of_source: Ints | None = None) -> Units:
    """
    Make units.

    Parameters
    ----------
    periods : sequence of int
        Of each unit.
    strata : sequence of int, optional
        Of each unit; by default all of one.
    of_source : (s,) int, optional
        Unit of each source; by default each is one.

    Returns
    -------
    Units
        Named u000, u001 and on.
    """
    stratum = np.zeros(len(periods), dtype=np.int64) if strata is None else np.array(strata)
    return Units(
        kind="source" if of_source is None else "date",
        ids=tuple(f"u{number:03}" for number in range(len(periods))),
        period=np.array(periods),
        stratum=stratum,
        strata=tuple(f"kind {number}" for number in range(int(stratum.max()) + 1)),
        of_source=np.arange(len(periods)) if of_source is None else of_source,
    )


def said(
    sizes: Sequence[int],
    periods: Sequence[int],
    *,
    strata: Sequence[int] | None = None,
    of_source: Ints | None = None,
    shift: float = 0.0,
    by_stratum: float = 0.0,
    outlier: int | None = None,
    n_themes: int = 1,
    vectors: Floats | None = None,
    seed: int = 0,
) -> Said:
    """
    Plant the segments of each source, in turns of all themes.

    Parameters
    ----------
    sizes : sequence of int
        Segments of each source and theme.
    periods : sequence of int
        Of each unit.
    strata : sequence of int, optional
        Of each unit.
    of_source : (s,) int, optional
        Unit of each source.
    shift : float
        How far each further period lies along the first axis.
    by_stratum : float
        How far each further stratum lies along the second.
    outlier : int, optional
        A unit that lies far along the third.
    n_themes : int
        Themes.
    vectors : (n, d) float, optional
        In the place of planted ones.
    seed : int
        Of the draws.

    Returns
    -------
    Said
        A segment's vector is what its source is used to say and a noise of length 1.
    """
    rng = np.random.default_rng(seed)
    units = units_of(periods, strata, of_source)
    source = np.repeat(np.arange(len(sizes)), np.array(sizes) * n_themes)
    unit = units.of_source[source]
    own = 0.3 * rng.normal(size=(len(sizes), _D)) / np.sqrt(_D)
    planted = own[source] + rng.normal(size=(len(source), _D)) / np.sqrt(_D)
    planted[:, 0] += shift * units.period[unit]
    planted[:, 1] += by_stratum * units.stratum[unit]
    if outlier is not None:
        planted[unit == outlier, 2] += 5.0
    counts = Counts(
        source_ids=tuple(f"s{number:05}" for number in range(len(sizes))),
        columns=Columns(tuple(f"t{number}" for number in range(n_themes))),
        row=np.arange(len(source)),
        source=source,
        units=np.ones((3, len(source))),
        carries=sparse.csr_array((len(source), 2 * n_themes + 1)),
    )
    rows = (planted if vectors is None else vectors).astype(np.float32)
    return Said(counts, units, np.arange(len(source)) % n_themes, rows)
