import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from topicgpu.cluster import find_clusters
from topicgpu.config import ClusterSection, NeighborsSection
from topicgpu.errors import MisalignedError
from topicgpu.neighbors import find_neighbors
from topicgpu.types import Embeddings, Neighbors, Repeats


def grouped(sizes, d=32, noise=0.05, seed=0):
    """Unit rows around one direction a group, and the groups, in a random order of rows."""
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    vectors = np.eye(d)[groups] + noise * rng.normal(size=(len(groups), d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), groups


def clustered(vectors, served=None, k=15, seed=0, **settings):
    served = np.ones(len(vectors), dtype=bool) if served is None else served
    embeddings = Embeddings(vectors, served, "encoder", "revision", (), "rows")
    nothing = np.empty(0, dtype=np.int64)
    repeats = Repeats(nothing, nothing, (), np.empty(0), len(vectors), "rows")
    neighbors = find_neighbors(embeddings, repeats, NeighborsSection(k=k), "cpu")
    return find_clusters(embeddings, neighbors, ClusterSection(**settings), seed)


def test_separated_groups_are_found_by_falling_size():
    vectors, groups = grouped([20, 60, 40])
    found = clustered(vectors)
    assert adjusted_rand_score(groups, found.labels) == 1.0
    assert np.bincount(found.labels).tolist() == [60, 40, 20]
    assert found.labels.dtype == np.int64
    assert (found.strengths == 1).all()
    assert found.method == "communities: Leiden (graspologic-native), modularity, resolution 1, chosen from the graph"


def test_groups_of_one_size_go_by_their_lowest_row():
    vectors, groups = grouped([30, 30, 30])
    found = clustered(vectors)
    first = [np.flatnonzero(found.labels == label)[0] for label in range(3)]
    assert adjusted_rand_score(groups, found.labels) == 1.0
    assert first == sorted(first)


def test_groups_below_the_least_size_are_left_unassigned():
    vectors, groups = grouped([30, 6], noise=0.01)
    found = clustered(vectors, k=4, min_size=7)
    assert (found.labels[groups == 1] == -1).all()
    assert (found.strengths[groups == 1] == 0).all()
    assert (clustered(vectors, k=4, min_size=6).labels >= 0).all()


def test_rows_that_take_no_part_are_unassigned():
    vectors, _ = grouped([30, 30])
    served = np.ones(60, dtype=bool)
    served[[5, 50]] = False
    found = clustered(vectors, served)
    assert (found.labels[~served] == -1).all()
    assert (found.labels[served] >= 0).all()


def test_higher_resolution_gives_more_groups():
    vectors = np.random.default_rng(2).normal(size=(400, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    counts = [clustered(vectors, resolution=r, min_size=2).labels.max() + 1 for r in (0.3, 1.0, 4.0)]
    assert counts[0] < counts[1] < counts[2]


def test_strength_is_the_share_of_weight_inside():
    # Two triangles joined by one edge, all distances equal, so all weights are 1.
    indices = np.array([[1, 2], [0, 2], [0, 1], [4, 5], [3, 5], [3, 2]])
    neighbors = Neighbors(indices, np.full((6, 2), 0.5, dtype=np.float32), "cosine", True, None, "rows")
    embeddings = Embeddings(np.eye(6, dtype=np.float32), np.ones(6, dtype=bool), "encoder", "revision", (), "rows")
    found = find_clusters(embeddings, neighbors, ClusterSection(min_size=2), 0)
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(found.strengths, [1, 1, 2 / 3, 1, 1, 2 / 3], rtol=1e-6)


@pytest.mark.parametrize("method", ["communities", "density"])
@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_few_rows(n, method):
    found = clustered(grouped([n])[0], method=method)
    assert found.labels.tolist() == [-1] * n
    assert found.strengths.tolist() == [0] * n


@pytest.mark.parametrize("method", ["communities", "density"])
def test_equal_rows_are_one_group_or_none(method):
    found = clustered(np.ones((12, 4), dtype=np.float32) / 2, method=method, min_size=3)
    assert len(set(found.labels.tolist())) == 1


def test_other_segments_are_refused():
    vectors, _ = grouped([4])
    embeddings = Embeddings(vectors, np.ones(4, dtype=bool), "encoder", "revision", (), "rows")
    neighbors = Neighbors(
        np.zeros((4, 1), dtype=np.int64), np.ones((4, 1), dtype=np.float32), "cosine", True, None, "x"
    )
    with pytest.raises(MisalignedError, match="Neighbors was made from the segments"):
        find_clusters(embeddings, neighbors, ClusterSection(), 0)


@pytest.mark.slow
def test_density_on_a_layout_finds_separated_groups():
    vectors, groups = grouped([40, 60, 80])
    found = clustered(vectors, method="density")
    kept = found.labels >= 0
    assert kept.mean() > 0.9
    assert adjusted_rand_score(groups[kept], found.labels[kept]) == 1.0
    assert ((found.strengths >= 0) & (found.strengths <= 1)).all()
    assert found.strengths[kept].min() > 0


@pytest.mark.slow
@pytest.mark.parametrize("method", ["communities", "density"])
def test_one_seed_gives_one_partition_in_every_process(method):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_find import clustered, grouped\n"
        "print(clustered(grouped([50] * 6, noise=0.4)[0], method=sys.argv[2], seed=3).labels.tolist())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", program, str(Path(__file__).parent), method],
            env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        for hash_seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stderr == ""
