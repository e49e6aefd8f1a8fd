"""
Compile every kernel in CUDA C++ with no driver; print what each takes: `python tests/kernels/cuda_compiled.py`.

NVRTC is called as CuPy calls it, with the same options, on a machine that has no GPU.
"""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from cuda.bindings import nvrtc
from triton import knobs

from topicgpu_kernels.launch import Source, declarations
from topicgpu_kernels.layout.plan import source as layout

ARCHITECTURES = ("sm_80", "sm_90", "sm_100")
SOURCES = (Source("topicgpu_kernels.mst"), *map(layout, (1, 2, 3, 5, 32)))  # 32 axes: the most promised


class Compiled(NamedTuple):
    """What NVRTC makes of a source for one architecture."""

    cubin: bytes
    ptx: str


def compile_source(source: Source, arch: str) -> Compiled:
    """Raises RuntimeError with the compiler's words."""
    program = _checked(nvrtc.nvrtcCreateProgram(source.text.encode(), b"fused.cu", 0, [], []))
    options = [option.encode() for option in (*source.options, f"--gpu-architecture={arch}")]
    (status,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        log = b" " * _checked(nvrtc.nvrtcGetProgramLogSize(program))
        nvrtc.nvrtcGetProgramLog(program, log)
        raise RuntimeError(f"{source.package} for {arch}:\n{log.decode()}")
    cubin = b" " * _checked(nvrtc.nvrtcGetCUBINSize(program))
    ptx = b" " * _checked(nvrtc.nvrtcGetPTXSize(program))
    _checked(nvrtc.nvrtcGetCUBIN(program, cubin))
    _checked(nvrtc.nvrtcGetPTX(program, ptx))
    _checked(nvrtc.nvrtcDestroyProgram(program))
    return Compiled(cubin, ptx.decode())


def _checked(answer: tuple[Any, ...]) -> Any:
    status, *values = answer
    if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise RuntimeError(f"NVRTC: {status.name}")
    return values[0] if values else None


def measure(source: Source, arch: str) -> Iterator[dict[str, int | float | str]]:
    """Registers and stack a thread, shared memory a block of each kernel; bytes of code of all together."""
    started = time.perf_counter()
    cubin, ptx = compile_source(source, arch)
    compile_s = time.perf_counter() - started
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        command = [knobs.nvidia.cuobjdump.path, "--dump-resource-usage", file.name]
        usage = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"Function (\w+):\s+REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)", usage)
    assert {kernel for kernel, *_ in found} == set(declarations(source.text)), usage
    for kernel, registers, stack, shared, local in found:
        yield {
            "kernel": f"{source.package.rpartition('.')[2]}.{kernel}",
            "arch": arch,
            "constants": " ".join(f"{name}={value}" for name, value in source.constants),
            "registers": int(registers),
            "stack_bytes": int(stack) + int(local),
            "shared_bytes": int(shared),
            "cubin_bytes": len(cubin),
            "compile_s": round(compile_s, 2),
            "fused_multiply_add": re.search(r"\bfma\.", ptx) is not None,
        }


def main() -> None:
    rows = [row for source in SOURCES for arch in ARCHITECTURES for row in measure(source, arch)]
    print(json.dumps(rows, indent=1))  # noqa: T201 (a program)


if __name__ == "__main__":
    main()
