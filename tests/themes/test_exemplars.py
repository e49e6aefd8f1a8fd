from dataclasses import replace

import numpy as np

from planted.tables import Row, tables
from topicgpu.themes.exemplars import exemplars


def made(sources, words=None, cosines=None):
    """Segments of these sources whose vectors have these cosines to the first axis."""
    words = [30] * len(sources) if words is None else words
    segments = tables(
        [Row(source, words=n) for source, n in zip(sources, words, strict=True)], dict.fromkeys(sources, "2024")
    ).segments
    cosines = np.array(cosines, dtype=np.float32)
    angles = np.sqrt(1 - cosines**2) * np.where(np.arange(len(cosines)) % 2, 1, -1)
    return segments, np.column_stack([cosines, angles]).astype(np.float32)


def rows_of(segments, ids):
    return [segments.segment_id.index(identifier) for identifier in ids]


def test_the_nearest_to_the_mean_come_first():
    segments, vectors = made("aaaa", cosines=[0.5, 0.5, 1.0, 0.9])
    vectors[:, 1] = [0.8660254, -0.8660254, 0, 0.4358899]
    score = vectors @ vectors.mean(axis=0)
    picked = rows_of(segments, exemplars(np.arange(4), vectors, segments, 3))
    assert picked == np.argsort(-score)[:3].tolist() == [2, 3, 0]


def test_every_source_has_one_before_any_has_two():
    segments, vectors = made("aaabbc", cosines=[1.0, 1.0, 1.0, 0.8, 0.8, 0.6])
    rows = np.arange(6)
    chosen = [rows_of(segments, exemplars(rows, vectors, segments, wanted)) for wanted in (1, 3, 4, 6)]
    assert [sorted(segments.source_id[row] for row in picked) for picked in chosen] == [
        ["a"],
        ["a", "b", "c"],
        ["a", "a", "b", "c"],
        ["a", "a", "a", "b", "b", "c"],
    ]


def test_short_segments_only_where_there_is_nothing_else():
    segments, vectors = made("aab", words=[5, 25, 19], cosines=[1.0, 0.5, 1.0])
    assert rows_of(segments, exemplars(np.arange(3), vectors, segments, 3)) == [1]
    assert sorted(rows_of(segments, exemplars(np.array([0, 2]), vectors, segments, 3))) == [0, 2]


def test_only_the_themes_own_rows_count():
    segments, vectors = made("aaa", cosines=[1.0, 1.0, 0.0])
    assert rows_of(segments, exemplars(np.array([2]), vectors, segments, 3)) == [2]
    assert exemplars(np.array([], dtype=np.int64), vectors, segments, 3) == ()


def test_equal_ones_go_by_their_place():
    segments, vectors = made("aaaa", cosines=[1.0] * 4)
    again = replace(segments, text=segments.text[::-1])
    for table in (segments, again):
        assert rows_of(table, exemplars(np.arange(4), vectors, table, 2)) == [0, 1]
