import numpy as np
import pytest

from planted.units import said
from topicgpu.drift.changes.inside import draw_keys, drawn, inside


def _drawn_ids(corpus, seed=0, **limits):
    """Drawn segments as (source id, place in the source)."""
    part = drawn(inside(corpus.counts, corpus.units, corpus.primary, 0), corpus.units, draw_keys(corpus.counts, seed),
                 seed, **limits)  # fmt: skip
    starts = np.searchsorted(corpus.counts.source, part.source)
    names = [corpus.counts.source_ids[source] for source in part.source]
    return set(zip(names, (part.place - starts).tolist(), strict=True))


def test_units_with_fewer_than_five_segments_are_left_out():
    corpus = said([5, 4, 6], [0, 0, 1])
    part = inside(corpus.counts, corpus.units, corpus.primary, 0)
    assert part.units.tolist() == [0, 2]
    assert np.bincount(part.of).tolist() == [5, 6]


def test_each_source_of_a_unit_has_one_vote_and_each_unit_one():
    corpus = said([2, 6, 5], [0, 1], of_source=np.array([0, 0, 1]))
    part = inside(corpus.counts, corpus.units, corpus.primary, 0)
    votes = np.bincount(part.source, part.weight)
    assert votes == pytest.approx([0.5, 0.5, 1.0])


def test_no_more_than_the_limit_of_a_unit_is_drawn_and_small_ones_are_whole():
    corpus = said([30, 7], [0, 1])
    part = drawn(
        inside(corpus.counts, corpus.units, corpus.primary, 0), corpus.units, draw_keys(corpus.counts, 0), 0, 10
    )
    assert np.bincount(part.of).tolist() == [10, 7]


def test_other_sources_change_no_draw():
    alone, among = said([30], [0]), said([30, 50, 20], [0, 0, 1])
    assert _drawn_ids(alone, most=10) == {pair for pair in _drawn_ids(among, most=10) if pair[0] == "s00000"}


def test_another_seed_draws_others():
    corpus = said([30, 30], [0, 1])
    assert _drawn_ids(corpus, seed=0, most=10) != _drawn_ids(corpus, seed=1, most=10)


def test_the_sources_of_a_unit_are_drawn_from_by_turns():
    corpus = said([40, 3, 40], [0], of_source=np.array([0, 0, 0]))
    part = drawn(
        inside(corpus.counts, corpus.units, corpus.primary, 0), corpus.units, draw_keys(corpus.counts, 0), 0, 11
    )
    assert sorted(np.bincount(part.source).tolist()) == [3, 4, 4]


def test_of_too_many_units_the_small_period_keeps_its_own():
    corpus = said([5] * 23, [0] * 3 + [1] * 20)
    whole = inside(corpus.counts, corpus.units, corpus.primary, 0)
    part = drawn(whole, corpus.units, draw_keys(corpus.counts, 0), 0, most_units=8)
    assert np.bincount(corpus.units.period[part.units]).tolist() == [3, 5]
    assert len(part.of) == 8 * 5
    assert part.of.max() == 7
