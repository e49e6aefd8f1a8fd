from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.ops.words import word_spans
from topicgpu.segment.sentences import cut_in_two, sentence_spans


def sentences(text):
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    "expected",
    [
        ["The oven is hot.", "It is!", "Is it?", "Yes…", "So there."],
        ["the oven is hot.", "it is!", "is it?", "then bake."],
        ['She said "wait."', "He did.", "(Not for long.)", "“Go!”", "They went."],
        ["Mr. Bell paid approx. 14.2 euros, e.g. for rye, to Dr. A. B. Stone.", "Then he left."],
        ["He lives in the U.S. with St. John and J. D. Lee.", "At 3 p.m. it rained."],
        ["See No. 5 on p. 12.", "No.", "It is not there."],
        ["It fell by 0.91%.", "It closed at $431.44.", "Good."],
        ["I mean... it is rare.", "Well...", "So it goes."],
        ["It is on X.", "Then it was not.", "So did I.", "Right."],
        ["烤箱很热。", "是吗？", "“是的。”", "好！"],
        ["What is it? ?", "A mill."],
        ["1. Rye comes first.", "Then oats."],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(expected):
    assert sentences(" ".join(expected)) == expected
    assert [one.replace(" ", "\u00a0\n") for one in expected] == sentences(
        "\n\n".join(expected).replace(" ", "\u00a0\n")
    )


def test_full_width_stops_need_no_space():
    assert sentences("烤箱很热。是吗？是的!对") == ["烤箱很热。", "是吗？", "是的!对"]


def test_a_line_break_ends_nothing():
    assert sentences("so the oven\nwas\n\nhot. and then") == ["so the oven\nwas\n\nhot.", "and then"]


@given(st.text(alphabet="ab .!?…\"'\n\t。？)A1", max_size=80), st.integers(0, 10))
def test_sentences_cover_every_word_in_order(text, skip):
    start = min(skip, len(text))
    spans = sentence_spans(text, start, len(text))
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    found = [(left + a, left + b) for left, right in spans for a, b in word_spans(text[left:right])]
    assert found == [(start + a, start + b) for a, b in word_spans(text[start:])]
    assert all(text[left:right] == text[left:right].strip() for left, right in spans)
    if found:
        assert all(word_spans(text[left:right]) for left, right in spans)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It was hot. We went. Then it rained.", ("It was hot. We went.", "Then it rained.")),
        (
            "so we went out to the mill, and the miller was there",
            ("so we went out to the mill,", "and the miller was there"),
        ),
        ("so, we went out to the mill and the miller was in", ("so, we went out to the", "mill and the miller was in")),
        ("烤箱很热，我们出去了", ("烤箱很热，", "我们出去了")),
        ("烤箱很热我们出去", ("烤箱很热", "我们出去")),
        ("aaaabbbb", ("aaaa", "bbbb")),
    ],
)
def test_a_cut_prefers_sentences_then_clauses_then_words(text, parts):
    cut = cut_in_two(text, 0, len(text))
    assert cut is not None
    assert tuple(text[start:end] for start, end in cut) == parts


def test_one_character_is_not_cut():
    assert cut_in_two(" a ", 0, 3) is None
    assert cut_in_two("e\u0301", 0, 2) is None


@given(st.text(min_size=1, max_size=60))
def test_a_cut_loses_nothing_and_keeps_words_whole(text):
    cut = cut_in_two(text, 0, len(text))
    if cut is None:
        return
    (a, b), (c, d) = cut
    assert a < b <= c < d
    assert not (text[:a] + text[b:c] + text[d:]).strip()
    if len(word_spans(text)) > 1:
        inside = [(a + x, a + y) for x, y in word_spans(text[a:b])] + [(c + x, c + y) for x, y in word_spans(text[c:d])]
        assert inside == word_spans(text)


def test_runs_of_marks_and_spaces_cost_no_more_than_text():
    text = "so " + "." * 50_000 + "x " + "!" * 50_000 + " " * 50_000 + "...  then" * 5_000
    assert sentences(text)[-1].endswith("then")  # quadratic scanning would take minutes
