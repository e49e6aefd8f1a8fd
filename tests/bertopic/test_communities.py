"""Communities as an estimator: scikit-learn's rules, and rows that are no unit vectors."""

import numpy as np
import pytest
from sklearn.metrics import homogeneity_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from topicgpu.bertopic import Communities
from topicgpu.errors import InputError


@parametrize_with_checks([Communities()])
def test_scikit_learns_checks_hold(estimator, check):
    check(estimator)


def test_groups_of_rows_that_are_no_unit_vectors_are_by_distance():
    rng = np.random.default_rng(0)
    line = np.concatenate([rng.normal(place, 0.1, 30) for place in (1.0, 5.0, 9.0)])
    rows = np.column_stack([line, line + rng.normal(0, 0.01, 90)])  # of one direction, but for chance
    groups = Communities().fit(rows)
    truth = np.repeat([0, 1, 2], 30)
    assert homogeneity_score(truth, groups.labels_) == pytest.approx(1)
    assert homogeneity_score(truth, Communities().fit(rows / np.linalg.norm(rows, axis=1, keepdims=True)).labels_) < 0.5
    assert set(groups.predict([[1.0, 1.0], [5.0, 5.0]])) <= set(groups.labels_[:60])


@pytest.mark.parametrize(
    "settings", [{"min_cluster_size": 1}, {"min_cluster_size": "a"}, {"random_state": -1}], ids=str
)
def test_an_impossible_setting_is_named(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        Communities(**settings).fit(np.eye(20))


def test_rows_that_are_not_finite_or_far_too_large_are_refused():
    rows = np.random.default_rng(0).normal(size=(40, 3))
    with pytest.raises(InputError, match="scale it down"):
        Communities().fit(rows * 1e30)
    rows[3, 1] = np.nan
    with pytest.raises(InputError, match="row 3"):
        Communities().fit(rows)
