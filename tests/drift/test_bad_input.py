"""Corpora that say little about time: a right answer or a plain statement of what can't be said, and no warning."""

from collections import Counter

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift
from topicgpu.types import Drift

MOVES = {"appears", "fades", "returns", "rises", "falls", "content", "vocabulary"}


def _rows(shares, n=20):
    """n segments a source, of which these numbers have these themes; the rest has none."""
    return [
        Row(source, (theme,) if theme else ())
        for source, themes in shares.items()
        for theme, number in {**themes, "": n - sum(themes.values())}.items()
        for _ in range(number)
    ]


def _drift(rows, dates, genres=None, theme_ids=None, **config) -> Drift:
    return drift(*tables(rows, dates, genres, theme_ids), DriftSection.model_validate(config), 0)


def _of_shares(found: Drift, theme: str | None = None) -> list[int]:
    changes = found.changes
    rows = [row for row, kind in enumerate(changes.kind) if kind == "prevalence"]
    return [row for row in rows if theme in (None, changes.theme_id[row])]


def _says_nothing_of_time(found: Drift) -> None:
    assert len(found.changes) == 0
    assert not MOVES & {finding.kind for finding in found.findings}
    assert sum("nothing can be said about change over time" in sentence for sentence in found.undecided) == 1


@pytest.mark.parametrize("date", ["2024-03-01", "2024-03", "2024", None])
def test_one_source(date):
    found = _drift(_rows({"a": {"x": 12, "y": 3}}), {"a": date})
    _says_nothing_of_time(found)
    assert found.periods == (() if date is None else ("2024",))
    shares = found.prevalence.share[[level == "source" for level in found.prevalence.level]]
    assert set(np.round(shares, 2).tolist()) == {0.6, 0.15, 0.25}


def test_one_source_of_one_segment():
    _says_nothing_of_time(_drift([Row("a", ("x",))], {"a": "2024"}))


def test_all_sources_undated():
    found = _drift(_rows({"a": {"x": 20}, "b": {"y": 20}}), {"a": None, "b": None})
    _says_nothing_of_time(found)
    assert "In no period, for want of a date: sources a and b." in found.undecided


def test_one_dated_source_among_undated_ones():
    _says_nothing_of_time(_drift(_rows({"a": {"x": 20}, "b": {"y": 20}}), {"a": None, "b": "2024"}))


def test_all_sources_of_one_period():
    dates = {source: f"2024-03-0{day}" for day, source in enumerate("abcdef", start=1)}
    found = _drift(_rows({source: {"x": 10} for source in dates}), dates, period="month")
    _says_nothing_of_time(found)
    assert found.undecided[0].startswith("All dated sources are of 2024-03,")


def test_a_theme_in_one_source_only_is_no_move_of_its_period():
    shares = {source: {"x": 10} for source in "abcdefghijkl"}
    shares["c"] = {"x": 2, "rare": 18}
    dates = {source: "2024" if source < "g" else "2025" for source in shares}
    found = _drift(_rows(shares), dates)
    assert not MOVES & {finding.kind for finding in found.findings if finding.theme_id == "rare"}
    rows = _of_shares(found, "rare")
    assert not found.changes.found[rows].any()
    assert np.nanmax(found.changes.loo_high[rows]) == 0  # without c nothing is left


def test_what_rests_on_one_source_names_it():
    shares = {source: {"x": 10} for source in "abcdefghijkl"} | {"c": {"x": 2, "rare": 18}}
    dates = {source: "2024" if source < "g" else "2025" for source in shares}
    found = _drift(_rows(shares), dates)
    assert {found.changes.rests_on[row] for row in _of_shares(found, "rare")} == {"c"}


def test_two_sources_of_one_month_are_compared_by_no_rule_that_cannot_tell_them_apart():
    found = _drift(
        _rows({"a": {"x": 20}, "b": {"y": 20}}), {"a": "2024-04", "b": "2024-04"}, {"a": "call", "b": "talk"}
    )
    _says_nothing_of_time(found)


def test_one_source_against_one_is_described():
    dates = {"a": "2024-04-02", "b": "2024-04-30"}
    found = _drift(_rows({"a": {"x": 20}, "b": {"y": 20}}), dates, {"a": "call", "b": "talk"})
    assert found.periods == ("2024-W14", "2024-W18")
    assert set(found.changes.status) == {"described"}
    assert np.isnan(found.changes.p).all()
    assert np.isnan(found.changes.q).all()
    assert {finding.status for finding in found.findings} <= {"described"}


@pytest.mark.parametrize("n", [(3, 2), (2, 2), (1, 5), (3, 3)])
def test_sources_too_few_to_tell_are_described_however_large_the_change(n):
    earlier, later = n
    names = [f"{side}{i}" for side, number in zip("ab", n, strict=True) for i in range(number)]
    dates = {name: "2024" if name[0] == "a" else "2025" for name in names}
    found = _drift(_rows({name: {"x": 20} if name[0] == "a" else {"y": 20} for name in names}), dates)
    assert set(found.changes.status) == {"described"}
    assert {finding.status for finding in found.findings} <= {"described"}
    rows = _of_shares(found)
    assert set(found.changes.n_from[rows]) == {earlier}
    assert set(found.changes.n_to[rows]) == {later}


def test_the_reason_for_a_description_counts_both_sides():
    dates = {"a": "2024", "b": "2024", "c": "2024", "d": "2025", "e": "2025"}
    found = _drift(_rows({source: {"x": 10} for source in dates}), dates)
    rows = _of_shares(found)
    assert all("3" in (why := found.changes.why[row]) and "against 2" in why for row in rows)
    assert np.isinf(found.changes.detectable[rows]).all()


def test_empty_periods_are_no_periods_and_are_told():
    dates = {"a": "2020-01", "b": "2020-02", "c": "2023-07"}
    found = _drift(_rows({source: {"x": 10} for source in dates}), dates, period="month")
    assert found.periods == ("2020-01", "2020-02", "2023-07")
    compared = list(zip(found.changes.from_, found.changes.to, strict=True))
    assert set(compared) == {("2020-01", "2020-02"), ("2020-02", "2023-07"), ("2020-01", "2023-07")}
    assert "Compared though no source is of the time between: 2020-02 with 2023-07 (40 months)." in found.undecided


def test_dates_of_year_precision_are_periods_by_year_and_none_by_month():
    rows, dates = _rows({source: {"x": 10} for source in "abc"}), {"a": "2020", "b": "2021", "c": "2022"}
    assert _drift(rows, dates).periods == ("2020", "2021", "2022")
    found = _drift(rows, dates, period="month")
    _says_nothing_of_time(found)
    assert "In no period, since the date does not fit inside one month: sources a, b and c." in found.undecided


NAMED = [{"name": "before", "from": "2018", "to": "2020-03-10"}, {"name": "after", "from": "2020-03-11", "to": "2021"}]


def test_a_source_across_two_periods_is_in_neither_and_named():
    dates = {"a": "2019", "b": "2020", "c": "2021-05-05", "d": "2030"}
    found = _drift(_rows({source: {"x": 10} for source in dates}), dates, periods=NAMED)
    assert found.periods == ("before", "after")
    assert found.period_of == {"a": "before", "c": "after"}
    assert "In no period, since the date does not fit inside one named period: source b." in found.undecided
    assert "In no period, since the date is outside every named one: source d." in found.undecided
    keys = {key for key, level in zip(found.prevalence.key, found.prevalence.level, strict=True) if level == "period"}
    assert keys == {"before", "after"}
    assert set(zip(found.changes.from_, found.changes.to, strict=True)) == {("before", "after")}


def test_named_periods_without_any_source():
    found = _drift(_rows({"a": {"x": 10}}), {"a": "1999"}, periods=NAMED)
    _says_nothing_of_time(found)
    assert "No counted source is of the named period before." in found.undecided


def test_nothing_counted_at_all():
    found = _drift(
        [Row("a", (), served=False), Row("b", (), served=False)], {"a": "2024", "b": "2025"}, theme_ids=["x"]
    )
    _says_nothing_of_time(found)
    assert found.periods == ()


def test_no_source_and_no_segment():
    _says_nothing_of_time(_drift([], {}))


def test_a_theme_of_no_segment_has_shares_of_zero_and_is_absent():
    dates = {f"s{i}": f"20{20 + i // 4}" for i in range(12)}
    found = _drift(_rows({source: {"x": 10} for source in dates}), dates, theme_ids=["x", "none"])
    assert {finding.kind for finding in found.findings if finding.theme_id == "none"} <= {"absent"}
    rows = _of_shares(found, "none")
    assert (found.changes.effect[rows] == 0).all()
    assert not found.changes.found[rows].any()


def test_sources_without_a_change_at_all_give_no_finding_of_a_move():
    dates = {f"s{i:02d}": f"20{20 + i // 8}" for i in range(24)}
    found = _drift(_rows({source: {"x": 10, "y": 5} for source in dates}), dates)
    assert not MOVES & {finding.kind for finding in found.findings}
    assert not found.changes.found.any()


def test_seconds_are_wanted_where_nothing_is_timed():
    dates = {"a": "2024", "b": "2025"}
    found = _drift(_rows({source: {"x": 10} for source in dates}), dates, shares_of="seconds")
    assert not _of_shares(found)
    assert any(sentence.startswith("No shares of time") for sentence in found.undecided)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["source", "date", "series"])
def test_ten_thousand_sources_of_one_segment(unit):
    rng = np.random.default_rng(0)
    days = np.datetime64("2021-01-01") + np.sort(rng.integers(0, 3 * 365, 10_000))
    dates = {f"s{i:05d}": str(day) for i, day in enumerate(days)}
    late = {source: date >= "2022" for source, date in dates.items()}
    themes = rng.choice(["u", "v", "w"], len(dates))
    rows = [
        Row(source, ("new",) if late[source] and rng.random() < 0.3 else (str(theme),))
        for source, theme in zip(dates, themes, strict=True)
    ]
    found = _drift(rows, dates, unit=unit)
    assert found.periods == ("2021", "2022", "2023")
    periods = Counter(found.period_of.values())
    first = next(row for row in _of_shares(found, "new") if found.changes.to[row] == "2022")
    assert found.changes.n_from[first] == periods["2021"]
    assert found.changes.effect[first] == pytest.approx(0.3, abs=0.03)
    assert {finding.kind for finding in found.findings if finding.theme_id == "new"} <= {"appears", "rises"}
