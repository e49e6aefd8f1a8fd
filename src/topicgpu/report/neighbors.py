"""Which themes are close to each other: by what their segments mean, and by the segments that they share."""

from typing import Any

import numpy as np
from scipy import sparse

from topicgpu.report.wording import counted
from topicgpu.types import Embeddings, Floats, Ints, Repeats, Themes


def close_themes(themes: Themes, embeddings: Embeddings, repeats: Repeats, limit: int) -> list[dict[str, Any]]:
    """
    Find the neighbours of each theme.

    Parameters
    ----------
    themes : Themes
        t themes of n segments.
    embeddings : Embeddings
        (n, d) unit rows.
    repeats : Repeats
        Segments that say again what another one says: they are left out.
    limit : int
        At most this many neighbours of each kind.

    Returns
    -------
    list of t dict
        similar: (place, cosine) of the themes whose mean vectors are nearest, the nearest first; shared: (place,
        worded count) of the themes that most of its segments carry too.

    Notes
    -----
    The mean vector of a theme is that of its primary segments; a theme with none has no similar ones. Cost:
    O(n d + t² d).
    """
    t = len(themes.themes)
    counted_rows = embeddings.served & ~repeats.mask
    primary = themes.primary
    own = np.flatnonzero(counted_rows & (primary >= 0))
    sums = np.asarray(_table(primary[own], np.arange(len(own)), (t, len(own))) @ embeddings.vectors[own])
    length = np.linalg.norm(sums, axis=1)
    there = length > 0
    means = np.divide(sums, length[:, None], out=np.zeros_like(sums), where=there[:, None])
    cosine = np.where(there[:, None] & there[None, :], means @ means.T, -np.inf)
    kept = counted_rows[themes.row]
    carried = _table(themes.theme[kept], themes.row[kept], (t, themes.n_rows))
    both = np.asarray((carried @ carried.T).toarray())
    np.fill_diagonal(cosine, -np.inf)
    np.fill_diagonal(both, 0)
    return [
        {
            "similar": [(place, f"{cosine[theme, place]:.2f}") for place in _largest(cosine[theme], -np.inf, limit)],
            "shared": [(place, counted(both[theme, place], "segment")) for place in _largest(both[theme], 0, limit)],
        }
        for theme in range(t)
    ]


def _table(theme: Ints, row: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(row), dtype=np.float32), (theme, row)), shape=shape)


def _largest(values: Floats, above: float, limit: int) -> list[int]:
    ranked = np.argsort(-values, kind="stable")[:limit]
    places: list[int] = ranked[values[ranked] > above].tolist()
    return places
