import numpy as np
import pytest

from topicgpu.themes.discovered import free_clusters, name_of, theme_id_of
from topicgpu.types import Clusters, Keyword, Repeats


def free(labels, taken=(), repeats=(), at_least=2):
    n = len(labels)
    clusters = Clusters(np.array(labels, dtype=np.int64), np.ones(n, dtype=np.float32), "hand", "rows")
    mask = np.zeros(n, dtype=bool)
    mask[list(taken)] = True
    pairs = np.array(repeats, dtype=np.int64).reshape(-1, 2)
    said = Repeats(pairs[:, 0], pairs[:, 1], ("exact",) * len(pairs), np.ones(len(pairs)), n, "rows")
    return [rows.tolist() for rows in free_clusters(clusters, mask, said, at_least)]


def test_every_group_is_a_theme_and_noise_is_none():
    assert free([0, 0, 1, -1, 1, 0]) == [[0, 1, 5], [2, 4]]


def test_a_group_that_guided_themes_cover_by_half_is_theirs():
    assert free([0] * 4, taken=[0, 1]) == []
    assert free([0] * 5, taken=[0, 1]) == [[2, 3, 4]]


def test_a_theme_needs_enough_segments():
    assert free([0, 0, 0], at_least=4) == []
    assert free([0, 0, 0], at_least=3) == [[0, 1, 2]]


def test_the_largest_theme_comes_first_whatever_the_size_of_its_group():
    assert free([0] * 7 + [1] * 5, taken=[0, 1, 2]) == [[7, 8, 9, 10, 11], [3, 4, 5, 6]]


def test_repeats_follow_what_they_repeat_and_are_not_counted():
    assert free([0, 0, 1, 1, -1, 1], repeats=[(4, 0), (5, 0)]) == [[0, 1, 4, 5], [2, 3]]
    assert free([0, 0, 0, 0], repeats=[(2, 0), (3, 0)], at_least=3) == []
    assert free([0, 0, 0, 0, 0], taken=[0, 1], repeats=[(3, 2), (4, 2)]) == []  # one free of three


def test_no_groups():
    assert free([-1, -1]) == []
    assert free([]) == []


def test_a_name_is_up_to_three_keywords():
    words = tuple(Keyword(term, 1.0) for term in ("solar panels", "orbit", "launch", "heat"))
    assert name_of(words) == "solar panels, orbit, launch"
    assert name_of(words[:1]) == "solar panels"
    assert name_of(()) == "unnamed"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Solar panels, orbit", "d_solar_panels_orbit"),
        ("太空, 計算", "d_太空_計算"),
        ("!", "d_unnamed"),
        ("", "d_unnamed"),
    ],
)
def test_an_id_is_the_name_in_letters_and_digits(name, expected):
    assert theme_id_of(name, set()) == expected


def test_a_taken_id_gets_a_number():
    used: set[str] = set()
    for _ in range(3):
        used.add(theme_id_of("orbit", used))
    assert used == {"d_orbit", "d_orbit_2", "d_orbit_3"}
