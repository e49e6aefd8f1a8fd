import pytest
import torch

from kernels.plans import small_plan
from topicgpu.errors import DeviceError, DTypeError, MissingExtraError, NumericalError, ShapeError
from topicgpu.ops import topk as module
from topicgpu.ops.topk import topk, topk_implementation
from topicgpu_kernels.topk import parts_torch

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


@pytest.fixture
def cuda(monkeypatch):
    """A machine as `_problem` sees one."""

    def has(*, torch_cuda="13.0", capability=(9, 0), triton=True):
        monkeypatch.setattr(torch.version, "cuda", torch_cuda)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
        monkeypatch.setattr(module, "find_spec", lambda name: object() if triton else None)
        monkeypatch.setattr(module.metadata, "version", lambda name: f"{name} 1")

    return has


@pytest.mark.parametrize(
    ("device", "machine", "said"),
    [
        ("cpu", {}, 'reference (torch): impl="fused" needs an NVIDIA GPU, and the rows are on cpu'),
        ("cuda", {"torch_cuda": None}, 'reference (torch): impl="fused" needs an NVIDIA GPU, and the rows are on cuda'),
        (
            "cuda:1",
            {"capability": (7, 5)},
            'reference (torch): impl="fused" needs compute capability 8.0, and cuda:1 has 7.5',
        ),
        ("cuda", {"triton": False}, 'reference (torch): impl="fused" needs Triton, which is not installed'),
        ("cuda", {}, "fused (Triton triton 1); the reference (torch) where k is a large share of the rows"),
    ],
)
def test_the_choice_and_its_reason_can_be_told_before_the_call(cuda, device, machine, said):
    cuda(**machine)
    assert topk_implementation(device) == said


def test_fused_where_it_cannot_run_is_an_error():
    with pytest.raises(DeviceError, match=r'impl="fused" needs an NVIDIA GPU, and the rows are on cpu; take impl='):
        topk(ROWS, ROWS, 1, impl="fused")


@pytest.mark.parametrize(
    ("machine", "error", "message"),
    [
        ({"triton": False}, MissingExtraError, "needs Triton, which is not installed; pip install triton"),
        ({"capability": (7, 0)}, DeviceError, "compute capability 8.0, and meta has 7.0"),
        ({}, ShapeError, r'k = 1 is too large a share of 4 rows for impl="fused"; take impl="reference"'),
    ],
)
def test_fused_says_what_is_missing(cuda, monkeypatch, machine, error, message):
    cuda(**machine)
    monkeypatch.setattr(module, "check_finite", lambda name, tensor: None)
    problem = module._problem

    class Cuda:
        type = "cuda"

        def __str__(self):
            return "meta"

    monkeypatch.setattr(module, "_problem", lambda device: problem(Cuda()))
    with pytest.raises(error, match=message):
        topk(ROWS, ROWS, 1, impl="fused")


@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_auto_takes_the_fused_kernels_where_they_can_run(monkeypatch, mode):
    rows = torch.nn.functional.normalize(torch.randn(90, 12, generator=torch.Generator().manual_seed(1)), dim=1)
    asked = []

    def plan(queries, base, k, *, exact):
        asked.append(exact)
        return small_plan(queries, base, k, exact=exact)

    monkeypatch.setattr(module, "_plan", plan)
    monkeypatch.setattr("topicgpu_kernels.topk.parts_triton", parts_torch, raising=False)
    found = topk(rows, rows, 3, exclude_self=True, mode=mode)
    wanted = topk(rows, rows, 3, exclude_self=True, impl="reference", mode=mode)
    assert asked == [mode == "exact"]
    assert (found.indices == wanted.indices).all()
    assert (found.recall, wanted.recall) == (1.0, 1.0)


@pytest.mark.parametrize(("option", "value"), [("impl", "fusd"), ("mode", "quick")])
def test_unknown_words_are_refused(option, value):
    with pytest.raises(ShapeError, match=f"{option} = '{value}' must be one of"):
        topk(ROWS, ROWS, 1, **{option: value})
