import numpy as np
import pytest

from planted.vectors import graph_of, planted_vectors
from topicgpu.cluster import communities_of
from topicgpu.config import ThemesSection
from topicgpu.themes.hierarchy import find_families, find_parts
from topicgpu.types import Levels

CONFIG = ThemesSection()


def parts_of(vectors, theme_of, **settings):
    return find_parts(theme_of, vectors, graph_of(vectors), communities_of, ThemesSection(**settings), 0)


def test_a_theme_of_several_subjects_is_parted_into_them_and_one_of_a_single_subject_is_not():
    vectors, subjects = planted_vectors((30, 40, 50), 120, 0)
    found = parts_of(vectors, np.where(subjects < 3, 0, 1))
    assert found.theme.tolist() == [0, 0, 0]
    assert [np.flatnonzero(found.part_of == part).tolist() for part in range(3)] == [
        np.flatnonzero(subjects == subject).tolist() for subject in (2, 1, 0)
    ]
    assert (found.part_of[subjects == 3] == -1).all()
    assert (found.stability > 0.9).all()


def test_narrow_themes_are_not_parted():
    vectors, _ = planted_vectors((20, 20), 0, 0)
    assert len(parts_of(vectors, np.zeros(40, dtype=np.int64)).theme) == 0
    assert len(parts_of(vectors, np.zeros(40, dtype=np.int64), min_segments=5).theme) == 2
    assert len(parts_of(vectors, np.zeros(40, dtype=np.int64), min_segments=5, subthemes=False).theme) == 0


def test_rows_of_no_theme_are_in_no_part():
    vectors, subjects = planted_vectors((40, 40, 40), 0, 0)
    found = parts_of(vectors, np.where(subjects < 2, 0, -1))
    assert (found.part_of[subjects == 2] == -1).all()
    assert (found.part_of[subjects < 2] >= 0).all()


def levels(*groups):
    return Levels(np.array(groups), tuple(4.0**-place for place in range(len(groups))), 0)


def test_many_themes_have_families_by_the_first_level_that_joins_half_of_them():
    theme_of = np.repeat(np.arange(14), 2)
    first = np.maximum(theme_of - 1, 0)  # joins two: thirteen groups are no shorter list
    found = find_families(levels(theme_of, first, np.where(first < 9, 0, 1), first * 0), theme_of, CONFIG)
    assert found.tolist() == [0] * 10 + [1] * 4


def test_a_theme_alone_at_the_coarser_level_has_no_family():
    theme_of = np.repeat(np.arange(14), 2)
    coarser = np.where(theme_of < 13, theme_of % 3, 3)
    assert find_families(levels(theme_of, coarser), theme_of, CONFIG)[13] == -1


@pytest.mark.parametrize("n_themes", [0, 1, 12])
def test_few_themes_have_no_families(n_themes):
    theme_of = np.repeat(np.arange(n_themes), 2)
    found = find_families(levels(theme_of, np.zeros_like(theme_of)), theme_of, CONFIG)
    assert found.tolist() == [-1] * n_themes


def test_without_levels_there_are_no_families():
    theme_of = np.repeat(np.arange(14), 2)
    assert (find_families(None, theme_of, CONFIG) == -1).all()
