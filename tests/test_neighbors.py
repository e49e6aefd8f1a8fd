import subprocess
import sys

import numpy as np
import pytest
import torch

from topicgpu import neighbors as module
from topicgpu.config import NeighborsSection
from topicgpu.errors import ConfigError, DTypeError, MisalignedError, NumericalError
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


PARTITIONED = NeighborsSection(k=10, method="partitioned", recall=0.9)


def clustered(n, d=32, groups=40, seed=0):
    """Groups of unequal size whose rows overlap those of others."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(groups, d))
    vectors = centers[(rng.random(n) ** 2 * groups).astype(int)] + 0.7 * rng.normal(size=(n, d))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Embeddings(vectors, np.ones(n, dtype=bool), "encoder", "revision", (), "rows")


def share_found(found, exact):
    return np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.indices, exact.indices, strict=True)])


def test_partitioned_states_the_recall_that_it_has():
    embeddings = clustered(5000)
    found = find_neighbors(embeddings, repeated(5000), PARTITIONED, "cpu")
    exact = find_neighbors(embeddings, repeated(5000), NeighborsSection(k=10, method="exact"), "cpu")
    assert not found.exact
    assert 0.9 <= found.recall < 1
    assert abs(share_found(found, exact) - found.recall) < 0.01
    assert (np.diff(found.distances, axis=1) >= 0).all()
    assert all(len(set(row) - {i}) == 10 for i, row in enumerate(found.indices.tolist()))


def test_partitioned_in_full_is_exact():
    embeddings = clustered(1500)
    found = find_neighbors(embeddings, repeated(1500), NeighborsSection(method="partitioned", recall=1), "cpu")
    exact = find_neighbors(embeddings, repeated(1500), NeighborsSection(method="exact"), "cpu")
    assert found.recall == 1
    assert share_found(found, exact) > 0.9999


def test_auto_parts_above_the_stated_rows():
    config = NeighborsSection(k=3, exact_rows=700)
    assert find_neighbors(clustered(700), repeated(700), config, "cpu").exact
    assert not find_neighbors(clustered(701), repeated(701), config, "cpu").exact


def test_partitioned_is_the_same_with_any_threads_and_moves_with_the_seed():
    embeddings = clustered(3000)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = find_neighbors(embeddings, repeated(3000), PARTITIONED, "cpu")
        torch.set_num_threads(2)
        two = find_neighbors(embeddings, repeated(3000), PARTITIONED, "cpu")
    finally:
        torch.set_num_threads(threads)
    np.testing.assert_array_equal(one.indices, two.indices)
    np.testing.assert_array_equal(one.distances, two.distances)
    assert one.recall == two.recall
    other = find_neighbors(embeddings, repeated(3000), PARTITIONED, "cpu", seed=1)
    assert (other.indices != one.indices).any()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["exact", "partitioned"])
def test_another_process_finds_the_same(method):
    code = f"""
import hashlib, sys
sys.path.insert(0, {str(module.__file__.rsplit("/src/", 1)[0] + "/tests")!r})
from test_neighbors import clustered, find_neighbors, repeated, NeighborsSection
found = find_neighbors(clustered(3000), repeated(3000), NeighborsSection(method={method!r}), "cpu")
print(hashlib.sha256(found.indices.tobytes() + found.distances.tobytes()).hexdigest())
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout


@pytest.mark.parametrize("method", ["exact", "partitioned"])
@pytest.mark.parametrize("n", [2, 3, 12])
def test_fewer_rows_than_k(method, n):
    found = find_neighbors(embedded(n), repeated(n), NeighborsSection(k=15, method=method), "cpu")
    assert [sorted([i, *row]) for i, row in enumerate(found.indices.tolist())] == [list(range(n))] * n


@pytest.mark.parametrize("method", ["exact", "partitioned"])
def test_one_row_has_no_neighbors(method):
    found = find_neighbors(embedded(1), repeated(1), NeighborsSection(method=method), "cpu")
    assert found.indices.shape == (1, 0)


@pytest.mark.parametrize("method", ["exact", "partitioned"])
def test_thousands_of_duplicates_and_zero_rows(method):
    embeddings = clustered(3000)
    vectors = embeddings.vectors.copy()
    vectors[::2] = vectors[0]
    vectors[1::100] = 0
    duplicated = Embeddings(vectors, embeddings.served, "encoder", "revision", (), "rows")
    found = find_neighbors(duplicated, repeated(3000), NeighborsSection(k=10, method=method), "cpu")
    assert all(len(set(row) - {i}) == 10 for i, row in enumerate(found.indices.tolist()))
    assert (found.distances[::2] < 1e-5).all()
    np.testing.assert_allclose(found.distances[1::100], 1)


@pytest.mark.parametrize("method", ["exact", "partitioned"])
def test_rows_that_lie_anyhow_give_the_same_and_are_left_alone(method):
    plain = clustered(1200)
    vectors = np.asfortranarray(np.repeat(plain.vectors, 2, axis=1))[:, ::-2]
    vectors.flags.writeable = False
    before = vectors.copy()
    odd = Embeddings(vectors, plain.served, "encoder", "revision", (), "rows")
    even = Embeddings(np.ascontiguousarray(vectors), plain.served, "encoder", "revision", (), "rows")
    config = NeighborsSection(k=5, method=method)
    of_odd, of_even = (find_neighbors(one, repeated(1200), config, "cpu") for one in (odd, even))
    np.testing.assert_array_equal(of_odd.indices, of_even.indices)
    np.testing.assert_array_equal(vectors, before)


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_another_type_is_refused(dtype):
    with pytest.raises(DTypeError, match=r"Embeddings\.vectors must be float32; got float"):
        Embeddings(embedded(3).vectors.astype(dtype), np.ones(3, dtype=bool), "encoder", "revision", (), "rows")


@pytest.mark.parametrize("method", ["exact", "partitioned"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_row_that_is_not_finite_is_an_error(method, value):
    embeddings = embedded(50)
    embeddings.vectors[7, 2] = value  # after the check that every Embeddings makes
    with pytest.raises(NumericalError, match="row 7 is not"):
        find_neighbors(embeddings, repeated(50), NeighborsSection(method=method), "cpu")


def test_exact_for_more_rows_than_is_sensible_is_refused(monkeypatch):
    monkeypatch.setattr(module, "_MOST_ROWS", 40)
    with pytest.raises(ConfigError, match=r"exact compares all pairs of 50 segments, over the limit of 40; take auto"):
        find_neighbors(embedded(50), repeated(50), NeighborsSection(method="exact"), "cpu")


@pytest.mark.parametrize(("n", "k"), [(40, 30), (10_001, 15)])
def test_few_rows_get_more_neighbors(n, k, monkeypatch):
    monkeypatch.setattr(module, "EXACT_ROWS", {"cpu": 1_000_000})
    found = find_neighbors(embedded(n, 4), repeated(n), NeighborsSection(), "cpu")
    assert found.indices.shape == (n, k)
    assert found.method == 'reference (torch): impl="fused" needs an NVIDIA GPU, and the rows are on cpu'


def test_one_neighbor_each_is_refused():
    with pytest.raises(ValueError, match=r"k \(1\) must be 0 or at least 2"):
        NeighborsSection(k=1)
