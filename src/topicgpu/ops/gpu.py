"""Whether fused kernels can run on a device, and why not: one rule and one wording for every operation."""

from importlib.util import find_spec

import torch

from topicgpu.errors import DeviceError, MissingExtraError, TopicGPUError

_OLDEST = (8, 0)  # compute capability that the kernels are compiled and counted for


def gpu_problem(device: torch.device) -> TopicGPUError | None:
    """
    Say why no fused kernel can run on a device.

    Parameters
    ----------
    device : torch.device
        Where the rows are.

    Returns
    -------
    TopicGPUError or None
        A DeviceError, up to its semicolon the reason, then the way to mend it.
    """
    if device.type != "cuda" or torch.version.cuda is None:
        return DeviceError(f'impl="fused" needs an NVIDIA GPU, and the rows are on {device}; take impl="reference".')
    capability = torch.cuda.get_device_capability(device)
    if capability < _OLDEST:
        has = ".".join(map(str, capability))
        return DeviceError(f'impl="fused" needs compute capability 8.0, and {device} has {has}; take impl="reference".')
    return None


def cupy_problem(device: torch.device) -> TopicGPUError | None:
    """
    Say why no kernel in CUDA C++ can run on a device.

    Parameters
    ----------
    device : torch.device
        Where the rows are.

    Returns
    -------
    TopicGPUError or None
        A DeviceError, or a MissingExtraError that names the extra with CuPy for torch's own version of CUDA.
    """
    problem = gpu_problem(device)
    if problem is None and find_spec("cupy") is None:
        extra = f"topicgpu[cuda{str(torch.version.cuda).partition('.')[0]}]"
        return MissingExtraError(f"impl=\"fused\" needs CuPy, which is not installed; pip install '{extra}'.")
    return problem


def cupy_implementation(device: str | torch.device, reference: str) -> str:
    """
    Say what `impl="auto"` of an operation in CUDA C++ runs on a device, and why.

    Parameters
    ----------
    device : str or torch.device
        Where the rows are.
    reference : str
        What the reference is made of, as `scipy`.

    Returns
    -------
    str
        For the manifest and `topicgpu doctor`.
    """
    problem = cupy_problem(torch.device(device))
    if problem:
        return f"reference ({reference}): {reason(problem)}"
    import cupy

    return f"fused (CUDA C++, CuPy {cupy.__version__})"


def reason(problem: TopicGPUError) -> str:
    """
    Shorten a problem to its reason.

    Parameters
    ----------
    problem : TopicGPUError
        Of `gpu_problem` or `cupy_problem`.

    Returns
    -------
    str
        Without the way to mend it.
    """
    return str(problem).partition(";")[0]
