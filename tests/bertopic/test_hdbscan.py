"""HDBSCAN beside the package of that name: the same clusters, strengths, scores and answers on new rows."""

import gzip
import json
import pickle
import warnings

import hdbscan
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from planted.densities import distinct, tied
from topicgpu.bertopic import HDBSCAN, UMAP
from topicgpu.errors import InputError

DISTINCT, TIED = distinct(), tied()
SETTINGS = [(5, None), (5, 1), (15, 5), (8, 20)]
BLOBS = DISTINCT["blobs of several densities"]


class _Stable:
    """NumPy with a stable order of equal weights."""

    def __getattr__(self, name):
        return getattr(np, name)

    def argsort(self, values):
        return np.argsort(values, kind="stable")


def theirs(rows, algorithm="boruvka_kdtree", **settings):
    """Hdbscan without its short cuts: an exact tree."""
    model = hdbscan.HDBSCAN(
        algorithm=algorithm, approx_min_span_tree=False, core_dist_n_jobs=1, gen_min_span_tree=True, **settings
    )
    return model.fit(rows)


@pytest.fixture
def stable(monkeypatch):
    """Rows at their own core distance are tied to several; hdbscan leaves their order to the CPU's unstable sort."""
    monkeypatch.setattr("hdbscan.hdbscan_.np", _Stable())


def same_clusters(one, other):
    return adjusted_rand_score(one, other) == 1 and np.array_equal(one < 0, other < 0)


def renamed(labels, as_in):
    """Number clusters as another partition does."""
    names = np.full(labels.max() + 2, -1)
    names[labels] = as_in
    return names


@parametrize_with_checks([HDBSCAN()])
def test_scikit_learns_checks_hold(estimator, check):
    check(estimator)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("name", DISTINCT)
def test_clusters_strengths_and_persistence_are_those_of_hdbscan(name, setting, stable):
    rows = DISTINCT[name]
    size, samples = setting
    ours, other = HDBSCAN(size, samples).fit(rows), theirs(rows, min_cluster_size=size, min_samples=samples)
    assert same_clusters(ours.labels_, other.labels_)
    np.testing.assert_allclose(ours.probabilities_, other.probabilities_, atol=1e-9)
    names = renamed(ours.labels_, other.labels_)[: len(ours.cluster_persistence_)]
    np.testing.assert_allclose(ours.cluster_persistence_, other.cluster_persistence_[names], atol=1e-9)
    assert np.mean(np.abs(ours.outlier_scores_ - other.outlier_scores_) < 1e-9) > 0.98


@pytest.mark.parametrize("name", DISTINCT)
@pytest.mark.parametrize("samples", [1, 5])
def test_rows_are_together_at_every_distance_as_in_each_exact_algorithm_of_hdbscan(name, samples):
    # Whatever the order of ties. `generic` takes distances from products, which rounds small ones.
    rows = DISTINCT[name]
    ours = HDBSCAN(min_samples=samples).fit(rows)
    for algorithm in ("boruvka_kdtree", "prims_kdtree", "generic"):
        other = theirs(rows, algorithm, min_samples=samples)
        weights = other.single_linkage_tree_.to_numpy()[:, 2]
        np.testing.assert_allclose(ours.single_linkage_tree_.to_numpy()[:, 2], weights, rtol=1e-9, atol=1e-9)
        for cut in np.quantile(weights, [0.3, 0.6, 0.9, 0.99]) * (1 + 1e-9):
            both = [model.single_linkage_tree_.get_clusters(cut, 2) for model in (ours, other)]
            assert same_clusters(*both)


@pytest.mark.slow
def test_a_layout_of_real_texts_has_the_clusters_of_hdbscan(real_data, stable):
    with gzip.open(real_data / "data/sib200/sib200.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        texts = [row["text"] for row in rows if row["lang"] == "eng_Latn"]
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    layout = UMAP(n_components=5).fit_transform(TruncatedSVD(50, random_state=0).fit_transform(words))
    for size, samples in ((5, None), (15, 5), (30, 10)):
        ours, other = HDBSCAN(size, samples).fit(layout), theirs(layout, min_cluster_size=size, min_samples=samples)
        assert ours.labels_.max() > 0
        assert same_clusters(ours.labels_, other.labels_)
        np.testing.assert_allclose(ours.probabilities_, other.probabilities_, atol=1e-9)


@pytest.mark.parametrize("samples", [1, 3, 10])
@pytest.mark.parametrize("name", TIED)
def test_equal_distances_and_equal_rows_leave_plain_groups_as_they_are(name, samples):
    rows = TIED[name]
    ours = HDBSCAN(10, samples).fit(rows)
    other = hdbscan.HDBSCAN(10, min_samples=samples, core_dist_n_jobs=1).fit(rows)
    assert adjusted_rand_score(ours.labels_, other.labels_) >= 0.99
    for values in (ours.probabilities_, ours.outlier_scores_, ours.cluster_persistence_):
        assert ((values >= 0) & (values <= 1)).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"cluster_selection_method": "leaf"},
        {"cluster_selection_epsilon": 1.5},
        {"cluster_selection_epsilon": 1.5, "cluster_selection_method": "leaf"},
        {"cluster_selection_persistence": 0.2},
        {"max_cluster_size": 60},
        {"cluster_selection_epsilon_max": 0.5},
        {"allow_single_cluster": True, "min_cluster_size": 60},
    ],
    ids=str,
)
def test_every_way_of_choosing_clusters_is_that_of_hdbscan(settings, stable):
    rows = DISTINCT["blobs in noise"]
    ours, other = HDBSCAN(**settings).fit(rows), theirs(rows, **settings)
    assert same_clusters(ours.labels_, other.labels_)
    assert not same_clusters(ours.labels_, HDBSCAN().fit(rows).labels_)


def test_alpha_divides_distances_and_not_core_distances():
    ours = HDBSCAN(alpha=1.7).fit(BLOBS)
    weights = theirs(BLOBS, "generic", alpha=1.7).single_linkage_tree_.to_numpy()[:, 2]
    np.testing.assert_allclose(ours.single_linkage_tree_.to_numpy()[:, 2], weights)


@pytest.mark.parametrize("samples", [2, 5, 20])
@pytest.mark.parametrize("name", ["stretched blobs", "nested densities", "blobs in noise", "mixture in 20 dimensions"])
def test_new_rows_get_what_hdbscan_would_give_them(name, samples, stable):
    rows = DISTINCT[name]
    rng = np.random.default_rng(3)
    new = np.concatenate([rows[::4], rows[::3] + rng.normal(0, rows.std() / 10, rows[::3].shape)])
    ours = HDBSCAN(8, samples).fit(rows)
    other = theirs(rows, min_cluster_size=8, min_samples=samples, prediction_data=True)
    labels, strengths = ours.approximate_predict(new)
    expected, their_strengths = hdbscan.approximate_predict(other, new)
    np.testing.assert_array_equal(renamed(ours.labels_, other.labels_)[labels], expected)
    np.testing.assert_allclose(strengths, their_strengths, atol=1e-9)
    assert ours.predict(new).tolist() == labels.tolist()


def test_a_cluster_that_splits_before_it_loses_a_row_is_predicted_whole(stable):
    # hdbscan swaps the numbers of these two, or takes half of one for noise.
    rows = DISTINCT["circles"]
    ours, other = HDBSCAN(8, 2).fit(rows), theirs(rows, min_cluster_size=8, min_samples=2, prediction_data=True)
    assert same_clusters(ours.labels_, other.labels_)
    clear = ours.probabilities_ > 0.5
    assert (ours.predict(rows)[clear] == ours.labels_[clear]).all()
    assert (hdbscan.approximate_predict(other, rows)[0][clear] != other.labels_[clear]).any()
    assert (
        hdbscan.approximate_predict(HDBSCAN(8, 2, prediction_data=True).fit(rows), rows)[0] == ours.predict(rows)
    ).all()


def test_hdbscans_own_functions_take_our_model(stable):
    ours = HDBSCAN(10, prediction_data=True).fit(BLOBS)
    other = theirs(BLOBS, min_cluster_size=10, prediction_data=True)
    names = renamed(ours.labels_, other.labels_)
    labels, strengths = hdbscan.approximate_predict(ours, BLOBS[:50])
    assert labels.tolist() == ours.predict(BLOBS[:50]).tolist()
    np.testing.assert_allclose(strengths, ours.approximate_predict(BLOBS[:50])[1])
    shares, expected = (hdbscan.all_points_membership_vectors(model) for model in (ours, other))
    np.testing.assert_allclose(shares, expected[:, names[: shares.shape[1]]], atol=1e-9)


def test_the_trees_are_hdbscans_objects(stable):
    ours, other = HDBSCAN().fit(BLOBS), theirs(BLOBS)
    assert isinstance(ours.condensed_tree_, type(other.condensed_tree_))
    assert isinstance(ours.single_linkage_tree_, type(other.single_linkage_tree_))
    assert isinstance(ours.minimum_spanning_tree_, type(other.minimum_spanning_tree_))
    assert len(ours.condensed_tree_.to_numpy()) == len(other.condensed_tree_.to_numpy())
    spans = [np.sort(model.minimum_spanning_tree_.to_numpy()[:, 2]) for model in (ours, other)]
    np.testing.assert_allclose(*spans)
    counts = [sorted(map(len, model.exemplars_)) for model in (ours, theirs(BLOBS, prediction_data=True))]
    assert counts[0] == counts[1]


def test_a_matrix_of_distances_gives_the_clusters_of_its_rows():
    distances = cdist(BLOBS, BLOBS)
    distances.flags.writeable = False
    ours = HDBSCAN(10, metric="precomputed").fit(distances)
    rows = HDBSCAN(10).fit(BLOBS)
    assert same_clusters(ours.labels_, rows.labels_)
    np.testing.assert_allclose(ours.probabilities_, rows.probabilities_)
    with pytest.raises(InputError, match="predict needs rows"):
        ours.predict(distances)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[:, :5], "square"),
        (lambda table: -table, "negative"),
        (lambda table: table + np.eye(len(table)), "0 on the diagonal"),
        (lambda table: np.triu(table), "symmetric"),
        (lambda table: np.where(table > 0.2, np.inf, table), "finite"),
    ],
)
def test_what_is_no_matrix_of_distances_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        HDBSCAN(metric="precomputed").fit(change(cdist(BLOBS[:30], BLOBS[:30])))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_row_that_is_not_finite_is_named(bad):
    rows = BLOBS.copy()
    rows[[7, 9], 1] = bad
    message = r"X must be finite: row 7 holds NaN or inf, one of 2 such rows; leave them out"
    with pytest.raises(InputError, match=message):
        HDBSCAN().fit(rows)
    with pytest.raises(InputError, match=message):
        HDBSCAN().fit(BLOBS).predict(rows)


def test_numbers_whose_squares_float64_does_not_hold_are_refused():
    with pytest.raises(InputError, match="scale it down"):
        HDBSCAN().fit(BLOBS * 1e200)
    with pytest.raises(InputError, match="scale it down"):
        HDBSCAN().fit(BLOBS).predict(BLOBS * 1e200)


@pytest.mark.parametrize(
    "settings",
    [
        {"min_cluster_size": 1},
        {"min_cluster_size": 2.5},
        {"min_samples": 0},
        {"min_samples": True},
        {"allow_single_cluster": "no"},
        {"alpha": 0},
        {"metric": "cosine"},
        {"cluster_selection_method": "best"},
        {"cluster_selection_epsilon": -1},
        {"cluster_selection_epsilon": 2, "cluster_selection_epsilon_max": 1},
        {"prediction_data": True, "metric": "precomputed"},
    ],
    ids=str,
)
def test_an_impossible_setting_is_named(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        HDBSCAN(**settings).fit(BLOBS)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_fewer_rows_than_a_cluster_has_are_noise(n):
    model = HDBSCAN().fit(BLOBS[:n])
    assert model.labels_.tolist() == model.predict(BLOBS[:n]).tolist() == [-1] * n
    assert model.probabilities_.tolist() == [0] * n
    assert model.outlier_scores_.shape == (n,)


def test_min_samples_beyond_the_rows_is_all_of_them_as_in_hdbscan(stable):
    rows = BLOBS[::10]
    ours = HDBSCAN(5, min_samples=500).fit(rows)
    assert same_clusters(ours.labels_, theirs(rows, min_cluster_size=5, min_samples=500).labels_)
    assert same_clusters(ours.labels_, HDBSCAN(5, min_samples=len(rows) - 1).fit(rows).labels_)
    assert (ours.predict(rows) == ours.labels_).all()


@pytest.mark.parametrize("single", [False, True])
def test_rows_that_are_all_equal_are_one_cluster_or_none(single):
    model = HDBSCAN(allow_single_cluster=single).fit(np.ones((300, 3)))
    assert set(model.labels_.tolist()) == {0 if single else -1}
    assert np.isfinite(model.probabilities_).all()
    assert np.isfinite(model.outlier_scores_).all()


def test_rows_far_apart_and_alone_change_nothing():
    rows = np.concatenate([BLOBS, [[1e6, 0], [-1e6, 1e6]], BLOBS + np.array([0, 1e5])])
    labels = HDBSCAN(20).fit(rows).labels_
    assert labels[len(BLOBS) : len(BLOBS) + 2].tolist() == [-1, -1]
    assert not set(labels[: len(BLOBS)]) & set(labels[len(BLOBS) + 2 :]) - {-1}


@pytest.mark.parametrize("order", ["C", "F"])
def test_rows_are_read_as_they_lie_and_not_modified(order):
    rows = np.array(BLOBS, order=order)
    rows.flags.writeable = False
    strided = np.repeat(BLOBS, 2, axis=1)[:, ::2]
    labels = HDBSCAN().fit(BLOBS).labels_
    backward = np.array(BLOBS[::-1])[::-1]
    assert HDBSCAN().fit(backward).predict(backward).tolist() == labels.tolist()
    assert HDBSCAN().fit(rows).labels_.tolist() == labels.tolist()
    assert HDBSCAN().fit(strided).labels_.tolist() == labels.tolist()
    assert np.array_equal(rows, BLOBS)


def test_a_model_is_cloned_pickled_and_fitted_again():
    model = HDBSCAN(7, min_samples=3, prediction_data=True).fit(BLOBS)
    assert clone(model).get_params() == model.get_params()
    again = pickle.loads(pickle.dumps(model))
    assert again.predict(BLOBS).tolist() == model.predict(BLOBS).tolist()
    assert again.fit(BLOBS).labels_.tolist() == model.labels_.tolist()


def test_what_needs_a_fit_says_so():
    with pytest.raises(AttributeError, match="not fitted"):
        _ = HDBSCAN().condensed_tree_


def test_ordinary_use_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        HDBSCAN(prediction_data=True).fit(TIED["one row 300 times"]).predict(TIED["two grids"][:, [0, 1, 1]])
