"""How well layouts keep the neighbors of the vectors, and how many rows they throw out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hdbscan import HDBSCAN
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sklearn.metrics import adjusted_mutual_info_score

from topicgpu.types import Ints

K = 15
ALONE, FAR = 0.3, 3.0  # in median distances from the middle
PLANTED, THROWN = 10, (1.5, 6.0)  # rows thrown out to try the test, and how far from the middle
LEAST_GROUP = 10  # rows, as BERTopic has it
_BLOCK = 500
Vectors = NDArray[np.float32]


def judge(vectors: Vectors, neighbors: Ints, labels: Ints, layouts: Sequence[Vectors]) -> list[dict[str, float]]:
    """
    Score layouts of the same rows.

    `trustworthiness` is scikit-learn's with metric cosine, without its n x n ranks: 1 unless rows are near in the
    layout that are not among the K nearest. `kept` is the share of the K true neighbors that are among the K nearest
    of the layout. `outliers` counts rows, of 10,000, that are farther than ALONE from their nearest row of the layout
    or farther than FAR from the middle, both in median distances from the middle; `caught` is the share found of rows
    that were thrown out on purpose. `purity` is the share of the K nearest with a row's label, `hdbscan_ami` is of the
    groups that hdbscan finds there.
    """
    near = [nearest(places) for places in layouts]
    ranks = cosine_ranks(vectors, [indices for indices, _ in near])
    scores = []
    for places, (indices, distances), rank in zip(layouts, near, ranks, strict=True):
        n, beyond = len(vectors), np.maximum(rank - K, 0).sum()
        found: dict[str, float] = {
            "trustworthiness": 1 - 2 * float(beyond) / (n * K * (2 * n - 3 * K - 1)),
            "kept": float((neighbors[:, :, None] == indices[:, None, :]).any(axis=2).mean()),
            "outliers": 1e4 * float(outliers(places, distances[:, 0]).mean()),
            "caught": caught(places),
            "purity": float((labels[indices] == labels[:, None]).mean()),
        }
        if places.shape[1] > 2:
            groups = HDBSCAN(min_cluster_size=LEAST_GROUP).fit_predict(places.astype(np.float64))
            found["hdbscan_ami"] = float(adjusted_mutual_info_score(labels, groups))
        scores.append(found)
    return scores


def outliers(places: Vectors, nearest_distance: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell rows with nobody near, or far from all, on the scale of the whole layout."""
    from_middle = np.linalg.norm(places - np.median(places, axis=0), axis=1)
    radius = np.median(from_middle)
    return (nearest_distance > ALONE * radius) | (from_middle > FAR * radius)


def caught(places: Vectors) -> float:
    """Throw PLANTED rows out in random directions, and find the share of them that the test tells."""
    rng, middle = np.random.default_rng(0), np.median(places, axis=0)
    rows = rng.choice(len(places), PLANTED, replace=False)
    away = rng.normal(size=(PLANTED, places.shape[1]))
    away *= rng.uniform(*THROWN, size=(PLANTED, 1)) / np.linalg.norm(away, axis=1, keepdims=True)
    thrown = places.copy()
    thrown[rows] = middle + away * np.median(np.linalg.norm(places - middle, axis=1))
    return float(outliers(thrown, nearest(thrown)[1][:, 0])[rows].mean())


def nearest(places: Vectors) -> tuple[Ints, NDArray[np.float64]]:
    """(n, K) the nearest other rows in a layout, and how far they are."""
    distances, indices = cKDTree(places).query(places, K + 1)
    own = indices == np.arange(len(places))[:, None]
    own[~own.any(axis=1), -1] = True  # among more than K rows at one place
    shape = (len(places), K)
    return indices[~own].reshape(shape).astype(np.int64), distances[~own].reshape(shape)


def cosine_ranks(vectors: Vectors, lists: Sequence[Ints]) -> list[NDArray[np.int64]]:
    """Of each row's listed rows, how manyth nearest they are among the vectors; 1 is the nearest."""
    n = len(vectors)
    ranks = [np.empty(indices.shape, dtype=np.int64) for indices in lists]
    for start in range(0, n, _BLOCK):
        rows: Any = np.arange(start, min(start + _BLOCK, n))
        scores = vectors[rows] @ vectors.T
        scores[np.arange(len(rows)), rows] = -np.inf
        asked = [np.take_along_axis(scores, indices[rows], axis=1) for indices in lists]
        scores.sort(axis=1)
        for rank, listed in zip(ranks, asked, strict=True):
            for place, row in enumerate(rows):
                rank[row] = n + 1 - np.searchsorted(scores[place], listed[place], side="right")
    return ranks
