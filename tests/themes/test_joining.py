"""Themes that become one: who carries them then, and what is no longer known of them."""

from dataclasses import replace

import numpy as np
import pytest

from topicgpu.themes.joining import join
from topicgpu.types import Theme, Themes

GUIDED, SMALL, LARGE, OTHER = range(4)


@pytest.fixture
def themes():
    """A guided theme and three discovered ones, all of a family and measured; rows 4 and 5 are noise under `soft`."""
    carried = [
        (0, GUIDED, 1),
        (0, SMALL, 2),
        (0, LARGE, 3),
        (1, SMALL, 1),
        (2, LARGE, 1),
        (3, OTHER, 1),
        (3, SMALL, 2),
        (4, SMALL, 2),
        (5, LARGE, 2),
    ]
    row, theme, rank = np.array(carried, dtype=np.int64).T

    def discovered(theme_id, size):
        return Theme(theme_id, theme_id, "discovered", None, (), size, (), "f", 0.9, True, kept_from=0.7)

    return Themes(
        themes=(
            Theme("g", "g", "guided", "text", (), 1, (), stability=0.9, found_again=0.8),
            discovered("small", 1),
            discovered("large", 4),
            discovered("other", 3),
        ),
        row=row,
        theme=theme,
        strength=np.array([0.2, 0.3, 0.4, 0.5, 0.5, 0.5, 0.5, 0.1, 0.2], dtype=np.float32),
        rank=rank,
        near_row=np.array([2, 3, 3]),
        near_theme=np.array([SMALL, LARGE, GUIDED]),
        near_strength=np.array([0.1, 0.2, 0.1], dtype=np.float32),
        n_rows=6,
        rows="rows",
        subthemes=(Theme("part", "part", "discovered", None, (), 1, (), "small", level="subtheme"),),
        sub_row=np.array([1]),
        sub=np.array([0]),
        families=(Theme("f", "f", "discovered", None, (), 8, (), level="family"),),
    )


def carried(themes):
    pairs = zip(themes.row, themes.theme, themes.rank, themes.strength, strict=True)
    return [
        (row, themes.themes[theme].theme_id, rank, round(float(strength), 3)) for row, theme, rank, strength in pairs
    ]


def test_where_each_theme_stays_nothing_changes(themes):
    assert join(themes, np.arange(4)) is themes


def test_a_row_carries_a_joined_theme_once_at_the_better_rank_and_the_higher_strength(themes):
    joined = join(themes, np.array([GUIDED, LARGE, LARGE, OTHER]))
    assert carried(joined) == [
        (0, "g", 1, 0.2),
        (0, "large", 2, 0.4),
        (1, "large", 1, 0.5),
        (2, "large", 1, 0.5),
        (3, "other", 1, 0.5),
        (3, "large", 2, 0.5),
        (4, "large", 2, 0.1),
        (5, "large", 2, 0.2),
    ]


def test_a_row_that_carries_a_joined_theme_does_not_come_near_it(themes):
    joined = join(themes, np.array([GUIDED, LARGE, LARGE, OTHER]))
    assert list(zip(joined.near_row, joined.near_theme, strict=True)) == [(3, 0)]


def test_noise_that_carries_a_theme_as_a_further_one_outlives_another_that_is_hidden(themes):
    hidden = join(themes, np.array([GUIDED, -1, LARGE, OTHER]))
    assert carried(hidden) == [
        (0, "g", 1, 0.2),
        (0, "large", 2, 0.4),
        (2, "large", 1, 0.5),
        (3, "other", 1, 0.5),
        (5, "large", 2, 0.2),
    ]


def test_what_was_measured_on_a_part_is_not_said_of_the_whole(themes):
    joined = join(themes, np.array([GUIDED, GUIDED, LARGE, OTHER]))
    assert [(theme.theme_id, theme.size, theme.stability, theme.unstable) for theme in joined.themes] == [
        ("g", 2, None, False),
        ("large", 4, 0.9, True),
        ("other", 3, 0.9, True),
    ]
    assert joined.themes[0].found_again is None
    assert [theme.kept_from for theme in joined.themes] == [None, 0.7, 0.7]  # whose id it is does not change


def test_discovered_themes_go_by_size_and_guided_ones_before_them(themes):
    joined = join(themes, np.array([GUIDED, SMALL, SMALL, OTHER]))
    assert [theme.theme_id for theme in joined.themes] == ["g", "small", "other"]
    assert [theme.theme_id for theme in join(themes, np.array([0, 1, 3, 3])).themes] == ["g", "other", "small"]


def test_parts_follow_their_theme(themes):
    assert [part.parent_id for part in join(themes, np.array([0, 3, 2, 3])).subthemes] == ["other"]
    hidden = join(themes, np.array([0, -1, 2, 3]))
    assert hidden.subthemes == ()
    assert len(hidden.sub_row) == len(hidden.sub) == 0


def test_a_family_needs_two_themes(themes):
    both = join(themes, np.array([GUIDED, LARGE, LARGE, OTHER]))
    assert [(family.theme_id, family.size) for family in both.families] == [("f", 8)]
    one = join(themes, np.array([GUIDED, LARGE, LARGE, LARGE]))
    assert one.families == ()
    assert {theme.parent_id for theme in one.themes} == {None}


def test_themes_without_assignments_are_joined_too(themes):
    none = np.zeros(0, dtype=np.int64)
    bare = replace(themes, row=none, theme=none, strength=themes.strength[:0], rank=none)
    assert len(join(bare, np.array([0, 2, 2, 3])).row) == 0
