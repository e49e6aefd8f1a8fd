from dataclasses import replace

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.themes.exemplars import exemplars, readability


def made(sources, words=None, cosines=None):
    """Segments of these sources whose vectors have these cosines to the first axis."""
    words = [30] * len(sources) if words is None else words
    segments = tables(
        [Row(source, words=n) for source, n in zip(sources, words, strict=True)], dict.fromkeys(sources, "2024")
    ).segments
    cosines = np.array(cosines, dtype=np.float32)
    angles = np.sqrt(1 - cosines**2) * np.where(np.arange(len(cosines)) % 2, 1, -1)
    return segments, np.column_stack([cosines, angles]).astype(np.float32)


def picked(rows, vectors, segments, wanted, strengths=None):
    rows = np.array(rows, dtype=np.int64)
    strengths = np.ones(len(rows), dtype=np.float32) if strengths is None else np.array(strengths, dtype=np.float32)
    return [segments.segment_id.index(name) for name in exemplars(rows, strengths, vectors, segments, wanted)]


def test_the_nearest_to_the_mean_come_first():
    segments, vectors = made("aaaa", cosines=[0.5, 0.5, 1.0, 0.9])
    vectors[3] = [0.9, 0.43588990]
    assert picked(range(4), vectors, segments, 3) == [2, 3, 1]


def test_doubtful_ones_come_later():
    segments, vectors = made("aaa", cosines=[1.0, 0.9, 0.9])
    vectors[1:, 1] = 0
    assert picked(range(3), vectors, segments, 3) == [0, 1, 2]
    assert picked(range(3), vectors, segments, 3, strengths=[0.4, 0.6, 0.9]) == [2, 1, 0]


def test_every_source_has_one_before_any_has_two():
    segments, vectors = made("aaabbc", cosines=[1.0, 1.0, 1.0, 0.8, 0.8, 0.6])
    chosen = [picked(range(6), vectors, segments, wanted) for wanted in (1, 3, 4, 6)]
    assert [sorted(segments.source_id[row] for row in rows) for rows in chosen] == [
        ["a"],
        ["a", "b", "c"],
        ["a", "a", "b", "c"],
        ["a", "a", "a", "b", "b", "c"],
    ]


def test_short_segments_only_where_there_is_nothing_else():
    segments, vectors = made("aab", words=[5, 25, 19], cosines=[1.0, 0.5, 1.0])
    assert picked(range(3), vectors, segments, 3) == [1]
    assert sorted(picked([0, 2], vectors, segments, 3)) == [0, 2]


def test_only_the_themes_own_rows_count():
    segments, vectors = made("aaa", cosines=[1.0, 1.0, 0.0])
    assert picked([2], vectors, segments, 3) == [2]
    assert picked([], vectors, segments, 3) == []


def test_equal_ones_go_by_their_place():
    segments, vectors = made("aaaa", cosines=[1.0] * 4)
    assert picked(range(4), vectors, segments, 2) == [0, 1]


def test_those_that_differ_come_before_those_that_say_the_same():
    segments, vectors = made("aaa", cosines=[0.8, 0.8, 0.8])
    vectors[2] = vectors[0]
    assert set(picked(range(3), vectors, segments, 2)) == {0, 1}


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("and then the rocket flew.", "Then the rocket flew."),
        ("Then the rocket flew and", "Then the rocket flew."),
        ("- rocket\n- orbit\n- fuel\n- tank\n- engine.", "and so the rocket flew and"),
        ("1. Rocket, orbit and fuel.", "and so the rocket flew and"),
        ("12 34 56 78 90 Rocket.", "and so the rocket flew and"),
        ("See https://example.org for the rocket.", "and so the rocket flew and"),
    ],
)
def test_whole_sentences_read_better_than_pieces_and_those_than_lists(worse, better):
    assert readability(worse) < readability(better)


@pytest.mark.parametrize(
    "text", ["火箭飞到太空去了。", "\u00ab\u00bfQu\u00e9 es un cohete?\u00bb", "\u201cThe rocket flew.\u201d"]
)
def test_sentences_of_other_scripts_and_quotes_are_whole(text):
    assert readability(text) == 1


def test_text_without_marks_has_exemplars():
    segments, vectors = made("aa", cosines=[1.0, 0.9])
    segments = replace(segments, text=("so the rocket flew and then", "and the rocket was in orbit then"))
    assert picked(range(2), vectors, segments, 2) == [0, 1]


def test_a_whole_sentence_comes_before_a_slightly_nearer_piece():
    segments, vectors = made("aa", cosines=[1.0, 0.99])
    segments = replace(segments, text=("so the rocket flew and then", "The rocket flew."))
    assert picked(range(2), vectors, segments, 1) == [1]


def test_very_long_segments_only_where_there_is_nothing_else():
    segments, vectors = made("aa", words=[500, 40], cosines=[1.0, 0.8])
    assert picked(range(2), vectors, segments, 2) == [1]
