from dataclasses import replace

import pytest

from planted.evidence import evidence_of, prevalence_row
from planted.tables import Row, tables
from topicgpu.drift.changes.design import comparisons
from topicgpu.drift.findings.instruments import instruments
from topicgpu.drift.shares.counts import SEGMENTS, WORDS

_DATES = {"a": "2024", "b": "2024", "c": "2026", "d": "2026"}


def _warnings(made, found=False, unit=WORDS):
    evidence = replace(evidence_of(made), unit=unit)
    pairs = comparisons(len(evidence.periods.keys))
    return instruments(made.sources, evidence, [prevalence_row(evidence, 0, pair, found=found) for pair in pairs])


def _rows(late=None):
    late = late or Row("c", ("x",), 50)
    return [Row("a", ("x",), 50), Row("b", ("x",), 50), late, replace(late, source="d")]


def test_talk_that_is_recorded_alike_has_no_warning():
    assert _warnings(tables(_rows(), _DATES)) == ()


def test_another_form_is_named():
    made = tables(_rows(), _DATES)
    sources = replace(made.sources, form=("speech recognition", "speech recognition", "edited", None))
    (warning,) = _warnings(made._replace(sources=sources))
    assert warning == (
        "The transcripts of 2024 and 2026 differ in form (“speech recognition” against “edited” and “not given”), "
        "which may look like a change of the talk."
    )


def test_longer_segments_are_told_in_words():
    (warning,) = _warnings(tables(_rows(Row("c", ("x",), 80)), _DATES))
    assert warning.startswith("A segment of 2024 has 50.0 words on average and one of 2026 80.0, ")
    assert _warnings(tables(_rows(Row("c", ("x",), 60)), _DATES)) == ()


def test_named_speakers_on_one_side_alone_are_told():
    (warning,) = _warnings(tables(_rows(Row("c", ("x",), 50, speaker="Anna")), _DATES))
    assert warning.startswith("Who speaks is known of 0% of the words of 2024 and of 100% of those of 2026, ")


def test_another_mix_of_languages_is_named():
    made = tables(_rows(), _DATES)
    segments = replace(made.segments, language=("en", "en", "de", "en"))
    (warning,) = _warnings(made._replace(segments=segments))
    assert warning.startswith("The sources of 2024 and 2026 differ in language (“en” against “de” and “en”), ")


def test_many_periods_are_one_sentence():
    dates = {name: str(2020 + index) for index, name in enumerate("abcdefgh")}
    rows = [Row(name, ("x",), 50 if index % 2 else 80) for index, name in enumerate(dates)]
    (warning,) = _warnings(tables(rows, dates), found=True)
    assert warning.startswith("A segment of 2020 has 80.0 words on average and one of 2021 50.0")
    assert warning.endswith(" The same holds for 2021 and 2022, 2022 and 2023, 2023 and 2024 and 3 more.")


@pytest.mark.parametrize(("words", "warnings"), [(50, 1), (0, 0)])
def test_sides_without_a_word_differ_in_length_alone(words, warnings):
    early = [Row("a", ("x",), words), Row("b", ("x",), words)]
    made = tables([*early, Row("c", ("x",), 0, speaker="Anna"), Row("d", ("x",), 0, speaker="Anna")], _DATES)
    said = _warnings(made, unit=SEGMENTS)
    assert len(said) == warnings
    assert all(each.startswith("A segment of 2024 has 50.0 words on average and one of 2026 0.0, ") for each in said)
