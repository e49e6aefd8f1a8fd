"""The 2-D map: similar segments near each other."""

import numpy as np

from topicgpu.config import MapSection
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import MIN_ROWS, layout
from topicgpu.types import Embeddings, Map, Neighbors, check_rows

_AXES = 2


def layout_map(embeddings: Embeddings, neighbors: Neighbors, config: MapSection, seed: int) -> Map:
    """
    Place each row that has neighbors on a plane.

    Parameters
    ----------
    embeddings : Embeddings
        (n, d) unit rows.
    neighbors : Neighbors
        Of the same segments.
    config : MapSection
        Gives `min_dist`.
    seed : int
        Of the layout.

    Returns
    -------
    Map
        (n, 2); NaN for rows that take no part, and for a row that is alone: one point says nothing. `method` is
        `umap`, or `principal axes` below 16 rows.

    Raises
    ------
    MisalignedError
        If the two were made from other segments.

    Notes
    -----
    O(n k) a pass, 500 passes up to 10,000 rows and 200 above; the first call of a process compiles.
    """
    check_rows(embeddings.rows, neighbors)
    part = np.flatnonzero((neighbors.indices >= 0).any(axis=1))
    xy = np.full((len(embeddings), _AXES), np.nan, dtype=np.float32)
    if len(part):
        vectors = embeddings.vectors[part]
        if vectors.shape[1] < _AXES:  # an encoder of one number still gets a plane
            vectors = np.pad(vectors, ((0, 0), (0, _AXES - vectors.shape[1])))
        graph = fuzzy_graph(neighbors.indices, neighbors.distances)[part][:, part]
        xy[part] = layout(vectors, graph, _AXES, config.min_dist, seed)
    method = "umap" if len(part) >= MIN_ROWS else "principal axes"
    return Map(xy, method=method, rows=embeddings.rows)
