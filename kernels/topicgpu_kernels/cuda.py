"""Kernels in CUDA C++: compiled and launched by CuPy, on tensors of torch and on torch's stream."""

from functools import cache
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from topicgpu_kernels.launch import Launch, Parameter, Source

# An unsigned word is the same bits in a signed tensor, for which torch has operations.
_TENSORS = {
    "float": torch.float32,
    "double": torch.float64,
    "unsigned char": torch.uint8,
    "int": torch.int32,
    "unsigned int": torch.int32,
    "long long": torch.int64,
    "unsigned long long": torch.int64,
}
_SCALARS: dict[str, type[np.generic]] = {
    "float": np.float32,
    "double": np.float64,
    "int": np.int32,
    "unsigned int": np.uint32,
    "long long": np.int64,
    "unsigned long long": np.uint64,
}


class Launcher(Protocol):
    """Runs one kernel of a source; a driver is handed one and never asks what is behind it."""

    def __call__(self, launch: Launch, *arguments: Tensor | np.generic) -> None: ...


def launcher(source: Source, device: torch.device) -> Launcher:
    """
    Make what launches the kernels of a source on a CUDA device.

    Parameters
    ----------
    source : Source
        Compiled at the first launch, once for each device; CuPy keeps the result on disk.
    device : torch.device
        Where every tensor will be.

    Returns
    -------
    Launcher
        `launcher(launch, *arguments)` runs a kernel after all work that torch has put on its current stream, and before
        what follows there. Tensors are handed over in place, scalars as NumPy's of the declared type. It raises
        ValueError or TypeError where an argument is not what the kernel declares.
    """

    def run(launch: Launch, *arguments: Tensor | np.generic) -> None:
        check_arguments(source, launch, arguments, device)
        _launch(source, launch, arguments, device)

    return run


def check_arguments(
    source: Source, launch: Launch, arguments: tuple[Tensor | np.generic, ...], device: torch.device
) -> None:
    """
    Hold arguments against what the kernel declares, since a kernel reads whatever bits it is given.

    Parameters
    ----------
    source : Source
        With the kernel.
    launch : Launch
        Its name.
    arguments : tuple of (Tensor or numpy.generic)
        In the order of the parameters.
    device : torch.device
        Where the tensors must be.

    Raises
    ------
    ValueError
        If there are too few or too many, or a tensor is on another device, not contiguous or wants a gradient.
    TypeError
        If one is of another type.
    """
    parameters = source.parameters(launch.kernel)
    if len(arguments) != len(parameters):
        raise ValueError(f"{launch.kernel} takes {len(parameters)} arguments; got {len(arguments)}.")
    for parameter, argument in zip(parameters, arguments, strict=True):
        _check(f"{parameter.name} of {launch.kernel}", parameter, argument, device)


def _check(name: str, parameter: Parameter, argument: Tensor | np.generic, device: torch.device) -> None:
    if not parameter.pointer:
        if type(argument) is not _SCALARS[parameter.type]:
            raise TypeError(f"{name} must be numpy.{_SCALARS[parameter.type].__name__}; got {type(argument).__name__}.")
        return
    wanted = _TENSORS[parameter.type]
    if not isinstance(argument, Tensor) or argument.dtype != wanted:
        got = argument.dtype if isinstance(argument, Tensor) else type(argument).__name__
        raise TypeError(f"{name} must be a tensor of {wanted} ({parameter.type}); got {got}.")
    if argument.device != device:
        raise ValueError(f"{name} must be on {device}; got {argument.device}.")
    if not argument.is_contiguous():
        raise ValueError(f"{name} must be contiguous; its strides are {argument.stride()}.")
    if argument.requires_grad:
        raise ValueError(f"{name} must not want a gradient: no kernel has one; take its detach().")


class _Stream:
    """Torch's current stream, as CuPy takes it; torch's own stream does not speak this protocol in every version."""

    def __init__(self, device: torch.device) -> None:
        stream = torch.cuda.current_stream(device)
        self.handle, self.device = stream.cuda_stream, stream.device_index

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self.handle  # version of the protocol, and the stream


def _launch(source: Source, launch: Launch, arguments: tuple[Tensor | np.generic, ...], device: torch.device) -> None:
    import cupy

    stream = _Stream(device)
    # Both libraries must be on the tensors' device. On torch's own stream nothing has to wait when a tensor is taken.
    with torch.cuda.device(stream.device), cupy.cuda.Device(stream.device), cupy.cuda.Stream.from_external(stream):
        taken = [cupy.from_dlpack(each) if isinstance(each, Tensor) else each for each in arguments]
        _kernel(source, launch.kernel)(launch.grid, launch.block, tuple(taken), shared_mem=launch.shared_bytes)


@cache
def _kernel(source: Source, kernel: str) -> Any:
    """Look up a kernel, which CuPy compiles at its first call on each device."""
    import cupy

    return cupy.RawModule(code=source.text, options=source.options).get_function(kernel)
