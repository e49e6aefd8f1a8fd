"""Keywords, against weights worked out by hand, and the choice among them on texts made for each rule."""

import gzip
import json
import os
from math import log
from pathlib import Path

import numpy as np
import pytest

from topicgpu.ops.terms import find_terms
from topicgpu.themes import keywords
from topicgpu.themes.keywords import class_weights, find_keywords, keywords_by_language, theme_keywords
from topicgpu.themes.lexical import Vocabulary


def terms(words):
    return [word.term for word in words]


def test_weights_are_class_based_tf_idf_of_texts():
    texts = ["bread, bread, flour", "bread, oven", "rocket, bread, flour", "rocket, oven"]
    found = find_terms(texts)
    weights = class_weights(found, np.array([0, 0, 1, 1]), 2).toarray()
    column = {word: place for place, word in enumerate(found.written)}
    # Texts with a term: class 0 bread 2, flour 1, oven 1; class 1 rocket 2, bread 1, flour 1, oven 1.
    mean_size = (4 + 5) / 2
    assert weights[0, column["bread"]] == pytest.approx(2 / 4 * log(1 + mean_size / 3))
    assert weights[1, column["rocket"]] == pytest.approx(2 / 5 * log(1 + mean_size / 2))
    assert np.count_nonzero(weights) == 2  # the others are in one text of the class only


def test_segments_of_no_theme_make_everyday_words_light():
    texts = ["alpha, gamma", "alpha, gamma", *["gamma, ray"] * 20]
    (alone,) = theme_keywords(texts[:2], np.zeros(2, dtype=np.int64), 1, 10)
    (words,) = theme_keywords(texts, np.array([0, 0] + [-1] * 20), 1, 10)
    assert dict(alone)["alpha"] == dict(alone)["gamma"]
    assert terms(words)[0] == "alpha"
    assert dict(words)["alpha"] > 2 * dict(words)["gamma"]


def test_terms_fall_by_weight():
    texts = ["pear, plum, apple", "pear, apple", "pear, plum, apple", "pear"]
    (words,) = theme_keywords(texts, np.zeros(4, dtype=np.int64), 1, 10)
    assert terms(words) == ["pear", "apple", "plum"]
    assert [word.weight for word in words] == sorted((word.weight for word in words), reverse=True)


def test_no_more_than_wanted():
    texts = ["pear, plum, apple"] * 3
    assert [len(theme_keywords(texts, np.zeros(3, dtype=np.int64), 1, wanted)[0]) for wanted in (1, 2, 9)] == [1, 2, 3]


def test_no_term_says_again_what_another_one_said():
    texts = ["verify, identity", "verified, identity", "verifying, identity", "verifies"] * 2
    (words,) = theme_keywords(texts, np.zeros(8, dtype=np.int64), 1, 10)
    assert len([word for word in terms(words) if word.startswith("verif")]) == 1
    assert "identity" in terms(words)


def test_terms_that_are_said_together_come_before_heavier_ones_that_are_not():
    together = ["orbit, rocket, booster"] * 6
    apart = ["quasar"] * 4 + ["nebula"] * 4
    (words,) = theme_keywords([*together, *apart], np.zeros(14, dtype=np.int64), 1, 3)
    assert set(terms(words)) == {"orbit", "rocket", "booster"}
    (heavy,) = theme_keywords([*together, *apart], np.zeros(14, dtype=np.int64), 1, 5)
    assert {"quasar", "nebula"} <= set(terms(heavy))  # five are kept, whatever they are said with


def test_terms_near_each_other_come_before_terms_at_the_far_ends_of_a_text():
    far = " of" * 90
    texts = [f"quasar{far} rocket, orbit, booster"] * 6 + ["rocket, orbit"] * 2
    (words,) = theme_keywords([*texts, *["the of"] * 60], np.array([0] * 8 + [-1] * 60), 1, 3)
    assert set(terms(words)) == {"rocket", "orbit", "booster"}


def test_of_more_than_five_those_are_left_out_that_are_never_said_with_the_rest():
    together = ["orbit, rocket, booster, engine, fuel, tank"] * 6
    (words,) = theme_keywords([*together, *["quasar"] * 4], np.zeros(10, dtype=np.int64), 1, 10)
    assert terms(words) == ["booster", "engine", "fuel", "orbit", "rocket", "tank"] or "quasar" not in terms(words)


def test_a_term_goes_to_one_theme_where_both_have_others():
    shared = "card, payment"
    texts = [f"{shared}, lost, stolen, blocked, police"] * 5 + [f"{shared}, fee, rate, euro, abroad"] * 5
    first, second = theme_keywords(texts, np.repeat([0, 1], 5), 2, 4)
    assert not set(terms(first)) & set(terms(second))


def test_classes_without_segments_or_words_have_no_keywords():
    assert theme_keywords([], np.zeros(0, dtype=np.int64), 2, 5) == [(), ()]
    assert theme_keywords(["the of and", "12 345"], np.array([0, 0]), 2, 5) == [(), ()]


def test_chinese_keywords_are_words():
    texts = ["太空很大", "去太空", "看太空", "面包很香", "吃面包", "有面包"]
    space, bread = theme_keywords(texts, np.repeat([0, 1], 3), 2, 3, ["zh"] * 6)
    assert terms(space) == ["太空"]
    assert terms(bread) == ["面包"]


def test_a_theme_in_two_languages_has_keywords_in_each():
    texts = ["the rocket", "a rocket", "die Rakete", "eine Rakete", "the bread", "some bread"]
    languages = ["en", "en", "de", "de", "en", "en"]
    found = keywords_by_language(find_terms(texts, languages), np.repeat([0, 1], [4, 2]), 2, 5, languages)
    assert {language: terms(words) for language, words in found[0].items()} == {"en": ["rocket"], "de": ["Rakete"]}
    assert found[1] == {}  # it has one language


@pytest.mark.skipif("TOPICGPU_DATA" not in os.environ, reason="TOPICGPU_DATA is not set")
def test_keywords_of_three_languages_on_real_text():
    path = Path(os.environ["TOPICGPU_DATA"]) / "data" / "sib200" / "sib200.jsonl.gz"
    codes = {"eng_Latn": "en", "zho_Hans": "zh", "deu_Latn": "de"}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["lang"] in codes]
    names = sorted({row["label"] for row in rows})
    languages = [codes[row["lang"]] for row in rows]
    classes = np.array([names.index(row["label"]) for row in rows])
    found = find_terms([row["text"] for row in rows], languages)
    travel, health = (
        keywords_by_language(found, classes, len(names), 10, languages)[names.index(name)]
        for name in ("travel", "health")
    )
    assert set(travel) == set(health) == {"en", "de", "zh"}
    assert "旅行" in terms(travel["zh"])
    assert any(word.lower().startswith("reise") for word in terms(travel["de"]))
    assert "travel" in terms(travel["en"])
    assert "disease" in terms(health["en"])


def test_the_order_of_texts_does_not_matter():
    texts = ["solar panels", "solar panels in orbit", "orbit", "bread, flour", "flour, oven", "bread, oven"] * 3
    classes = np.array([0, 0, 0, 1, 1, 1] * 3)
    order = np.random.default_rng(0).permutation(len(texts))
    one = theme_keywords(texts, classes, 2, 10)
    other = theme_keywords([texts[row] for row in order], classes[order], 2, 10)
    assert [sorted(terms(words)) for words in one] == [sorted(terms(words)) for words in other]
    assert one == find_keywords(find_terms(texts), classes, 2, 10)


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


def test_a_sample_of_many_texts_that_misses_a_term_is_no_obstacle(monkeypatch):
    monkeypatch.setattr(keywords, "_COUNTED_TEXTS", 6)
    texts = ["orbit, rocket", "orbit, rocket, booster", "orbit, rocket"] * 4 + ["bread, flour"] * 6
    first, second = theme_keywords(texts, np.repeat([0, 1], [12, 6]), 2, 5)
    assert {"orbit", "rocket"} <= set(terms(first))
    assert set(terms(second)) == {"bread", "flour"}
