from dataclasses import replace

import numpy as np

from planted.tables import Row, tables
from topicgpu.drift.changes.design import comparisons
from topicgpu.drift.changes.moves import moves
from topicgpu.drift.periods import assign_periods
from topicgpu.drift.shares.counts import count_units
from topicgpu.drift.units import inference_units
from topicgpu.types import Theme

_DATES = {"a": "2024", "b": "2024", "c": "2025", "d": "2025"}
_WORDS = 40


def _moves(rows, vectors, dates=None, genres=None, subthemes=(), sub=()):
    """Of theme x; `sub` names the rows of each subtheme."""
    dates = dates or _DATES
    made = tables(rows, dates, genres, theme_ids=["x"])
    themes = replace(
        made.themes,
        subthemes=tuple(Theme(name, name, "discovered", None, (), 0, (), "x", level="subtheme") for name in subthemes),
        sub_row=np.array(sorted(row for part in sub for row in part), dtype=np.int64),
        sub=np.array([index for _, index in sorted((row, i) for i, part in enumerate(sub) for row in part)], dtype=int),
    )
    counts = count_units(made.sources, made.segments, made.embeddings, made.repeats, themes)
    calendar = assign_periods(made.sources, set(dates), "year")
    units = inference_units(made.sources, calendar, "source")
    compared = comparisons(len(calendar.periods))
    found = moves(counts, units, made.segments, np.array(vectors, np.float32), themes, compared, calendar.periods)
    place = {identifier: row for row, identifier in enumerate(made.segments.segment_id)}
    return found, place


def _corpus(new=(), old=(), dates=None, **row):
    """Eight segments a source that say the usual; the rows in `new` and `old` lie along the move and against it."""
    rows = [Row(source, ("x",), _WORDS, **row) for source in (dates or _DATES) for _ in range(8)]
    rng = np.random.default_rng(0)
    vectors = 0.05 * rng.normal(size=(len(rows), 4)) + [0.0, 1.0, 0.0, 0.0]
    for place in new:
        vectors[place, 0] += 1.0
    for place in old:
        vectors[place, 0] -= 1.0
    return rows, vectors


def _rows(ids, place):
    return {place[identifier] for identifier in ids}


def test_the_exemplars_are_the_planted_ones():
    new, old = [16, 17, 24, 25], [0, 1, 8, 9]  # two of each source
    (move,), place = _moves(*_corpus(new, old))
    assert set(new) == _rows(move.now[:4], place)
    assert set(old) == _rows(move.before[:4], place)
    assert (move.theme_id, move.level, move.from_, move.to) == ("x", "period", "2024", "2025")


def test_no_source_has_more_than_two():
    (move,), place = _moves(*_corpus(new=[16, 17, 18, 19, 20], old=[0]))
    assert len([row for row in _rows(move.now, place) if row < 24]) == 2
    assert len(move.now) <= 4


def test_an_exemplar_lies_on_its_own_side_of_the_middle():
    # All of source c is new, and nothing of d: its segments are as far along as the earlier ones.
    (move,), place = _moves(*_corpus(new=range(16, 24)))
    assert _rows(move.now, place) <= set(range(16, 24))


def test_what_is_too_short_to_read_is_no_exemplar():
    rows, vectors = _corpus(new=[16, 17, 24, 25])
    rows[16] = replace(rows[16], words=3)
    (move,), place = _moves(rows, vectors)
    assert place[move.now[0]] != 16
    assert {17, 24, 25} <= _rows(move.now, place)
    assert 16 not in _rows(move.now, place)


def test_repeats_and_segments_of_other_themes_are_no_exemplars():
    rows, vectors = _corpus(new=[16, 17, 18, 24, 25])
    rows[17] = replace(rows[17], repeats=16)
    rows[18] = replace(rows[18], themes=())
    (move,), place = _moves(rows, vectors)
    assert _rows(move.now, place) & {16, 17, 18, 24, 25} == {16, 24, 25}


def test_each_source_has_one_vote_in_the_direction():
    # Source c says the new thing in all of its many segments, d the contrary in its few: they cancel out.
    rows = [Row(source, ("x",), _WORDS) for source, n in zip("abcd", (6, 6, 60, 6), strict=True) for _ in range(n)]
    vectors = np.tile([0.0, 1.0], (len(rows), 1))
    vectors[12:72] = [1.0, 1.0]
    vectors[72:] = [-1.0, 1.0]
    found, _ = _moves(rows, vectors)
    assert found == ()


def test_a_difference_of_kind_is_not_the_move():
    # In 2025 another kind of source comes in, far off on the third axis; inside the first kind the first axis moves.
    dates = {"a": "2024", "b": "2024", "c": "2025", "d": "2025", "e": "2025"}
    rows, vectors = _corpus(new=[16, 24], dates=dates)
    vectors[32:, 2] += 3.0
    (move,), place = _moves(rows, vectors, dates, genres={"e": "interview"})
    assert {16, 24} == {place[identifier] for identifier in move.now[:2]}
    assert not set(range(32, 40)) & _rows(move.now, place)


def test_nothing_that_moves_has_no_exemplars():
    rows, _ = _corpus()
    found, _ = _moves(rows, np.ones((len(rows), 4)))
    assert found == ()


def test_a_side_with_few_segments_has_no_exemplars():
    rows = [Row("a", ("x",), _WORDS)] * 8 + [Row("c", ("x",), _WORDS)] * 4
    found, _ = _moves(rows, np.eye(12), {"a": "2024", "c": "2025"})
    assert found == ()


def test_subthemes_that_one_side_alone_has_appear_and_fade():
    rows, vectors = _corpus()
    sub = [[16, 17, 24, 25], [0, 1, 8, 9], [2, 10, 18, 26]]
    (move,), _ = _moves(rows, vectors, subthemes=("rises", "falls", "stays"), sub=sub)
    assert (move.parts_appear, move.parts_fade) == (("rises",), ("falls",))


def test_a_subtheme_of_one_source_among_several_does_not_appear():
    rows, vectors = _corpus()
    (move,), _ = _moves(rows, vectors, subthemes=("lone",), sub=[[16, 17, 18, 19]])
    assert (move.parts_appear, move.parts_fade) == ((), ())


def test_a_subtheme_of_the_only_source_of_a_side_appears():
    dates = {"a": "2024", "c": "2025"}
    rows, vectors = _corpus(dates=dates)
    (move,), _ = _moves(rows, vectors, dates, subthemes=("new",), sub=[[8, 9, 10]])
    assert move.parts_appear == ("new",)


def test_a_subtheme_that_would_hardly_have_been_heard_before_does_not_appear():
    rows, vectors = _corpus()
    (move,), _ = _moves(rows, vectors, subthemes=("rare",), sub=[[16, 24]])  # 2 of 16, of which 2 would be before
    assert move.parts_appear == ()


def test_a_subtheme_does_not_appear_where_its_theme_was_not_there():
    rows = [Row("a", (), _WORDS)] * 8 + [Row("c", ("x",), _WORDS)] * 8
    found, _ = _moves(rows, np.eye(16), {"a": "2024", "c": "2025"}, subthemes=("part",), sub=[[8, 9, 10]])
    assert found == ()
