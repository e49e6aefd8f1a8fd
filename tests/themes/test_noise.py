import numpy as np
import pytest

from topicgpu.themes.noise import nearest_themes, strengths_in

ALONG = np.eye(3, dtype=np.float32)


def test_strength_is_depth_times_the_cosine_with_the_others():
    vectors = ALONG[[0, 0, 0, 1]]
    theme_of, depth = np.array([0, 0, 0, 0]), np.array([1.0, 0.5, 1.0, 1.0], dtype=np.float32)
    cosine = 2 / 5**0.5  # with the mean of two alike and one across
    found = strengths_in(theme_of, depth, vectors, np.ones(4, dtype=bool))
    assert found == pytest.approx([cosine, cosine / 2, cosine, 0])


def test_rows_without_a_theme_and_single_rows_have_none():
    found = strengths_in(np.array([-1, 0]), np.ones(2, dtype=np.float32), ALONG[:2], np.ones(2, dtype=bool))
    assert found.tolist() == [0, 0]


def test_repeats_do_not_pull_the_mean():
    vectors = ALONG[[0, 1, 1, 1]]
    counted = np.array([True, True, False, False])
    assert strengths_in(np.zeros(4, dtype=np.int64), np.ones(4, dtype=np.float32), vectors, counted)[0] == 0
    assert strengths_in(np.zeros(4, dtype=np.int64), np.ones(4, dtype=np.float32), vectors, counted)[2] > 0.7


def test_noise_goes_to_the_nearest_mean_and_stays_as_weak_as_it_lies():
    vectors = ALONG[[0, 0, 1, 1, 1, 0]]
    depth = np.array([1, 1, 1, 1, 0.1, 0], dtype=np.float32)
    theme_of = np.array([0, 0, 1, 1, -1, -1])
    themes, strengths = nearest_themes(np.array([4, 5]), theme_of, depth, vectors, theme_of >= 0)
    assert themes.tolist() == [1, 0]
    assert strengths == pytest.approx([0.1, 0])
