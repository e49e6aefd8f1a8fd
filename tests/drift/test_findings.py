from dataclasses import replace

import pytest

from planted.tables import Row, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift

_GENRES = {"a": "call", "b": "podcast", "c": "podcast", "d": "digest"}
_DATES = {"a": "2024-04-23", "b": "2024-04", "c": "2026-02", "d": "2026-01-22"}


def _spoken(source, theme, n, of=100, strength=0.5):
    """A source of `of` segments, of which n, evenly spread, are about one theme."""
    about = {round(index * of / n) for index in range(n)} if n else set()
    return [Row(source, (theme,) if index in about else (), strength=strength) for index in range(of)]


def _findings(rows, dates=None, genres=None, **config):
    return drift(*tables(rows, dates or _DATES, genres), DriftSection(**config), 0).findings


def _one(*args, **kwargs):
    (finding,) = _findings(*args, **kwargs)
    return finding


def _four(counts, theme="x"):
    return [row for source, n in zip("abcd", counts, strict=True) for row in _spoken(source, theme, n)]


def test_appears_states_where_it_was_not_and_where_it_is():
    finding = _one(_four((0, 0, 6, 8)), genres=_GENRES)
    assert finding.kind == "appears"
    assert finding.sentence == (
        "“X” appears in 2026: the main theme of none of the 2,000 words of the 2 sources of 2024 (call, podcast), then "
        "an average of 7.0% of the words in the 2 sources of 2026 (digest, podcast), in each of them (6.0% to 8.0% "
        "with any one source left out). Only 1 against 1 of these 4 sources are of a kind that both sides have, which "
        "cannot show a change beyond themselves, nor rule out slow wander."
    )
    assert finding.figures["share_to"] == pytest.approx(0.07)
    assert (finding.figures["sources_from"], finding.figures["sources_to"]) == (2, 2)


def test_sources_of_unlike_kinds_differ_and_nothing_appears():
    finding = _one(_four((0, 0, 6, 8)), genres={"a": "call", "b": "call", "c": "podcast", "d": "podcast"})
    assert (finding.kind, finding.status) == ("differs", "described")
    assert finding.sentence == (
        "“X” differs with the kind of source: the main theme of none of the 2,000 words of the 2 sources of 2024 (all "
        "call), then an average of 7.0% of the words in the 2 sources of 2026 (all podcast), in each of them (6.0% to "
        "8.0% with any one source left out). No kind of source is on both sides: this is not shown to be a change over "
        "time."
    )


def test_sources_of_unlike_kinds_differ_and_nothing_rises():
    finding = _one(_four((5, 5, 30, 28)), genres={"a": "call", "b": "call", "c": "podcast", "d": "podcast"})
    assert finding.kind == "differs"
    assert finding.sentence.startswith("“X” differs with the kind of source: from an average of 5.0% of the words in ")
    assert finding.sentence.endswith("No kind of source is on both sides: this is not shown to be a change over time.")


def test_kinds_that_are_not_given_are_not_called_other_kinds():
    finding = _one(_four((0, 0, 6, 8)), genres={"c": "podcast", "d": "podcast"})
    assert finding.kind == "differs"
    assert finding.sentence.endswith(
        " The kind of 2 of these sources is not given: this is not shown to be a change over time."
    )


def test_a_theme_that_one_source_carries_says_so():
    finding = _one(_four((0, 0, 2, 60)))
    assert finding.kind == "appears"
    assert "(2.0% to 60.0% with any one source left out). It rests on one source (d)." in finding.sentence


def test_a_silence_of_another_kind_of_source_is_no_return():
    dates = {"a": "2022", "b": "2023", "c": "2024", "d": "2026"}
    finding = _one(_four((5, 0, 0, 7)), dates, {"a": "call", "b": "talk", "c": "talk", "d": "call"})
    assert finding.kind == "differs"


@pytest.mark.parametrize(("near", "kind"), [(1, "appears"), (3, "rises"), (7, None)])
def test_what_comes_near_counts_against_a_silence(near, kind):
    rows = _four((0, 0, 6, 8))
    for index in range(near):
        rows[7 * index] = Row("a", ("other", "x"))
    kinds = {finding.theme_id: finding.kind for finding in _findings(rows)}
    assert kinds.get("x") == kind


def test_near_segments_beside_a_flood_leave_a_rise():
    rows = _four((0, 0, 40, 50))
    for index in range(0, 60, 5):
        rows[index] = Row("a", ("other", "x"))
    finding = next(finding for finding in _findings(rows) if finding.theme_id == "x")
    assert finding.kind == "rises"
    assert "from an average of 0% of the words in the 2 sources of 2024 (12 segments come near it)" in finding.sentence


def test_returns_after_periods_without_it():
    dates = {"a": "2022", "b": "2023", "c": "2024", "d": "2026"}
    finding = _one(_four((5, 0, 0, 7)), dates)
    assert finding.kind == "returns"
    assert finding.sentence == (
        "“X” returns in 2026: 5.0% of the words in the one source of 2022, the main theme of none of the 2,000 words "
        "of the 2 sources of 2023–2024, then 7.0% of the words in the one source of 2026. One source against one "
        "cannot show a change beyond themselves, nor rule out slow wander."
    )


def test_an_unstable_theme_has_no_finding():
    made = tables(_four((0, 0, 6, 8)), _DATES)
    shaky = replace(made.themes, themes=tuple(replace(theme, unstable=True) for theme in made.themes.themes))
    result = drift(*made[:4], shaky, DriftSection(), 0)
    assert result.findings == ()
    assert any("Kept out of the findings" in sentence and "“X”" in sentence for sentence in result.undecided)


def test_a_digest_is_marked():
    made = tables(_four((0, 0, 6, 8)), _DATES, {"d": "news"})
    sources = replace(made.sources, form=(None, None, None, "Digest of clips"))
    (finding,) = drift(sources, *made[1:], DriftSection(), 0).findings
    assert "the 2 sources of 2026 (kind not given, news as a digest)" in finding.sentence


def test_fades_is_the_mirror_and_quotes_the_time_when_it_was_heard():
    finding = _one(_four((6, 8, 0, 0)))
    assert finding.kind == "fades"
    assert finding.sentence == (
        "“X” fades after 2024: an average of 7.0% of the words in the 2 sources of 2024, in each of them (6.0% to 8.0% "
        "with any one source left out), then the main theme of none of the 2,000 words of the 2 sources of 2026. 2 "
        "against 2 sources cannot show a change beyond themselves, nor rule out slow wander."
    )
    assert {segment[0] for segment in finding.evidence} == {"a", "b"}


def test_a_further_theme_before_is_said_beside_the_appearance():
    rows = _four((0, 0, 6, 8))
    rows[3] = Row("a", ("other", "x"))
    finding = next(finding for finding in _findings(rows) if finding.kind == "appears")
    assert "of the 2 sources of 2024 (1 segment comes near it), then" in finding.sentence
    assert finding.figures["near"] == 1


def test_one_segment_is_called_one_segment():
    finding = _one(_spoken("a", "x", 0) + _spoken("c", "x", 1), {"a": "2024", "c": "2026"})
    assert "then one segment, 1.0% of the words, in the one source of 2026." in finding.sentence
    assert finding.sentence.endswith(
        " One source against one cannot show a change beyond themselves, nor rule out slow wander."
    )


@pytest.mark.parametrize(("counts", "kind"), [((5, 5, 30, 28), "rises"), ((30, 28, 5, 5), "falls")])
def test_a_clear_change_in_every_source_is_found(counts, kind):
    finding = _one(_four(counts))
    assert finding.kind == kind
    assert abs(finding.figures["effect"]) == pytest.approx(0.24)
    assert (finding.figures["loo_low"] > 0) == (kind == "rises")
    assert {segment[0] for segment in finding.evidence} == ({"c", "d"} if kind == "rises" else {"a", "b"})


@pytest.mark.parametrize(
    "counts",
    [
        (5, 20, 20, 30),  # one source of each end meets one of the other
        (2, 2, 4, 4),  # every source above, but by no more than noise
        (4, 4, 60, 4),  # one source alone
    ],
)
def test_what_noise_or_one_source_explains_is_no_change(counts):
    assert not {finding.kind for finding in _findings(_four(counts))} & {"rises", "falls"}


def test_persists_is_big_on_both_ends():
    finding = _one(_four((20, 22, 24, 18)))
    assert finding.kind == "persists"
    assert finding.sentence == (
        "“X” persists: an average of 21.0% of the words in the 2 sources of 2024 and 21.0% in the 2 sources of 2026, "
        "in each of these 4 sources (+0.0 points; -3.0 to +3.0 with any one source left out). This design finds no "
        "change of any size."
    )
    assert not _findings(_four((2, 2, 2, 2)))
    assert not _findings(_four((60, 80, 62, 62)))  # 8 points are no steadiness, whatever the ratio


def test_a_theme_that_nobody_carries_is_absent():
    result = drift(*tables(_four((0, 0, 0, 0)), _DATES, theme_ids=["x"]), DriftSection(), 0)
    assert [finding.sentence for finding in result.findings] == [
        "“X” is the main theme of none of the 4,000 words of the 4 sources."
    ]
    assert result.findings[0].evidence == ()


def test_from_five_sources_on_four_fifths_are_enough_to_appear():
    dates = {"old": "2024"} | {f"s{i}": "2026" for i in range(5)}
    rows = _spoken("old", "x", 0, 50) + [row for i in range(5) for row in _spoken(f"s{i}", "x", 5 if i else 0, 50)]
    assert "in 4 of them" in _one(rows, dates).sentence
    rows = _spoken("old", "x", 0, 50) + [row for i in range(5) for row in _spoken(f"s{i}", "x", 5 if i > 1 else 0, 50)]
    assert not _findings(rows, dates)


def test_the_first_mention_in_between_is_named():
    dates = {"a": "2022", "b": "2023", "c": "2024", "d": "2025"}
    finding = _one(_four((0, 0, 3, 9)), dates)
    assert finding.sentence.startswith(
        "“X” appears in 2024: the main theme of none of the 2,000 words of the 2 sources of 2022–2023, then an "
        "average of 6.0% of the words in the 2 sources of 2024–2025"
    )


def test_evidence_is_the_two_strongest_of_each_source():
    rows = _four((0, 0, 6, 8))
    strongest = [index for index, row in enumerate(rows) if row.themes and row.source == "c"][2:4]
    for index in strongest:
        rows[index] = Row("c", ("x",), strength=0.9)
    evidence = _one(rows).evidence
    assert len(evidence) == 4
    assert {f"c:{(index - 200) * 100}-{(index - 199) * 100}" for index in strongest} <= set(evidence)


def test_larger_changes_come_first_and_persistence_after_them():
    rows = [
        Row(source, (theme,))
        for source, late in zip("abcd", (False, False, True, True), strict=True)
        for theme, n in {"new": 2 * late, "newer": 9 * late, "always": 20, "rest": 80 - 11 * late}.items()
        for _ in range(n)
    ]
    assert [(f.kind, f.theme_id) for f in _findings(rows)][:2] == [("appears", "newer"), ("appears", "new")]
    assert _findings(rows)[-1].kind == "persists"


def test_seconds_speak_of_timed_sources():
    rows = [Row("a", (), seconds=9.0), Row("b", ()), Row("c", ("x",), seconds=9.0), Row("d", ("x",), seconds=9.0)]
    sentence = _one(rows, shares_of="seconds").sentence
    assert "the main theme of none of the 10 words of the one timed source of 2024" in sentence
    assert "100% of the speaking time in the 2 timed sources of 2026" in sentence
