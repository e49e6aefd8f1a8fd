import numpy as np
import pytest

from topicgpu.config import ThemesSection
from topicgpu.themes.discovered import find_discovered
from topicgpu.types import Clusters, Embeddings, Repeats


def discover(labels, guided=None, repeats=(), strengths=None, vectors=None, served=None, at_least=2, **noise):
    """Rows of one group lie at one place unless vectors are given, so that strength is what `strengths` says."""
    labels = np.array(labels, dtype=np.int64)
    n = len(labels)
    guided = np.full(n, -1) if guided is None else np.array(guided)
    pairs = np.array(repeats, dtype=np.int64).reshape(-1, 2)
    places = np.eye(16, dtype=np.float32)[labels] if vectors is None else np.array(vectors, dtype=np.float32)
    depth = np.ones(n) if strengths is None else np.array(strengths)
    return find_discovered(
        Clusters(labels, depth.astype(np.float32), "hand", "rows"),
        guided,
        int(guided.max(initial=-1)) + 1,
        Embeddings(places, np.ones(n, dtype=bool) if served is None else np.array(served), "hand", "0", (), "rows"),
        Repeats(pairs[:, 0], pairs[:, 1], ("exact",) * len(pairs), np.ones(len(pairs)), n, "rows"),
        ThemesSection(min_segments=at_least, noise=noise),
    )


def themes(*args, **settings):
    return discover(*args, **settings).theme_of.tolist()


def test_every_group_is_a_theme_and_noise_is_none():
    assert themes([0, 0, 1, -1, 1, 0]) == [0, 0, 1, -1, 1, 0]


def test_what_a_guided_theme_leaves_of_a_group_that_it_has_half_of_is_no_other_theme():
    assert themes([0] * 8, guided=[0] * 4 + [-1] * 4) == [-1] * 8
    assert themes([0] * 9, guided=[0] * 4 + [-1] * 5) == [-1] * 4 + [0] * 5


def test_what_several_guided_themes_leave_of_a_group_is_a_theme():
    assert themes([0] * 8, guided=[0, 0, 1, 1, 2, 2, -1, -1]) == [-1] * 6 + [0, 0]


def test_a_theme_needs_enough_segments():
    assert themes([0, 0, 0], at_least=4) == [-1] * 3
    assert themes([0, 0, 0], at_least=3) == [0] * 3


def test_the_largest_theme_comes_first_whatever_the_size_of_its_group():
    guided = [0, 1, 2] + [-1] * 9
    assert themes([0] * 7 + [1] * 5, guided=guided) == [-1] * 3 + [1] * 4 + [0] * 5


def test_repeats_follow_what_they_repeat_and_are_not_counted():
    assert themes([0, 0, 1, 1, -1, 1], repeats=[(4, 0), (5, 0)]) == [0, 0, 1, 1, 0, 0]
    assert themes([0, 0, 0, 0], repeats=[(2, 0), (3, 0)], at_least=3) == [-1] * 4


def test_a_guided_theme_that_is_a_group_is_found_again():
    found = discover([0] * 4 + [1] * 6, guided=[0] * 3 + [-1] * 4 + [1] + [2] * 2)
    assert found.same == (0.75, None, None)
    assert discover([0, 0, -1, -1], guided=[0, 0, 1, 1]).same == (1.0, None)


RIM = {"labels": [0] * 4 + [1] * 4 + [-1], "strengths": [0.9] * 3 + [0.1] + [0.9] * 4 + [0.0], "threshold": 0.2}
PLACES = [[1, 0]] * 3 + [[0.6, 0.8]] + [[0, 1]] * 4 + [[0.8, 0.6]]


def test_noise_has_no_theme():
    found = discover(**RIM, vectors=PLACES)
    assert found.theme_of.tolist() == [1, 1, 1, -1, 0, 0, 0, 0, -1]
    assert found.strengths[[3, 8]].tolist() == [0, 0]
    assert len(found.further[0]) == 0


def test_noise_is_assigned_where_that_is_asked_for_and_stays_weak():
    found = discover(**RIM, vectors=PLACES, policy="assign")
    assert found.theme_of.tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 1]
    assert found.strengths[[3, 8]] == pytest.approx([0.08, 0])


def test_noise_has_a_further_theme_alone_where_that_is_asked_for():
    found = discover(**RIM, vectors=PLACES, policy="soft")
    assert found.theme_of.tolist() == discover(**RIM, vectors=PLACES).theme_of.tolist()
    rows, nearest, strengths = found.further
    assert rows.tolist() == [3, 8]
    assert nearest.tolist() == [0, 1]
    assert strengths == pytest.approx([0.08, 0])


@pytest.mark.parametrize("policy", ["assign", "soft"])
def test_what_a_guided_theme_leaves_is_not_noise_of_the_discovered_ones(policy):
    found = discover([0] * 4 + [1] * 4, guided=[0, 0, 0, -1] + [-1] * 4, policy=policy)
    assert found.theme_of.tolist() == [-1] * 4 + [0] * 4
    assert len(found.further[0]) == 0


@pytest.mark.parametrize("policy", ["keep", "assign", "soft"])
def test_without_a_theme_noise_stays_noise(policy):
    found = discover([-1, -1, 0], at_least=3, policy=policy)
    assert found.theme_of.tolist() == [-1] * 3
    assert len(found.further[0]) == 0


def test_rows_that_are_not_served_have_no_theme():
    assert themes([0, 0, -1, -1], served=[True, True, False, False], policy="assign") == [0, 0, -1, -1]
