import numpy as np
import pytest
import torch
from hdbscan._hdbscan_linkage import mst_linkage_core_vector
from hdbscan.dist_metrics import DistanceMetric
from scipy.cluster.hierarchy import fcluster
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from topicgpu.errors import DeviceError, DTypeError, NumericalError, ShapeError
from topicgpu.ops.mst import mst, nearest
from topicgpu_kernels.mst import near, trees

ROWS = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0], [7.0, 0.0]])


def blobs(n, d, seed=0):
    random = np.random.default_rng(seed)
    return 8 * random.normal(size=(6, d))[random.integers(0, 6, n)] + random.normal(size=(n, d))


def tree_of(rows, min_samples=5, k=15):
    rows = torch.as_tensor(rows)
    found = nearest(rows, max(k, min_samples))
    return mst(rows, found.indices, found.distances, found.distances[:, min_samples - 1])


def components(edges, weights, n, height):
    low, high = edges[weights <= height].T
    return connected_components(csr_array((np.ones(len(low)), (low, high)), shape=(n, n)), directed=False)[1]


def same_partition(one, other):
    return (
        len(set(zip(one.tolist(), other.tolist(), strict=True))) == len(set(one.tolist())) == len(set(other.tolist()))
    )


def test_a_tree_by_hand():
    found = nearest(ROWS, 2)
    tree = mst(ROWS, found.indices, found.distances, found.distances[:, 0])
    assert tree.edges.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert tree.weights.tolist() == [1.0, 2.0, 4.0]
    assert tree.how.startswith('reference (scipy): impl="fused" needs an NVIDIA GPU')


def test_core_distances_decide_and_then_the_nearer_row():
    tree = mst(ROWS, *nearest(ROWS, 3), torch.full((4,), 4.0))
    assert tree.edges.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert tree.weights.tolist() == [4.0, 4.0, 4.0]


@pytest.mark.parametrize(("n", "d"), [(400, 2), (400, 5), (300, 30), (100, 384)])
def test_weights_and_partitions_at_every_height_are_hdbscans(n, d):
    rows = blobs(n, d, seed=d)
    tree = tree_of(rows)
    core = nearest(torch.from_numpy(rows), 5).distances[:, 4].contiguous().numpy()
    theirs = mst_linkage_core_vector(rows, core, DistanceMetric.get_metric("euclidean"), 1.0)
    np.testing.assert_allclose(tree.weights, np.sort(theirs[:, 2]), rtol=1e-12)
    assert tree.weights.sum() == pytest.approx(theirs[:, 2].sum(), rel=1e-12)
    for height in np.unique(tree.weights)[:: max(n // 40, 1)] * (1 + 1e-9):
        other = components(theirs[:, :2].astype(int), theirs[:, 2], n, height)
        assert same_partition(components(tree.edges, tree.weights, n, height), other)


@pytest.mark.parametrize("algorithm", ["generic", "boruvka_kdtree"])
def test_hdbscans_own_hierarchies_cut_the_same_groups(algorithm):
    from hdbscan import HDBSCAN

    rows = blobs(300, 3)
    model = HDBSCAN(algorithm=algorithm, approx_min_span_tree=False, core_dist_n_jobs=1).fit(rows)
    linkage = model.single_linkage_tree_.to_numpy()
    tree = tree_of(rows)
    np.testing.assert_allclose(np.sort(linkage[:, 2]), tree.weights, rtol=1e-9)
    for height in tree.weights[::20] * (1 + 1e-9):
        cut = fcluster(linkage, height, "distance")
        assert same_partition(components(tree.edges, tree.weights, 300, height), cut)


@pytest.mark.parametrize("d", [3, 20])
def test_rows_in_another_order_have_the_same_tree(d):
    rows = blobs(300, d)
    order = np.random.default_rng(1).permutation(300)
    one, other = tree_of(rows), tree_of(rows[order])
    assert {tuple(edge) for edge in one.edges.tolist()} == {tuple(sorted(edge)) for edge in order[other.edges].tolist()}
    np.testing.assert_array_equal(one.weights, other.weights)


@pytest.mark.parametrize("d", [3, 20])
def test_threads_change_nothing(monkeypatch, d):
    rows, threads = blobs(400, d), torch.get_num_threads()
    monkeypatch.setattr(trees, "_ALONE", 0)
    trees_found = []
    for count in (1, 2):
        monkeypatch.setattr(trees.TreeSearch.__init__, "__defaults__", (count,))
        monkeypatch.setattr(near.near_by_tree, "__defaults__", (count,))
        torch.set_num_threads(count)
        trees_found.append(tree_of(rows, k=5))
    torch.set_num_threads(threads)
    np.testing.assert_array_equal(trees_found[0].edges, trees_found[1].edges)
    np.testing.assert_array_equal(trees_found[0].weights, trees_found[1].weights)


@pytest.mark.parametrize("k", [0, 1, 7, 99])
@pytest.mark.parametrize("d", [3, 20])
def test_the_number_of_neighbors_that_are_listed_changes_nothing(k, d):
    rows = torch.from_numpy(blobs(100, d))
    found = nearest(rows, 99)
    core = found.distances[:, 4]
    wanted = mst(rows, found.indices, found.distances, core)
    tree = mst(rows, found.indices[:, :k], found.distances[:, :k], core)
    np.testing.assert_array_equal(tree.edges, wanted.edges)


def test_neighbors_in_float32_are_good_enough():
    rows = torch.from_numpy(blobs(300, 20)).float()
    found = nearest(rows, 10)
    core = found.distances[:, 4]
    wanted = mst(rows, *found, core)
    rough = found.distances.float() * (1 + 1e-7)
    np.testing.assert_array_equal(mst(rows, found.indices, rough, core).edges, wanted.edges)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_rows_have_an_empty_tree(n):
    tree = mst(ROWS[:n], *nearest(ROWS[:n], 0), torch.zeros(n))
    assert (tree.edges.shape, tree.weights.shape) == ((0, 2), (0,))


@pytest.mark.parametrize("d", [2, 20])
def test_all_rows_equal_make_a_star(d):
    rows = torch.ones(3000, d)
    tree = tree_of(rows)
    assert tree.edges.tolist() == [[0, row] for row in range(1, 3000)]
    assert not tree.weights.any()


def test_arrays_that_lie_apart_in_memory_are_taken_and_left_alone():
    table = torch.from_numpy(blobs(60, 6))
    before = table.clone()
    apart, found = table[:, ::2], nearest(table[:, ::2], 5)
    tree = mst(apart, found.indices, found.distances, found.distances[:, 2])
    np.testing.assert_array_equal(tree.edges, tree_of(apart.contiguous(), min_samples=3, k=5).edges)
    assert torch.equal(table, before)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"vectors": ROWS[0]}, ShapeError, r"must have shape \(rows, columns\), one column or more; got \(2,\)"),
        ({"vectors": ROWS[:, :0]}, ShapeError, r"must have shape \(rows, columns\), one column or more; got \(4, 0\)"),
        ({"vectors": ROWS.half()}, DTypeError, "vectors must be float32 or float64; got torch.float16"),
        ({"vectors": ROWS * torch.nan}, NumericalError, "vectors must be finite; row 0 is not"),
        (
            {"indices": torch.zeros(3, 1).long()},
            ShapeError,
            r"must have shape \(4, k\), as vectors has 4 rows; got \(3",
        ),
        ({"indices": torch.zeros(4, 1).int()}, DTypeError, "indices must be int64; got torch.int32"),
        ({"indices": torch.full((4, 1), 4)}, ShapeError, "indices must be from 0 to 3; got 4 to 4"),
        ({"distances": torch.full((4, 1), -1.0)}, NumericalError, "distances must not be negative; got -1"),
        ({"core": torch.zeros(3)}, ShapeError, r"core must have shape \(4,\), as vectors has 4 rows; got \(3,\)"),
        ({"core": torch.tensor([0, torch.inf, 0, 0])}, NumericalError, "core must be finite; row 1 is not"),
        ({"core": -torch.ones(4)}, NumericalError, "core must not be negative; got -1"),
        ({"impl": "fusd"}, ShapeError, "impl = 'fusd' must be one of auto, reference, fused"),
        ({"impl": "fused"}, DeviceError, 'impl="fused" needs an NVIDIA GPU, and the rows are on cpu'),
    ],
)
def test_what_does_not_fit_is_named(change, error, message):
    given = {"vectors": ROWS, "indices": torch.tensor([[1], [0], [1], [2]]), "distances": torch.ones(4, 1)}
    with pytest.raises(error, match=message):
        mst(**{**given, "core": torch.zeros(4), "impl": "auto", **change})


@pytest.mark.parametrize("k", [-1, 4])
def test_more_neighbors_than_rows_are_refused(k):
    with pytest.raises(ShapeError, match=rf"k = {k} must be from 0 to 3 \(vectors has 4 rows, self excluded\)"):
        nearest(ROWS, k)
