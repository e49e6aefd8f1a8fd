"""What the report never sees: texts and names that the configuration keeps back, and paths in any case."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from topicgpu.config import validate_config
from topicgpu.report import Results, render
from topicgpu.report.context import Context
from topicgpu.report.quotes import plain
from topicgpu.report.speakers import Speakers
from topicgpu.report.withheld import withhold, without_paths
from topicgpu.types import GateResult, Split


@pytest.fixture
def made(results: dict[str, Any]) -> Results:
    return Results(**results)


def with_report(results: Results, **report: object) -> Results:
    data = results.config.model_dump(mode="json", by_alias=True) | {"report": report}
    return replace(results, config=validate_config(data, "test"))


def told(results: Results, name: str = "Ana Lind") -> Results:
    """The fixture with a speaker in each place where a run names one."""
    assert results.drift is not None
    segments, drift, turns = results.segments, results.drift, results.sources.turns
    named = replace(segments, speaker=(name, name, "Bo", *segments.speaker[3:]))
    vars(named)["fingerprint"] = segments.fingerprint
    table = drift.prevalence
    return replace(
        results,
        manifest={**results.manifest, "warnings": [{"stage": "ingest", "message": f"{name} speaks at once."}]},
        sources=replace(
            results.sources,
            title=(f"Evening with {name.upper()}", *results.sources.title[1:]),
            turns=replace(turns, speaker=(name, "Bo", *turns.speaker[2:])),
        ),
        segments=named,
        drift=replace(
            drift,
            prevalence=replace(table, level=("speaker", *table.level[1:]), key=(name, *table.key[1:])),
            findings=(replace(drift.findings[0], sentence=f"It rises with {name}."), *drift.findings[1:]),
            undecided=(f"One name in several sources is taken for one speaker: {name} and Bo.", "Bo is a word."),
            instruments=(f"{name} has another microphone.",),
            splits=(Split("cranes", "span", "a", "b", "speaker", 0, 0, 0, (name, "Bo"), (), 2, 0, 0),),
            gates=(GateResult("gate", "passed", f"because of {name}", ()),),
        ),
    )


def test_a_speaker_is_one_number_everywhere_in_the_order_of_the_corpus(made: Results) -> None:
    hidden = withhold(with_report(told(made), speakers="anonymous"))
    assert hidden.segments.speaker[:3] == ("Speaker 1", "Speaker 1", "Speaker 2")
    assert hidden.sources.turns.speaker[:2] == ("Speaker 1", "Speaker 2")
    assert hidden.sources.title[0] == "Evening with Speaker 1"
    assert hidden.drift is not None
    assert hidden.drift.prevalence.key[0] == "Speaker 1"
    assert hidden.drift.findings[0].sentence == "It rises with Speaker 1."
    assert hidden.drift.splits[0].only_from == ("Speaker 1", "Speaker 2")
    assert hidden.drift.instruments == ("Speaker 1 has another microphone.",)
    assert hidden.drift.gates[0].reason == "because of Speaker 1"
    assert hidden.manifest["warnings"][0]["message"] == "Speaker 1 speaks at once."


def test_a_name_of_one_word_is_replaced_where_speakers_are_the_matter(made: Results) -> None:
    drift = withhold(with_report(told(made), speakers="anonymous")).drift
    assert drift is not None
    assert drift.undecided == (
        "One name in several sources is taken for one speaker: Speaker 1 and Speaker 2.",
        "Bo is a word.",
    )


def test_no_name_is_in_a_report_of_anonymous_speakers(made: Results) -> None:
    named = told(made, "Xaviera Quistgaard")
    assert "Xaviera Quistgaard" in render(named)
    page = render(with_report(named, speakers="anonymous"))
    assert "quistgaard" not in page.casefold()
    assert "Speaker 1" in page


def test_a_series_with_a_name_in_it_is_hidden_wherever_it_is_the_unit(made: Results) -> None:
    named = told(made)
    assert named.drift is not None
    show = "Evenings with Ana Lind, 2021"
    n, n_terms = len(named.drift.changes), len(named.drift.terms)
    drift = replace(
        named.drift,
        findings=(replace(named.drift.findings[0], rests_on=(show,)),),
        changes=replace(named.drift.changes, rests_on=(show,) * n),
        terms=replace(named.drift.terms, only_in=(show,) * n_terms),
        splits=(Split("cranes", "span", "a", "b", "series", 0, 0, 0, (show,), (), 1, 0, 0),),
    )
    data = named.config.model_dump(mode="json", by_alias=True)
    data["drift"]["unit"], data["report"]["speakers"] = "series", "anonymous"
    hidden = withhold(replace(named, drift=drift, config=validate_config(data, "test"))).drift
    assert hidden is not None
    unit = "Evenings with Speaker 1, 2021"
    assert hidden.findings[0].rests_on == (unit,)
    assert set(hidden.changes.rests_on) == set(hidden.terms.only_in) == {unit}
    assert hidden.splits[0].only_from == (unit,)


def test_ids_of_sources_stay_so_that_what_rests_on_one_leads_there(made: Results) -> None:
    named = told(made)
    assert named.drift is not None
    drift = replace(named.drift, findings=(replace(named.drift.findings[0], rests_on=("Ana Lind",)),))
    hidden = withhold(with_report(replace(named, drift=drift), speakers="anonymous")).drift
    assert hidden is not None
    assert hidden.findings[0].rests_on == ("Ana Lind",)


def test_parts_of_longer_words_and_names_are_left_alone(made: Results) -> None:
    numbers = Speakers(told(made).sources, told(made, "Ana Lindgren").segments)
    assert numbers.hide("Ana Lindgren met ANA LIND; Diana Lind did not.") == (
        "Speaker 3 met Speaker 1; Diana Lind did not."
    )


def test_withheld_rows_keep_the_fingerprint_of_the_originals(made: Results) -> None:
    hidden = withhold(with_report(made, text=False, speakers="anonymous"))
    assert hidden.segments.fingerprint == made.segments.fingerprint
    assert set(hidden.segments.text) == set(hidden.sources.text) == {""}
    assert hidden.segments.start_char is made.segments.start_char
    assert np.array_equal(hidden.segments.n_words, made.segments.n_words)


def test_nothing_is_withheld_unasked(made: Results) -> None:
    kept = withhold(made)
    assert kept.segments is made.segments
    assert kept.sources is made.sources


def test_a_quote_without_its_text_says_so_and_keeps_its_citation(made: Results) -> None:
    context = Context(with_report(made, text=False), ())
    quote = context.quotes.quote(0)
    assert quote["text"] is None
    assert quote["title"] == made.sources.title[0]
    assert plain(quote).endswith("\nthe text is withheld")


@pytest.mark.parametrize("interactive", [True, False])
def test_no_words_of_a_source_are_in_a_report_without_text(made: Results, interactive: bool) -> None:
    page = render(with_report(made, text=False, interactive=interactive))
    assert "The text is withheld." in page
    assert 'id="data-text-' not in page
    for text in made.segments.text:
        assert text[:30] not in page


def test_paths_are_called_by_their_last_name() -> None:
    manifest = {
        "config_path": "../../secret/my.toml",
        "config": {
            "corpus": {"path": "../../secret/corpus"},
            "embedding": {"model": "../secret/model", "cache": "../secret/vectors"},
            "themes": {"labels": "./secret/mine.csv", "namer": ""},
        },
        "theme_ids": {"update": "../secret/last"},
        "stages": {"themes": {"settings": "../secret", "facts": {"theme_ids": {"update": "../secret/last"}}}},
    }
    shown = without_paths(manifest)
    assert "secret" not in str(shown)
    assert shown["config"]["embedding"] == {"model": "model", "cache": "vectors"}
    assert (shown["config_path"], shown["theme_ids"]["update"]) == ("my.toml", "last")
    assert "secret" in str(manifest)  # it is not changed in place


def test_ids_of_models_and_words_for_no_path_stay() -> None:
    config = {"embedding": {"model": "owner/name", "cache": "auto"}, "themes": {"labels": "", "namer": ""}}
    assert without_paths({"config": config})["config"] == config
