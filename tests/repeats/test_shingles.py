from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planted.tables import Row, tables
from topicgpu.errors import MisalignedError
from topicgpu.repeats import find_repeats


def repeats_of(texts):
    made = tables([Row("a")] * len(texts), {"a": "2024"})
    segments = replace(made.segments, text=tuple(texts))
    return find_repeats(segments, replace(made.embeddings, rows=segments.fingerprint))


def test_equal_after_case_and_white_space_points_to_the_first():
    found = repeats_of(
        ["Bread is good.", "Soup", "BREAD  is\tgood.", "Bread is good!", "\xa0bread is\ngood. ", "Straße", "STRASSE"]
    )
    assert found.row.tolist() == [2, 4, 6]
    assert found.of.tolist() == [0, 0, 5]
    assert found.kind == ("exact",) * 3
    assert found.similarity.tolist() == [1.0] * 3
    assert found.mask.tolist() == [False, False, True, False, True, False, True]


def test_words_joined_otherwise_are_other_texts():
    assert repeats_of(["ice cream", "icecream", "cream ice"]).row.tolist() == []


def test_no_segments_have_no_repeats():
    found = repeats_of([])
    assert (len(found.row), found.n_rows) == (0, 0)


@given(st.lists(st.sampled_from(["a", "A", "a ", "b", "b  b", "B b", "c"])))
def test_originals_are_the_first_and_never_repeats(texts):
    found = repeats_of(texts)
    plain = [" ".join(text.lower().split()) for text in texts]
    assert len(texts) - len(found.row) == len(set(plain))
    assert not found.mask[found.of].any()
    for row, original in zip(found.row, found.of, strict=True):
        assert plain.index(plain[row]) == original < row
    assert np.all(np.diff(found.row) > 0)


def test_vectors_of_other_segments_are_refused():
    made = tables([Row("a")], {"a": "2024"})
    with pytest.raises(MisalignedError, match="Embeddings was made from the segments"):
        find_repeats(made.segments, replace(made.embeddings, rows="other"))


def test_the_first_in_time_counts_whatever_the_order_of_the_sources():
    rows = [Row("new"), Row("old"), Row("undated")]
    for order in (rows, rows[::-1]):
        made = tables(order, {"new": "2026", "old": "2024", "undated": None})
        segments = replace(made.segments, text=("the same words",) * 3)
        found = find_repeats(segments, replace(made.embeddings, rows=segments.fingerprint))
        kept = {segments.source_id[row] for row in found.of}
        assert kept == {"old"}
        assert {segments.source_id[row] for row in found.row} == {"new", "undated"}


WORDS = [f"word{number}" for number in range(400)]


def of_sources(*texts, dates=None):
    """A row a text: sources a, b, c and so on, each with its list of texts."""
    rows = [Row("abcdef"[i]) for i, own in enumerate(texts) for _ in own]
    made = tables(rows, {"abcdef"[i]: (dates or "2020 2021 2022 2023".split())[i] for i in range(len(texts))})
    segments = replace(made.segments, text=tuple(text for own in texts for text in own))
    return find_repeats(segments, replace(made.embeddings, rows=segments.fingerprint))


def said(start, end):
    return " ".join(WORDS[start:end])


def test_a_copy_that_is_cut_elsewhere_and_changed_a_little_is_near():
    original = [said(0, 50), said(50, 100), said(100, 150)]
    copy = [said(20, 70).replace("word40", "changed"), said(200, 250)]
    found = of_sources(original, copy)
    assert (found.row.tolist(), found.of.tolist(), found.kind) == ([3], [0], ("near",))
    # 46 runs of five words; five of them hold the changed word, the rest stand before, but for four over the border.
    assert found.similarity.tolist() == pytest.approx([37 / 46])


def test_a_phrase_that_others_said_before_hides_no_copy():
    copy = said(0, 69) + " changed"
    found = of_sources([said(0, 30)], [said(0, 70)], [copy])
    assert (found.row.tolist(), found.of.tolist()) == ([2], [1])
    assert found.similarity.tolist() == pytest.approx([65 / 66])


def test_what_a_source_says_twice_counts_once():
    phrase = said(0, 30)
    found = of_sources([phrase + " once", phrase + " " + said(100, 110)], [phrase + " " + said(200, 220)])
    assert found.row.tolist() == []


def test_a_copy_of_a_copy_is_found_where_the_first_is_too_far():
    second = said(0, 50) + " " + said(200, 206)
    third = said(3, 50) + " " + said(200, 206) + " " + said(300, 306)
    found = of_sources([said(0, 50)], [second], [third])
    assert (found.row.tolist(), found.of.tolist()) == ([1, 2], [0, 0])
    alone = of_sources([said(0, 50)], [third])
    assert alone.row.tolist() == []


def test_time_decides_which_is_the_copy():
    found = of_sources([said(0, 50)], [said(2, 50)], dates=["2024", "2023"])
    assert (found.row.tolist(), found.of.tolist()) == ([0], [1])


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ([[said(0, 50)], [said(0, 30) + " " + said(100, 130)]], "half of it is new"),
        ([[said(0, 11)], [said(0, 11) + "!"]], "too short: seven runs of words"),
        ([[said(0, 30)], [said(30, 60)], [said(0, 25) + " " + said(30, 55)]], "of two sources, half of each"),
    ],
)
def test_what_is_no_repeat(texts, why):
    assert of_sources(*texts).row.tolist() == [], why


def test_a_copy_of_a_copy_points_to_the_first_that_is_none():
    found = of_sources([said(0, 60)], [said(0, 60) + " more"], [said(0, 60) + " more"])
    assert (found.row.tolist(), found.of.tolist(), found.kind) == ([1, 2], [0, 0], ("near", "near"))
    assert found.similarity[0] == found.similarity[1] < 1


@given(st.lists(st.lists(st.integers(0, 12), min_size=10, max_size=30), max_size=12))
def test_an_original_is_never_a_repeat(texts):
    found = of_sources([" ".join(f"w{n}" for n in text) for text in texts])
    assert not set(found.of) & set(found.row)
    assert (found.of < found.row).all()
    assert ((found.similarity >= 0.8) & (found.similarity <= 1)).all()
