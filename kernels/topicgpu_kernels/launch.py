"""What a kernel in CUDA C++ is launched with: source, constants, parameters, grid and block. No torch, no device."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import prod
from types import MappingProxyType

_MOST_BLOCKS = (2**31 - 1, 2**16 - 1, 2**16 - 1)  # of a grid, by axis
_MOST_THREADS = 1024  # of a block
_KERNEL = re.compile(r'extern\s+"C"\s+__global__\s+void\s+(?:__launch_bounds__\([^)]*\)\s*)?(\w+)\s*\(([^)]*)\)')
_TYPEDEF = re.compile(r"\btypedef\s+([\w\s]+?)\s+(\w+)\s*;")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Launch:
    """One launch of a kernel: where it runs, and its work for the roofline."""

    kernel: str
    grid: tuple[int, ...]  # blocks, by axis
    block: tuple[int, ...]  # threads, by axis
    flop: float
    read_bytes: float  # from device memory
    written_bytes: float
    shared_bytes: int = 0  # of dynamic shared memory, for each block

    def __post_init__(self) -> None:
        """Refuse what no device can run: a driver would say so without a name."""
        axes = len(self.grid) in (1, 2, 3) and len(self.block) in (1, 2, 3)
        blocks = all(1 <= size <= most for size, most in zip(self.grid, _MOST_BLOCKS, strict=False))
        threads = min(self.block, default=0) >= 1 and prod(self.block) <= _MOST_THREADS
        if not (axes and blocks and threads):
            raise ValueError(
                f"{self.kernel} can't be launched with grid {self.grid} and block {self.block}: a grid has 1 to 3 axes "
                f"of at least one block, up to {_MOST_BLOCKS}, and a block at most {_MOST_THREADS} threads."
            )


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel, as its source declares it."""

    name: str
    type: str  # as `unsigned int`; what a pointer points to
    pointer: bool


@dataclass(frozen=True)
class Source:
    """
    The CUDA C++ of an operation, `fused.cu` in its package, and the constants that it is compiled with.

    Parameters
    ----------
    package : str
        As `topicgpu_kernels.mst`.
    constants : tuple of (str, int)
        Names that the source leaves open, and their values.
    """

    package: str
    constants: tuple[tuple[str, int], ...] = ()

    @property
    def text(self) -> str:
        """The source as it is in the package."""
        return _text(self.package)

    @property
    def options(self) -> tuple[str, ...]:
        """
        What any compiler of CUDA C++ is told.

        No product and sum become one rounding, as no other implementation has them. Numbers below 2^-126 become 0:
        CuPy asks for that whatever it is told, so it is said here, and kernels may not depend on such numbers.
        """
        return (
            *("--std=c++17", "--fmad=false", "--ftz=true", "--prec-div=true", "--prec-sqrt=true"),
            *(f"-D{name}={value}" for name, value in self.constants),
        )

    def parameters(self, kernel: str) -> tuple[Parameter, ...]:
        """
        Look up what a kernel takes.

        Parameters
        ----------
        kernel : str
            Name, declared as `extern "C" __global__ void name(...)`.

        Returns
        -------
        tuple of Parameter
            In order.

        Raises
        ------
        KeyError
            If the source has no such kernel.
        """
        kernels = _kernels(self.package)
        if kernel not in kernels:
            raise KeyError(f"{self.package} has no kernel {kernel}; it has {', '.join(kernels)}.")
        return kernels[kernel]


@cache
def _text(package: str) -> str:
    return (files(package) / "fused.cu").read_text(encoding="utf-8")


@cache
def _kernels(package: str) -> Mapping[str, tuple[Parameter, ...]]:
    return MappingProxyType(declarations(_text(package)))


def declarations(text: str) -> dict[str, tuple[Parameter, ...]]:
    """
    Read the kernels that a source declares.

    Parameters
    ----------
    text : str
        CUDA C++; a kernel is `extern "C" __global__ void`, a parameter a plain type or a typedef of one, or a pointer
        to it, with a name.

    Returns
    -------
    dict of str to tuple of Parameter
        By the name of the kernel.
    """
    text = _COMMENT.sub(" ", text)
    types = {name: " ".join(kind.split()) for kind, name in _TYPEDEF.findall(text)}
    return {
        name: tuple(_parameter(declared, types) for declared in inside.split(",") if declared.strip())
        for name, inside in _KERNEL.findall(text)
    }


def _parameter(declared: str, types: Mapping[str, str]) -> Parameter:
    words = [word for word in declared.replace("*", " * ").split() if word not in ("const", "__restrict__")]
    *kind, name = words
    plain = " ".join(word for word in kind if word != "*")
    return Parameter(name, types.get(plain, plain), "*" in kind)
