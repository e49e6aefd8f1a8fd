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
