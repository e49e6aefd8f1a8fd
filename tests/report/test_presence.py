"""When each theme is there: strips of periods, silences in words, and what a test of them gave."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from topicgpu.report import Results, render
from topicgpu.report.context import Context
from topicgpu.report.periods import missing_between
from topicgpu.report.sections import presence
from topicgpu.types import Presence

NAN = math.nan


def there(theme_id, kind, first, last, **more):
    given = {"words_before": 0, "words_after": 0, "gap": (), "p": NAN, "p_shift": NAN, "q": NAN, "found": False}
    return Presence(theme_id, kind, first, last, **(given | more), evidence=())


@pytest.fixture
def seen(results):
    rows = (
        there("d_ropes", "persists", "2021", "2022"),
        there("whales", "absent", None, None),
        there("cranes", "fades", "2021", "2021", words_after=1234, p=0.002, q=0.01, found=True),
        there("lamps", "appears", "2022", "2022", words_before=500),
    )
    results["drift"] = replace(results["drift"], presence=rows)
    return results


def view(results):
    return presence.view(Context(Results(**results), ["presence"]))


def text_of(results):
    page = render(Results(**results), ["presence"])
    return " ".join(re.sub("<[^>]+>", " ", page.split("<main", 1)[1]).split())


def test_what_appears_is_first_and_what_persists_is_apart(seen):
    gathered = view(seen)
    assert [row["kind"] for row in gathered["rows"]] == ["appears", "fades", "absent"]
    assert [item["theme"]["name"] for item in gathered["persisting"]] == ["ropes, nets"]
    assert "In every period: 1 theme" in text_of(seen)


def test_a_silence_is_told_in_words_and_its_test_in_figures(seen):
    appears, fades, absent = view(seen)["rows"]
    assert appears["silence"] == "none in the 500 words before 2022"
    assert appears["status"] == "described, not tested"
    assert fades["silence"] == "none in the 1\u202f234 words after 2021"
    assert fades["status"] == "tested: p = 0.002, q = 0.01; clear"
    assert (absent["when"], absent["status"]) == ("in no source", "")


def test_each_strip_says_in_words_what_it_shows(seen):
    labels = [row["label"] for row in view(seen)["rows"]]
    assert labels == ["There in 2022. Not in 2021", "There in 2021. Not in 2022", "Not in 2021 to 2022"]
    page = render(Results(**seen), ["presence"])
    assert page.count("<title>There in") == 2
    assert page.count('role="img"') == 3


def test_segments_that_come_near_a_silent_theme_are_counted_where_it_is_silent(seen):
    themes = seen["themes"]
    # rows 1 and 3 are of 2021, row 6 of 2022, row 2 repeats another and row 9 is not served
    near = np.array([1, 2, 3, 6, 9])
    seen["themes"] = replace(
        themes, near_row=near, near_theme=np.full(5, 2), near_strength=np.full(5, 0.1, dtype=np.float32)
    )
    assert view(seen)["rows"][2]["silence"] == "3 segments there come near it"


def test_periods_without_counted_speech_are_neither_there_nor_silent(seen):
    drift = seen["drift"]
    rows = (there("cranes", "returns", "2021", "2025", gap=("2022",)),)
    seen["drift"] = replace(drift, periods=("2021", "2022", "2024", "2025"), presence=rows)
    gathered = view(seen)
    assert gathered["rows"][0]["label"] == "There in 2021, 2025. Not in 2022. No counted speech in 2024"
    assert gathered["rows"][0]["silence"] == "not in 2022 between"
    assert gathered["missing"] == ["2022 and 2024 (1 year)"]
    assert len(gathered["strip"]["marks"]) == 1
    assert "No source between 2022 and 2024 (1 year)." in text_of(seen)


def test_fifty_three_periods_fit_into_one_strip(seen):
    periods = tuple(str(year) for year in range(1968, 2021))
    rows = (there("cranes", "fades", "1968", "2019", words_after=10),)
    seen["drift"] = replace(seen["drift"], periods=periods, presence=rows)
    gathered = view(seen)
    assert gathered["strip"]["width"] <= 300
    assert (gathered["first"], gathered["last"]) == ("1968", "2020")


def test_no_periods_and_no_themes_are_said(results):
    drift = results["drift"]
    assert "There is nothing to show: there are no themes." in text_of(results)
    results["drift"] = replace(drift, periods=(), period_of={})
    assert "There is nothing to show: no source has a period." in text_of(results)


def test_persisting_themes_alone(seen):
    seen["drift"] = replace(seen["drift"], presence=seen["drift"].presence[:1])
    assert "Every theme is there in every period." in text_of(seen)


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        ("2024", "2026", "1 year"),
        ("2019", "2020", None),
        ("2020-Q4", "2021-Q1", None),
        ("2020-Q1", "2021-Q1", "3 quarters"),
        ("2020-11", "2021-02", "2 months"),
        ("2020-W53", "2021-W01", None),
        ("2020-W50", "2021-W01", "3 weeks"),
        ("before", "after", None),
        ("2020", "2021-Q1", None),
    ],
)
def test_time_between_two_periods(before, after, missing):
    assert missing_between(before, after) == missing
