"""Merged, hidden and renamed themes, and what is said of ids that are not there."""

import numpy as np
import pytest
from pydantic import ValidationError

from topicgpu.config import GuidedTheme, ThemesSection
from topicgpu.themes.edits import merge_and_hide, rename, unknown_edits
from topicgpu.types import KnownTheme, Theme, ThemeIds, Themes

GUIDED = (GuidedTheme(id="bread", name="Bread", description="bread and ovens"),)


def section(**edits):
    return ThemesSection.model_validate({"guided": GUIDED, **edits})


@pytest.fixture
def themes():
    """Bread, and four discovered themes, d1 with a subtheme and d1 and d2 in a family; rows 4 and 5 carry two."""
    carried = [(0, 0, 1), (1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 2, 1), (4, 1, 2), (5, 3, 1), (5, 0, 2), (6, 4, 1)]
    row, theme, rank = np.array(carried, dtype=np.int64).T
    sizes = {"bread": 1, "d1": 2, "d2": 2, "d3": 1, "d4": 1}
    parents = {"d1": "d6", "d2": "d6"}
    return Themes(
        themes=tuple(
            Theme(
                each,
                each.upper(),
                "guided" if each == "bread" else "discovered",
                None,
                (),
                size,
                (),
                parent_id=parents.get(each),
            )
            for each, size in sizes.items()
        ),
        row=row,
        theme=theme,
        strength=np.linspace(0.1, 0.9, len(row)).astype(np.float32),
        rank=rank,
        near_row=np.array([0, 0, 1, 6]),
        near_theme=np.array([1, 2, 2, 3]),
        near_strength=np.array([0.1, 0.1, 0.2, 0.3], dtype=np.float32),
        n_rows=8,
        rows="rows",
        subthemes=(Theme("d5", "D5", "discovered", None, (), 1, (), "d1", level="subtheme"),),
        sub_row=np.array([1]),
        sub=np.array([0]),
        families=(Theme("d6", "D6", "discovered", None, (), 4, (), level="family"),),
        ids=ThemeIds(
            known=(
                *(KnownTheme(f"d{n}", f"D{n}", "theme", None, False) for n in (1, 2, 3, 4)),
                KnownTheme("d5", "D5", "subtheme", None, False),
                KnownTheme("d6", "D6", "family", None, False),
                KnownTheme("d7", "solar panels", "theme", None, True),
            )
        ),
    )


def carried(themes):
    """Row to the ids that it carries, by rank."""
    found: dict[int, list[str]] = {}
    for row, theme, rank in zip(themes.row.tolist(), themes.theme.tolist(), themes.rank.tolist(), strict=True):
        found.setdefault(row, []).append(themes.themes[theme].theme_id)
        assert rank == len(found[row])
    return found


def near(themes):
    return [(row, themes.themes[theme].theme_id) for row, theme in zip(themes.near_row, themes.near_theme, strict=True)]


def test_without_edits_nothing_changes(themes):
    assert merge_and_hide(themes, section()) is themes


def test_a_merged_theme_has_the_segments_of_all_its_parts(themes):
    merged = merge_and_hide(themes, section(merge=[{"into": "d1", "from": ["d2", "d4"]}]))
    assert carried(merged) == {0: ["bread"], 1: ["d1"], 2: ["d1"], 3: ["d1"], 4: ["d1"], 5: ["d3", "bread"], 6: ["d1"]}
    assert [(theme.theme_id, theme.size) for theme in merged.themes] == [("bread", 1), ("d1", 5), ("d3", 1)]
    assert near(merged) == [(0, "d1"), (6, "d3")]  # row 1 carries it
    assert merged.ids is themes.ids
    assert merged.strength[merged.row == 4].tolist() == themes.strength[5:6].tolist()  # the stronger of its two


def test_discovered_themes_go_by_size_after_a_merge(themes):
    merged = merge_and_hide(themes, section(merge=[{"into": "d4", "from": ["d2", "d3"]}]))
    assert [(theme.theme_id, theme.size) for theme in merged.themes] == [("bread", 1), ("d4", 4), ("d1", 2)]


def test_a_discovered_theme_may_become_part_of_a_guided_one(themes):
    merged = merge_and_hide(themes, section(merge=[{"into": "bread", "from": ["d3", "d1"]}]))
    assert carried(merged)[5] == ["bread"]
    assert carried(merged)[4] == ["d2", "bread"]
    assert merged.themes[0].size == 4
    assert [theme.parent_id for theme in merged.subthemes] == ["bread"]


def test_segments_of_a_hidden_theme_have_no_theme(themes):
    hidden = merge_and_hide(themes, section(hide=["d2", "d1"]))
    assert carried(hidden) == {0: ["bread"], 5: ["d3", "bread"], 6: ["d4"]}
    assert [theme.theme_id for theme in hidden.themes] == ["bread", "d3", "d4"]
    assert near(hidden) == [(6, "d3")]
    assert hidden.subthemes == hidden.families == ()
    assert len(hidden.sub_row) == len(hidden.sub) == 0


def test_a_hidden_theme_is_no_further_theme_either(themes):
    assert carried(merge_and_hide(themes, section(hide=["d1"])))[4] == ["d2"]


def test_all_discovered_themes_may_be_hidden(themes):
    hidden = merge_and_hide(themes, section(hide=["d1", "d2", "d3", "d4"]))
    assert carried(hidden) == {0: ["bread"]}
    assert [theme.theme_id for theme in hidden.all] == ["bread"]
    assert near(hidden) == []


def test_names_of_the_configuration_replace_those_that_were_found(themes):
    config = section(rename={"d1": "Boats", "d5": "Sails", "d6": "Water"}, merge=[{"into": "d1", "from": ["d3"]}])
    renamed = rename(merge_and_hide(themes, config), config)
    assert {theme.theme_id: theme.name for theme in renamed.all} == {
        "bread": "BREAD",
        "d1": "Boats",
        "d2": "D2",
        "d4": "D4",
        "d5": "Sails",
        "d6": "Water",
    }
    remembered = {theme.theme_id: theme.name for theme in renamed.ids.known}
    assert remembered["d3"] == "Boats"
    assert remembered["d7"] == "solar panels"


def test_ids_that_are_not_there_change_nothing_and_are_said_once(themes):
    config = section(rename={"d1": "Boats", "d9": "Kites"}, hide=["d7", "d5"], merge=[{"into": "d8", "from": ["d3"]}])
    assert merge_and_hide(themes, config) is themes
    assert unknown_edits(themes, config) == (
        "themes.merge names 'd8', which no theme has; themes.hide names 'd7', which is gone (a theme of an earlier "
        "run, 'solar panels'); themes.hide names 'd5', which is a subtheme ('D5'); themes.rename names 'd9', which no "
        "theme has; the themes are bread (BREAD), d1 (D1), d2 (D2), d3 (D3), d4 (D4)."
    )


def test_edits_that_took_effect_are_not_complained_about(themes):
    config = section(hide=["d4"], merge=[{"into": "bread", "from": ["d3"]}], rename={"d5": "x"})
    assert unknown_edits(merge_and_hide(themes, config), config) is None


def test_names_that_nobody_will_see_and_names_of_two_themes_are_said(themes):
    config = section(
        rename={"d2": "Boats", "d3": "Kites", "d4": "D1"}, hide=["d3"], merge=[{"into": "d1", "from": ["d2"]}]
    )
    assert unknown_edits(rename(merge_and_hide(themes, config), config), config) == (
        "themes.rename names 'd2', which is part of 'd1'; themes.rename names 'd3', which is hidden; themes.rename "
        "calls 'd4' 'D1', as 'd1' is called; the themes are bread (BREAD), d1 (D1), d4 (D1)."
    )


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"rename": {"d1": ""}}, "rename gives 'd1' no name"),
        ({"rename": {"d1": " "}}, "rename gives 'd1' no name"),
        ({"rename": {"d1": "Boats", "d2": "Boats"}}, "rename gives 'd1' the name 'Boats' of another theme"),
        ({"rename": {"d2": "Bread"}}, "rename gives 'd2' the name 'Bread' of another theme"),
        ({"rename": {"bread": "Loaf"}}, "rename names the guided theme 'bread'; change"),
        ({"hide": ["bread"]}, "hide names the guided theme 'bread'"),
        ({"merge": [{"into": "d1", "from": ["bread"]}]}, "merge.from names the guided theme 'bread'"),
        ({"merge": [{"into": "d1", "from": ["d2"]}, {"into": "d3", "from": ["d2"]}]}, "merge names 'd2' twice"),
        ({"merge": [{"into": "d1", "from": ["d2"]}, {"into": "d2", "from": ["d3"]}]}, "'d2' under into and under from"),
        ({"merge": [{"into": "d1", "from": ["d1"]}]}, "'d1' under into and under from"),
        ({"merge": [{"into": "d1", "from": ["d2"]}], "hide": ["d1"]}, "'d1' is under hide and under merge"),
    ],
)
def test_edits_that_make_no_sense_are_refused(edits, words):
    with pytest.raises(ValidationError, match=words):
        section(**edits)


@pytest.mark.parametrize("theme_id", ["d1", "d007", "none"])
def test_a_guided_theme_may_not_take_the_id_of_a_discovered_one(theme_id):
    with pytest.raises(ValidationError, match=r"is taken: d1, d2, \.\.\. are discovered themes"):
        GuidedTheme(id=theme_id, name="x", description="text")
