import numpy as np
import pytest

from topicgpu.errors import ShapeError
from topicgpu.ops.agreement import found_again, overlaps


def test_overlap_is_what_both_have_over_what_either_has():
    one, other = np.array([0, 0, 0, 1, 1, -1]), np.array([0, 0, 1, 1, 1, 1])
    assert overlaps(one, other) == pytest.approx(np.array([[2 / 3, 1 / 6], [0, 2 / 4]]))


def test_a_random_pair_agrees_with_sets():
    rng = np.random.default_rng(0)
    one, other = rng.integers(-1, 5, 200), rng.integers(-1, 7, 200)
    for g, row in enumerate(overlaps(one, other)):
        for h, value in enumerate(row):
            mine, yours = set(np.flatnonzero(one == g)), set(np.flatnonzero(other == h))
            assert value == pytest.approx(len(mine & yours) / len(mine | yours))


def test_names_of_groups_do_not_matter_to_what_is_found_again():
    groups = np.array([0, 0, 1, 1, 2, 2])
    assert found_again(groups, np.array([5, 5, 0, 0, 3, 3])).tolist() == [1, 1, 1]
    assert found_again(groups, np.array([0, 0, 0, 0, 1, 1])).tolist() == [0.5, 0.5, 1]


def test_nothing_is_found_among_no_groups():
    assert found_again(np.array([0, 1]), np.array([-1, -1])).tolist() == [0, 0]
    assert found_again(np.array([-1, -1]), np.array([0, 1])).tolist() == []


def test_groups_of_other_rows_are_refused():
    with pytest.raises(ShapeError, match=r"got \(2,\) and \(3,\)"):
        overlaps(np.array([0, 1]), np.array([0, 1, 2]))
