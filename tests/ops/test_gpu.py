"""One rule for where fused kernels run, and the sentence where they do not."""

import sys
from types import SimpleNamespace

import pytest
import torch

from topicgpu.errors import DeviceError, MissingExtraError
from topicgpu.ops import gpu
from topicgpu.ops.gpu import cupy_implementation, cupy_problem, gpu_problem, reason

CUDA = torch.device("cuda:1")


@pytest.fixture
def machine(monkeypatch):
    def has(*, torch_cuda="13.0", capability=(9, 0), cupy=True):
        monkeypatch.setattr(torch.version, "cuda", torch_cuda)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
        monkeypatch.setattr(gpu, "find_spec", lambda name: object() if cupy else None)
        monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(__version__="14.2.0"))

    return has


def test_the_cpu_says_so():
    problem = gpu_problem(torch.device("cpu"))
    assert isinstance(problem, DeviceError)
    assert str(problem) == 'impl="fused" needs an NVIDIA GPU, and the rows are on cpu; take impl="reference".'
    assert reason(problem) == 'impl="fused" needs an NVIDIA GPU, and the rows are on cpu'


@pytest.mark.parametrize(
    ("has", "error", "message"),
    [
        ({"torch_cuda": None}, DeviceError, "an NVIDIA GPU, and the rows are on cuda:1"),
        ({"capability": (7, 5)}, DeviceError, "compute capability 8.0, and cuda:1 has 7.5"),
        ({"cupy": False}, MissingExtraError, r"CuPy, which is not installed; pip install 'topicgpu\[cuda13\]'\."),
        (
            {"cupy": False, "torch_cuda": "12.8"},
            MissingExtraError,
            r"CuPy, which is not installed; pip install 'topicgpu\[cuda12\]'\.",
        ),
    ],
)
def test_what_is_missing_is_named_with_the_way_to_mend_it(machine, has, error, message):
    machine(**has)
    with pytest.raises(error, match=message):
        raise cupy_problem(CUDA)


def test_where_all_is_there_the_kernels_run(machine):
    machine()
    assert cupy_problem(CUDA) is None
    assert cupy_implementation(CUDA, "scipy") == "fused (CUDA C++, CuPy 14.2.0)"


def test_the_reference_gives_its_reason(machine):
    machine(cupy=False)
    assert cupy_implementation(CUDA, "scipy") == 'reference (scipy): impl="fused" needs CuPy, which is not installed'
