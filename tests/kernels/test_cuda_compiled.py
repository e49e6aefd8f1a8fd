"""Every kernel in CUDA C++ compiled by NVRTC for each architecture with no driver, and held to kernel-budgets.json."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.kernels, pytest.mark.skipif(sys.platform != "linux", reason="NVRTC is here for Linux alone")]

HERE = Path(__file__).parent
BUDGETS = json.loads((HERE.parents[1] / "configs/kernel-budgets.json").read_text())
KERNELS = [(kernel, arch) for kernel, of_arch in BUDGETS.items() for arch in of_arch if not kernel.startswith("topk.")]
LIMITS = ("registers", "stack_bytes", "shared_bytes", "cubin_bytes")


@pytest.fixture(scope="module")
def compiled():
    done = subprocess.run([sys.executable, str(HERE / "cuda_compiled.py")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_kernel_in_cuda_was_compiled_for_every_architecture(compiled, capsys):
    assert {(each["kernel"], each["arch"]) for each in compiled} == set(KERNELS)
    with capsys.disabled():
        for each in compiled:
            print(*(f"{key}={value}" for key, value in each.items()))  # noqa: T201 (says what was compiled)


@pytest.mark.parametrize(("kernel", "arch"), KERNELS)
def test_a_kernel_in_cuda_is_inside_its_budget(compiled, kernel, arch):
    budget = BUDGETS[kernel][arch]
    for each in compiled:
        if (each["kernel"], each["arch"]) == (kernel, arch):
            over = {key: each[key] for key in LIMITS if each[key] > budget[key]}
            assert not over, each["constants"]
            assert not each["fused_multiply_add"]  # what the source says is what is computed
