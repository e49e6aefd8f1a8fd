import numpy as np

from topicgpu.ops.by_size import by_size


def test_groups_are_numbered_by_falling_size_and_equal_ones_by_their_first_row():
    labels = np.array([7, 3, 3, 9, 7, 5, 5, 5])
    assert by_size(labels, 1).tolist() == [1, 2, 2, 3, 1, 0, 0, 0]


def test_small_groups_and_rows_in_none_have_no_number():
    assert by_size(np.array([4, 4, -1, -1, -1, 2]), 2).tolist() == [0, 0, -1, -1, -1, -1]
    assert by_size(np.array([], dtype=np.int64), 1).tolist() == []
