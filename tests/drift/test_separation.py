import numpy as np
import pytest
from scipy import stats

from topicgpu.drift.changes.design import Design, assignments, p_values
from topicgpu.drift.changes.separation import studentised_separation, within_strata


def _squares(points):
    """A table whose units lie at `points`: half of the squared distances."""
    gaps = points[:, None] - points[None]
    return (gaps**2).sum(axis=-1) / 2


def _made(later, stratum=None):
    stratum = np.zeros(len(later), dtype=int) if stratum is None else stratum
    return Design(np.arange(len(later)), later, stratum, np.zeros(0, dtype=int))


def test_on_a_line_and_in_one_stratum_it_is_welchs_t_squared():
    points = np.random.default_rng(0).normal(size=(11, 1)) * np.linspace(1, 4, 11)[:, None]
    later = np.arange(11) > 6
    welch = stats.ttest_ind(points[later, 0], points[~later, 0], equal_var=False).statistic
    found = studentised_separation(_squares(points), later[None], np.zeros(11, dtype=int))
    assert found == pytest.approx([welch**2])


def test_in_strata_it_is_the_hc2_statistic_of_the_regression():
    rng = np.random.default_rng(1)
    stratum = np.array([0] * 5 + [1] * 8)
    later = np.array([1, 1, 0, 0, 0] + [1, 0] * 4, dtype=bool)
    points = rng.normal(size=(13, 3)) + 5 * stratum[:, None] + later[:, None]
    design = np.column_stack([stratum == 0, stratum == 1, later]).astype(float)
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ points
    residual = points - design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    row = inverse @ design.T
    trace = (row[2] ** 2 * (residual**2).sum(axis=1) / (1 - leverage)).sum()
    found = studentised_separation(_squares(points), later[None], stratum)
    assert found == pytest.approx([(coefficients[2] ** 2).sum() / trace])


def test_the_side_is_nothing_in_a_stratum_that_is_on_one_side():
    side = within_strata(np.array([True, False, True, True]), np.array([4, 4, 7, 7]))
    assert side.tolist() == [0.5, -0.5, 0.0, 0.0]


def test_many_assignments_are_each_what_one_is():
    later = np.arange(12) < 6
    made = _made(later)
    table = _squares(np.random.default_rng(2).normal(size=(12, 2)))
    many = assignments(made, 0)
    assert len(many) == 924
    found = studentised_separation(table, np.tile(many, (2, 1)), made.stratum)  # more than one chunk
    each = [studentised_separation(table, np.stack([row]), made.stratum)[0] for row in many[::100]]
    assert found[:924:100] == pytest.approx(each)


def test_one_against_many_is_clear_where_it_lies_outside():
    points = np.random.default_rng(3).normal(size=(26, 2))
    points[-1] = (9.0, 0.0)
    made = _made(np.arange(26) == 25)
    statistics = studentised_separation(_squares(points), assignments(made, 0), made.stratum)
    assert p_values(statistics[:, None])[0] == pytest.approx(1 / 26)


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_units_that_are_all_alike_do_not_differ(value):
    made = _made(np.arange(8) < 4)
    table = np.full((8, 8), value)
    statistics = studentised_separation(table, assignments(made, 0), made.stratum)
    assert p_values(statistics[:, None])[0] == 1.0


def test_sides_without_any_dispersion_are_told_apart():
    points = np.repeat([[0.0], [1.0]], 5, axis=0)
    made = _made(np.arange(10) < 5)
    statistics = studentised_separation(_squares(points), assignments(made, 0), made.stratum)
    assert np.isfinite(statistics).all()
    assert p_values(statistics[:, None])[0] == pytest.approx(2 / 252)


def test_no_units_have_no_statistic():
    nothing = np.zeros(0, dtype=int)
    assert np.isnan(studentised_separation(np.zeros((0, 0)), np.zeros((1, 0), dtype=bool), nothing)).all()


@pytest.mark.parametrize(("n_earlier", "n_later"), [(14, 5), (5, 14)])
def test_noisier_units_on_one_side_are_not_taken_for_a_move(n_earlier, n_later):
    """Five segments a unit on the later side against fifty: of 200, at most the 0.001 quantile of the binomial."""
    rng = np.random.default_rng(4)
    later = np.arange(n_earlier + n_later) >= n_earlier
    made = _made(later)
    dealt = assignments(made, 0)[:500]
    noise = np.where(later, 1 / np.sqrt(5), 1 / np.sqrt(50))[:, None]
    rejected = 0
    for _ in range(200):
        table = _squares(rng.normal(size=(len(later), 8)) * noise)
        rejected += p_values(studentised_separation(table, dealt, made.stratum)[:, None])[0] <= 0.05
    assert rejected <= stats.binom.ppf(0.999, 200, 0.05)
