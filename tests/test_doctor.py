"""What `doctor` says of a machine, ready or not, as text and as JSON."""

import json
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from topicgpu import doctor
from topicgpu.cli import main
from topicgpu.device import Device
from topicgpu.errors import ModelError


def by_name() -> dict[str, doctor.Check]:
    return {check.name: check for check in doctor.examine()}


def test_the_int8_tier_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_name()["int8 tier"].found == "onnx and onnxruntime"
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert by_name()["int8 tier"].found == "not here: onnx and onnxruntime not installed (extra onnx)"


@pytest.mark.parametrize(
    ("kernel", "fused", "reference"),
    [("topk", "Triton", "torch"), ("layout", "CUDA C++, CuPy", "torch"), ("mst", "CUDA C++, CuPy", "scipy")],
)
def test_each_kernel_says_whether_it_can_run_here_and_why_not(kernel: str, fused: str, reference: str) -> None:
    import torch

    found = by_name()[f"kernel {kernel}"].found
    if torch.cuda.is_available():
        assert found.startswith(f"fused ({fused} ")
    else:
        assert found == f'reference ({reference}): impl="fused" needs an NVIDIA GPU, and the rows are on cpu'


def test_what_kernels_are_made_with_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name in ("triton", "cupy-cuda13x"):
            raise metadata.PackageNotFoundError(name)
        return "14.2" if name == "cupy-cuda12x" else "1"

    monkeypatch.setattr(metadata, "version", version)
    checks = by_name()
    assert checks["triton"] == ("triton", True, "none", "")
    assert checks["cupy"] == ("cupy", True, "14.2", "")
    assert checks["cuda of torch"].fine


def test_what_is_installed_is_named_with_its_version() -> None:
    checks = by_name()
    for name in ("torch", "transformers", "numpy", "umap-learn", "hdbscan", "bertopic"):
        assert checks[name] == (name, True, metadata.version(name), "")


def test_a_missing_library_has_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    known = metadata.version

    def version(name: str) -> str:
        if name == "hdbscan":
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)
    assert by_name()["hdbscan"] == ("hdbscan", False, "not installed", "pip install hdbscan")


def test_a_missing_encoder_has_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise ModelError("it is not on this machine.")

    monkeypatch.setattr(doctor, "locate_model", nowhere)
    check = by_name()["default encoder"]
    assert check == ("default encoder", False, "it is not on this machine.", "pip install 'topicgpu[offline]'")


def test_a_gpu_that_cannot_be_used_has_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device("auto", "cpu", "Some CPU", "torch finds no CUDA device", "A GPU is present but was not used.")
    monkeypatch.setattr(doctor, "resolve_device", lambda wanted: device)
    check = by_name()["device"]
    assert not check.fine
    assert check.found == "cpu (Some CPU): torch finds no CUDA device"
    assert "CUDA" in check.fix


@pytest.mark.parametrize(
    ("code", "said", "fine", "found"),
    [
        (0, "Some GPU, 570.1, 81920 MiB\nSome GPU, 570.1, 81920 MiB\n", True, "Some GPU, 570.1, 81920 MiB; " * 2),
        (9, "the driver does not answer\nmore\n", False, "the driver does not answer"),
        (9, "", False, "no answer"),
    ],
)
def test_the_driver(monkeypatch: pytest.MonkeyPatch, code: int, said: str, fine: bool, found: str) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, code, said, ""))
    check = by_name()["nvidia driver"]
    assert check.fine == fine
    assert check.found == found.removesuffix("; ")
    assert bool(check.fix) != fine


def test_no_driver_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert by_name()["nvidia driver"] == ("nvidia driver", True, "none (runs on the CPU)", "")


def test_a_browser_that_prints_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/chromium" if name == "chromium" else None)
    assert by_name()["browser for pdf"] == ("browser for pdf", True, "/usr/bin/chromium", "")
    monkeypatch.setattr("shutil.which", lambda name: None)
    check = by_name()["browser for pdf"]
    assert check.fine
    assert check.found == "none (nothing else needs one)"
    assert "--to pdf" in check.fix


def test_the_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    checks = [doctor.Check("python", True, "3.11", ""), doctor.Check("encoder", False, "missing", "install it")]
    monkeypatch.setattr(doctor, "examine", lambda: checks)
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "ok  python   3.11\nno  encoder  missing\n             install it\n"


def test_the_json(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--json"]) == 0
    answer = capsys.readouterr()
    assert answer.err == ""
    checks = json.loads(answer.out)
    assert [check["name"] for check in checks] == list(by_name())
    assert all(set(check) == {"name", "fine", "found", "fix"} for check in checks)
    assert all(check["fine"] or check["fix"] for check in checks)
    assert not list(tmp_path.iterdir())
