import pytest
import torch

from topicgpu.errors import DTypeError, NumericalError, ShapeError
from topicgpu.ops.topk import topk

ROWS = torch.eye(4)


def test_result_has_names():
    found = topk(ROWS, ROWS, 1)
    assert found.indices.tolist() == [[0], [1], [2], [3]]
    assert found.scores.tolist() == [[1.0]] * 4


@pytest.mark.parametrize(
    ("queries", "base", "k", "exclude_self", "error", "message"),
    [
        (ROWS[0], ROWS, 1, False, ShapeError, r"queries must have shape \(rows, columns\); got \(4,\)"),
        (ROWS, ROWS.long(), 1, False, DTypeError, "base must be float32, float16 or bfloat16; got torch.int64"),
        (ROWS, ROWS.double(), 1, False, DTypeError, "base must be float32.*got torch.float64"),
        (ROWS, ROWS[:, :3], 1, False, ShapeError, "rows of one width; got 4 and 3"),
        (ROWS, ROWS.half(), 1, False, DTypeError, "one type; got torch.float32 and torch.float16"),
        (ROWS, ROWS.to("meta"), 1, False, ShapeError, "one device; got cpu and meta"),
        (ROWS, ROWS, 0, False, ShapeError, r"k = 0 must be from 1 to 4 \(base has 4 rows\)"),
        (ROWS, ROWS, 5, False, ShapeError, r"k = 5 must be from 1 to 4 \(base has 4 rows\)"),
        (ROWS, ROWS, 4, True, ShapeError, r"k = 4 must be from 1 to 3 \(base has 4 rows, self excluded\)"),
        (ROWS[:3], ROWS, 1, True, ShapeError, "same rows with exclude_self; got 3 and 4 rows"),
    ],
)
def test_what_does_not_fit_is_named(queries, base, k, exclude_self, error, message):
    with pytest.raises(error, match=message):
        topk(queries, base, k, exclude_self=exclude_self)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["queries", "base"])
def test_a_row_that_is_not_finite_is_named(name, value):
    tables = {"queries": ROWS.clone(), "base": ROWS.clone()}
    tables[name][2, 1] = value
    with pytest.raises(NumericalError, match=f"{name} must be finite; row 2 is not"):
        topk(tables["queries"], tables["base"], 1)


def test_a_score_beyond_float32_is_an_error():
    large = torch.full((2, 2), 3e38)
    with pytest.raises(NumericalError, match="scores must be finite; row 0 is not"):
        topk(large, large, 1)


def test_no_queries_give_an_empty_ranking():
    assert topk(ROWS[:0], ROWS, 2).indices.shape == (0, 2)
