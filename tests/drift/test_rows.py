import numpy as np

from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change, changes_table


def _change(**values):
    sizes = {"n_from": 3, "n_to": 2, "units_from": 3, "units_to": 2, "smallest_p": 0.1}
    return Change(0, "prevalence", Comparison("span", (0, 1), (3,)), "words", 0.25, **{**sizes, **values})


def test_the_table_has_a_row_a_change_with_names_for_numbers():
    table = changes_table([_change(), _change(why="too few", q=0.5, found=True)], ("x",), ("a", "b", "c", "d"))
    assert (table.theme_id, table.level) == (("x", "x"), ("span", "span"))
    assert (table.from_, table.to) == (("a–b",) * 2, ("d",) * 2)
    assert (table.status, table.why) == (("tested", "described"), (None, "too few"))
    assert (table.effect.tolist(), table.n_from.tolist()) == ([0.25, 0.25], [3, 3])
    assert table.found.tolist() == [False, True]
    assert table.n_from.dtype == np.int64
    assert table.found.dtype == np.bool_
    assert np.isnan(table.q[0])


def test_no_changes_make_an_empty_table():
    table = changes_table([], ("x",), ())
    assert len(table) == 0
    assert (table.effect.dtype, table.found.dtype) == (np.float64, np.bool_)
