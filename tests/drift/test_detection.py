import math

import numpy as np
import pytest

from topicgpu.drift.changes.design import Design, assignments, p_values
from topicgpu.drift.changes.detection import content_reach
from topicgpu.drift.changes.separation import studentised_separation

_D = 8


def _table(points):
    gaps = points[:, None] - points[None]
    return (gaps**2).sum(axis=-1) / 2


def _reach(points, later, level=0.05):
    made = Design(np.arange(len(later)), later, np.zeros(len(later), dtype=int), np.zeros(0, dtype=int))
    dealt = assignments(made, 0)
    statistics = studentised_separation(_table(points), dealt, made.stratum)
    return content_reach(_table(points), dealt, made.stratum, statistics, made.smallest_p, level), made, dealt


def test_a_move_of_the_length_that_it_names_is_found_in_about_eight_of_ten():
    rng = np.random.default_rng(0)
    later = np.arange(14) > 6
    named = [_reach(rng.normal(size=(14, _D)), later)[0](0.05) for _ in range(15)]
    noise = _D * (1 / 7 + 1 / 7)  # of the squared length
    shift = math.sqrt(np.median(named) - noise)
    _, made, dealt = _reach(rng.normal(size=(14, _D)), later)
    found = 0
    for _ in range(100):
        points = rng.normal(size=(14, _D))
        points[later, 0] += shift
        found += p_values(studentised_separation(_table(points), dealt, made.stratum)[:, None])[0] <= 0.05
    assert 65 <= found <= 98


def test_no_move_reaches_a_p_that_the_design_cannot_give():
    reach, made, _ = _reach(np.random.default_rng(1).normal(size=(8, _D)), np.arange(8) > 3)
    assert reach(made.smallest_p * 0.99) == math.inf
    assert reach(made.smallest_p) < math.inf


def test_a_smaller_p_asks_for_a_longer_move():
    reach, _, _ = _reach(np.random.default_rng(2).normal(size=(20, _D)), np.arange(20) > 9)
    assert reach(0.001) > reach(0.01) > reach(0.05)


def test_units_that_are_all_alike_say_nothing_of_what_could_be_seen():
    reach, _, _ = _reach(np.zeros((8, _D)), np.arange(8) > 3)
    assert math.isnan(reach(0.05))


def test_sides_that_lie_apart_without_any_dispersion_have_an_upper_bound():
    reach, _, _ = _reach(np.repeat([[0.0], [1.0]], 4, axis=0), np.arange(8) > 3)
    assert 0 < reach(0.05) < math.inf


@pytest.mark.parametrize("scale", [0.1, 10.0])
def test_it_is_in_the_unit_of_the_distance(scale):
    points = np.random.default_rng(3).normal(size=(12, _D))
    later = np.arange(12) > 5
    assert _reach(scale * points, later)[0](0.05) == pytest.approx(scale**2 * _reach(points, later)[0](0.05))
