"""
A library in a process and an environment of its own: who has which, how they are made, and what one run has cost.

Parent and worker share this file, so it needs Python alone.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LONGEST_S = 900
_LEARN, _NUMBA, _TORCH = "scikit-learn==1.9.1", "numba==0.68.1", "torch==2.13.0"
ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {  # name: what is installed there; ours is that of the program
    "umap-learn": ("umap-learn==0.5.12", _NUMBA, _LEARN),
    "openTSNE": ("openTSNE==1.0.4", _LEARN),
    "torchdr": ("torchdr==0.5", "matplotlib", _TORCH, _LEARN),
    "hdbscan": ("hdbscan==0.8.44", _LEARN),
    "fast-hdbscan": ("fast_hdbscan==0.3.4", _NUMBA, _LEARN),
    "scikit-learn": (_LEARN,),
}
NEEDS_GPU = {"cuml", "flashlib"}  # made by hand, where there is a GPU


@dataclass(frozen=True)
class Places:
    """Where the environments are, and where files of the workers and folders of compiled code go."""

    environments: Path
    scratch: Path

    def python(self, environment: str) -> str:
        """Interpreter of a library; ours runs in that of the program."""
        return str(self.environments / environment / "bin" / "python") if environment else sys.executable


def set_up(folder: Path) -> None:
    """Make the environments that are not there."""
    for name, packages in ENVIRONMENTS.items():
        place = folder / name
        if not (place / "bin" / "python").exists():
            print(f"making {place}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", place], check=True)
            constraints = HERE.parent / "constraints-cpu.txt"  # keep torch at the build for the CPU
            pip = [place / "bin" / "pip", "install", "--quiet", "--constraint", constraints]
            subprocess.run([*pip, *packages], check=True)


def run(
    places: Places, program: str, environment: str, job: Mapping[str, Any], threads: int, caches: Path | None = None
) -> dict[str, Any]:
    """
    Let a fresh process of the environment do a job; return its report, or what kept it from it.

    `caches` is the folder of numba's compiled code; without it, the one that the environment fills from run to run.
    """
    python = places.python(environment)
    if not Path(python).exists():
        return {"missing": "needs a GPU and an environment" if environment in NEEDS_GPU else "no environment: --set-up"}
    settings = dict(os.environ) | {"PYTHONWARNINGS": "ignore"}
    if environment:
        settings.pop("PYTHONPATH", None)
    compiled = caches or places.scratch / "numba" / (environment or "ours")
    settings["NUMBA_CACHE_DIR"] = str(compiled.resolve())
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        settings[name] = str(threads)
    try:
        done = subprocess.run(
            [python, str(HERE / program), json.dumps(job)],
            capture_output=True,
            text=True,
            env=settings,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"missing": f"over {LONGEST_S} s"}
    if done.returncode:
        return {"missing": (done.stderr.strip().splitlines() or [f"ended by {done.returncode}"])[-1][:200]}
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def fresh_s(report: Mapping[str, Any], clock: str) -> float:
    """Seconds of the import and the first task; where `s` is far above `cpu_s`, the machine was busy."""
    return round(report["load"][clock] + report["tasks"][0][clock], 2)


class Meter:
    """Seconds of the wall and of all cores, of the parts of a worker's life."""

    def __init__(self) -> None:
        self.parts: list[dict[str, float]] = []

    @contextmanager
    def part(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.parts.append({"s": round(wall, 3), "cpu_s": round(cpu, 3)})


def work(loaders: Mapping[str, Callable[[], Any]], do: Callable[[Any, Any], Any], packages: Mapping[str, str]) -> None:
    """Load the way that the job of the command line names, do its tasks one by one, and print what each has cost."""
    job = json.loads(sys.argv[1])
    meter = Meter()
    with meter.part():
        way = loaders[job["way"]]()
    facts = []
    for task in job["tasks"]:
        with meter.part():
            found = do(way, task)
        facts.append(found() if callable(found) else None)
    # Not ru_maxrss, which a process takes over from the one that started it.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = int(next(line for line in status if "VmHWM" in line).split()[1])
    tasks = [cost | (fact or {}) for cost, fact in zip(meter.parts[1:], facts, strict=True)]
    report = {"load": meter.parts[0], "tasks": tasks, "peak_gb": round(peak / 1e6, 2)}
    print(json.dumps(report | {"version": version(packages[job["way"]])}))
