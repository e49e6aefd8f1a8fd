"""UMAP by umap-learn's names."""

import inspect
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from topicgpu.bertopic import UMAP
from topicgpu.errors import InputError, ShapeError


def groups(each=20, d=6, seed=0):
    truth = np.repeat(np.arange(3), each)
    return 8 * np.eye(d)[truth] + np.random.default_rng(seed).normal(size=(3 * each, d)), truth


ROWS, TRUTH = groups()
NEW, NEW_TRUTH = groups(4, seed=1)


def distances(rows, others):
    return np.linalg.norm(rows[:, None] - others, axis=2)


def fitted(rows=ROWS, **settings):
    return UMAP(**{"n_neighbors": 8, "n_epochs": 60, "device": "cpu"} | settings).fit(rows)


def nearest_groups(places, among, truth):
    return truth[distances(places, among).argmin(axis=1)]


@parametrize_with_checks([UMAP(n_epochs=9, device="cpu"), UMAP(metric="cosine", init="pca", n_epochs=9, device="cpu")])
def test_scikit_learns_checks_hold(estimator, check):
    check(estimator)


def test_names_and_defaults_are_umap_learns():
    with warnings.catch_warnings():  # of umap-learn, that its neural variant lacks TensorFlow
        warnings.simplefilter("ignore", ImportWarning)
        from umap import UMAP as Theirs
    theirs = inspect.signature(Theirs).parameters
    for name, parameter in inspect.signature(UMAP).parameters.items():
        if name != "device":
            assert parameter.default == theirs[name].default, name


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "precomputed"])
@pytest.mark.parametrize("init", ["spectral", "random"])
def test_groups_stay_together_and_new_rows_come_to_theirs(metric, init):
    known, new = (ROWS, NEW) if metric != "precomputed" else (distances(ROWS, ROWS), distances(NEW, ROWS))
    model = fitted(known, metric=metric, init=init)
    apart = distances(model.embedding_, model.embedding_) + 1e9 * np.eye(len(ROWS))
    assert (TRUTH[apart.argmin(axis=1)] == TRUTH).all()
    assert (nearest_groups(model.transform(new), model.embedding_, TRUTH) == NEW_TRUTH).all()


def test_one_input_gives_one_layout():
    first = fitted()
    assert np.array_equal(first.embedding_, fitted(random_state=0).embedding_)
    assert np.array_equal(first.transform(NEW), first.transform(NEW))
    assert not np.array_equal(first.embedding_, fitted(random_state=1).embedding_)
    drawn = [fitted(random_state=np.random.RandomState(4)).embedding_ for _ in range(2)]
    assert np.array_equal(*drawn)


def test_rows_of_the_fit_keep_their_places_among_new_ones():
    model = fitted()
    places = model.transform(np.vstack([NEW, ROWS[5:9]]))
    assert np.array_equal(places[len(NEW) :], model.embedding_[5:9])
    assert np.array_equal(fitted().fit_transform(ROWS), model.embedding_)


def test_new_rows_do_not_move_the_old_ones():
    model = fitted()
    before = model.embedding_.copy()
    model.transform(NEW)
    assert np.array_equal(model.embedding_, before)


def test_new_rows_near_an_old_one_come_near_to_it():
    model = fitted()
    moved = model.transform(ROWS[:10] + 1e-3)
    assert np.median(np.linalg.norm(moved - model.embedding_[:10], axis=1)) < 1


def test_the_graph_and_the_names_are_kept():
    model = fitted(n_components=3)
    assert model.embedding_.shape == (60, 3)
    assert model.graph_.shape == (60, 60)
    assert abs(model.graph_ - model.graph_.T).max() < 1e-6
    assert model.n_features_in_ == 6
    assert model.get_feature_names_out().tolist() == ["umap0", "umap1", "umap2"]
    assert model.start_ == "spectral"
    assert clone(model).get_params() == model.get_params()


def test_inputs_may_be_read_only_or_not_contiguous_and_are_not_modified():
    for metric in ("euclidean", "cosine", "precomputed"):
        table = distances(ROWS, ROWS) if metric == "precomputed" else ROWS
        plain = fitted(table.copy(), metric=metric)
        odd = np.asfortranarray(np.repeat(table, 2, axis=0))[::2]
        odd.flags.writeable = False
        model = fitted(odd, metric=metric)
        assert np.array_equal(model.embedding_, plain.embedding_)
        assert np.array_equal(model.transform(odd), plain.embedding_)
        assert np.array_equal(odd, table)


def test_places_can_be_given():
    given = np.random.default_rng(0).normal(size=(60, 2))
    before = given.copy()
    model = fitted(init=given)
    assert model.start_ == "given places"
    assert np.array_equal(given, before)
    with pytest.raises(ShapeError, match="init must have a place for each row"):
        fitted(init=given[:-1])


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("metric", ["euclidean", "cosine", "precomputed"])
def test_fewer_rows_than_neighbors_or_axes(n, metric):
    table = distances(ROWS[:n], ROWS[:n]) if metric == "precomputed" else ROWS[:n]
    model = UMAP(n_components=4, metric=metric, n_epochs=20, device="cpu").fit(table)
    assert model.embedding_.shape == (n, 4)
    assert np.isfinite(model.embedding_).all()
    new = distances(NEW[:2], ROWS[:n]) if metric == "precomputed" else NEW[:2]
    assert np.isfinite(model.transform(new)).all()


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "precomputed"])
def test_rows_that_are_all_equal(metric):
    rows = np.ones((50, 6))
    table = distances(rows, rows) if metric == "precomputed" else rows
    assert np.isfinite(fitted(table, metric=metric).embedding_).all()


def test_thousands_of_repeats_part_and_stay_finite():
    rows = np.vstack([np.repeat(ROWS[:1], 3000, axis=0), ROWS])
    model = fitted(rows, n_epochs=5)
    assert np.isfinite(model.embedding_).all()
    assert len(np.unique(model.embedding_[:3000], axis=0)) > 2900


def test_two_far_components_and_a_row_far_from_all():
    rows = np.vstack([ROWS, ROWS + 1e4, [[-1e5] * 6]])
    places = fitted(rows).embedding_
    assert np.isfinite(places).all()
    assert (nearest_groups(places[60:120] + 1e-9, places[:60], TRUTH) >= 0).all()
    middles = places[:60].mean(axis=0), places[60:120].mean(axis=0)
    assert np.linalg.norm(middles[0] - middles[1]) > 3


def test_vectors_of_zeros_have_a_place():
    rows = ROWS.copy()
    rows[7] = 0
    assert np.isfinite(fitted(rows, metric="cosine").embedding_).all()


BAD = [
    ({"metric": "manhattan"}, InputError, "metric = 'manhattan' must be one of euclidean, cosine, precomputed"),
    ({"n_neighbors": 1}, InputError, "n_neighbors = 1 must be 2 or more"),
    ({"n_components": 0}, InputError, "n_components = 0"),
    ({"n_components": 33}, InputError, "n_components = 33 must be from 1 to 32"),
    ({"n_components": 2.0}, InputError, "n_components must be a whole number; got 2.0"),
    ({"n_neighbors": "15"}, InputError, "n_neighbors must be a whole number"),
    ({"n_epochs": 2.5}, InputError, "n_epochs must be a whole number"),
    ({"min_dist": "near"}, InputError, "min_dist must be a number"),
    ({"random_state": "abc"}, InputError, "random_state must be a whole number"),
    ({"random_state": 1.5}, InputError, "random_state must be a whole number"),
    ({"init": "tswspectral"}, ShapeError, "init = 'tswspectral' must be one of spectral, pca, random"),
    ({"min_dist": 2.0}, ShapeError, "min_dist = 2.0 must be from 0 to spread = 1.0"),
    ({"spread": 0.0}, ShapeError, "spread = 0.0"),
    ({"n_epochs": -1}, ShapeError, "n_epochs = -1"),
    ({"learning_rate": -1.0}, ShapeError, "learning_rate = -1.0"),
    ({"random_state": -1}, InputError, "random_state = -1"),
    ({"a": 1.0}, InputError, "a and b go together"),
]


@pytest.mark.parametrize(("settings", "error", "said"), BAD)
def test_settings_that_cannot_be_are_said_in_one_sentence(settings, error, said):
    with pytest.raises(error, match=said):
        fitted(**settings)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_rows_that_are_not_finite_are_refused(bad):
    rows = ROWS.copy()
    rows[4, 2] = bad
    with pytest.raises(InputError, match="X must be finite: row 4"):
        fitted(rows)
    with pytest.raises(InputError, match="X must be finite: row 4"):
        fitted().transform(rows)


def test_numbers_whose_squares_float32_does_not_hold_are_refused():
    with pytest.raises(InputError, match="X must be within 1e"):
        fitted(ROWS * 1e30)


def test_rows_too_small_for_their_squares_are_refused():
    with pytest.raises(InputError, match="squares are held"):
        fitted(ROWS * 1e-30, metric="euclidean")


def test_a_table_that_holds_no_distances_is_refused():
    table = distances(ROWS, ROWS)
    for bad, said in ((table[:, :-1], "square"), (-table, "negative"), (table + 1, "diagonal")):
        with pytest.raises(InputError, match=said):
            fitted(bad, metric="precomputed")
    with pytest.raises(InputError, match="negative"):
        fitted(table, metric="precomputed").transform(-distances(NEW, ROWS))
    with pytest.raises(InputError, match='"pca" needs vectors'):
        fitted(table, metric="precomputed", init="pca")
    with pytest.raises(InputError, match="scale it down"):
        fitted(table * 1e300, metric="precomputed")
