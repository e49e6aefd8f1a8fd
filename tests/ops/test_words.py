from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.ops.words import _WORD, count_words, size_in_words, word_spans


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n—…", []),
        ("It's a self-driving car.", ["It's", "a", "self-driving", "car"]),
        ("It’s 431.44 dollars, or 12:30.", ["It’s", "431.44", "dollars", "or", "12:30"]),
        ("1,000 a.b a,b", ["1,000", "a", "b", "a", "b"]),
        ("太空AI很快", ["太", "空", "AI", "很", "快"]),
        ("カナ漢字 한국어", ["カ", "ナ", "漢", "字", "한국어"]),
        ("snake_case -dash- 'quoted'", ["snake", "case", "dash", "quoted"]),
        ("Привет, мир", ["Привет", "мир"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("cafe\u0301s ِكتَاب", ["cafe\u0301s", "كتَاب"]),
        ("ภาษาไทย ง่าย", ["ภาษาไทย", "ง่าย"]),
    ],
)
def test_words_are_runs_of_letters_and_digits_and_han_by_character(text, words):
    assert [text[start:end] for start, end in word_spans(text)] == words
    assert count_words(text) == len(words)


@given(st.text())
def test_spans_ascend_and_agree_with_the_count(text):
    spans = word_spans(text)
    assert len(spans) == count_words(text)
    assert all(left < right for left, right in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@given(st.text(), st.text())
def test_words_on_two_lines_are_counted_apart(one, other):
    assert count_words(f"{one}\n{other}") == count_words(one) + count_words(other)


@pytest.mark.parametrize(
    "letters",
    ["aZ9_ -'.,:\n", "aZ9 -'’.,:\u2010\u2011‘“”–—…\xa0", "aZé9_ -'’.,:\u2010太ア한ñé\u0301\u0e31ก\n"],
)
@given(data=st.data())
def test_the_faster_ways_find_the_same_words(letters, data):
    text = data.draw(st.text(alphabet=st.sampled_from(letters), max_size=40))
    assert word_spans(text) == [match.span() for match in _WORD.finditer(text)]
    assert count_words(text) == len(word_spans(text))


def test_a_text_without_spaces_is_measured_by_its_characters():
    assert size_in_words("a mill, old") == size_in_words("é mill, old") == 3
    assert size_in_words("橋は AI 古い") == 4 / 1.6 + 1
    assert size_in_words("ภาษาไทย AI ง่าย") == pytest.approx(11 / 5.6 + 1)
