"""UMAP's force layout of a weighted graph in a few dimensions, started from the principal axes of the vectors."""

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

MIN_ROWS = 16  # fewer rows than this have no neighborhoods to keep: their principal axes are the layout


def layout(
    vectors: NDArray[np.float32], graph: sparse.csr_array, n_components: int, min_dist: float, seed: int
) -> NDArray[np.float32]:
    """
    Place each row so that rows joined by heavy edges are near.

    Parameters
    ----------
    vectors : ndarray
        (m, d) float32, where the layout starts from.
    graph : csr_array
        (m, m) symmetric weights in [0, 1].
    n_components : int
        Dimensions of the layout, at most d.
    min_dist : float
        How near to each other rows may be placed, in the layout's own unit.
    seed : int
        Of the sampled repulsion.

    Returns
    -------
    ndarray
        (m, n_components) float32. Below 16 rows: the principal axes.

    Notes
    -----
    Edges times epochs (500, from 10,000 rows on 200), on one core, so that one seed gives one layout. The first call
    of a process compiles for about ten seconds.

    References
    ----------
    McInnes, Healy and Melville (2018), UMAP: Uniform Manifold Approximation and Projection, arXiv:1802.03426.
    """
    start = principal_axes(vectors, n_components)
    if len(vectors) < MIN_ROWS:
        return start
    with warnings.catch_warnings():
        # umap-learn says at import that its neural variant, which is not used here, lacks TensorFlow.
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        from umap.umap_ import find_ab_params, simplicial_set_embedding
    a, b = find_ab_params(1.0, min_dist)
    places, _ = simplicial_set_embedding(
        data=vectors,
        graph=sparse.coo_matrix(graph),
        n_components=n_components,
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=None,
        init=start,
        random_state=np.random.RandomState(seed),
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        parallel=False,
    )
    return np.asarray(places, dtype=np.float32)


def principal_axes(vectors: NDArray[np.float32], n_components: int) -> NDArray[np.float32]:
    """
    Project rows onto the directions in which they vary most.

    Parameters
    ----------
    vectors : ndarray
        (m, d) float32.
    n_components : int
        At most d.

    Returns
    -------
    ndarray
        (m, n_components) float32, centred. Each axis points where its largest coefficient is positive.

    Notes
    -----
    O(m d^2 + d^3), in float64.
    """
    centred = vectors.astype(np.float64) - (vectors.mean(axis=0, dtype=np.float64) if len(vectors) else 0.0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :n_components]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(n_components)])
    places: NDArray[np.float32] = (centred @ axes).astype(np.float32)
    return places
