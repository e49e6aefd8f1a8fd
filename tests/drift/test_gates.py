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
    assert result.gate == "prevalence of any theme changes by more than 0.1"
    assert result.reason == f"tariffs changes by {effect:+.1f} from 2024 to 2025 (q 0.5)"


def test_small_changes_other_kinds_and_other_themes_pass():
    assert _held([_change(0.1)])[0].outcome == "passed"
    assert _held([_change(0.05), _change(0.2, kind="content")])[0].outcome == "passed"
    assert _held([_change(0.2), _change(0.05, theme=1)], themes=["energy"])[0].outcome == "passed"


def test_a_q_lets_uncertain_changes_pass():
    assert _held([_change(0.2, q=0.2)], q=0.05)[0].outcome == "passed"
    assert _held([_change(0.2, q=0.01)], q=0.05)[0].outcome == "failed"
    assert _held([_change(0.2, q=0.01, p_shift=0.3)], q=0.05)[0].outcome == "passed"  # slow wander does as much


@pytest.mark.parametrize(("undecided", "fails"), [("pass", False), ("fail", True)])
def test_a_q_that_the_design_can_not_give_is_undecided(undecided, fails):
    described = _change(0.2, why="3 against 2 cannot show a change beyond themselves")
    result, failed = _held([described], undecided, q=0.05)
    assert (result.outcome, failed) == ("undecided", fails)
    assert result.reason == "tariffs changes by +0.2 from 2024 to 2025, but has no q: it is not tested"
    assert _held([described])[0].outcome == "failed"  # an effect alone needs no test
    assert _held([_change(0.05, why="few")], undecided, q=0.05)[0].outcome == "passed"  # too small, however sure


def test_nothing_to_compare_is_undecided():
    assert _held([], "fail")[1]
    assert _held([_change(NAN)], "pass")[0].reason == "there is nothing to compare"


def test_an_unstable_theme_counts_where_it_is_named():
    shaky = _change(0.2, unstable=True)
    assert _held([shaky, _change(0.01, theme=1)])[0].outcome == "passed"
    assert _held([shaky], themes=["tariffs"])[0].outcome == "failed"
    assert _held([shaky], themes=["tariffs"], q=0.05)[0].outcome == "undecided"


def test_an_unknown_theme_is_refused():
    gates = GatesSection.model_validate({"limits": [{"effect": 0.1, "themes": ["energy", "taxes"]}]})
    with pytest.raises(ConfigError, match=r"limits.0.themes: 'taxes' is no theme of this run; its themes are t"):
        check_gates(gates, _IDS)
