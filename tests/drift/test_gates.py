import pytest

from topicgpu.config import GatesSection
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import NAN, Change
from topicgpu.drift.gates import breached, check_gates, hold_against
from topicgpu.errors import ConfigError

_PERIODS = ("2024", "2025", "2026")
_IDS = ("tariffs", "energy")


def _change(effect, theme=0, kind="prevalence", why=None, **columns):
    pair = Comparison("period", (0,), (1,))
    return Change(theme, kind, pair, "words", effect, 9, 9, 9, 9, 0.001, why=why, **columns)


def _held(changes, undecided="pass", **limit):
    gates = GatesSection.model_validate({"undecided": undecided, "limits": [{"effect": 0.1} | limit]})
    (result,) = hold_against(gates, changes, _IDS, _PERIODS)
    return result, breached(gates, [result])


@pytest.mark.parametrize("effect", [0.2, -0.2])
def test_a_change_past_the_limit_fails_whichever_way(effect):
    result, failed = _held([_change(effect, q=0.5), _change(0.05, theme=1)])
    assert (result.outcome, result.theme_ids, failed) == ("failed", ("tariffs",), True)
    assert result.gate == "prevalence of any theme changes by more than 10.0 points"
    assert result.reason == f"tariffs changes by {100 * effect:+.1f} points from 2024 to 2025 (q 0.500)"


def test_small_changes_other_kinds_and_other_themes_pass():
    assert _held([_change(0.1)])[0].outcome == "passed"
    assert _held([_change(0.05), _change(0.2, kind="content", expected=0.01)])[0].outcome == "passed"
    assert _held([_change(0.2), _change(0.05, theme=1)], themes=["energy"])[0].outcome == "passed"


def test_a_q_lets_uncertain_changes_pass():
    assert _held([_change(0.2, q=0.2)], q=0.05)[0].outcome == "passed"
    assert _held([_change(0.2, q=0.01)], q=0.05)[0].outcome == "failed"


def test_what_slow_wander_does_as_well_is_undecided():
    result, _ = _held([_change(0.2, q=0.01, p_shift=0.3)], q=0.05)
    assert result.outcome == "undecided"
    assert result.reason.endswith(
        "(q 0.010), but as large a change lies elsewhere in these periods (p 0.300 among their rotations)"
    )
    assert _held([_change(0.2, q=0.2, p_shift=0.3)], q=0.05)[0].outcome == "passed"


def test_a_q_is_of_the_change_inside_kinds_and_so_is_its_effect():
    mix = _change(0.3, within=0.02, q=0.001)
    assert _held([mix], q=0.05)[0].outcome == "passed"
    assert _held([mix])[0].outcome == "failed"
    hidden, _ = _held([_change(0.0, within=-0.2, q=0.001)], q=0.05)
    assert hidden.outcome == "failed"
    assert hidden.reason.startswith("tariffs changes by -20.0 points ")


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({"expected": 0.19}, "passed"),
        ({"expected": 0.02}, "failed"),
        ({"expected": 0.02, "within": 0.05, "within_expected": 0.04}, "passed"),  # the rest is the mix of kinds
        ({}, "undecided"),
    ],
)
def test_a_distance_counts_beyond_what_chance_gives(columns, outcome):
    result, _ = _held([_change(0.2, kind="content", **columns)], kind="content")
    assert result.outcome == outcome
    assert result.gate == "content of any theme changes by more than a distance of 0.1 beyond chance"


def test_log_odds_are_of_a_term_and_need_a_q():
    result, _ = _held([_change(5.67, kind="vocabulary", term="inverter", q=0.01)], kind="vocabulary", q=0.05)
    assert result.gate == "vocabulary of any theme changes by more than log odds of 0.1 with q at most 0.05"
    assert result.reason == "tariffs changes by log odds of +5.7 (“inverter”) from 2024 to 2025 (q 0.010)"
    with pytest.raises(ValueError, match=r"a gate on vocabulary has no q, but the term that moves most"):
        GatesSection.model_validate({"limits": [{"kind": "vocabulary", "effect": 3}]})


@pytest.mark.parametrize(("undecided", "fails"), [("pass", False), ("fail", True)])
def test_a_q_that_the_design_can_not_give_is_undecided(undecided, fails):
    described = _change(0.2, why="3 against 2 cannot show a change beyond themselves")
    result, failed = _held([described], undecided, q=0.05)
    assert (result.outcome, failed) == ("undecided", fails)
    assert result.reason == (
        "tariffs changes by +20.0 points from 2024 to 2025, "
        "but it is not tested: 3 against 2 cannot show a change beyond themselves"
    )
    assert _held([described])[0].outcome == "failed"  # an effect alone needs no test
    assert _held([_change(0.05, why="few")], undecided, q=0.05)[0].outcome == "passed"  # too small, however sure


def test_nothing_to_compare_is_undecided():
    assert _held([], "fail")[1]
    assert _held([_change(NAN)], "pass")[0].reason == "nothing can be compared"


def test_an_unstable_theme_counts_where_it_is_named():
    shaky = _change(0.2, unstable=True)
    assert _held([shaky, _change(0.01, theme=1)])[0].outcome == "passed"
    assert _held([shaky], themes=["tariffs"])[0].outcome == "failed"
    result, _ = _held([shaky], themes=["tariffs"], q=0.05)
    assert result.outcome == "undecided"
    assert result.reason.endswith(", but the theme is unstable, and has no q")
    assert _held([shaky])[0].reason == "every theme that can be compared is unstable"


def test_an_unknown_theme_is_refused():
    gates = GatesSection.model_validate({"limits": [{"effect": 0.1, "themes": ["energy", "taxes"]}]})
    with pytest.raises(ConfigError, match=r"limits.0.themes: 'taxes' is no theme of this run; its themes are t"):
        check_gates(gates, _IDS)
