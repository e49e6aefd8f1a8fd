"""Words and phrases of a corpus, on texts made for each rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.ops.terms import find_terms, terms_of, tokenize


def written(texts, languages=None):
    return set(find_terms(texts, languages).written)


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
def test_terms_of_one_text(text, expected):
    assert terms_of(text) == expected


def test_terms_are_counted_by_text():
    terms = find_terms(["apple, apple, plum", "plum", "apple"])
    column = {word: place for place, word in enumerate(terms.written)}
    assert terms.counts[:, [column["apple"], column["plum"]]].toarray().tolist() == [[2, 1], [0, 1], [1, 0]]
    assert terms.present[:, [column["apple"]]].toarray().ravel().tolist() == [1, 0, 1]
    assert terms.of(np.array([2])).counts.shape == (1, len(terms))


def test_a_word_of_one_text_is_no_term():
    assert written(["apple, quince", "apple"]) == {"apple"}


@pytest.mark.parametrize("texts", [[], [""], ["the of and", "the of and"], ["12 345", "12 345"], ["!", "?"]])
def test_texts_without_content_have_no_terms(texts):
    terms = find_terms(texts)
    assert len(terms) == 0
    assert terms.counts.shape == (len(texts), 0)


def test_words_that_hold_together_are_a_phrase_and_no_longer_words():
    texts = [
        "the exchange rate fell",
        "an exchange rate, again",
        "one exchange rate",
        "a heart rate",
        "the rate of it",
        "rate",
    ]
    assert {"exchange rate", "rate"} <= written(texts)
    assert "exchange" not in written(texts)  # it never stands alone


def test_neighbors_by_chance_are_no_phrase():
    words = ["apple", "plum", "pear", "quince"]
    texts = [f"{one} {other}" for one in words for other in words if one != other] * 3
    assert written(texts) == set(words)


def test_of_and_the_like_may_stand_inside_a_phrase_and_not_at_its_ends():
    texts = ["the cost of living rose", "of cost of living", "cost of living and rent", "a rent, rose"]
    assert "cost of living" in written(texts)
    assert not any(term.startswith("of ") or term.endswith(" of") for term in written(texts))


@pytest.mark.parametrize(("number", "kept"), [("9", True), ("2024", False)])
def test_a_short_number_may_end_a_phrase(number, kept):
    texts = [f"on Falcon {number} today", f"a Falcon {number} flew", f"Falcon {number}", "flew today"]
    assert (f"Falcon {number}" in written(texts)) is kept
    assert number not in written(texts)


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["NASA says", "by NASA", "nasa"], {"NASA"}),
        (["nasa", "nasa", "NASA"], {"nasa"}),
        (["OpenAI's model", "OpenAI\u2019s model"], {"OpenAI", "model"}),
        (["robots", "robots", "a robot"], {"robots"}),
        (["a city", "cities", "city"], {"city"}),
        (["boss", "bosses", "boss"], {"boss"}),
        (["gas", "gas"], {"gas"}),
        (["THE ROCKET FLIES", "THE ROCKET FLIES", "rocket"], {"rocket", "flies"}),
    ],
)
def test_forms_of_a_word_are_one_term_in_the_form_that_is_written_most(texts, shown):
    assert written(texts) == shown


def test_lower_cased_speech_keeps_its_words():
    assert {"rocket", "orbit"} <= written(["so um the rocket you know reached orbit", "yeah the rocket uh in orbit"])


def test_words_of_chinese_are_found_without_a_dictionary():
    texts = ["我们用人工智能写诗", "人工智能很好", "他在学人工智能了", "写诗的人", "学写诗"]
    found = written(texts, ["zh"] * len(texts))
    assert {"人工智能", "写诗"} <= found
    assert not found & {"工智能", "人工智", "智能很", "能写"}  # pieces, and what crosses a border


def test_words_of_japanese_are_kanji_and_runs_of_katakana():
    texts = ["ロケットが宇宙へ", "宇宙のロケット", "宇宙とロケット"]
    assert written(texts, ["ja"] * 3) == {"ロケット", "宇宙"}


@pytest.mark.parametrize(
    ("language", "texts", "missing"),
    [
        ("de", ["aber der Motor", "aber ein Motor"], "aber"),
        ("fr", ["l'économie d'un pays", "l\u2019économie d\u2019un pays"], "un"),
        ("zh", ["因为火箭", "因为火箭", "因为火箭"], "因为"),
    ],
)
def test_grammar_of_other_languages_is_no_term(language, texts, missing):
    found = written(texts, [language] * len(texts))
    assert found
    assert missing not in found


def test_articles_are_left_off_in_french():
    assert "économie" in written(["l'économie", "l\u2019économie"], ["fr", "fr"])


def test_grammar_of_one_language_is_a_word_of_another():
    assert "die" in written(["they die", "plants die"], ["en", "en"])
    assert "die" not in written(["die Blume", "die Blume"], ["de", "de"])


def test_what_a_noun_phrase_ends_with_is_followed_by_grammar_or_nothing():
    terms = find_terms(["national parks are old", "national parks.", "a national debt and parks"])
    closed = dict(zip(terms.written, terms.closed, strict=True))
    assert closed["parks"] == 1
    assert closed.get("national", 0) == 0


def test_a_phrase_that_is_mostly_written_as_one_word_is_no_other_term():
    texts = ["at SpaceX, now"] * 4 + ["by space X again"] * 3
    assert "SpaceX" in written(texts)
    assert "space X" not in written(texts)
    assert "space X" in written(["by space X again"] * 3)


def test_blocks_of_a_text_say_its_terms_where_they_stand():
    filler = " of" * 60
    terms = find_terms([f"apple{filler} plum", "apple plum"])
    column = {word: place for place, word in enumerate(terms.written)}
    apple, plum = (terms.block_counts.toarray()[:, column[word]].tolist() for word in ("apple", "plum"))
    assert (apple, plum) == ([1, 0, 1], [0, 1, 1])
    assert terms.block_text.tolist() == [0, 0, 1]
    assert terms.of(np.array([1])).block_text.tolist() == [0]
    assert terms.of(np.array([1])).block_counts.toarray()[:, column["plum"]].tolist() == [1]


def test_what_follows_a_pronoun_or_an_auxiliary_is_verbal_in_english_only():
    texts = ["we juggle the torch", "to juggle a torch"]
    verbal = {language: find_terms(texts, [language] * 2) for language in ("en", "de")}
    assert dict(zip(verbal["en"].written, verbal["en"].verbal.tolist(), strict=True))["juggle"] == 1
    assert dict(zip(verbal["en"].written, verbal["en"].verbal.tolist(), strict=True))["torch"] == 0
    assert not verbal["de"].verbal.any()


@given(st.permutations(range(5)), st.integers(0, 5))
def test_some_of_the_texts_are_read_as_if_they_were_all(order, kept):
    texts = ["Tariffs rose.", "a tariff on steel", "", "die Zölle der Bank", "利率上升 steel"]
    languages = ["en", "en", "en", "de", "zh"]
    rows = np.array(order[:kept], dtype=np.int64)
    some = tokenize(texts, languages).of(rows)
    alone = tokenize([texts[row] for row in rows], [languages[row] for row in rows])
    assert (some.surfaces, some.keys) == (alone.surfaces, alone.keys)
    for one, other in zip(some[:4], alone[:4], strict=True):
        np.testing.assert_array_equal(one, other)
