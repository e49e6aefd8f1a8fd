"""Names of themes, on texts made for each rule."""

import numpy as np

from topicgpu.ops.terms import find_terms
from topicgpu.themes.names import name_themes

RATES = ["the exchange rate fell", "an exchange rate", "no exchange rate, euro", "an exchange rate of the euro"]
BREAD = ["bread, oven", "bread, oven", "bread", "bread, a loaf", "the loaf", "oven"]


def named(*groups, taken=(), language="en"):
    texts = [text for group in groups for text in group]
    classes = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return name_themes(find_terms(texts, [language] * len(texts)), classes, len(groups), taken)


def test_a_phrase_that_covers_the_theme_is_its_name():
    assert named(RATES, BREAD)[0] == "Exchange rate"


def test_else_two_terms_are_joined():
    one, two = named(RATES, BREAD)[1].split(" and ")
    assert one == "Bread"
    assert two in ("oven", "loaf")


def test_a_term_that_few_texts_say_is_no_part_of_a_name():
    beside = ["a kite, the wind", "the wind"] * 3
    assert named([*["a kite"] * 8, *beside], BREAD)[0].casefold() == "kite and wind"
    assert named([*["a kite"] * 80, *beside], BREAD)[0].casefold() == "kite"


def test_terms_that_no_text_says_both_of_are_not_joined():
    assert named([*["a kite"] * 6, *["the wind"] * 4], BREAD)[0].casefold() == "kite"


def test_a_term_of_many_themes_names_none_that_has_one_of_its_own():
    names = named(["Anna, a kite"] * 6, ["Anna, a drum"] * 6, ["Anna, a chess board"] * 6)
    assert [name.split()[0].casefold() for name in names] == ["kite", "drum", "chess"]


def test_a_verb_gives_way_to_a_noun():
    texts = ["to juggle with the torch", "we juggle with a torch", "they juggle with torch"] * 2
    assert named(texts, BREAD)[0].casefold().startswith("torch")


def test_fillers_are_not_joined_to_a_name():
    assert named(["a kite, the people"] * 6, BREAD)[0].casefold() == "kite"


def test_the_form_of_acronyms_and_proper_names_stays():
    assert named(["NASA, a probe", "NASA", "NASA, the probe"], BREAD)[0].startswith("NASA")
    assert named(["on xAI, the probe", "at xAI", "xAI, a probe"], BREAD)[0].startswith("xAI")


def test_names_differ_and_a_name_that_is_taken_is_not_given():
    again = [text.replace("rate", "rate ") for text in RATES]
    names = named(RATES, again, BREAD)
    assert len({name.casefold() for name in names}) == 3
    assert named(RATES, BREAD, taken=["exchange RATE"])[0].casefold() != "exchange rate"


def test_themes_without_words_have_names_too():
    assert named(["12 34", "56"], ["!", "?"], BREAD)[:2] == ["unnamed", "unnamed 2"]
    assert name_themes(find_terms([]), np.zeros(0, dtype=np.int64), 0) == []


def test_subthemes_are_named_by_what_their_siblings_do_not_say():
    first = ["robot, the factory", "robot, a factory", "robot in the factory"]
    second = ["robot, the kitchen", "robot, a kitchen", "robot in the kitchen"]
    factory, kitchen = named(first, second)
    assert "actory" in factory
    assert "itchen" in kitchen


def test_no_name_has_more_than_five_words_or_a_stop_word_at_its_ends():
    texts = ["the cost of living and the price of rented houses", "cost of living, the price of rented houses"] * 3
    for name in named(texts, BREAD):
        assert len(name.split()) <= 5
        assert name.split()[0].lower() not in ("the", "of", "and")
        assert name.split()[-1].lower() not in ("the", "of", "and")


def test_other_languages_are_joined_by_a_comma():
    german = ["das Brot, der Ofen", "ein Brot im Ofen", "der Ofen", "das Brot", "ein Brot", "Brot"]
    assert named(german, RATES, language="de")[0] == "Brot, Ofen"


def test_the_same_texts_have_the_same_names():
    assert named(RATES, BREAD) == named(RATES, BREAD)
