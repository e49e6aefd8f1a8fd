"""Keywords, against weights worked out by hand."""

from math import log

import numpy as np
import pytest

from topicgpu.themes.keywords import terms_of, theme_keywords
from topicgpu.themes.lexical import Vocabulary


def terms(words):
    return [word.term for word in words]


def test_weights_are_class_based_tf_idf():
    texts = ["bread flour", "bread oven", "rocket, bread", "rocket, orbit"]
    baking, space = theme_keywords(texts, np.array([0, 0, 1, 1]), 2, 10)
    # Terms of class 0: bread x2, flour, oven, "bread flour", "bread oven" = 6; of class 1: rocket x2, bread, orbit = 4.
    mean_size = (6 + 4) / 2
    assert terms(baking) == ["bread"]  # the others are in one segment only
    assert baking[0].weight == pytest.approx(2 / 6 * log(1 + mean_size / 3))
    assert terms(space) == ["rocket"]
    assert space[0].weight == pytest.approx(2 / 4 * log(1 + mean_size / 2))


def test_segments_of_no_theme_make_everyday_words_light():
    texts = ["alpha gamma", "alpha, gamma", *["gamma ray"] * 20]
    (alone,) = theme_keywords(texts[:2], np.zeros(2, dtype=np.int64), 1, 10)
    (words,) = theme_keywords(texts, np.array([0, 0] + [-1] * 20), 1, 10)
    assert dict(alone)["alpha"] == dict(alone)["gamma"]
    assert terms(words)[0] == "alpha"
    assert dict(words)["alpha"] > 2 * dict(words)["gamma"]


def test_terms_fall_by_weight_and_then_by_the_alphabet():
    (words,) = theme_keywords(["pear, plum, apple, apple"] * 3, np.zeros(3, dtype=np.int64), 1, 10)
    assert terms(words) == ["apple", "pear", "plum"]
    assert [word.weight for word in words] == sorted((word.weight for word in words), reverse=True)
    (two,) = theme_keywords(["pear, plum, apple, apple"] * 3, np.zeros(3, dtype=np.int64), 1, 2)
    assert two == words[:2]


def test_no_term_says_again_what_a_heavier_one_said():
    texts = ["humanoid robot", "humanoid robots", "robot, robots", "robots walk"] * 3
    (words,) = theme_keywords(texts, np.zeros(12, dtype=np.int64), 1, 10)
    assert terms(words) == ["robot", "humanoid", "walk"] or terms(words) == ["robots", "humanoid", "walk"]


def test_classes_without_segments_or_words_have_no_keywords():
    assert theme_keywords([], np.zeros(0, dtype=np.int64), 2, 5) == [(), ()]
    assert theme_keywords(["the of and", "12 345"], np.array([0, 0]), 2, 5) == [(), ()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The rocket and the BOOSTER", ["rocket", "booster"]),  # "and the" stands between: no pair
        ("rocket booster. Oven", ["rocket", "booster", "rocket booster", "oven"]),
        ("solar\npanels", ["solar", "panels", "solar panels"]),
        ("China's 42 tons, 3.5 a day", ["china", "tons"]),
        ("It\u2019s the moon\u2019s crater", ["moon", "crater", "moon crater"]),
        ("don't you're yeah um", []),
        ("B-52 4K x", ["b-52", "4k", "b-52 4k"]),
        ("太空計算", ["太空", "空計", "計算"]),
        ("太空,計算。轨道", ["太空", "計算", "轨道"]),
        ("", []),
    ],
)
def test_terms(text, expected):
    assert terms_of(text) == expected


def test_chinese_keywords_are_pairs():
    texts = ["太空很大", "去太空", "面包很香", "吃面包"]
    space, bread = theme_keywords(texts, np.array([0, 0, 1, 1]), 2, 3)
    assert terms(space) == ["太空"]
    assert terms(bread) == ["面包"]


def test_words_in_common_are_measured_in_units_of_their_mean():
    texts = ["rockets reach orbit", "bread and flour", "nothing else matters"]
    shared = Vocabulary(texts, ["rocket orbit", "flour for bread", "chess"]).shared()
    assert shared.shape == (3, 3)
    assert (shared > 0).tolist() == [[True, False, False], [False, True, False], [False, False, False]]
    assert shared[shared > 0].mean() == pytest.approx(1)


def test_rare_words_in_common_count_more():
    texts = ["rocket orbit", *["rocket engine"] * 9]
    shared = Vocabulary([*texts, "rocket", "orbit"], ["rocket orbit"]).shared()
    assert shared[-1, 0] > shared[-2, 0]


@pytest.mark.parametrize(
    ("texts", "descriptions"), [([], ["bread"]), (["the"], ["of"]), (["bread"], ["rocket"]), (["bread"], [])]
)
def test_nothing_in_common_is_zero(texts, descriptions):
    shared = Vocabulary(texts, descriptions).shared()
    assert shared.shape == (len(texts), len(descriptions))
    assert not shared.any()
