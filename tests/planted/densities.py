"""Rows whose clusters are dense in ways that trees of density are made for, and rows with ties."""

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

Rows = NDArray[np.float64]


def distinct() -> dict[str, Rows]:
    """Ten sets in which all distances differ."""
    rng = np.random.default_rng(0)

    def around(*groups: tuple[tuple[float, ...], float, int]) -> Rows:
        return np.concatenate([rng.normal(place, spread, (n, len(place))) for place, spread, n in groups])

    def mixture(groups: int, d: int, apart: float, n: int) -> Rows:
        return rng.normal(size=(groups, d))[rng.integers(0, groups, n)] * apart + 0.5 * rng.normal(size=(n, d))

    along = np.sort(rng.uniform(0, 25, 300))
    return {
        "blobs of several densities": around(((0, 0), 0.1, 150), ((3, 0), 0.6, 200), ((0, 4), 1.2, 150)),
        "moons": datasets.make_moons(400, noise=0.08, random_state=1)[0],
        "circles": datasets.make_circles(400, noise=0.05, factor=0.5, random_state=2)[0],
        "stretched blobs": datasets.make_blobs(500, random_state=170)[0] @ [[0.6, -0.6], [-0.4, 0.8]],
        "nested densities": around(((0,) * 3, 3, 200), ((0,) * 3, 1, 150), ((0,) * 3, 0.2, 100), ((2,) * 3, 0.1, 80)),
        "uniform noise": rng.uniform(size=(500, 2)),
        "chains": np.concatenate(
            [
                np.column_stack([along, np.sin(along)]) + rng.normal(0, 0.05, (300, 2)),
                np.column_stack([along[:150], 3 + 0.3 * along[:150]]) + rng.normal(0, 0.05, (150, 2)),
            ]
        ),
        "mixture in 20 dimensions": mixture(8, 20, 1.2, 400),
        "mixture in 100 dimensions": mixture(6, 100, 0.6, 400),
        "blobs in noise": np.concatenate(
            [rng.uniform(-10, 10, (250, 2)), around(((-5, -5), 0.3, 80), ((5, 5), 0.3, 80), ((0, 3), 0.3, 80))]
        ),
    }


def tied() -> dict[str, Rows]:
    """Sets with many equal distances and equal rows, whose groups are plain all the same."""
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(np.arange(15.0), np.arange(15.0)), axis=-1).reshape(-1, 2)
    groups = np.concatenate([rng.normal(place, 1, (60, 3)) for place in ((0, 0, 0), (8, 0, 0), (0, 8, 0))])
    return {
        "two grids": np.concatenate([grid, grid / 2 + 100]),
        "whole numbers": np.round(np.concatenate([rng.normal(place, 2, (120, 2)) for place in ((0, 0), (30, 5))])),
        "each row three times": np.repeat(groups, 3, axis=0),
        "one row 300 times": np.concatenate([groups, np.repeat(groups[:1], 300, axis=0)]),
    }
