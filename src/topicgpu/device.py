"""The compute device: resolved once, handed on, never a global."""

from pathlib import Path
from typing import NamedTuple

from topicgpu.errors import DeviceError


class Device(NamedTuple):
    """A device that can be used, and why it was chosen."""

    wanted: str
    used: str  # a torch device string
    name: str  # of the hardware
    reason: str
    warning: str | None  # where a GPU seems to be there and can't be used


def resolve_device(wanted: str) -> Device:
    """
    Turn `auto`, `cpu`, `cuda` or `cuda:N` into a device that can be used.

    Parameters
    ----------
    wanted : str
        As in the configuration.

    Returns
    -------
    Device
        With the reason for the choice.

    Raises
    ------
    DeviceError
        If a GPU was asked for by name and can't be used: never a silent CPU run.
    """
    import torch

    if wanted == "cpu":
        return Device(wanted, "cpu", _cpu_name(), "asked for", None)
    problem = _cuda_problem(wanted)
    if problem is None:
        used = "cuda:0" if wanted in ("auto", "cuda") else wanted
        reason = "the first CUDA device" if wanted != used else "asked for"
        return Device(wanted, used, torch.cuda.get_device_name(used), reason, None)
    if wanted != "auto":
        raise DeviceError(f'embedding.device = "{wanted}" can\'t be used: {problem}; set it to "cpu" or "auto".')
    seen = Path("/dev/nvidia0").exists()
    warning = f"A GPU is present but was not used: {problem}. The run is on the CPU." if seen else None
    return Device(wanted, "cpu", _cpu_name(), problem, warning)


def _cuda_problem(wanted: str) -> str | None:
    import torch

    if not torch.backends.cuda.is_built():
        return f"this torch ({torch.__version__}) is built without CUDA"
    if not torch.cuda.is_available():
        return "torch finds no CUDA device or driver"
    index = int(wanted.partition(":")[2] or 0)
    count = torch.cuda.device_count()
    return None if index < count else f"there are {count} CUDA devices, numbered from 0"


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else "CPU"
