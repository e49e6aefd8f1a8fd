"""What every operation asks of its tensors: one sentence with the argument, the value, the limit and the fix."""

import torch
from torch import Tensor

from topicgpu.errors import DTypeError, NumericalError, ShapeError

FLOAT_TYPES = (torch.float32, torch.float16, torch.bfloat16)


def check_matrix(name: str, tensor: Tensor) -> None:
    """
    Raise unless a tensor is a table of float rows.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    tensor : Tensor
        Should be (n, d) float32, float16 or bfloat16.

    Raises
    ------
    ShapeError
        If it has not two axes.
    DTypeError
        If it is of another type.
    """
    if tensor.ndim != 2:
        raise ShapeError(f"{name} must have shape (rows, columns); got {tuple(tensor.shape)}.")
    if tensor.dtype not in FLOAT_TYPES:
        raise DTypeError(f"{name} must be float32, float16 or bfloat16; got {tensor.dtype}; convert it with .float().")


def check_pair(names: tuple[str, str], first: Tensor, second: Tensor) -> None:
    """
    Raise unless two tables can be multiplied: equal width, type and device.

    Parameters
    ----------
    names : tuple of (str, str)
        Of the arguments, for the message.
    first, second : Tensor
        (n, d) and (m, d).

    Raises
    ------
    ShapeError
        If the widths differ, or the devices.
    DTypeError
        If the types differ.
    """
    for name, tensor in zip(names, (first, second), strict=True):
        check_matrix(name, tensor)
    both = " and ".join(names)
    if first.shape[1] != second.shape[1]:
        raise ShapeError(f"{both} must have rows of one width; got {first.shape[1]} and {second.shape[1]}.")
    if first.dtype != second.dtype:
        raise DTypeError(f"{both} must be of one type; got {first.dtype} and {second.dtype}; convert one of them.")
    if first.device != second.device:
        raise ShapeError(f"{both} must be on one device; got {first.device} and {second.device}; move one of them.")


def check_count(name: str, value: int, low: int, high: int, why: str) -> None:
    """
    Raise unless a whole number is within its limits.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    value : int
        To be checked.
    low, high : int
        Limits, both allowed.
    why : str
        What sets the upper limit.

    Raises
    ------
    ShapeError
        If it is outside.
    """
    if not low <= value <= high:
        raise ShapeError(f"{name} = {value} must be from {low} to {high} ({why}).")


def check_finite(name: str, tensor: Tensor) -> None:
    """
    Raise if a tensor holds NaN or infinity.

    Parameters
    ----------
    name : str
        Of the tensor, for the message.
    tensor : Tensor
        (n, ...) of any float type.

    Raises
    ------
    NumericalError
        Names the first row that is not finite.
    """
    bad = ~torch.isfinite(tensor).flatten(1).all(dim=1)
    if bad.any():
        raise NumericalError(f"{name} must be finite; row {int(bad.nonzero()[0])} is not; leave such rows out.")
