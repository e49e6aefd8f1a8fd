import numpy as np
import pytest
from scipy import stats

from topicgpu.drift.shares.bootstrap import (
    arcsine_interval,
    block_lengths,
    block_sums,
    generator,
    moving_block_interval,
    sources_interval,
)


def test_block_sums_are_those_of_every_run():
    values = np.arange(12.0).reshape(6, 2)
    expected = [values[start : start + 4].sum(axis=0) for start in range(3)]
    np.testing.assert_allclose(block_sums(values, 4), expected)


def test_blocks_grow_with_dependence_and_never_fall_below_the_cube_root():
    lengths = block_lengths(1000, np.array([-0.5, 0.0, 0.5, 0.8, 1.0]))
    assert lengths[:2].tolist() == [10, 10]
    assert lengths[2] == np.ceil((6 * 1000 * (0.5 / 0.75) ** 2) ** (1 / 3))
    assert (np.diff(lengths) >= 0).all()


def test_a_generator_depends_on_seed_and_name_alone():
    first = generator(1, "a", "5").random(3)
    np.testing.assert_array_equal(generator(1, "a", "5").random(3), first)
    for other in (generator(2, "a", "5"), generator(1, "b", "5"), generator(1, "a5")):
        assert not np.array_equal(other.random(3), first)


def test_independent_segments_give_about_the_binomial_interval():
    n = 2000
    column = (np.arange(n) % 5 == 0).astype(float)
    np.random.default_rng(0).shuffle(column)
    low, high = moving_block_interval(column[:, None], np.ones(n), 1, np.random.default_rng(0))
    assert (low[0], high[0]) == pytest.approx(stats.beta.interval(0.95, 400.5, 1600.5), abs=0.003)


def test_a_constant_weight_changes_nothing():
    column = (np.random.default_rng(0).random((200, 2)) < 0.3).astype(float)
    one = moving_block_interval(column, np.ones(200), 6, np.random.default_rng(0))
    ten = moving_block_interval(column, np.full(200, 10.0), 6, np.random.default_rng(0))
    np.testing.assert_allclose(one, ten)


def test_student_interval_is_that_of_the_mean_carried_to_the_arcsine_scale():
    shares = np.array([[0.1], [0.2], [0.15], [0.3], [0.05]])
    mean, error = 0.16, shares.std(ddof=1) / np.sqrt(5)
    reach = stats.t.ppf(0.975, 4) * error / (2 * np.sqrt(mean * (1 - mean)))
    low, high = arcsine_interval(shares)
    centre = np.arcsin(np.sqrt(mean))
    assert (low[0], high[0]) == pytest.approx((np.sin(centre - reach) ** 2, np.sin(centre + reach) ** 2))


def test_bootstrap_of_sources_agrees_with_student_where_shares_are_normal():
    shares = np.random.default_rng(0).normal(0.4, 0.03, (60, 1))
    np.testing.assert_allclose(sources_interval(shares, np.random.default_rng(0)), arcsine_interval(shares), atol=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["even", "skewed"])
def test_intervals_of_a_period_cover_its_mean_share(kind):
    rng = np.random.default_rng(0)
    a, b = {"even": (2, 18), "skewed": (0.3, 2.7)}[kind]
    low, high = sources_interval(rng.beta(a, b, (30, 600)), rng)
    assert 0.91 <= ((low <= 0.1) & (high >= 0.1)).mean() <= 0.99
    low, high = arcsine_interval(rng.beta(a, b, (30, 600)))
    assert (0.93 if kind == "even" else 0.88) <= ((low <= 0.1) & (high >= 0.1)).mean() <= 0.98
