import numpy as np
import pytest

from topicgpu.ops.terms import say_again, stems


@pytest.mark.parametrize(
    ("language", "one", "other", "same"),
    [
        ("en", "verify", "verified", True),
        ("", "verify", "verified", True),
        ("en", "currency", "current", False),
        ("de", "Steuerungen", "Steuerung", True),
        ("zh", "太空", "太空", True),
    ],
)
def test_forms_of_a_word_have_one_stem(language, one, other, same):
    assert (stems((one.lower(),), language) == stems((other.lower(),), language)) is same


def again(*terms, language="en"):
    return say_again([stems(tuple(term.split()), language) for term in terms])


def test_a_phrase_says_its_words_again():
    matrix = again("exchange rate", "rates", "heart rate")
    assert matrix.tolist() == [[True, True, False], [True, True, True], [False, True, True]]


def test_a_compound_says_its_last_word_again():
    assert again("robotersteuerung", "steuerung", language="de").all()
    assert not again("corporate", "rate")[0, 1]  # a short ending is chance


def test_no_terms():
    assert say_again([]).shape == (0, 0)
    assert np.array_equal(say_again([frozenset(["a"])]), [[True]])
