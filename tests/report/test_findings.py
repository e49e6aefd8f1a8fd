"""The findings of the page: figures from the tables, what is sure and what is not, and what has no finding."""

import math
import re
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from planted.tables import Row, Tables, tables
from topicgpu.config import validate_config
from topicgpu.drift import drift
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change, changes_table
from topicgpu.report.context import Context
from topicgpu.report.finding_figures import figures_of
from topicgpu.report.html import render
from topicgpu.report.results import Results
from topicgpu.report.sections.findings import view
from topicgpu.report.wording import count, figure, percent, points
from topicgpu.types import Drift, Finding

_YEARS = {"a": "2024", "b": "2024", "c": "2026", "d": "2026"}
_KINDS = {"a": "call", "b": "call", "c": "talk", "d": "talk"}
_SECTIONS = ("findings", "table", "themes", "sources", "undecided")


def _spoken(counts, of=100):
    rows = []
    for source, n in counts.items():
        about = {round(index * of / n) for index in range(n)}  # evenly spread
        rows += [Row(source, ("x",) if index in about else ()) for index in range(of)]
    return rows


def _results(made: Tables, **config: Any) -> Results:
    checked = validate_config({"name": "planted"} | config, "test")
    return Results(checked, {"name": "planted"}, *made[:4], None, made.themes, drift(*made, checked.drift, 0))


def _four(*counts, genres=None, **dates) -> Results:
    return _results(tables(_spoken(dict(zip("abcd", counts, strict=True))), _YEARS | dates, genres, ["x"]))


def _first(results: Results) -> dict[str, Any]:
    shown: dict[str, Any] = view(Context(results, _SECTIONS))["findings"][0]
    return shown


def _tested() -> Results:
    counts = {f"a{i}": 5 for i in range(8)} | {f"b{i}": 30 + i for i in range(8)}
    dates = {source: "2024" if source[0] == "a" else "2026" for source in counts}
    return _results(tables(_spoken(counts, 60), dates, dict.fromkeys(counts, "talk")))


def test_an_appearance_has_both_sides_range_and_what_it_rests_on():
    shown = _first(_four(0, 0, 2, 60))
    assert (shown["headline"], shown["tone"]) == ("“X” appears in 2026", "moves")
    assert shown["figures"] == {
        "sides": [
            {"label": "2024", "value": "0%", "beside": "2 sources"},
            {"label": "2026", "value": "31.0%", "beside": "2 sources"},
        ],
        "of": "of the words, mean of the sources",
        "amount": None,
        "gap": None,
        "near": None,
        "range": {
            "name": "2026 with any one source left out",
            "text": "2.0 to 60.0%",
            "why": "no 95% interval: fewer than five sources on a side",
        },
        "status": "described, not tested",
        "test": None,
        "one": "source",
    }


def test_what_a_finding_rests_on_is_called_by_its_title_and_linked():
    assert _first(_four(0, 0, 2, 60))["rests_on"] == [{"name": "d", "anchor": "source-4"}]


def test_a_tested_change_has_an_interval_p_and_q():
    results = _tested()
    figures = _first(results)["figures"]
    assert (figures["status"], figures["range"]["name"]) == ("tested", "95% interval")
    assert re.fullmatch(r"p (= [\d.]+|under 0\.0001), q (= [\d.]+|under 0\.0001)", figures["test"])
    assert figures["range"]["why"] is None


def test_a_silence_in_between_is_named():
    figures = _first(_four(5, 0, 0, 7, a="2022", b="2023", c="2024", d="2026"))["figures"]
    assert (figures["gap"], [side["label"] for side in figures["sides"]]) == ("2023 to 2024", ["2022", "2026"])


def test_a_difference_of_kinds_looks_unlike_a_change():
    results = _four(0, 0, 6, 8, genres=_KINDS)
    shown = _first(results)
    assert (shown["tone"], shown["words"]) == ("apart", "between kinds of source, not shown over time")
    assert '<li id="finding-1" class="apart">' in render(results)


@pytest.mark.parametrize(("counts", "tone"), [((20, 22, 24, 18), "still"), ((0, 0, 0, 0), "still")])
def test_what_does_not_change_is_grey(counts, tone):
    assert _first(_four(*counts))["tone"] == tone


def test_a_theme_that_is_nowhere_has_one_figure_and_no_chart():
    shown = view(Context(_four(0, 0, 0, 0), _SECTIONS))
    (side,) = shown["findings"][0]["figures"]["sides"]
    assert side == {"label": "all sources", "value": "0", "beside": "4 sources"}
    assert shown["charts"] == {}


def test_only_themes_of_findings_are_drawn_and_each_once():
    page = render(_tested(), ["findings"])
    assert page.count('<svg class="chart') == 1 or len(re.findall(r'class="chart c\d"', page)) == 1


def test_what_leaves_no_finding_says_why():
    results = _four(5, 20, 20, 30)
    shown = view(Context(results, _SECTIONS))
    assert shown["findings"] == []
    assert shown["why_none"] == results.drift.undecided[0]
    assert "There is no finding: <bdi>No change of share could be tested." in render(results, ["findings"])


def _sides(kind, **columns):
    return Change(0, kind, Comparison("period", (0,), (1,)), n_from=7, n_to=9, units_from=7, units_to=9, **columns)


def _said(results: Results, kind: str, figures: dict[str, float], change: Change) -> dict[str, Any]:
    finding = Finding(kind, "x", "It.", "It moved.", figures, (), "tested", "2024", "2026")
    changed = replace(results.drift, changes=changes_table([change], ["x"], ("2024", "2026")))
    return figures_of(finding, changed, "words", "source")


def test_what_is_said_has_its_distance_in_times_of_chance():
    row = _sides("content", unit="distance", effect=0.2, smallest_p=0.001, p=0.002, q=0.004)
    figures = {"within": 0.2, "within_expected": 0.05, "times": 4.0, "within_loo_low": 0.17, "within_loo_high": 0.21}
    shown = _said(_four(0, 0, 6, 8), "content", figures, row)
    (side,) = shown["sides"]
    assert side == {"label": "2024 and 2026", "value": "4.0×", "beside": "7 sources against 9"}
    assert (shown["amount"], shown["test"]) == ("distance 0.2, by chance 0.05", "p = 0.002, q = 0.004")
    assert shown["range"]["text"] == "0.17 to 0.21"


def test_words_have_their_clearest_term_and_its_segments():
    row = replace(
        _sides("vocabulary", unit="log odds", effect=2.0, smallest_p=0.001, p=0.002, q=0.004), term="<b>inference"
    )
    figures = {"log_odds": 2.0, "term_from": 3, "term_to": 12, "of_from": 40, "of_to": 50, "q_words": 0.004}
    shown = _said(_four(0, 0, 6, 8), "vocabulary", figures, row)
    values = [(side["value"], side["beside"]) for side in shown["sides"]]
    assert values == [("3", "of 40 segments"), ("12", "of 50 segments")]
    assert shown["of"] == "segments with “<b>inference”"


def test_shares_that_one_decimal_does_not_tell_apart_have_more():
    finding = Finding("rises", "x", "It.", "It.", {"share_from": 0.0006, "share_to": 0.0014}, (), "described", "1", "2")
    shown = figures_of(finding, _four(0, 0, 6, 8).drift, "words", "source")
    assert [side["value"] for side in shown["sides"]] == ["0.06%", "0.14%"]


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for each in value.values() for number in _numbers(each)]
    if isinstance(value, list | tuple):
        return [number for each in value for number in _numbers(each)]
    if isinstance(value, np.ndarray):
        return [float(number) for number in value] if value.dtype.kind in "if" else []
    return [float(value)] if isinstance(value, int | float) and math.isfinite(value) else []


_NUMBER = re.compile(r"[+\u2212<]?\u202f?\d[\d\u202f]*(?:\.\d+)?")


def _in_tables(results: Drift) -> set[str]:
    """Every number of drift.json, drift.parquet and prevalence.parquet as the page would round it."""
    tables = [asdict(finding) for finding in results.findings] + [asdict(row) for row in results.presence]
    values = {v for part in (*tables, asdict(results.changes), asdict(results.prevalence)) for v in _numbers(part)}
    said = set()
    for value in values - {math.inf}:
        if math.isfinite(value):
            said |= {count(value), figure(value), f"{value:.1f}", f"{value:.0f}"}
            if abs(value) <= 1:
                said |= {percent(abs(value)), points(value), *(f"{100 * value:.{d}f}%" for d in (2, 3, 4))}
    return {number for text in said for number in _NUMBER.findall(text)}


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(lambda: _four(0, 0, 2, 60), id="appears"),
        pytest.param(lambda: _four(5, 0, 0, 7, a="2022", b="2023", c="2024", d="2026"), id="returns"),
        pytest.param(lambda: _four(5, 5, 30, 28), id="rises"),
        pytest.param(lambda: _four(0, 0, 6, 8, genres=_KINDS), id="differs"),
        pytest.param(lambda: _four(20, 22, 24, 18), id="persists"),
        pytest.param(lambda: _four(0, 0, 0, 0), id="absent"),
        pytest.param(_tested, id="tested"),
    ],
)
def test_every_number_of_a_finding_is_one_of_the_tables(results):
    made = results()
    known, shown = _in_tables(made.drift), view(Context(made, _SECTIONS))["findings"]
    assert shown
    for finding in shown:
        figures = finding["figures"]
        texts = [side[part] for side in figures["sides"] for part in ("value", "beside")]
        texts += [figures[part] for part in ("of", "amount", "near", "test")]
        texts += [figures["range"]["text"]] if figures["range"] else []
        numbers = {number for text in texts if text for number in _NUMBER.findall(text)}
        assert numbers
        assert numbers <= known


def test_hostile_names_and_periods_are_text(results):
    page = render(Results(**results))
    assert "“Ropes &amp; &lt;nets&gt;” rises from 2021 to 2022" in page
    assert "What also changes: <bdi>whose &lt;speakers&gt; are known</bdi>" in page
    assert "<nets>" not in page
