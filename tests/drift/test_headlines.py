"""Headlines: short, true, and never more than the sentence says."""

import pytest

from planted.evidence import evidence_of
from planted.tables import Row, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift
from topicgpu.drift.findings.headlines import headline

_DATES = {"a": "2022", "b": "2023", "c": "2024", "d": "2026"}
_CHANGING = ("appear", "fade", "return", "rise", "fall", "moved", "persist")


def _evidence(name="x"):
    rows = [Row(source, (name,)) for source in "abcd"]
    return evidence_of(tables(rows, _DATES, theme_ids=[name]), "year")


def _spoken(counts):
    return [Row(source, ("x",) if i < n else ()) for source, n in zip("abcd", counts, strict=True) for i in range(100)]


def _one(counts, genres=None, **dates):
    (finding,) = drift(*tables(_spoken(counts), _DATES | dates, genres), DriftSection(), 0).findings
    return finding


@pytest.mark.parametrize(
    ("kind", "sides", "words"),
    [
        ("appears", [(0, 1), (2, 3)], "“X” appears in 2024"),
        ("fades", [(0, 1), (2, 3)], "“X” fades after 2023"),
        ("returns", [(0,), (1, 2), (3,)], "“X” returns in 2026"),
        ("rises", [(0, 1), (3,)], "“X” rises from 2022–2023 to 2026"),
        ("falls", [(2,), (3,)], "“X” falls from 2024 to 2026"),
        ("differs", [(2,), (3,)], "“X” differs between 2024 and 2026, but so do the kinds of source"),
        (
            "differs",
            [(0,), (1, 2), (3,)],
            "“X” differs between 2022, 2023–2024 and 2026, but so do the kinds of source",
        ),
        ("content", [(2,), (3,)], "Other things are said of “X” in 2026 than in 2024"),
        ("vocabulary", [(2,), (3,)], "The words of “X” moved between 2024 and 2026"),
        ("persists", [(2,), (3,)], "“X” persists in 2024 and 2026"),
        ("absent", [], "“X” is the main theme of no segment"),
    ],
)
def test_each_kind_has_its_words(kind, sides, words):
    assert headline(_evidence(), 0, kind, sides) == words


def test_a_change_inside_kinds_of_source_says_so():
    words = headline(_evidence(), 0, "falls", [(2,), (3,)], inside=True)
    assert words == "“X” falls from 2024 to 2026 inside kinds of source that both have"


def test_a_name_with_braces_is_a_name():
    assert headline(_evidence("{later}"), 0, "appears", [(0,), (1,)]) == "“{later}” appears in 2023"


@pytest.mark.parametrize(
    ("counts", "kind"),
    [((0, 0, 6, 8), "appears"), ((6, 8, 0, 0), "fades"), ((5, 0, 0, 7), "returns")],
)
def test_a_headline_is_how_its_sentence_begins(counts, kind):
    finding = _one(counts)
    assert finding.kind == kind
    assert finding.sentence.startswith(finding.headline)


def test_a_difference_of_kinds_is_called_no_change():
    finding = _one((0, 0, 6, 8), {"a": "call", "b": "call", "c": "talk", "d": "talk"})
    assert finding.headline == "“X” differs between 2022–2023 and 2024–2026, but so do the kinds of source"
    assert not any(word in finding.headline for word in _CHANGING)


def test_a_silence_of_another_kind_names_the_silence_too():
    finding = _one((5, 0, 0, 7), {"a": "call", "b": "talk", "c": "talk", "d": "call"})
    assert (finding.from_, finding.to) == ("2022", "2026")
    assert finding.headline == "“X” differs between 2022, 2023–2024 and 2026, but so do the kinds of source"


def test_named_periods_keep_their_quotation_marks_in_words_and_not_in_columns():
    periods = [{"name": "before", "from": "2022", "to": "2023"}, {"name": "after", "from": "2024", "to": "2026"}]
    made = tables(_spoken((0, 0, 6, 8)), _DATES)
    (finding,) = drift(*made, DriftSection.model_validate({"periods": periods}), 0).findings
    assert finding.headline == "“X” appears in “after”"
    assert (finding.from_, finding.to) == ("before", "after")


def test_sides_are_those_of_the_table_of_changes_and_what_it_rests_on_is_there():
    made = tables(_spoken((0, 0, 2, 60)), {"a": "2024", "b": "2024", "c": "2026", "d": "2026"})
    result = drift(*made, DriftSection(), 0)
    (finding,) = result.findings
    assert (finding.from_, finding.to) == (result.changes.from_[0], result.changes.to[0])
    assert finding.rests_on == ("d",)


def test_what_is_absent_has_no_sides():
    made = tables([Row("a"), Row("d")], {"a": "2024", "d": "2026"}, theme_ids=["x"])
    (finding,) = drift(*made, DriftSection(), 0).findings
    assert (finding.headline, finding.from_, finding.to) == ("“X” is the main theme of no segment", None, None)
