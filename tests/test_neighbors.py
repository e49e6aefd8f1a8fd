import numpy as np
import pytest

from topicgpu.config import NeighborsSection
from topicgpu.errors import MisalignedError
from topicgpu.neighbors import find_neighbors
from topicgpu.types import Embeddings, Repeats


def embedded(n, d=6, served=None, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    served = np.ones(n, dtype=bool) if served is None else np.array(served, dtype=bool)
    vectors[~served] = 0
    return Embeddings(vectors, served, "encoder", "revision", (), "rows")


def repeated(n, row=(), of=(), rows="rows"):
    return Repeats(
        np.array(row, dtype=np.int64), np.array(of, dtype=np.int64), ("exact",) * len(row), np.ones(len(row)), n, rows
    )


def test_nearest_rows_by_hand():
    angles = np.deg2rad([0, 10, 30, 90])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    embeddings = Embeddings(vectors, np.ones(4, dtype=bool), "encoder", "revision", (), "rows")
    found = find_neighbors(embeddings, repeated(4), NeighborsSection(k=2), "cpu")
    assert found.indices.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    np.testing.assert_allclose(found.distances[0], 1 - np.cos(np.deg2rad([10, 30])), atol=1e-6)
    assert (found.metric, found.exact, found.recall, found.rows) == ("cosine", True, None, "rows")


def test_rows_that_take_no_part_are_nobodys_neighbors():
    served = [True, True, False, True, True, True]
    found = find_neighbors(embedded(6, served=served), repeated(6, row=[4], of=[0]), NeighborsSection(k=3), "cpu")
    assert (found.indices[[2, 4]] == -1).all()
    assert np.isinf(found.distances[[2, 4]]).all()
    taking_part = [0, 1, 3, 5]
    assert [sorted(row) for row in found.indices[taking_part].tolist()] == [
        [other for other in taking_part if other != row] for row in taking_part
    ]
    assert (np.diff(found.distances[taking_part], axis=1) >= 0).all()


@pytest.mark.parametrize(("taking_part", "width"), [(0, 0), (1, 0), (2, 1), (3, 2), (5, 4), (6, 4)])
def test_k_is_what_the_rows_allow(taking_part, width):
    served = [row < taking_part for row in range(7)]
    found = find_neighbors(embedded(7, served=served), repeated(7), NeighborsSection(k=4), "cpu")
    assert found.indices.shape == found.distances.shape == (7, width)
    assert (found.indices[:taking_part] >= 0).all()
    assert (found.indices[taking_part:] == -1).all()


def test_no_segments():
    found = find_neighbors(embedded(0), repeated(0), NeighborsSection(), "cpu")
    assert found.indices.shape == (0, 0)


def test_distances_are_never_negative():
    embeddings = embedded(40, d=384)
    twice = Embeddings(
        np.repeat(embeddings.vectors, 2, axis=0), np.ones(80, dtype=bool), "encoder", "revision", (), "rows"
    )
    found = find_neighbors(twice, repeated(80), NeighborsSection(k=2), "cpu")
    assert (found.distances >= 0).all()
    np.testing.assert_allclose(found.distances[:, 0], 0, atol=1e-6)


def test_other_segments_are_refused():
    with pytest.raises(MisalignedError, match="Repeats was made from the segments"):
        find_neighbors(embedded(3), repeated(3, rows="others"), NeighborsSection(), "cpu")
