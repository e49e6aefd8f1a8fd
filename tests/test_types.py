"""Frozen columns, checked once: what the types refuse, and what they derive."""

from dataclasses import FrozenInstanceError, replace
from datetime import date

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.errors import DTypeError, MisalignedError, NumericalError, ShapeError
from topicgpu.types import Clusters, Map, Neighbors, Theme, Themes, check_rows, iso_date

NAN = float("nan")


@pytest.fixture
def made():
    return tables([Row("a", ("x",)), Row("a", ("y", "x")), Row("b", repeats=0)], {"a": "2024", "b": "2025-02"})


def test_columns_of_two_lengths_are_refused(made):
    with pytest.raises(ShapeError, match=r"Segments needs columns of one length; got .*'text': 2"):
        replace(made.segments, text=made.segments.text[:2])
    with pytest.raises(ShapeError, match="Sources needs columns of one length"):
        replace(made.sources, title=("A",))
    with pytest.raises(ShapeError, match="Repeats needs columns of one length"):
        replace(made.repeats, of=np.array([0, 1]))
    with pytest.raises(ShapeError, match="Themes needs columns of one length"):
        replace(made.themes, rank=made.themes.rank[1:])
    with pytest.raises(ShapeError, match="Themes needs columns of one length"):
        replace(made.themes, near_row=np.array([0]))
    with pytest.raises(ShapeError, match="Clusters needs columns of one length"):
        Clusters(np.zeros(2, dtype=np.int64), np.zeros(3, dtype=np.float32), "m", "rows")


def test_ids_are_unique(made):
    with pytest.raises(ShapeError, match=r"^Segments\.segment_id must not repeat an id\.$"):
        replace(made.segments, segment_id=("a:0-1", "a:0-1", "b:0-1"))
    with pytest.raises(ShapeError, match=r"^Sources\.source_id must not repeat an id\.$"):
        replace(made.sources, source_id=("a", "a"))
    theme = Theme("x", "X", "guided", None, (), 0, ())
    with pytest.raises(ShapeError, match=r"^Themes must not repeat a theme_id\.$"):
        replace(made.themes, themes=(theme, theme))


@pytest.mark.parametrize("bad", [NAN, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_with_its_row(made, bad):
    vectors = np.ones((3, 2), dtype=np.float32)
    vectors[1, 1] = bad
    with pytest.raises(NumericalError, match=r"^Embeddings\.vectors must be finite; row 1 is not\.$"):
        replace(made.embeddings, vectors=vectors)
    with pytest.raises(NumericalError, match=r"^Themes\.strength must be finite; row 2 is not\.$"):
        replace(made.themes, strength=np.array([0, 1, bad], dtype=np.float32))
    with pytest.raises(NumericalError, match=r"^Clusters\.strengths must be finite; row 0 is not\.$"):
        Clusters(np.zeros(1, dtype=np.int64), np.array([bad], dtype=np.float32), "m", "rows")


def test_vectors_are_float32_and_two_dimensional(made):
    with pytest.raises(DTypeError, match=r"^Embeddings\.vectors must be float32; got float64\.$"):
        replace(made.embeddings, vectors=np.ones((3, 2)))
    with pytest.raises(ShapeError, match=r"^Embeddings\.vectors must be \(n, d\) with n=3; got \(3,\)\.$"):
        replace(made.embeddings, vectors=np.ones(3, dtype=np.float32))
    with pytest.raises(ShapeError, match=r"with n=3; got \(2, 2\)"):
        replace(made.embeddings, vectors=np.ones((2, 2), dtype=np.float32))


def test_neighbors_and_map_have_their_shapes():
    indices, distances = np.zeros((3, 2), dtype=np.int64), np.zeros((3, 1), dtype=np.float32)
    with pytest.raises(ShapeError, match=r"two \(n, k\) arrays; got \(3, 2\) and \(3, 1\)"):
        Neighbors(indices, distances, "cosine", True, None, "rows")
    with pytest.raises(ShapeError, match=r"^Map\.xy must be \(n, 2\); got \(2, 3\)\.$"):
        Map(np.zeros((2, 3), dtype=np.float32), "umap", "rows")


def test_tables_of_other_segments_are_refused(made):
    other = tables([Row("a"), Row("a"), Row("c")], {"a": "2024", "c": "2024"})
    check_rows(made.segments.fingerprint, made.embeddings, made.repeats, made.themes)
    with pytest.raises(MisalignedError, match="Repeats was made from the segments") as caught:
        check_rows(made.segments.fingerprint, made.embeddings, other.repeats)
    assert f"{other.segments.fingerprint[:12]}, not from {made.segments.fingerprint[:12]};" in str(caught.value)


def test_the_fingerprint_is_of_ids_and_texts_in_order(made):
    segments = made.segments
    same = replace(segments, language=("de",) * 3, n_words=segments.n_words + 1)
    assert same.fingerprint == segments.fingerprint
    backwards = replace(segments, segment_id=segments.segment_id[::-1], text=segments.text[::-1])
    moved = replace(segments, segment_id=("a:0-1", "a:1-2", "b:0-1"), text=("", "xa:1-2", ""))
    other = replace(segments, segment_id=("a:0-1", "a:1-2", "b:0-1"), text=("x", "a:1-2", ""))
    prints = {table.fingerprint for table in (segments, backwards, moved, other)}
    assert len(prints) == 4


def test_columns_are_frozen(made):
    with pytest.raises(FrozenInstanceError):
        made.segments.text = ()


def test_primary_and_carried_themes(made):
    assert made.themes.primary.tolist() == [0, 1, -1]
    assert made.themes.carries(0).tolist() == [True, True, False]
    assert made.repeats.mask.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 2, 5), date(2026, 2, 5), "2026-02-05"),
        (date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2025, 1, 1), date(2026, 12, 31), "2025-01-01/2026-12-31"),
        (date(2026, 2, 3), date(2026, 3, 4), "2026-02-03/2026-03-04"),
        (date(2026, 2, 1), date(2026, 2, 10), "2026-02-01/2026-02-10"),
        (None, None, None),
    ],
)
def test_a_range_is_written_at_its_own_precision(start, end, text):
    assert iso_date(start, end) == text


def test_a_row_does_not_come_near_a_theme_that_it_carries():
    ones, strength = np.array([1]), np.array([0.5], dtype=np.float32)
    theme = Theme("a", "A", "guided", "text", (), 1, ())
    with pytest.raises(ShapeError, match="row 1 carries a theme"):
        Themes((theme,), ones, ones - 1, strength, ones, ones, ones - 1, strength, 2, "rows")
