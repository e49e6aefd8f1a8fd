from planted.tables import Row, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift


def _undecided(rows, dates, **config):
    return " ".join(drift(*tables(rows, dates), DriftSection(**config), 0).undecided)


def test_no_date_no_change():
    text = _undecided([Row("a", ("x",))], {"a": None})
    assert "nothing can be said about change over time" in text
    assert "for want of a date: source a." in text


def test_a_single_period_is_named():
    assert "All dated sources are of 2024, so nothing" in _undecided([Row("a", ("x",))], {"a": "2024"})


def test_sources_of_one_period_differ_in_kind_and_not_in_time():
    text = _undecided([Row("a", ("x",)), Row("b", ("y",))], {"a": "2024", "b": "2024"})
    assert "over time. What they differ in is a difference of sources and of their kinds." in text
    assert "differ in" not in _undecided([Row("a", ("x",))], {"a": "2024"})


def test_a_design_without_a_test_is_said():
    rows = [Row("a", ("x",)), Row("b", ("x",)), Row("c", ("x",))]
    text = _undecided(rows, {"a": "2024", "b": "2024", "c": "2026"})
    assert "No change of share could be tested. 2 against 1 sources cannot show a change beyond themselves" in text


def test_a_year_under_a_monthly_rule_is_named():
    rows = [Row("a", ("x",)), Row("b", ("x",))]
    text = _undecided(rows, {"a": "2024", "b": "2024-03-01"}, period="month")
    assert "since the date does not fit inside one month: source a." in text


def test_time_without_a_source_between_two_periods_is_said():
    dates = {"a": "2023-11", "b": "2024-02", "c": "2024-03", "d": "2024-05"}
    text = _undecided([Row(source, ("x",)) for source in dates], dates, period="month")
    assert (
        "no source is of the time between: 2023-11 with 2024-02 (2 months) and 2024-03 with 2024-05 (1 month)." in text
    )
    assert "time between" not in _undecided([Row("a", ("x",)), Row("b", ("x",))], {"a": "2024", "b": "2025"})


def test_sources_outside_named_periods_and_across_two_of_them_are_told_apart():
    dates = {"early": "1999", "wide": "2019", "half": "2018-12", "one": "2019-02", "two": "2020-06-30", "late": "2021"}
    named = [
        {"name": "two", "from": "2019-07", "to": "2020"},
        {"name": "one", "from": "2019-01-01", "to": "2019-06-30"},
        {"name": "three", "from": "2022", "to": "2022"},
    ]
    text = _undecided([Row(source, ("x",)) for source in dates], dates, periods=named)
    assert "since the date does not fit inside one named period: source wide." in text
    assert "since the date is outside every named one: sources early, half and late." in text
    assert "No counted source is of the named period three." in text


def test_periods_of_few_sources_are_listed_with_their_number():
    rows = [Row("a", ("x",)), Row("b", ("x",)), Row("c", ("x",))]
    text = _undecided(rows, {"a": "2024", "b": "2024", "c": "2026"})
    assert "2024 (2 sources) and 2026 (1 source)" in text
    assert "2026 has one source: whatever is said of it is said of that source." in text


def test_languages_not_served_are_counted_and_named():
    rows = [Row("a", ("x",), 30), Row("a", (), 70, served=False)]
    assert "70 of 100 words are in languages that the encoder does not serve (zh)" in _undecided(rows, {"a": "2024"})


def test_a_translation_of_what_is_counted_is_not_also_left_out():
    rows = [Row("a", ("x",), 30), Row("a", (), 70, served=False), Row("a", (), 25, served=False, repeats=0)]
    assert "70 of 125 words are in languages" in _undecided(rows, {"a": "2024"})
    assert "does not serve" not in _undecided([rows[0], rows[2]], {"a": "2024"})


def test_no_theme_is_said():
    assert "There is no theme" in _undecided([Row("a")], {"a": "2024"})


def test_seconds_that_are_wanted_and_missing_are_said():
    assert "No shares of time" not in _undecided([Row("a", ("x",))], {"a": "2024"})
    assert "No shares of time" in _undecided([Row("a", ("x",))], {"a": "2024"}, shares_of="seconds")


def test_one_name_in_two_sources_is_said_to_be_one_speaker():
    rows = [Row("a", ("x",), speaker="Anna"), Row("b", ("x",), speaker="Anna"), Row("b", ("x",), speaker="Bela")]
    assert "taken for one speaker: Anna." in _undecided(rows, {"a": "2024", "b": "2024"})
