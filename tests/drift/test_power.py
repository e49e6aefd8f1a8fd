import numpy as np
import pytest
from scipy import special, stats

from planted.designs import BOTH, PERIODS, design_of, units_of
from topicgpu.drift.changes.design import assignments, p_values
from topicgpu.drift.changes.power import Reach, errors_away
from topicgpu.drift.changes.prevalence import prevalence_changes
from topicgpu.drift.changes.studentised import differences


def test_a_design_that_cannot_reach_the_p_shows_nothing_of_any_size():
    reach = Reach(0.1, 6.0, 2 / 70)
    assert reach(2 / 70 - 1e-6) == np.inf
    assert 0 < reach(2 / 70) < np.inf
    assert Reach(0.1, 0.0, 0.01)(0.05) == np.inf


def test_an_effect_that_is_not_possible_is_none():
    assert Reach(0.5, 6.0, 0.01, largest=1.0)(0.05) == np.inf


@pytest.mark.parametrize("error", [0.0, np.nan])
def test_without_spread_there_is_nothing_to_go_by(error):
    assert np.isnan(Reach(error, 6.0, 0.01)(0.05))


def test_only_p_that_the_design_has_are_reached():
    reach = Reach(0.1, 6.0, 2 / 70)
    assert reach(0.05) == reach(2 / 70) > reach(4 / 70)


def test_a_known_error_asks_for_the_critical_value_and_the_share_of_power():
    assert errors_away(1.96, np.inf) == pytest.approx(1.96 + 0.8416, abs=1e-3)
    assert errors_away(1.96, 1e5) == pytest.approx(1.96 + 0.8416, abs=1e-3)
    assert Reach(0.1, 1e6, 1e-4)(0.05) == pytest.approx(0.28016, abs=1e-3)


@pytest.mark.parametrize("df", [3, 6, 20])
def test_power_is_the_mean_over_errors_found_and_errors_to_come(df):
    rng = np.random.default_rng(0)
    critical = stats.t.isf(0.025, df)
    found, to_come = np.sqrt(rng.chisquare(df, (2, 200_000)) / df)
    power = (errors_away(critical, df) * found + rng.standard_normal(200_000) > critical * to_come).mean()
    assert power == pytest.approx(0.8, abs=0.02)
    assert errors_away(critical, df) > special.nctdtrinc(df, 0.2, critical)


@pytest.mark.parametrize(
    ("sizes", "p"),
    [((5, 5), 0.05)]
    + [pytest.param(*case, marks=pytest.mark.slow) for case in (((8, 8), 0.005), ((30, 30), 5e-4), ((6, 14), 1e-3))],
)
def test_planting_what_can_be_detected_is_detected_four_times_in_five(sizes, p):
    rng = np.random.default_rng(0)
    made = design_of([0] * sizes[0] + [1] * sizes[1])
    later = assignments(made, 0)
    n_themes = 300
    before, after = 0.5 * rng.beta(2, 8, (2, sum(sizes), n_themes))
    changes = prevalence_changes(
        before, np.full(len(before), 50.0), units_of([sizes]), BOTH, PERIODS, (0, 1), "words", p, 0
    )
    effect = np.array([change.reach(p) for change in changes])
    reached = p_values(differences(made, later, after + made.later[:, None] * effect).clearness) <= p
    assert 0.70 <= reached.mean() <= 0.88
