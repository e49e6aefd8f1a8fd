"""Step 3: every variant compiled for each architecture with no driver, and held to configs/kernel-budgets.json."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.kernels, pytest.mark.skipif(sys.platform != "linux", reason="Triton is for Linux")]

HERE = Path(__file__).parent
BUDGETS = json.loads((HERE.parents[1] / "configs/kernel-budgets.json").read_text())
KERNELS = [(kernel, arch) for kernel, of_arch in BUDGETS.items() for arch in of_arch if kernel.startswith("topk.")]
LIMITS = ("registers", "stack_bytes", "shared_bytes", "cubin_bytes")


@pytest.fixture(scope="module")
def variants(tmp_path_factory):
    environment = {**os.environ, "TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("triton"))}
    environment.pop("TRITON_INTERPRET", None)
    command = [sys.executable, str(HERE / "compiled.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_kernel_was_compiled_for_every_architecture(variants, capsys):
    assert {(variant["kernel"], variant["arch"]) for variant in variants} == set(KERNELS)
    with capsys.disabled():
        for variant in variants:
            print(*(f"{key}={value}" for key, value in variant.items()))  # noqa: T201 (says which variants ran)


@pytest.mark.parametrize(("kernel", "arch"), KERNELS)
def test_it_is_inside_its_budget(variants, kernel, arch):
    budget = BUDGETS[kernel][arch]
    for variant in variants:
        if (variant["kernel"], variant["arch"]) == (kernel, arch):
            over = {key: variant[key] for key in LIMITS if variant[key] > budget[key]}
            assert not over, f"{variant['columns']} columns"
            assert variant["product"] == budget["product"]
            assert not variant["fused_multiply_add"]  # what the source says is what is computed, in any Triton
