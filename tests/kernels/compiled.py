"""
Compile every variant of the kernels with no driver; print what each takes: `python tests/kernels/compiled.py`.

A program of its own: Triton compiles only in a process that has not switched on its interpreter.
"""

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import NamedTuple

import triton
from triton import knobs
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from topicgpu_kernels.topk import parts_triton
from topicgpu_kernels.topk.plan import TILES, Launch, Plan, group_max_launch, rescore_launch

WIDTHS = (100, 384, 768, 1024, 4096)  # 100: no whole tile; 384 to 1024: encoders; 4096: the largest promised
PRODUCTS = {"sm_80": "mma.sync", "sm_90": "wgmma", "sm_100": "tcgen05.mma"}
POINTERS = {
    "group_max": {"queries": "*fp16", "base": "*fp16", "maxima": "*fp32"},
    "rescore": {"queries": "*fp32", "base": "*fp32", "groups": "*i64", "own": "*i64", "keys": "*i64"},
}


class Variant(NamedTuple):
    """One compilation: a kernel, an architecture, a width of rows."""

    kernel: str
    arch: str
    launch: Launch


def variants() -> Iterator[Variant]:
    for arch, tile in TILES.items():
        for d in WIDTHS:
            plan = Plan(tile, n=1000, m=1000, d=d, k=15, exact=True, widths=(20,), query_block=1000)
            yield Variant("group_max", arch, group_max_launch(plan, 1000))
            yield Variant("rescore", arch, rescore_launch(plan, 1000, 20))


def measure(variant: Variant) -> dict[str, int | float | str]:
    """Registers and stack a thread, shared memory a block, bytes of code, from the binary and its disassembly."""
    kernel = getattr(parts_triton, f"_{variant.kernel}")
    constants = variant.launch.constants
    pointers = POINTERS[variant.kernel]
    names = kernel.arg_names
    source = ASTSource(
        fn=kernel,
        signature={name: "constexpr" if name in constants else pointers.get(name, "i32") for name in names},
        constexprs={(names.index(name),): value for name, value in constants.items()},
        attrs={(names.index(name),): [["tt.divisibility", 16]] for name in pointers},
    )
    started = time.perf_counter()
    compiled = triton.compile(
        source,
        target=GPUTarget("cuda", int(variant.arch.removeprefix("sm_")), 32),
        options={"num_warps": variant.launch.warps, "num_stages": variant.launch.stages, "enable_fp_fusion": False},
    )
    compile_s = time.perf_counter() - started
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(compiled.asm["cubin"])
        file.flush()
        command = [knobs.nvidia.cuobjdump.path, "--dump-resource-usage", file.name]
        usage = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    registers, stack, static = re.search(r"REG:(\d+) STACK:(\d+) SHARED:(\d+)", usage).groups()
    return {
        "kernel": f"topk.{variant.kernel}",
        "arch": variant.arch,
        "columns": constants["D"],
        "registers": int(registers),
        "stack_bytes": int(stack),
        "shared_bytes": int(static) + compiled.metadata.shared,
        "cubin_bytes": len(compiled.asm["cubin"]),
        "product": next((name for name in PRODUCTS.values() if name in compiled.asm["ptx"]), ""),
        "compile_s": round(compile_s, 1),
        "fused_multiply_add": "fma.rn" in compiled.asm["ptx"],
    }


def main() -> None:
    print(json.dumps([measure(variant) for variant in variants()], indent=1))  # noqa: T201 (a program)


if __name__ == "__main__":
    main()
