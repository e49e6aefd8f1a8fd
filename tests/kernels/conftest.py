import pytest
import torch

from topicgpu.ops.gpu import cupy_problem


@pytest.fixture(scope="module")
def device():
    """The CUDA device that kernels in CUDA C++ run on."""
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = torch.device("cuda", torch.cuda.current_device())
    if problem := cupy_problem(device):
        pytest.skip(str(problem))
    return device
