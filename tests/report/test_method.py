"""The method: every parameter with its meaning, no path of the machine, warnings by stage."""

import re
from dataclasses import replace

from topicgpu.config import Config, validate_config
from topicgpu.report import Results, render
from topicgpu.report.parameters import parameters_of


def text_of(results, section="method"):
    return " ".join(re.sub("<[^>]+>", " ", render(Results(**results), [section]).split("<main", 1)[1]).split())


def keys_of(tables):
    return {row["key"]: row for table in tables for row in table["rows"]}


def test_every_key_stands_with_its_default_and_its_meaning():
    config = validate_config({"segment": {"max_words": 90}}, "test")
    rows = keys_of(parameters_of(config, config.model_dump(mode="json", by_alias=True)))
    assert {"seed", "segment.max_words", "themes.noise.policy", "drift.gates.limits", "report.text"} <= rows.keys()
    assert rows["segment.max_words"]["changed"]
    assert (rows["segment.max_words"]["value"], rows["segment.max_words"]["default"]) == ("90", "80")
    assert rows["segment.max_words"]["description"] == "A segment never grows past this many words."
    assert all(row["description"] for row in rows.values())


def test_defaults_count_as_unchanged():
    config = Config()
    rows = keys_of(parameters_of(config, config.model_dump(mode="json", by_alias=True)))
    assert [key for key, row in rows.items() if row["changed"]] == []


def test_a_key_that_the_run_did_not_have_is_left_out():
    settings = Config().model_dump(mode="json", by_alias=True)
    del settings["report"]["text"]
    assert "report.text" not in keys_of(parameters_of(Config(), settings))


def test_the_page_names_no_folder_of_the_machine(results):
    config = validate_config(
        {"corpus": {"path": "/srv/ana/corpora/harbour"}, "themes": {"labels": "/srv/ana/hand.csv"}}, "test"
    )
    results["config"] = config
    results["manifest"] = results["manifest"] | {"config_path": "/srv/ana/runs/harbour.toml"}
    page = render(Results(**results), ["method"])
    assert "/srv" not in page
    for name in ("harbour.toml", "hand.csv"):
        assert name in page


def test_no_pattern_of_what_is_masked_is_shown_not_even_hashed(results):
    results["config"] = validate_config({"ingest": {"redact": {"client": "northern harbour"}}}, "test")
    page = render(Results(**results), ["method"])
    assert "client" in page
    assert "not shown" in page
    assert "northern" not in page
    assert "scrypt:" not in page


def test_stages_say_what_they_did_how_long_and_with_what(results):
    text = text_of(results)
    assert "neighbors links each segment to the most similar ones computed 75 s 2.0 GiB topk: reference" in text
    assert "taken from the store" in text
    assert "wanted: auto; no GPU was found" in text


def test_words_that_a_reader_may_not_know_are_explained(results):
    text = text_of(results)
    for word in ("Share", "Thin", "95% interval", "Described", "Tested, p", "q", "Stability", "Comes near"):
        assert f" {word} " in text


def test_of_many_sources_that_are_not_served_the_rest_is_counted(results):
    one = results["manifest"]["not_served"][0]
    results["manifest"] = results["manifest"] | {"not_served": [one] * 25}
    assert "5 more sources and languages are in manifest.json" in text_of(results)


def test_warnings_stand_in_full_under_their_stage(results):
    text = text_of(results, "warnings")
    assert "embed 1 1 segment is in a language that is &lt;not&gt; served." in text
    assert "ingest 1 letter.txt has no date." in text


def test_no_warning_is_said(results):
    results["manifest"] = results["manifest"] | {"warnings": []}
    results["sources"] = replace(results["sources"], warnings=())
    assert "Warnings There are none." in text_of(results, "warnings")


def test_what_could_not_be_decided_is_written_out(results):
    assert "No period has five sources, so &lt;none&gt; has an interval." in text_of(results, "undecided")
