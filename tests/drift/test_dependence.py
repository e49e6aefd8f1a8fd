import numpy as np
import pytest

from topicgpu.drift.shares import dependence as module
from topicgpu.drift.shares.dependence import dependence


def _by_hand(column):
    centred = column - column.mean()
    correlation = [(centred[: len(column) - lag] * centred[lag:]).sum() / (centred**2).sum() for lag in range(1, 9)]
    until = next(index for index, value in enumerate(correlation) if value <= 0)
    return correlation[0], 1 + 2 * sum(correlation[:until])


def test_sums_correlations_up_to_the_first_that_is_not_positive():
    column = np.repeat([0.0, 1.0, 0.0, 1.0, 1.0, 0.0], 4)
    found = dependence(column[:, None])
    assert (found.lag_one[0], found.design_effect[0]) == pytest.approx(_by_hand(column))
    assert found.design_effect[0] > 2


def test_alternating_segments_are_worth_no_more_than_independent_ones():
    assert dependence(np.tile([0.0, 1.0], 20)[:, None]).design_effect == pytest.approx([1.0])


def test_a_theme_never_heard_borrows_the_runs_of_the_others():
    rng = np.random.default_rng(0)
    runs = np.repeat(rng.random((60, 3)) < 0.4, 5, axis=0).astype(float)
    found = dependence(np.column_stack([runs, np.zeros(300), np.ones(300)])).design_effect
    assert found[3] == found[4]
    assert found[:3].min() <= found[3] <= found[:3].max()


def test_without_any_variation_segments_count_as_independent():
    assert dependence(np.ones((7, 2))).design_effect.tolist() == [1.0, 1.0]
    assert dependence(np.ones((1, 2))).design_effect.tolist() == [1.0, 1.0]


def test_chunks_of_columns_change_nothing(monkeypatch):
    table = (np.random.default_rng(1).random((50, 7)) < 0.3).astype(float)
    whole = dependence(table)
    monkeypatch.setattr(module, "_FFT_VALUES", 200)
    np.testing.assert_allclose(dependence(table).design_effect, whole.design_effect)
