from dataclasses import replace

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.drift.periods import Calendar
from topicgpu.drift.units import Kind, inference_units

_DATES = {"d": "2024-05-01", "a": "2025-02", "c": "2024-05-01", "b": "2024-01-01", "e": "2025-02", "f": None}
_CALENDAR = Calendar(
    rule="year",
    periods=("2024", "2025"),
    period_of={"a": "2025", "b": "2024", "c": "2024", "d": "2024", "e": "2025"},
    undated=("f",),
    straddling=(),
)


def _sources(genre=None, series=None):
    sources = tables([Row(source) for source in _DATES], _DATES).sources
    genre, series = genre or {}, series or {}
    return replace(
        sources,
        genre=tuple(genre.get(source) for source in sources.source_id),
        series=tuple(series.get(source) for source in sources.source_id),
    )


def test_a_source_is_a_unit_and_one_without_a_period_is_in_none():
    units = inference_units(_sources(), _CALENDAR, "source")
    assert (units.ids, units.period.tolist()) == (("b", "c", "d", "a", "e"), [0, 0, 0, 1, 1])
    assert units.of_source.tolist() == [3, 0, 1, 2, 4, -1]
    assert (units.strata, units.stratum.tolist()) == ((Kind(None, None),), [0] * 5)
    assert len(units) == 5


def test_sources_of_one_date_are_one_unit():
    units = inference_units(_sources(), _CALENDAR, "date")
    assert (units.ids, units.period.tolist()) == (("2024-01-01", "2024-05-01", "2025-02"), [0, 0, 1])
    assert units.of_source.tolist() == [2, 0, 1, 1, 2, -1]


def test_a_series_is_one_unit_in_each_period_and_without_one_a_source_is():
    units = inference_units(_sources(series={"b": "x", "c": "x", "a": "x"}), _CALENDAR, "series")
    assert units.ids == ("d, 2024", "x, 2024", "e, 2025", "x, 2025")
    assert units.of_source.tolist() == [3, 1, 1, 0, 2, -1]


def test_strata_are_genre_and_series_and_a_unit_of_several_says_so():
    sources = _sources({"a": "talk", "b": "talk", "c": "talk", "d": "report"}, {"a": "x", "b": "x"})
    one = inference_units(sources, _CALENDAR, "source")
    assert [one.strata[stratum] for stratum in one.stratum] == [
        ("talk", "x"), ("talk", None), ("report", None), ("talk", "x"), (None, None)
    ]  # fmt: skip
    dates = inference_units(sources, _CALENDAR, "date")
    assert [dates.strata[stratum] for stratum in dates.stratum] == [("talk", "x"), None, None]
    assert dates.mix(np.array([0])) == {}
    assert dates.mix(np.array([0, 1])) == {("talk", None): 1 / 2, ("report", None): 1 / 2}


def test_a_genre_is_no_series_of_the_same_name():
    sources = _sources({"b": "podcast", "d": "a, b", "a": "a"}, {"c": "podcast", "a": "b"})
    assert len(set(inference_units(sources, _CALENDAR, "source").stratum.tolist())) == 5


def test_periods_are_heard_where_a_source_has_shares():
    units = inference_units(_sources(), _CALENDAR, "source")
    assert units.heard(np.ones(6, dtype=bool)) == (0, 1)
    assert units.heard(np.array([False, True, False, False, False, True])) == (0,)


def test_means_and_counts_pass_over_sources_of_which_nothing_is_known():
    units = inference_units(_sources(), _CALENDAR, "date")
    values = np.array([[0.2, 1.0], [np.nan, np.nan], [0.1, 0.0], [0.4, 1.0], [0.6, 0.0], [9.0, 9.0]])
    np.testing.assert_allclose(units.means(values), [[np.nan, np.nan], [0.25, 0.5], [0.4, 0.5]])
    assert units.sources(np.isfinite(values).all(axis=1)).tolist() == [0, 2, 2]


@pytest.mark.parametrize("kind", ["source", "date", "series"])
def test_no_source_with_a_period_makes_no_units(kind):
    units = inference_units(_sources(), Calendar("year", (), {}, ("f",), ()), kind)
    assert (len(units), units.means(np.ones((6, 2))).shape) == (0, (0, 2))
