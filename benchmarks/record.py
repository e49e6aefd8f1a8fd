"""The runner's frame: what ran where and on which code, beside the rows it measured."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any


def write_record(out: Path, benchmark: str, settings: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows with machine, versions, commit and settings."""
    record = {
        "benchmark": benchmark,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": COMMIT,
        "machine": _machine(),
        "versions": {name: version(name) for name in _LIBRARIES} | {"python": platform.python_version()},
        "settings": dict(settings),
        "rows": list(rows),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def put_row(
    out: Path, benchmark: str, settings: Mapping[str, Any], row: Mapping[str, Any], key: Sequence[str]
) -> dict[str, Any]:
    """Print one row and put it into the file, for the one that has the same `key`; with its own commit and load."""
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"] if out.exists() else []
    named = [row.get(name) for name in key]
    put = dict(row) | {"commit": COMMIT[:12] + COMMIT[40:], "load": round(os.getloadavg()[0], 2)}
    print(put, flush=True)
    write_record(out, benchmark, settings, [old for old in rows if [old.get(name) for name in key] != named] + [put])
    return put


_LIBRARIES = (
    *("topicgpu", "torch", "numpy", "scipy", "scikit-learn", "graspologic-native", "umap-learn", "hdbscan"),
    *("eldc", "sentencex"),
)


def _commit() -> str:
    """Name the commit; `+changes` where the working tree differs from it."""
    root = Path(__file__).parent
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True)
    changes = subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True)
    return head.stdout.strip() + ("+changes" if changes.stdout else "")


COMMIT = _commit()  # at import: the working tree may move on while a long benchmark runs


def _machine() -> dict[str, Any]:
    import torch

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        cpu = names[0] if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load_at_end": round(os.getloadavg()[0], 2),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }
