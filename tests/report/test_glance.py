"""The top of the page: what the corpus is about, what changed, and how sure that is."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.config import validate_config
from topicgpu.drift import drift
from topicgpu.report.context import Context
from topicgpu.report.glance import MOST, glance
from topicgpu.report.html import render
from topicgpu.report.results import Results
from topicgpu.types import GateResult

_YEARS = {"a": "2024", "b": "2024", "c": "2026", "d": "2026"}
_KINDS = {"a": "call", "b": "call", "c": "talk", "d": "talk"}


def _results(rows, dates=None, genres=None, unstable=(), **report: Any) -> Results:
    made = tables(rows, dates or _YEARS, genres)
    shaky = tuple(replace(theme, unstable=theme.theme_id in unstable) for theme in made.themes.themes)
    themes = replace(made.themes, themes=shaky)
    config = validate_config({"name": "planted", "report": report}, "test")
    return Results(config, {"name": "planted"}, *made[:4], None, themes, drift(*made[:4], themes, config.drift, 0))


def _four(*counts):
    rows = []
    for source, n in zip("abcd", counts, strict=True):
        about = {round(index * 100 / n) for index in range(n)}
        rows += [Row(source, ("x",) if index in about else ("y",)) for index in range(100)]
    return rows


def _seen(results: Results) -> dict[str, Any]:
    return glance(Context(results, ()))


def _sure(results: Results) -> list[str]:
    return [line["text"] for line in _seen(results)["sure"]]


def test_themes_stand_by_their_share_of_the_corpus_with_what_has_no_theme():
    rows = [Row(source, (theme,)) for source in "abcd" for theme in ("x", "x", "y")] + [Row(s) for s in "abcd"]
    about = _seen(_results(rows))["about"]
    assert [(row["theme"]["name"], row["percent"]) for row in about["rows"]] == [("X", "50.0%"), ("Y", "25.0%")]
    assert about["none"]["percent"] == "25.0%"
    assert about["rest"] is None


@pytest.mark.parametrize("n", [6, 20])
def test_at_most_eight_themes_have_a_bar_and_the_others_are_counted(n):
    names = [f"t{number:02}" for number in range(n)]
    rows = [Row(source, (name,)) for source in "abcd" for name in names]
    about = _seen(_results(rows))["about"]
    assert len(about["rows"]) == min(n, MOST)
    assert about["rest"] == (None if n <= MOST else "12 further themes: 5.0% each at most")


def test_the_first_five_have_a_bar_however_small():
    rows = [Row("a", (f"t{number}",), 1) for number in range(7)] + [Row("a", ("big",), 1000)]
    assert len(_seen(_results(rows, {"a": "2024"}))["about"]["rows"]) == 5


@pytest.mark.parametrize(("n", "worded"), [(4, False), (5, True)])
def test_intervals_are_drawn_from_five_sources_on_and_said_to_be_missing_below(n, worded):
    rows = [Row(f"s{i}", (theme,), 10 + i) for i in range(n) for theme in ("x", "y", "y")]
    results = _results(rows, {f"s{i}": "2024" for i in range(n)})
    (row, *_) = _seen(results)["about"]["rows"]
    assert (row["interval"] is not None) == worded
    assert ("no interval: fewer than five sources" in render(results, ["themes"])) != worded


def test_a_bar_is_a_part_of_the_longest():
    rows = [Row("a", ("x",), 75), Row("a", ("y",), 25)]
    bars = [row["bar"]["share"] for row in _seen(_results(rows, {"a": "2024"}))["about"]["rows"]]
    assert bars == ["100.0", "33.3"]


def test_headlines_lead_to_their_findings_with_their_status():
    results = _results(_four(0, 0, 6, 8))
    page = render(results)
    assert re.search(
        r'<a href="#finding-(\d)"><bdi>“X” appears in 2026</bdi></a> <span class="verdict">described, not', page
    )
    assert 'id="finding-1"' in page


def test_headlines_of_a_page_without_findings_lead_nowhere():
    assert '<a href="#finding-' not in render(_results(_four(0, 0, 6, 8)), ["themes"])


def test_a_difference_of_kinds_is_no_change_over_time():
    results = _results(_four(0, 0, 6, 8), genres=_KINDS)
    assert not _seen(results)["changed"]["over_time"]
    assert "<p>Nothing is shown to change over time.</p>" in render(results, ["findings"])


def test_what_persists_is_no_news():
    seen = _seen(_results(_four(20, 22, 24, 18)))
    assert seen["changed"]["headlines"] == []
    assert seen["sure"]


def test_one_period_has_nothing_to_compare():
    results = _results(_four(5, 5, 5, 5), dict.fromkeys("abcd", "2024"))
    assert "There is only one period, so nothing can be said about change." in render(results, ["findings"])


def test_how_sure_names_sides_status_questions_and_unstable_themes():
    results = _results(_four(0, 0, 6, 8), unstable=("y",))
    assert _sure(results) == [
        "Compared: 2 sources of 2024 with 2 of 2026.",
        "The finding is described, not tested.",
        f"{len(results.drift.undecided)} questions could not be decided.",
        "1 of 2 themes is unstable: grey, and in no finding.",
    ]


def test_words_that_the_encoder_does_not_serve_are_told_once_though_they_repeat():
    rows = [*_four(0, 0, 6, 8), Row("a", served=False, words=40), Row("a", served=False, words=30, repeats=0)]
    told = "Repeats apart, 40 words in languages that the encoder does not serve (zh) are in no share."
    assert told in _sure(_results(rows))


def test_a_failed_gate_is_at_the_top():
    results = _results(_four(0, 0, 6, 8))
    gates = (GateResult("a gate", "failed", "It moved.", ("x",)), GateResult("another", "passed", "No.", ()))
    page = render(replace(results, drift=replace(results.drift, gates=gates)), ["findings"])
    assert '<a href="#gates">Gates failed: 1.</a>' in page
    assert 'id="gates"' in page


def test_every_share_at_a_glance_is_in_the_table_of_shares():
    results = _results([Row(s, (t,), w) for s, w in (("a", 7), ("b", 9), ("c", 11)) for t in ("x", "y", "y")])
    table = results.drift.prevalence
    corpus = np.array(table.level) == "corpus"
    known = {f"{100 * share:.1f}%" for share in table.share[corpus]}
    seen = _seen(results)["about"]
    assert {row["percent"] for row in seen["rows"]} <= known


def test_a_run_that_went_no_further_than_its_segments_has_a_head(results):
    early = {name: part for name, part in results.items() if name not in ("themes", "drift", "map")}
    page = render(Results(**early))
    assert "<h1>" in page
    assert "What it is about" not in page
