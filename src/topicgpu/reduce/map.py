"""The 2-D map: similar segments near each other."""

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import MapSection
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.layout import MIN_ROWS, curve, epochs, layout, layout_implementation
from topicgpu.ops.starts import principal_axes, start
from topicgpu.types import Embeddings, Map, Neighbors, check_rows

_AXES = 2


def layout_map(embeddings: Embeddings, neighbors: Neighbors, config: MapSection, seed: int, device: str = "cpu") -> Map:
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
    device : str
        Where it is computed.

    Returns
    -------
    Map
        (n, 2); NaN for rows that take no part, and for a row that is alone: one point says nothing. `method` is
        `UMAP` and what ran it, or `principal axes` below 16 rows.

    Raises
    ------
    MisalignedError
        If the two were made from other segments.

    Notes
    -----
    O(n k) a pass, 500 passes up to 10,000 rows and 200 above. The principal axes are where the layout starts, so that
    what is far apart in the vectors is far apart on the map.
    """
    check_rows(embeddings.rows, neighbors)
    part = np.flatnonzero((neighbors.indices >= 0).any(axis=1))
    xy = np.full((len(embeddings), _AXES), np.nan, dtype=np.float32)
    vectors = embeddings.vectors[part]
    if len(part) >= MIN_ROWS:
        graph = fuzzy_graph(neighbors.indices, neighbors.distances, device)[part][:, part]
        first = start("pca", graph, vectors, _AXES, seed).places
        a, b = curve(1.0, config.min_dist)
        xy[part] = layout(graph, first, n_epochs=epochs(len(part)), a=a, b=b, seed=seed, device=device)
        return Map(xy, method=f"UMAP: {layout_implementation(device)}", rows=embeddings.rows)
    xy[part] = _plane(principal_axes(vectors, _AXES))
    return Map(xy, method="principal axes", rows=embeddings.rows)


def _plane(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the rows of an encoder of one number a second axis."""
    return np.pad(places, ((0, 0), (0, _AXES - places.shape[1])))
