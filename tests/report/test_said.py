"""What is said about a theme now and before: which comparison, which words, in which order, and what is left out."""

import re
from dataclasses import replace

import numpy as np
import pytest

from topicgpu.report import Results, render
from topicgpu.report.context import Context
from topicgpu.report.sections import said
from topicgpu.report.terms import MAX_TERMS, terms_of
from topicgpu.types import Move, Theme


def view(results):
    return said.view(Context(Results(**results), ["said"]))


def text_of(results, drawn=("said",)):
    return " ".join(re.sub("<[^>]+>", " ", render(Results(**results), drawn).split("<main", 1)[1]).split())


@pytest.fixture
def moved(results):
    """Cranes: one comparison, with a quote on each side, and a part that appears."""
    ids = results["segments"].segment_id
    part = Theme("d9", "Tall <cranes>", "discovered", None, (), 1, (), "cranes", level="subtheme")
    move = Move("cranes", "period", "2021", "2022", (ids[6],), (ids[0],), ("d9",), ())
    results["themes"] = replace(results["themes"], subthemes=(part,))
    results["drift"] = replace(results["drift"], moves=(move,))
    return results


def with_changes(results, **columns):
    """The content change of cranes (the third row) in other words."""
    changes = results["drift"].changes
    keep = {name: np.array(getattr(changes, name)) for name in columns}
    for name, value in columns.items():
        keep[name][2] = value
    back = {n: v if isinstance(getattr(changes, n), np.ndarray) else tuple(v.tolist()) for n, v in keep.items()}
    return results | {"drift": replace(results["drift"], changes=replace(changes, **back))}


def test_both_sides_of_a_theme_are_quoted_with_the_earlier_one_first(moved):
    (item,) = view(moved)["opened"]
    assert (item["from"], item["to"]) == ("2021", "2022")
    assert [quote["segment_id"] for quote in item["before"]] == ["call:0-54"]
    assert [quote["title"] for quote in item["now"]] == ["Notes from the harbour council"]
    text = text_of(moved)
    assert text.index("more boxes than in any spring") < text.index("The council heard that tolls")
    assert "digest, not the speaker\u2019s words" in text
    assert "Part that appears: Tall &lt;cranes&gt;" in text


def test_words_gained_and_lost_stand_with_their_segments_sources_and_the_one_that_carries_them(moved):
    terms = view(moved)["opened"][0]["terms"]
    assert terms["gained"][0] == {
        "term": "tolls",
        "before": {"segments": "0 of 8", "units": None},
        "now": {"segments": "3 of 9", "units": "1 source"},
        "only_in": "notes",
    }
    assert [term["term"] for term in terms["lost"]] == ["boxes"]
    assert "tolls only in notes 0 of 8 3 of 9 1 source" in text_of(moved)


def test_the_change_of_content_is_told_in_one_line_with_its_test(moved):
    assert "What is said, 2021 to 2022 : distance 0.123, 0.05 where the periods are dealt out at random; tested: p" in (
        text_of(moved)
    )


def test_a_clear_move_between_neighbours_goes_before_the_widest_comparison(moved):
    drift = moved["drift"]
    wide = replace(drift.moves[0], level="span", from_="2021", to="2023")
    moved["drift"] = replace(drift, moves=(*drift.moves, wide))
    assert view(moved)["opened"][0]["to"] == "2023"
    assert view(moved)["opened"][0]["others"] == ["2021 to 2022"]
    assert view(with_changes(moved, found=True, q=0.01))["opened"][0]["to"] == "2022"


def test_themes_of_findings_are_first_then_the_clearest_and_unstable_ones_last(moved):
    ids, drift, themes = moved["segments"].segment_id, moved["drift"], moved["themes"]
    others = [
        Move(name, "period", "2021", "2022", (ids[6],), (ids[0],), (), ()) for name in ("lamps", "whales", "d_ropes")
    ]
    moved["drift"] = replace(drift, moves=(*others, *drift.moves))
    assert [item["theme"]["name"] for item in view(moved)["opened"]] == ["Cranes and boxes", "ropes, nets", "Whales"]
    assert [item["theme"]["name"] for item in view(moved)["folded"]] == ["Lamps <at> night"]
    rope = replace(themes.themes[3], unstable=True)
    moved["themes"] = replace(themes, themes=(*themes.themes[:3], rope))
    assert view(moved)["folded"][0]["theme"]["name"] == "ropes, nets"
    assert "ropes, nets , unstable: 2021 to 2022" in text_of(moved)


def test_a_theme_with_nothing_to_show_is_named_with_the_reason(moved):
    left = {item["theme"]["name"]: item["why"] for item in view(moved)["still"]}
    assert left["Whales"] is None
    assert left["ropes, nets"].startswith("described") or left["ropes, nets"].startswith("tested")
    assert "Whales : not compared, since one side has none of it" in text_of(moved)


def test_of_four_hundred_themes_the_rest_is_named(results):
    themes, drift, ids = results["themes"], results["drift"], results["segments"].segment_id
    many = tuple(Theme(f"d{n}", f"theme {n}", "discovered", None, (), 1, ()) for n in range(400))
    results["themes"] = replace(themes, themes=many)
    moves = tuple(Move(theme.theme_id, "period", "2021", "2022", (ids[6],), (ids[0],), (), ()) for theme in many)
    results["drift"] = replace(drift, moves=moves, findings=(), pooled={})
    gathered = view(results)
    assert len(gathered["opened"]) + len(gathered["folded"]) == said.MAX_THEMES
    assert len(gathered["left"]) == 400 - said.MAX_THEMES
    assert f"Compared too, and in drift.parquet alone, {400 - said.MAX_THEMES}" in text_of(results)


def test_one_period_has_nothing_to_compare(results):
    drift = results["drift"]
    none = np.zeros(0, dtype=int)
    terms = replace(drift.terms, **{
        name: none if isinstance(getattr(drift.terms, name), np.ndarray) else ()
        for name in drift.terms.__slots__
    })  # fmt: skip
    results["drift"] = replace(drift, periods=("2021",), terms=terms)
    assert "all dated sources are of one period" in text_of(results)
    results["drift"] = replace(drift, periods=(), period_of={}, terms=terms)
    assert "no source has a period" in text_of(results)


def test_terms_are_cut_on_each_side_and_counted_in_the_unit_of_inference(results):
    table = results["drift"].terms
    many = replace(
        table,
        **{
            name: np.repeat(column, 10) if isinstance(column, np.ndarray) else column * 10
            for name in table.__slots__
            for column in [getattr(table, name)]
        },
    )
    terms = terms_of(many, "series")["cranes", ("period", "2021", "2022")]
    assert len(terms["gained"]) == MAX_TERMS
    assert terms["gained"][0]["now"]["units"] == "1 series"
