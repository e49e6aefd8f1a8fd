import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planted.tables import Row, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift


def _cell(result, theme, level, key, unit="words", measure="primary"):
    table = result.prevalence
    wanted = (theme, level, key, unit, measure)
    columns = zip(table.theme_id, table.level, table.key, table.unit, table.measure, strict=True)
    (row,) = [index for index, cell in enumerate(columns) if cell == wanted]
    names = ("share", "low", "high", "interval", "theme_units", "total_units", "n_sources", "n_blocks", "thin")
    return {name: getattr(table, name)[row] for name in names}


def _has(result, **wanted):
    table = result.prevalence
    columns = zip(*(getattr(table, name) for name in wanted), strict=True)
    return tuple(wanted.values()) in set(columns)


_ROWS = [
    Row("a", ("x", "y"), 30, seconds=12.0, speaker="Anna"),
    Row("a", ("y",), 10, seconds=4.0, speaker="Bela"),
    Row("a", (), 60, seconds=24.0, speaker="Anna"),
    Row("a", ("x",), 30, repeats=0, seconds=1.0),
    Row("a", ("x",), 500, served=False),
    Row("b", ("y",), 400, speaker="Anna"),
    Row("b", ("x",), 100),
    Row("d", ("x",), 10, seconds=5.0),
    Row("d", ("x",), 10),
]
_DATES = {"a": "2024-01-01", "b": "2024-06", "c": "2024", "d": None}


@pytest.fixture(scope="module")
def solved():
    return drift(*tables(_ROWS, _DATES), DriftSection(min_words=200), 0)


@pytest.mark.parametrize(
    ("theme", "unit", "measure", "share"),
    [
        ("x", "words", "primary", 0.3),
        ("y", "words", "primary", 0.1),
        (None, "words", "primary", 0.6),
        ("y", "words", "any", 0.4),
        ("x", "segments", "primary", 1 / 3),
        ("y", "segments", "any", 2 / 3),
        ("x", "seconds", "primary", 0.3),
    ],
)
def test_shares_of_a_source_by_hand(solved, theme, unit, measure, share):
    assert _cell(solved, theme, "source", "a", unit, measure)["share"] == pytest.approx(share)


def test_repeats_and_unserved_speech_are_in_no_total(solved):
    cell = _cell(solved, "x", "source", "a")
    assert (cell["theme_units"], cell["total_units"]) == (30, 100)
    assert (cell["interval"], cell["n_sources"], cell["thin"]) == ("within", 1, True)


def test_seconds_only_where_every_counted_segment_is_timed(solved):
    assert _has(solved, level="source", key="a", unit="seconds")
    assert not _has(solved, level="source", key="b", unit="seconds")
    (sentence,) = [sentence for sentence in solved.undecided if "No shares of time" in sentence]
    assert sentence.endswith("source d.")


def test_times_that_run_backwards_are_no_times():
    result = drift(*tables([Row("a", ("x",), seconds=-5.0)], {"a": "2024"}), DriftSection(), 0)
    assert not _has(result, unit="seconds")


def test_a_period_is_the_mean_of_its_sources_and_the_pool_stands_beside_it():
    dates = _DATES | {"b": "2026"}
    result = drift(*tables([*_ROWS, Row("c", (), 100)], dates), DriftSection(min_words=200), 0)
    cell = _cell(result, "x", "period", "2024")
    assert cell["share"] == pytest.approx((0.3 + 0.0) / 2)
    assert (cell["theme_units"], cell["total_units"], cell["n_sources"]) == (30, 200, 2)
    assert (cell["interval"], cell["thin"]) == (None, False)
    assert np.isnan([cell["low"], cell["high"], cell["n_blocks"]]).all()
    assert result.pooled["x"] == pytest.approx({"2024": 0.15, "2026": 0.2})
    seconds = _cell(result, "x", "period", "2024", "seconds")
    assert (seconds["share"], seconds["n_sources"]) == (pytest.approx(0.3), 1)


def test_a_period_of_five_sources_has_an_interval_between_them():
    rows = [Row(f"s{i}", ("x",), 10 + i) for i in range(5)] + [Row(f"s{i}", (), 40) for i in range(5)]
    cell = _cell(drift(*tables(rows, {f"s{i}": "2024" for i in range(5)}), DriftSection(), 0), "x", "period", "2024")
    assert cell["interval"] == "between"
    assert 0 < cell["low"] < cell["share"] < cell["high"] < 1


def test_the_corpus_is_the_mean_of_all_its_sources_dated_or_not(solved):
    cell = _cell(solved, "x", "corpus", "all")
    assert cell["share"] == pytest.approx((0.3 + 0.2 + 1.0) / 3)
    assert (cell["theme_units"], cell["total_units"], cell["n_sources"]) == (150, 620, 3)
    assert cell["interval"] is None
    assert _cell(solved, "y", "corpus", "all", measure="any")["share"] == pytest.approx((0.4 + 0.8 + 0.0) / 3)
    assert _cell(solved, "x", "corpus", "all", "seconds")["n_sources"] == 1


def test_the_corpus_is_counted_as_a_period_of_all_sources_would_be():
    rows = [Row(f"s{i}", ("x",), 10 + i) for i in range(5)] + [Row(f"s{i}", (), 40) for i in range(5)]
    result = drift(*tables(rows, {f"s{i}": "2024" for i in range(5)}), DriftSection(), 0)
    assert _cell(result, "x", "corpus", "all") == pytest.approx(_cell(result, "x", "period", "2024"), nan_ok=True)
    assert _cell(result, "x", "corpus", "all")["interval"] == "between"


def test_the_corpus_is_no_period():
    rows = [Row(source, ("x",), words) for source, words in zip("abc", (10, 20, 30), strict=True)]
    result = drift(*tables(rows, {"a": "2024", "b": "2025", "c": "2026"}), DriftSection(), 0)
    assert result.periods == ("2024", "2025", "2026")
    assert "all" not in {*result.changes.from_, *result.changes.to, *result.period_of.values(), *result.pooled["x"]}
    assert len(set(result.prevalence.level)) == 3  # source, period, corpus: no speaker is named


def test_a_speaker_is_followed_over_sources_without_an_interval(solved):
    cell = _cell(solved, "y", "speaker", "Anna")
    assert (cell["share"], cell["theme_units"], cell["total_units"]) == pytest.approx((400 / 490, 400, 490))
    assert (cell["interval"], cell["n_sources"]) == (None, 2)
    assert not _has(solved, theme_id="x", level="speaker", key="Bela")


def test_a_source_with_nothing_counted_has_no_row(solved):
    assert not _has(solved, key="c")
    assert any("Nothing is counted in source c" in sentence for sentence in solved.undecided)


_rows = st.lists(
    st.builds(
        Row,
        source=st.sampled_from("abc"),
        themes=st.lists(st.sampled_from("xyz"), unique=True, max_size=3).map(tuple),
        words=st.integers(0, 80),
        served=st.booleans(),
        seconds=st.none() | st.floats(0, 60),
        speaker=st.sampled_from([None, "Anna", "Bela"]),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(_rows)
def test_primary_shares_add_to_one_in_every_cell(rows):
    table = drift(*tables(rows, {"a": "2024", "b": "2024", "c": "2026"}), DriftSection(), 0).prevalence
    totals: dict[tuple[str, str, str], float] = {}
    for index, measure in enumerate(table.measure):
        if measure == "primary":
            cell = (table.level[index], table.key[index], table.unit[index])
            totals[cell] = totals.get(cell, 0.0) + table.share[index]
    assert list(totals.values()) == pytest.approx([1.0] * len(totals))
    assert ((table.share >= 0) & (table.share <= 1)).all()
    assert any(row.served for row in rows) == bool(totals)
