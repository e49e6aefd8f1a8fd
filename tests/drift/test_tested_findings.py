"""What a test found, in words: order, what stands beside a change, and that every number is one of the tables."""

import re
from dataclasses import replace

import numpy as np
import pytest

from planted.evidence import evidence_of, prevalence_row
from planted.tables import Row, tables
from topicgpu.drift.changes.design import Comparison, comparisons
from topicgpu.drift.findings.presence import can_test, presences
from topicgpu.drift.findings.results import Results
from topicgpu.drift.findings.sentences import find
from topicgpu.drift.findings.unchanged import unchanged
from topicgpu.types import ChangeTerms, Family, Move, Presence, Split
from topicgpu.types.drift import no_terms

_SPAN = Comparison("period", (0,), (1,))
_NAMES = ["tide", "oven", "seed"]


def _corpus(counts, years=(2024, 2026), genres=None, of=40):
    """Sources of each year, each with so many segments of every theme."""
    rows, dates, kinds = [], {}, {}
    for year, sources in zip(years, counts, strict=True):
        for index, numbers in enumerate(sources):
            source = f"{'abcdefghij'[years.index(year)]}{'abcdefghij'[index]}"
            dates[source] = str(year)
            kinds[source] = "talk" if genres is None else genres[source]
            for theme, n in zip(_NAMES, numbers, strict=True):
                rows += [Row(source, (theme,), 12)] * n
            rows += [Row(source, (), 12)] * (of - sum(numbers))
    return evidence_of(tables(rows, dates, kinds, theme_ids=_NAMES), "year")


def _found(evidence, changes=(), presence=None, splits=(), moves=(), terms=None):
    presence = presences(evidence, 0.05) if presence is None else presence
    results = Results(changes, presence, splits, moves, terms or no_terms())
    return results, find(evidence, results, can_test(evidence, 0.05))


def _tested(evidence, theme=0, pair=_SPAN, q=0.012, found=True, **columns):
    return prevalence_row(evidence, theme, pair, p=0.004, q=q, found=found, **columns)


def _rising(n=6):
    return _corpus([[(2, 5, 4)] * n, [(9, 5, 4)] * (n - 1) + [(12, 5, 4)]])


def test_a_tested_rise_has_interval_range_and_q():
    evidence = _rising()
    (finding, *_), _ = reversed(_found(evidence, [_tested(evidence, within_low=0.1, within_high=0.25)]))
    assert (finding.kind, finding.status) == ("rises", "tested")
    assert finding.sentence == (
        "“Tide” rises: from an average of 5.0% of the words in the 6 sources of 2024 (all talk) to 23.8% in the 6 "
        "sources of 2026 (all talk), +18.8 points (95% interval +10.0 to +25.0; +17.5 to +19.0 with any one source "
        "left out; q 0.012; slow wander not ruled out)."
    )


def test_a_test_that_found_nothing_leaves_no_finding_however_clear_it_looks():
    evidence = _rising()
    _, findings = _found(evidence, [_tested(evidence, found=False, q=0.2)])
    assert {finding.kind for finding in findings} <= {"persists"}


def test_rotations_that_were_looked_at_rule_wander_out():
    evidence = _rising()
    (finding, *_) = _found(evidence, [_tested(evidence, p_shift=0.04)])[1]
    assert "wander" not in finding.sentence


def test_what_rests_on_one_source_says_which():
    evidence = _rising()
    (finding, *_) = _found(evidence, [_tested(evidence, rests_on="bf")])[1]
    assert finding.sentence.endswith(" It rests on one source (bf).")


def test_what_was_tested_leads_and_the_mix_explains_the_rest():
    evidence = _rising()
    split = Split("tide", "period", "2024", "2026", "genre", 0.188, 0.25, -0.1, (), ("essay",), 0, 1, 0.038)
    row = _tested(evidence, within=-0.1, within_loo_low=-0.12, within_loo_high=-0.08)
    (finding, *_) = _found(evidence, [row], splits=[split])[1]
    assert finding.kind == "falls"
    assert finding.sentence == (
        "“Tide” falls inside the kinds of source that both sides have: -10.0 points (-12.0 to -8.0 with any one source "
        "left out; q 0.012; slow wander not ruled out). Over all sources it goes from an average of 5.0% of the words "
        "in the 6 sources of 2024 (all talk) to 23.8% in the 6 sources of 2026 (all talk), +18.8 points: another mix "
        "of genres makes +25.0 points and genres that one side alone has (“essay”) make +3.8 points."
    )


def test_a_change_that_is_mix_and_was_not_found_is_a_difference_of_kinds():
    evidence = _rising()
    split = Split("tide", "period", "2024", "2026", "genre", 0.188, 0.18, 0.008, (), (), 0, 0, 0.0)
    row = _tested(evidence, found=False, q=0.8, within=0.008)
    (finding, *_) = _found(evidence, [row], splits=[split])[1]
    assert finding.kind == "differs"
    assert finding.sentence.endswith(
        "+18.8 points, of which another mix of genres makes +18.0 points: this is not shown to be a change over time."
    )


def test_the_other_side_of_a_swap_says_so():
    evidence = _rising()
    rows = [_tested(evidence), _tested(evidence, 1, effect=-0.18, within=-0.18)]
    sentences = {each.theme_id: each.sentence for each in _found(evidence, rows)[1]}
    assert sentences["oven"].endswith(" “Tide” moves by as much the other way.")
    assert "the other way" not in sentences["tide"]


def test_what_only_the_rotations_stopped_is_undecided_and_not_unchanged():
    evidence = _rising()
    row = _tested(evidence, found=False, q=0.0004, p_shift=0.077, detectable=0.01)
    results, findings = _found(evidence, [row])
    results = replace(results, families=(Family("prevalence", "period", 3, 0.001, True, 0.05),))
    assert not [each for each in find(evidence, results, testable=True) if each.theme_id == "tide"]
    assert unchanged(evidence, results, findings) == [
        "The share of “Tide” changed by +18.8 points between 2024 and 2026 (q under 0.001), but as large a difference "
        "lies elsewhere in these 2 periods (p 0.077): slow wander can't be told from it."
    ]


def test_a_change_of_the_recording_stands_beside_the_finding():
    evidence = _rising()
    results, _ = _found(evidence, [_tested(evidence)])
    results = replace(results, recorded=lambda _: ("the languages",))
    (finding, *_) = find(evidence, results, testable=True)
    assert finding.sentence.endswith(" What also changes: the languages.")


def test_named_periods_stand_in_quotation_marks():
    evidence = replace(_rising(), named=True)
    (finding, *_) = _found(evidence, [_tested(evidence)])[1]
    assert "in the 6 sources of “2024” (all talk) to 23.8% in the 6 sources of “2026” (all talk)" in finding.sentence


@pytest.mark.parametrize(("mix", "said"), [(0.1, True), (0.05, False), (-0.3, False), (float("nan"), False)])
def test_mix_that_makes_up_most_of_a_change_is_said(mix, said):
    evidence = _rising()
    split = Split("tide", "period", "2024", "2026", "speaker", 0.188, mix, 0.188 - mix, (), (), 0, 0, 0.0)
    (finding, *_) = _found(evidence, [_tested(evidence)], splits=[split])[1]
    assert ("Of these, another mix of speakers makes +10.0 points." in finding.sentence) == said


def test_units_without_a_counterpart_are_counted():
    genres = {f"a{letter}": "talk" for letter in "abcdef"} | {f"b{letter}": "talk" for letter in "abcdef"}
    counts = [[(2, 5, 4)] * 6, [(9, 5, 4)] * 6]
    evidence = _corpus(counts, genres=genres | {"bf": "essay"})
    results, findings = _found(evidence, [_tested(evidence)])
    assert " 1 source of 2026 took no part in the test: 2024 has none of their kind." in findings[0].sentence
    assert any("none of their kind: source bf." in sentence for sentence in unchanged(evidence, results, findings))


def test_the_widest_change_names_its_clearest_step():
    evidence = _corpus([[(2, 0, 0)] * 3, [(3, 0, 0)] * 3, [(12, 0, 0)] * 3, [(14, 0, 0)] * 3], (2020, 2021, 2022, 2023))
    pairs = comparisons(4)
    rows = [_tested(evidence, 0, pairs[3]), _tested(evidence, 0, pairs[1]), _tested(evidence, 0, pairs[2])]
    (finding, *_) = _found(evidence, rows)[1]
    assert finding.sentence.endswith(
        " The steps that are clear by themselves: +22.5 points from 2021 to 2022; +5.0 points from 2022 to 2023."
    )


def test_a_tested_appearance_states_what_was_read_without_it():
    evidence = _corpus([[(0, 5, 4)] * 6, [(4, 5, 4)] * 6])
    records = presences(evidence, 0.05)
    assert records[0].p == pytest.approx(2 / 924)
    records = (replace(records[0], q=0.0067, found=True), *records[1:])
    (finding, *_) = _found(evidence, [_tested(evidence)], records)[1]
    assert (finding.kind, finding.status) == ("appears", "tested")
    assert finding.sentence == (
        "“Tide” appears in 2026: the main theme of none of the 2,880 words of the 6 sources of 2024 (all talk), then "
        "an average of 10.0% of the words in the 6 sources of 2026 (all talk), in each of them (10.0% with any one "
        "source left out; q 0.007; slow wander not ruled out)."
    )
    assert not _found(evidence)[1] or _found(evidence)[1][0].kind != "appears"  # the design can test, and did not


def test_the_silence_that_is_said_is_the_one_that_was_tested():
    evidence = _corpus([[(0, 5, 4)] * 8, [(4, 5, 4)] * 6, [(0, 5, 4)]], (2020, 2022, 2024))
    records = presences(evidence, 0.05)
    late = replace(records[0], kind="comes and goes", words_after=10**6, q=0.01, found=True)
    row = _tested(evidence, 0, comparisons(3)[-1], found=False)
    (finding, *_) = _found(evidence, [row], (late, *records[1:]))[1]
    assert finding.sentence.startswith("“Tide” appears in 2022: the main theme of none of the 3,840 words of the 8 ")


def test_two_against_seven_is_tested_or_not_the_same_for_shares_and_silences():
    evidence = _corpus([[(0, 5, 4)] * 2, [(4, 5, 4)] * 7])
    assert not can_test(evidence, 0.05)
    kinds = {each.theme_id: each.kind for each in _found(evidence, [_tested(evidence, found=False)])[1]}
    assert "tide" not in kinds


def _moved(evidence, theme=1):
    content = _tested(evidence, theme, kind="content", unit="distance", effect=0.0914, within=0.0914, q=0.0004)
    content = replace(content, within_expected=0.0312, value_from=float("nan"), value_to=float("nan"))
    content = replace(content, within_loo_low=0.08, within_loo_high=0.1)
    words = replace(content, kind="vocabulary", unit="log odds", effect=2.4, within=float("nan"), q=0.03, term="steam")
    terms = ChangeTerms(
        theme_id=("oven",) * 3,
        level=("period",) * 3,
        from_=("2024",) * 3,
        to=("2026",) * 3,
        term=("steam", "stone oven", "gas"),
        log_odds=np.array([2.4, 1.1, -1.9]),
        n_from=np.array([0, 2, 9]),
        n_to=np.array([12, 6, 1]),
        of_from=np.array([30, 30, 30]),
        of_to=np.array([30, 30, 30]),
        sources_from=np.array([0, 1, 5]),
        sources_to=np.array([5, 1, 1]),
        only_in=(None, "bc", None),
    )
    move = Move("oven", "period", "2024", "2026", ("ba:900-1000",), ("aa:300-400",), (), ())
    return content, replace(words, loo_low=float("nan"), loo_high=float("nan")), terms, move


def test_what_is_said_and_in_which_words_is_one_finding():
    evidence = _rising()
    content, words, terms, move = _moved(evidence)
    (finding, *rest) = _found(evidence, [content, words], terms=terms, moves=[move])[1]
    assert finding.kind == "content"
    assert finding.sentence == (
        "The sources of 2026 say other things of “Oven” than those of 2024: they lie 0.091 apart, 2.9 times as far as "
        "when they are dealt to the sides at random (0.031; 0.080 to 0.100 with any one source left out; q under "
        "0.001). Its words moved as well: “steam” from 0 of 30 compared segments to 12 of 30 (log odds +2.4; q 0.030; "
        "slow wander not ruled out); gained “stone oven” (in bc alone); lost “gas”."
    )
    assert finding.evidence == ("ba:900-1000", "aa:300-400")
    assert all(other.kind == "persists" for other in rest)


def test_words_alone_and_content_alone():
    evidence = _rising()
    content, words, terms, move = _moved(evidence)
    (finding, *_) = _found(evidence, [words], terms=terms)[1]
    assert finding.sentence.startswith(
        "The words of “Oven” moved between 2024 and 2026: “steam” from 0 of 30 compared segments to 12 of 30 "
        "(log odds +2.4"
    )
    assert finding.kind == "vocabulary"
    (finding, *_) = _found(evidence, [content], terms=terms, moves=[move])[1]
    assert "The terms that moved most: gained “steam”" in finding.sentence
    assert not [each for each in _found(evidence, [replace(content, found=False)])[1] if each.kind == "content"]


def test_amounts_and_what_is_said_are_ordered_by_size_and_described_come_last():
    evidence = _rising()
    content, words, terms, move = _moved(evidence)
    large, small = _tested(evidence), _tested(evidence, 2, effect=0.001, within=0.001, value_from=0.1, value_to=0.101)
    still = _tested(evidence, 1, found=False, q=0.9, detectable=0.031)
    _, findings = _found(evidence, [small, large, content, words, still], terms=terms, moves=[move])
    assert [(each.theme_id, each.kind) for each in findings] == [
        ("oven", "content"),
        ("tide", "rises"),
        ("seed", "rises"),
        ("oven", "persists"),
    ]
    assert findings[-1].sentence.endswith(" This design finds a change of 3.1 points four times in five.")


def test_themes_without_a_finding_say_what_could_have_been_found():
    evidence = _rising()
    rows = [
        _tested(evidence),
        _tested(evidence, 1, found=False, q=0.5, detectable=0.04),
        _tested(evidence, 2, found=False, q=0.5, detectable=float("inf")),
    ]
    results, findings = _found(evidence, rows)
    assert unchanged(evidence, results, findings) == [
        "No change of share was found between 2024 and 2026 for “Oven”: this design finds one of 4.0 points four times "
        "in five.",
        "No change of share of any size could be found between 2024 and 2026 for “Seed”.",
    ]


def test_a_design_that_can_not_test_is_said_once():
    evidence = _corpus([[(2, 5, 4)] * 3, [(9, 5, 4)] * 2])
    rows = [prevalence_row(evidence, theme, _SPAN, why="few") for theme in range(3)]
    results, findings = _found(evidence, rows)
    assert unchanged(evidence, results, findings) == [
        "No change of share could be tested. 3 against 2 sources cannot show a change beyond themselves, nor "
        "rule out slow wander."
    ]
    assert all("q 0" not in finding.sentence for finding in findings)


def _numbers(sentence):
    """Numbers of a sentence but for those in names, periods and the word for an interval."""
    bare = re.sub(r"“[^”]*”|\b20\d\d\b|95% interval|under 0.001|×\d+|(?<=\d),(?=\d{3})", "", sentence)
    return re.findall(r"[+-]?\d+(?:\.\d+)?", bare)


def _table_values(evidence, results):
    """Every number of the tables, and the counts of sources, words and segments that can be made from them."""
    values = {float(value) for row in results.changes for value in vars_of(row) if isinstance(value, int | float)}
    values |= {float(value) for each in results.presence for value in vars_of(each) if isinstance(value, int | float)}
    values |= {float(value) for each in results.splits for value in vars_of(each) if isinstance(value, float)}
    values |= {row.within / row.within_expected for row in results.changes if row.kind == "content"}
    terms = results.terms
    values |= {float(n) for column in (terms.n_from, terms.n_to, terms.of_from, terms.of_to) for n in column}
    table = evidence.sources
    n = len(evidence.periods.keys)
    sides = [evidence.side(range(first, last)) for first in range(n) for last in range(first + 1, n + 1)]
    for side in sides:
        rows = list(side.rows)
        values |= {float(len(rows)), float(table.total_units[0, rows].sum())}
        for theme in range(evidence.n_themes):
            segments, shares = table.theme_units[1, rows, theme], table.share[0, rows, theme]
            values |= {float(shares.mean()), float((segments > 0).sum()), float(segments.sum())}
            if len(rows) > 1:
                values |= {float(np.delete(shares, index).mean()) for index in range(len(rows))}
    return values


def vars_of(record):
    return [getattr(record, name) for name in record.__slots__]


def _planted(seed):
    """A corpus of two to four years and one or two genres, with rows, splits and terms that a test would give."""
    rng = np.random.default_rng(seed)
    years = tuple(range(2020, 2022 + seed % 3))
    sizes = [int(rng.integers(1, 7)) for _ in years]
    level = rng.integers(0, 12, (len(years), 3)) * (rng.random((len(years), 3)) > 0.3)
    counts = [
        [tuple(np.minimum(12, rng.poisson(level[year])).tolist()) for _ in range(n)] for year, n in enumerate(sizes)
    ]
    ids = [f"{'abcdefghij'[year]}{'abcdefghij'[index]}" for year, n in enumerate(sizes) for index in range(n)]
    genres = {source: ("talk", "essay")[int(rng.random() < 0.3)] for source in ids} if seed % 2 else None
    evidence = _corpus(counts, years, genres)
    rows, splits, listed = [], [], []
    for pair in comparisons(len(years)):
        for theme in range(3):
            place = (_NAMES[theme], pair.level, *pair.labels(evidence.periods.keys))
            tested = bool(rng.random() > 0.4)
            columns = (
                {"q": rng.random() / 10, "p": 0.01, "found": bool(rng.random() > 0.4)} if tested else {"why": "few"}
            )
            if tested and sizes[0] > 4:
                columns |= {"within_low": -rng.random(), "within_high": rng.random(), "detectable": rng.random()}
            if seed % 2:
                columns |= {"within": rng.random() - 0.5}
            row = prevalence_row(evidence, theme, pair, **columns)
            rows.append(row)
            mix, unsplit = (row.effect - row.within) * rng.random(2)
            splits.append(Split(*place, "genre", row.effect, mix, 0.0, ("essay",), (), 1, 0, unsplit))
            if tested and rng.random() > 0.5:
                size = {"within": rng.random(), "within_expected": 0.01 + 0.1 * rng.random(), "found": True}
                said = {"kind": "vocabulary", "effect": rng.normal(), "term": "steam", "found": True}
                rows += [replace(row, kind="content", **size), replace(row, **said)][rng.integers(0, 2) :]
                spoken = [int(evidence.primary(theme)[list(evidence.side(side).rows)].sum()) for side in pair[1:]]
                listed.append(
                    (*place, "steam", said["effect"], *rng.integers(0, spoken, endpoint=True), *spoken, 2, 3, None)
                )
    records = [
        replace(each, q=0.01, found=True) if np.isfinite(each.p) and each.p <= 0.05 else each
        for each in presences(evidence, 0.05)
    ]
    columns = zip(*listed, strict=True) if listed else [()] * 13
    terms = ChangeTerms(*(np.array(c) if c and not isinstance(c[0], str | None) else tuple(c) for c in columns))
    return evidence, Results(rows, records, splits, (), terms)


def _figures_as_written(figures):
    """Each figure in every way that a sentence could round it."""
    forms = ["{:.0f}", "{:+.1f}", "{:.1f}", "{:.3f}"]
    stated = {form.format(value) for value in figures for form in forms}
    return stated | {
        f"{sign}{100 * value:.{n}f}".replace("+-", "-") for value in figures for n in range(1, 5) for sign in ("", "+")
    }


@pytest.mark.parametrize("seed", range(60))
def test_every_number_of_every_sentence_is_of_the_tables(seed):
    evidence, results = _planted(seed)
    values = _table_values(evidence, results)
    for finding in find(evidence, results, can_test(evidence, 0.05)):
        stated = _figures_as_written(finding.figures.values())
        for number in _numbers(finding.sentence):
            assert number in stated, (number, finding)
        for name, value in finding.figures.items():
            known = name in _COUNTED or any(np.isclose(value, other, atol=1e-12) for other in values)
            assert known, (name, finding)


# Counted from units and assignments, which have tests of their own.
_COUNTED = {"near", "near_from", "near_to", "units", "units_from", "units_to", "comparable_from", "comparable_to"} | {
    "left_out_from", "left_out_to", "segments_from", "segments_to", "sources", "sources_with"
}  # fmt: skip


def test_the_planted_corpora_have_findings_of_every_kind():
    kinds = {
        finding.kind
        for seed in range(60)
        for evidence, results in [_planted(seed)]
        for finding in find(evidence, results, can_test(evidence, 0.05))
    }
    assert kinds >= {"appears", "fades", "rises", "falls", "persists", "differs", "content", "vocabulary"}


def test_presence_of_all_is_the_order_of_the_themes():
    evidence = _rising()
    assert [record.theme_id for record in presences(evidence, 0.05)] == _NAMES
    assert all(isinstance(record, Presence) for record in presences(evidence, 0.05))
