"""The device: a GPU that was asked for is used or is an error, never a silent CPU run."""

from pathlib import Path

import pytest
import torch

from topicgpu.device import resolve_device
from topicgpu.errors import DeviceError


@pytest.fixture
def machine(monkeypatch):
    def has(count, built=True, seen=False):
        monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: built)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU of {device}")
        exists = Path.exists
        monkeypatch.setattr(Path, "exists", lambda path: seen if str(path) == "/dev/nvidia0" else exists(path))

    return has


def test_the_cpu_is_used_where_asked_for(machine):
    machine(2)
    device = resolve_device("cpu")
    assert (device.wanted, device.used, device.reason, device.warning) == ("cpu", "cpu", "asked for", None)
    assert device.name


@pytest.mark.parametrize(
    ("wanted", "used", "reason"),
    [
        ("auto", "cuda:0", "the first CUDA device"),
        ("cuda", "cuda:0", "the first CUDA device"),
        ("cuda:0", "cuda:0", "asked for"),
        ("cuda:1", "cuda:1", "asked for"),
    ],
)
def test_a_gpu_is_used_where_there_is_one(machine, wanted, used, reason):
    machine(2)
    assert resolve_device(wanted) == (wanted, used, f"GPU of {used}", reason, None)


def test_auto_without_a_gpu_is_the_cpu_and_says_why(machine):
    machine(0)
    device = resolve_device("auto")
    assert (device.used, device.reason, device.warning) == ("cpu", "torch finds no CUDA device or driver", None)


def test_auto_warns_where_a_gpu_is_present_and_was_not_used(machine):
    machine(0, built=False, seen=True)
    device = resolve_device("auto")
    reason = f"this torch ({torch.__version__}) is built without CUDA"
    assert (device.used, device.reason) == ("cpu", reason)
    assert device.warning == f"A GPU is present but was not used: {reason}. The run is on the CPU."


@pytest.mark.parametrize(
    ("wanted", "count", "built", "problem"),
    [
        ("cuda", 0, True, "torch finds no CUDA device or driver"),
        ("cuda:0", 0, False, f"this torch ({torch.__version__}) is built without CUDA"),
        ("cuda:2", 2, True, "there are 2 CUDA devices, numbered from 0"),
    ],
)
def test_a_gpu_asked_for_that_is_not_there_is_an_error(machine, wanted, count, built, problem):
    machine(count, built=built)
    with pytest.raises(DeviceError) as caught:
        resolve_device(wanted)
    assert str(caught.value) == f'embedding.device = "{wanted}" can\'t be used: {problem}; set it to "cpu" or "auto".'


def test_a_machine_without_cpuinfo_still_has_a_cpu(machine, monkeypatch):
    machine(0)

    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert resolve_device("cpu").name == "CPU"
