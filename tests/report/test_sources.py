"""Sources: what is told of each, which of many are listed, and that links lead to those alone."""

import re
from dataclasses import replace

import numpy as np

from topicgpu.report import Results, render, source_rows
from topicgpu.report.context import Context
from topicgpu.report.sections import sources as section
from topicgpu.report.source_rows import listed_sources


def text_of(results):
    return " ".join(re.sub("<[^>]+>", " ", render(Results(**results), ["sources"]).split("<main", 1)[1]).split())


def test_each_source_says_what_it_is_and_what_was_left_out(results):
    text = text_of(results)
    assert "Dropped 7 words: menu" in text
    assert "Language not served zh: 1 segment, 10 words , in no theme and no share" in text
    assert "Repeats 1 segment, 10 words: the same words again" in text
    assert "original: ask the harbour company" in text
    assert f"SHA-256 {'0' * 64}" in text
    assert "20 words in 2 segments, period 2022" in text
    assert "in no period" in text


def test_of_many_sources_those_of_findings_are_listed_first_then_those_with_most_left_out(results, monkeypatch):
    monkeypatch.setattr(source_rows, "MAX_LISTED", 3)
    assert Context(Results(**results), ["sources"]).listed == {0, 2, 4}  # call and notes are quoted, radio not served
    text = text_of(results)
    assert "3 of 5 sources: those that the findings quote, then" in text
    assert "The other 2 are in sources.parquet" in text
    assert "Keeper" not in text


def test_no_link_leads_to_a_source_that_is_not_listed(results, monkeypatch):
    monkeypatch.setattr(source_rows, "MAX_LISTED", 1)
    page = render(Results(**results))
    links, ids = set(re.findall(r'href="#(source-\d+)"', page)), set(re.findall(r'id="(source-\d+)"', page))
    assert links == ids == {"source-1"}
    assert "Keeper &amp; &lt;b&gt;lighthouse" in page  # quoted and in the table all the same


def test_many_sources_stand_in_a_table(results, monkeypatch):
    monkeypatch.setattr(section, "MAX_ENTRIES", 4)
    page = render(Results(**results), ["sources"])
    assert page.count("<tr id=") == 5
    assert "Left out, and why" in page


def test_a_listing_of_many_sources_looks_at_each_table_once(results, monkeypatch):
    """Dates, words and repeats of all sources are read once: the cost is that of the rows, not of sources by rows."""
    seen = []
    dates = type(results["sources"]).dates
    monkeypatch.setattr(
        type(results["sources"]), "dates", property(lambda self: seen.append(1) or dates.fget(self)), raising=True
    )
    assert len(Context(Results(**results), ["sources"]).rows) == 5
    assert len(seen) == 1


def test_all_of_few_sources_are_listed(results):
    assert listed_sources(results["sources"], results["segments"], results["embeddings"].served, ()) == set(range(5))


def test_evidence_of_a_segment_that_is_not_there_chooses_nothing(results, monkeypatch):
    monkeypatch.setattr(source_rows, "MAX_LISTED", 1)
    served = np.ones(10, dtype=bool)
    assert listed_sources(results["sources"], results["segments"], served, ["gone:1-2"]) == {1}  # most dropped


def test_a_source_of_no_stated_kind_says_so(results):
    sources = results["sources"]
    results["sources"] = replace(sources, genre=(None, *sources.genre[1:]), series=("Autumn", *sources.series[1:]))
    text = text_of(results)
    assert "kind not stated" in text
    assert "series: Autumn" in text
