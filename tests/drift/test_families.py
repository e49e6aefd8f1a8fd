import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.families import adjusted, judge
from topicgpu.drift.changes.rows import Change
from topicgpu.types import Presence

_THEMES = ("x", "y", "z")
_LEVELS = {"period": Comparison("period", (0,), (1,)), "span": Comparison("span", (0,), (2,))}

_KEYS = [("prevalence", "period"), ("prevalence", "span"), ("content", "period"), ("content", "span")]


def _change(p, theme=0, kind="prevalence", level="period", **values):
    why = "too few" if np.isnan(p) else None
    return Change(theme, kind, _LEVELS[level], "words", 0.1, 5, 5, 5, 5, 0.001, p=p, why=why, **values)


def _presence(theme, p, p_shift=np.nan):
    return Presence(theme, "appears", "2024", "2025", 0, 0, (), p, p_shift, np.nan, False, ())


def _judge(changes, presence=(), stable=(True, True, True), level=0.05):
    return judge(changes, presence, np.array(stable), _THEMES, level)


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=12))
def test_q_is_benjamini_and_hochbergs(p):
    order = np.argsort(p)
    wanted = np.empty(len(p))
    least = 1.0
    for rank in range(len(p), 0, -1):
        least = min(least, p[order[rank - 1]] * len(p) / rank)
        wanted[order[rank - 1]] = least
    np.testing.assert_allclose(adjusted(np.array(p)), wanted)


def test_q_is_taken_inside_a_kind_and_a_level():
    changes = [_change(0.01), _change(0.04, 1), _change(0.03, kind="content"), _change(0.02, level="span")]
    judged, _, families = _judge(changes)
    assert [change.q for change in judged] == pytest.approx([0.02, 0.04, 0.03, 0.02])
    assert [(f.kind, f.level, f.n_tests) for f in families] == [
        ("prevalence", "period", 2), ("prevalence", "span", 1), ("content", "period", 1)
    ]  # fmt: skip
    assert [family.p for family in families] == pytest.approx([0.02, 0.02, 0.03])
    assert all(change.found for change in judged)


def test_members_of_few_selected_families_need_a_smaller_q():
    changes = [_change(0.001), _change(0.02, 1), _change(0.6, kind="content"), _change(0.9, level="span")]
    judged, _, families = _judge(changes)
    chosen = {(f.kind, f.level): (f.selected, f.q_limit) for f in families}
    assert chosen["prevalence", "period"] == (True, pytest.approx(0.05 / 3))
    assert chosen["content", "period"] == (False, 0.0)
    assert [change.q for change in judged[:2]] == pytest.approx([0.002, 0.02])
    assert [change.found for change in judged] == [True, False, False, False]


def test_unstable_themes_are_in_no_family_and_no_finding():
    judged, _, families = _judge([_change(0.0001), _change(0.5, 1)], stable=(False, True, True))
    assert (judged[0].unstable, judged[0].found, judged[0].p) == (True, False, 0.0001)
    assert np.isnan(judged[0].q)
    assert (families[0].n_tests, families[0].p) == (1, 0.5)
    assert judged[1].q == 0.5


def test_where_everything_is_described_the_families_are_there_without_tests():
    judged, _, families = _judge([_change(np.nan), _change(np.nan, level="span")], [_presence("x", np.nan)])
    assert [(f.kind, f.level, f.n_tests, f.selected, f.q_limit) for f in families] == [
        ("prevalence", "period", 0, False, 0.0),
        ("prevalence", "span", 0, False, 0.0),
        ("presence", "corpus", 0, False, 0.0),
    ]
    assert np.isnan([family.p for family in families]).all()
    assert not any(change.found for change in judged)
    assert [change.detectable for change in judged] == [np.inf, np.inf]


def test_families_without_tests_cost_the_others_nothing():
    judged, _, families = _judge([_change(0.04), _change(np.nan, kind="content")])
    assert families[0].q_limit == pytest.approx(0.05)
    assert judged[0].found


def test_a_silence_as_long_elsewhere_on_the_circle_is_not_found_and_keeps_its_q():
    _, (rare, common), _ = _judge([], [_presence("x", 0.001, 0.05), _presence("y", 0.001, 2 / 26)])
    assert (rare.found, common.found) == (True, False)
    assert rare.q == common.q == pytest.approx(0.001)


def test_presence_is_a_family_of_its_own():
    judged, presence, families = _judge(
        [_change(0.9)], [_presence("x", 0.01), _presence("y", np.nan), _presence("z", 0.001)], (True, True, False)
    )
    assert (families[-1].kind, families[-1].n_tests) == ("presence", 1)
    assert [each.found for each in presence] == [True, False, False]
    assert presence[0].q == pytest.approx(0.01)
    assert np.isnan([presence[1].q, presence[2].q]).all()
    assert not judged[0].found


def test_a_change_that_the_rotations_do_not_bear_out_is_no_finding():
    judged, _, _ = _judge([_change(0.001, p_shift=0.08), _change(0.001, 1, p_shift=0.04)])
    assert [change.found for change in judged] == [False, True]


def test_a_change_alone_needs_the_level_over_families_and_tests():
    asked = []
    changes = [_change(0.9, theme, reach=asked.append) for theme in range(3)] + [_change(0.9, kind="content")]
    _judge(changes)
    assert asked == pytest.approx([0.05 / (2 * 3)] * 3)


def test_exactly_what_is_asked_for_is_found_and_a_little_more_is_not():
    needed = 0.05 / (2 * 3)
    for p, found in ((needed, True), (needed + 1e-6, False)):
        changes = [_change(p), _change(0.9, 1), _change(0.9, 2), _change(0.9, kind="content")]
        assert _judge(changes)[0][0].found is found


def test_nothing_to_judge_makes_nothing():
    assert _judge([]) == ([], (), ())


@pytest.mark.slow
def test_a_fifth_of_moved_themes_keeps_the_false_discovery_rate_and_none_the_chance_of_any():
    rng = np.random.default_rng(0)
    false, whole = [], []
    for _ in range(300):
        p = rng.random((4, 10))
        nothing = [_change(v, kind=kind, level=level) for row, (kind, level) in zip(p, _KEYS, strict=True) for v in row]
        whole.append(any(change.found for change in _judge(nothing)[0]))
        p[:, :2] *= 1e-3
        moved = [_change(v, kind=kind, level=level) for row, (kind, level) in zip(p, _KEYS, strict=True) for v in row]
        found = np.array([change.found for change in _judge(moved)[0]]).reshape(4, 10)
        assert found[:, :2].mean() > 0.8
        false.append(found[:, 2:].sum() / found.sum())
    assert np.mean(false) < 0.055
    assert np.mean(whole) < 0.09
