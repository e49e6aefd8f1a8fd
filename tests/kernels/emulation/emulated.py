"""Kernels in CUDA C++ run where there is no GPU: their very source, compiled by g++ with cuda_host.h."""

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from topicgpu_kernels.cuda import Launcher, check_arguments
from topicgpu_kernels.launch import Launch, Source, declarations

HERE = Path(__file__).parent
COMPILER = shlex.split(os.environ.get("CXX", "g++"))
NEEDS_COMPILER = pytest.mark.skipif(
    (sys.platform != "linux" or shutil.which(COMPILER[0]) is None) and os.environ.get("CI") != "true",
    reason=f"the emulation needs Linux and {COMPILER[0]}, which is not installed",
)
# No product and sum in one rounding, as on the device. x86-64 rounds each operation to its type, so that is all.
PLAIN = ("-std=c++20", "-ffp-contract=off", "-fPIC", "-pthread", f"-I{HERE}")
# By the name of the sanitizers, which SANITIZE holds for the whole process, since their library must come first in it.
BUILDS = {
    "": ("-O2",),
    "addresses": ("-O1", "-g", "-DEMULATION_ADDRESSES"),
    "threads": ("-O1", "-g", "-DEMULATION_THREADS"),
}
SANITIZERS = {
    "": (),
    "addresses": ("-fsanitize=address,undefined,float-cast-overflow", "-fsanitize-recover=all"),
    "threads": ("-fsanitize=thread",),
}
SANITIZE = "TOPICGPU_TESTS_SANITIZE"


class Stuck(Exception):
    """A grid could not be run to its end."""


def emulated(source: Source, seed: int = 0) -> Launcher:
    """
    Make what launches the kernels of a source here, in place of `topicgpu_kernels.cuda.launcher`.

    Seed 0 runs threads in rising order; others draw the order of blocks and threads, and let threads change places at
    barriers and atomics: a kernel that is right gives the same for each.
    """
    library = _library(source, os.environ.get(SANITIZE, ""))

    def run(launch: Launch, *arguments: Tensor | np.generic) -> None:
        check_arguments(source, launch, arguments, torch.device("cpu"))
        if launch.shared_bytes:
            raise Stuck(f"{launch.kernel} asks for dynamic shared memory, which is not emulated")
        held = [_pointer(each) if isinstance(each, Tensor) else np.asarray(each) for each in arguments]
        packed = (ctypes.c_void_p * len(held))(*(each.ctypes.data for each in held))
        sizes = (ctypes.c_uint * 6)(*_three(launch.grid), *_three(launch.block))
        function = getattr(library, f"{launch.kernel}_launch")
        function.restype = ctypes.c_char_p
        wrong = function(sizes, ctypes.c_uint64(seed), packed)
        if wrong is not None:
            raise Stuck(f"{launch.kernel}: {wrong.decode()}")

    return run


def _pointer(tensor: Tensor) -> np.ndarray:
    return np.array(tensor.data_ptr(), dtype=np.uintp)


def _three(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return (*sizes, 1, 1)[:3]


@cache
def _library(source: Source, sanitize: str) -> ctypes.CDLL:
    build, sanitizers = (*PLAIN, *BUILDS[sanitize]), SANITIZERS[sanitize]
    runtime = _built((HERE / "runtime.cpp").read_text(), ".o", (*build, "-c"))
    constants = tuple(option for option in source.options if option.startswith("-D"))
    exports = "".join(f"EMULATED({kernel})\n" for kernel in declarations(source.text))
    text = f'#include "cuda_host.h"\n#line 1 "{source.package}/fused.cu"\n{source.text}\n{exports}'
    return ctypes.CDLL(str(_built(text, ".so", (*build, *sanitizers, *constants, "-shared"), runtime)))


def _built(text: str, suffix: str, options: tuple[str, ...], *objects: Path) -> Path:
    """Compile a text, once for each content of everything that goes into it."""
    command = [*COMPILER, *options, "-x", "c++", "-", "-x", "none", *map(str, objects)]
    parts = [text, *command, *(path.read_text() for path in sorted(HERE.glob("*.h")))]
    folder = Path(tempfile.gettempdir()) / f"topicgpu-emulation-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    place = folder / (hashlib.sha256("\0".join(parts).encode()).hexdigest() + suffix)
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=folder) as beside:
            made = Path(beside) / place.name
            environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
            done = subprocess.run([*command, "-o", made], input=text, text=True, capture_output=True, env=environment)
            if done.returncode != 0:
                raise RuntimeError(done.stderr)
            made.replace(place)
    return place
