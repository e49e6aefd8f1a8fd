import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from topicgpu.drift.changes.design import Design, assignments
from topicgpu.drift.changes.distance import side_sums
from topicgpu.ops.energy import energy_distances


def _table(k, seed, d=3):
    """Mean distances between units of four points each."""
    points = np.random.default_rng(seed).normal(size=(k, 4, d))
    gaps = points[:, None, :, None] - points[None, :, None, :]
    return np.linalg.norm(gaps, axis=-1).mean(axis=(2, 3))


def _effect(table, later):
    first, second = (torch.from_numpy(side[None].astype(float)) for side in (later, ~later))
    return float(energy_distances(torch.from_numpy(table), torch.ones(len(table)), first, second)[0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.data())
def test_everything_is_that_of_the_definitions(seed, k, data):
    later = np.array(data.draw(st.lists(st.booleans(), min_size=k, max_size=k)))
    stratum = np.array(data.draw(st.lists(st.sampled_from([0, 3]), min_size=k, max_size=k)))
    table = _table(k, seed)
    whole, without = side_sums(table, later, stratum)
    assert whole.comparable == (later.any() and not later.all())
    if not whole.comparable:
        return
    assert whole.effect == pytest.approx(_effect(table, later))
    ways = [
        np.array(way)
        for way in itertools.product([False, True], repeat=k)
        if all((np.array(way) & (stratum == s)).sum() == (later & (stratum == s)).sum() for s in (0, 3))
    ]
    assert whole.expected == pytest.approx(np.mean([_effect(table, way) for way in ways]))
    if whole.stratified:
        dealt = [side_sums(table, way, stratum)[0].within for way in ways]
        assert whole.within_expected == pytest.approx(np.mean(dealt))
    for unit, rest in enumerate(without):
        kept = np.arange(k) != unit
        again, _ = side_sums(table[np.ix_(kept, kept)], later[kept], stratum[kept])
        assert rest.comparable == again.comparable
        if rest.comparable:
            assert (rest.effect, rest.expected) == pytest.approx((again.effect, again.expected))


def test_inside_strata_is_the_coefficient_of_a_regression_on_strata_and_side():
    # Classical scaling gives the points whose squared distances the table stands for.
    table = _table(9, 1)
    later = np.array([0, 1, 0, 1, 1, 0, 0, 0, 1], dtype=bool)
    stratum = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    centre = np.eye(9) - 1 / 9
    values, axes = np.linalg.eigh(-centre @ table @ centre)
    points = axes * np.sqrt(np.maximum(values, 0))
    regressors = np.column_stack([stratum == 0, stratum == 1, later]).astype(float)
    coefficient = np.linalg.lstsq(regressors, points, rcond=None)[0][2]
    whole, _ = side_sums(table, later, stratum)
    assert whole.within == pytest.approx(coefficient @ coefficient)


def test_one_stratum_has_nothing_outside_it():
    whole, _ = side_sums(_table(6, 2), np.arange(6) > 2, np.zeros(6, dtype=int))
    assert whole.within == pytest.approx(whole.effect)


def test_the_mean_of_drawn_assignments_comes_to_the_expected():
    later = np.arange(30) % 2 == 0
    stratum = np.arange(30) % 3
    table = _table(30, 3)
    made = Design(np.arange(30), later, stratum, np.zeros(0, dtype=int))
    drawn = assignments(made, 0)[1:2001]
    effects = energy_distances(
        torch.from_numpy(table), torch.ones(30), torch.from_numpy(drawn * 1.0), torch.from_numpy(~drawn * 1.0)
    ).numpy()
    whole, _ = side_sums(table, later, stratum)
    assert whole.expected == pytest.approx(effects.mean(), abs=4 * effects.std() / np.sqrt(2000))
