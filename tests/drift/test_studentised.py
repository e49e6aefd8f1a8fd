import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from planted.designs import design_of
from topicgpu.drift.changes.design import assignments, p_values
from topicgpu.drift.changes.studentised import differences, weights


def _regression(made, later, shares):
    """Coefficient of the side, its HC2 error and degrees of freedom, from the hat matrix."""
    dummies = made.stratum[:, None] == np.unique(made.stratum)
    x = np.column_stack([dummies, later]).astype(float)
    inverse = np.linalg.pinv(x)
    rest = np.eye(len(x)) - x @ inverse
    scaled = inverse[-1] ** 2 / np.diag(rest)
    form = rest @ np.diag(scaled) @ rest
    residual = rest @ shares
    return (
        inverse[-1] @ shares,
        np.sqrt((scaled[:, None] * residual**2).sum(axis=0)),
        np.trace(form) ** 2 / np.trace(form @ form),
    )


_designs = st.lists(st.tuples(st.integers(1, 5), st.integers(2, 5)), min_size=1, max_size=4).filter(
    lambda sizes: len(sizes) > 1 or min(sizes[0]) > 1
)


@settings(deadline=None, max_examples=50)
@given(_designs, st.integers(0, 999))
def test_difference_and_error_are_those_of_the_regression(sizes, seed):
    stratum = np.repeat(np.arange(len(sizes)), [a + b for a, b in sizes])
    made = design_of([side for a, b in sizes for side in [0] * a + [1] * b], stratum.tolist())
    rng = np.random.default_rng(seed)
    shares = rng.random((len(stratum), 3))
    drawn = made.later.copy()
    for each in np.unique(stratum):
        drawn[stratum == each] = rng.permutation(drawn[stratum == each])
    found = differences(made, np.stack([made.later, drawn]), shares)
    for row, later in enumerate([made.later, drawn]):
        size, error, df = _regression(made, later, shares)
        np.testing.assert_allclose(found.size[row], size, atol=1e-12)
        np.testing.assert_allclose(found.error[row], error, rtol=1e-6)
        assert weights(made).df == pytest.approx(df)


def test_one_stratum_gives_welchs_t():
    shares = np.random.default_rng(1).random((12, 4)) ** 2
    made = design_of([0] * 5 + [1] * 7)
    welch = stats.ttest_ind(shares[5:], shares[:5], equal_var=False).statistic
    np.testing.assert_allclose(differences(made, made.later[None], shares).clearness[0], np.abs(welch))


def test_pairs_give_the_paired_t():
    shares = np.random.default_rng(2).random((12, 2))
    made = design_of([0, 1] * 6, np.repeat(np.arange(6), 2).tolist())
    paired = stats.ttest_rel(shares[1::2], shares[::2]).statistic
    np.testing.assert_allclose(differences(made, made.later[None], shares).clearness[0], np.abs(paired))
    assert weights(made).df == pytest.approx(5)


def test_one_unit_against_many_borrows_their_spread():
    shares = np.random.default_rng(3).random((9, 2))
    made = design_of([0] * 8 + [1])
    pooled = stats.ttest_ind(shares[8:], shares[:8]).statistic
    np.testing.assert_allclose(differences(made, made.later[None], shares).clearness[0], np.abs(pooled))


def test_one_against_one_cannot_be_told_unless_they_are_the_same():
    made = design_of([0, 1])
    clear = differences(made, made.later[None], np.array([[0.1, 0.2], [0.3, 0.2]])).clearness
    np.testing.assert_array_equal(clear, [[np.nan, 0.0]])


@pytest.mark.parametrize("share", [0.0, 0.1, 1 / 3])
def test_a_theme_without_spread_is_never_clear(share):
    made = design_of([0] * 5 + [1] * 6 + [0] * 3 + [1] * 3, [0] * 11 + [1] * 6)
    shares = np.full((17, 1), share) + 0.1 * made.stratum[:, None]
    clear = differences(made, assignments(made, 0), shares).clearness
    assert (clear == 0).all()
    assert p_values(clear).tolist() == [1.0]


def test_sides_without_spread_that_differ_are_as_clear_as_the_design_allows():
    made = design_of([0] * 4 + [1] * 4)
    clear = differences(made, assignments(made, 0), np.where(made.later, 0.1, 0.0)[:, None]).clearness
    assert np.isfinite(clear).all()
    assert p_values(clear)[0] == pytest.approx(made.smallest_p)


def test_p_is_scipys_for_one_stratum():
    shares = np.random.default_rng(4).random((10, 2)) * [1.0, 0.3]
    made = design_of([0] * 4 + [1] * 6)

    def welch(one, other, axis):
        return np.abs(stats.ttest_ind(one, other, equal_var=False, axis=axis).statistic)

    wanted = stats.permutation_test(
        (shares[:4], shares[4:]), welch, n_resamples=np.inf, alternative="greater", vectorized=True
    )
    found = p_values(differences(made, assignments(made, 0), shares).clearness)
    np.testing.assert_allclose(found, wanted.pvalue)


def test_stretches_of_assignments_change_nothing(monkeypatch):
    made = design_of([0, 1] * 5)
    shares = np.random.default_rng(5).random((10, 3))
    later = assignments(made, 0)
    whole = differences(made, later, shares)
    monkeypatch.setattr("topicgpu.drift.changes.studentised._VALUES", 70)
    np.testing.assert_allclose(differences(made, later, shares).clearness, whole.clearness)


def test_a_change_of_mix_alone_is_never_clear():
    made = design_of([0] * 6 + [1] * 2 + [0] * 2 + [1] * 6, [0] * 8 + [1] * 8)
    shares = np.tile([0.1, 0.12], 8)[:, None] + 0.5 * made.stratum[:, None]
    assert shares[made.later].mean() - shares[~made.later].mean() > 0.2
    assert p_values(differences(made, assignments(made, 0), shares).clearness)[0] > 0.5


def test_test_holds_its_level_where_spread_and_numbers_differ_between_the_sides():
    made = design_of([0] * 8 + [1] * 24)
    spread = np.where(made.later, 0.02, 0.2)[:, None]
    shares = spread * np.random.default_rng(6).standard_normal((32, 1000))
    found = differences(made, assignments(made, 0)[:1000], shares)
    assert (p_values(found.clearness) <= 0.05).mean() < 0.08
    assert (p_values(np.abs(found.size)) <= 0.05).mean() > 0.15  # without the error the test would be wrong
