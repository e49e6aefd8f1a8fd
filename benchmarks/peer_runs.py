"""The peers' environments, and one run of a worker in one of them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from topicgpu.types import Ints

HERE = Path(__file__).parent
OURS, KMEANS, KMEANS_TRUE = "topicgpu", "kmeans, our number", "kmeans, true number"
ESTIMATOR, TURFTOPIC = "topicgpu.ThemeModel", "Turftopic"


@dataclass(frozen=True)
class Peer:
    """A method: its name in the worker, the environment that it runs in, and what is installed there."""

    method: str
    environment: str
    packages: tuple[str, ...]
    lays_out: bool = False  # UMAP, t-SNE: not beyond 100,000 rows
    constrained: bool = True  # by the versions that topicgpu is tested with


_LEARN = "scikit-learn==1.9.1"
_UMAP = ("umap-learn==0.5.12", "numba==0.68.1", _LEARN)
PEERS: Mapping[str, Peer] = {
    OURS: Peer("topicgpu", "", ("topicgpu", "torch")),
    "BERTopic": Peer("bertopic", "bertopic", ("bertopic==0.17.4", *_UMAP, "hdbscan==0.8.44"), lays_out=True),
    "umap-learn + hdbscan": Peer("umap+hdbscan", "umap-hdbscan", (*_UMAP, "hdbscan==0.8.44"), lays_out=True),
    "umap-learn + fast_hdbscan": Peer("umap+fast_hdbscan", "fast-hdbscan", (*_UMAP, "fast_hdbscan==0.3.4"), True),
    "EVoC": Peer("evoc", "evoc", ("evoc==0.3.2", "numba==0.68.1", _LEARN)),
    ESTIMATOR: Peer("estimator", "", ("topicgpu", "torch")),
    TURFTOPIC: Peer("turftopic", "turftopic", ("turftopic==0.28.0", "torch==2.13.0", _LEARN), True, constrained=False),
    KMEANS: Peer("kmeans", "kmeans", (_LEARN,)),
    KMEANS_TRUE: Peer("kmeans", "kmeans", (_LEARN,)),
}


def set_up(folder: Path) -> None:
    """Make the environments that are not there."""
    for peer in PEERS.values():
        place = folder / peer.environment
        if peer.environment and not (place / "bin" / "python").exists():
            print(f"making {place}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", place], check=True)
            # The constraints keep torch, which BERTopic brings, at the build for the CPU.
            pip = [place / "bin" / "pip", "install", "--quiet"]
            if peer.constrained:
                pip += ["--constraint", HERE.parent / "constraints-cpu.txt"]
            subprocess.run([*pip, *peer.packages], check=True)


@dataclass
class Work:
    """Where the environments are, and where workers' files and caches go."""

    environments: Path
    scratch: Path
    pythons: Mapping[str, str] = field(default_factory=dict)  # environment -> interpreter, where it is elsewhere

    def run(
        self, name: str, vectors: Path, texts: Path, fits: Sequence[Mapping[str, Any]], caches: Path | None = None
    ) -> tuple[dict[str, Any], list[Ints], list[Ints | None]]:
        """
        Let a fresh process fit; return its report, the labels, and the labels of every row by the library's own way.

        `fits` holds any of seed, rows (a .npy) and n_clusters; `caches` is the folder of numba's compiled code.
        """
        peer, stem = PEERS[name], self.scratch / PEERS[name].method
        stem.mkdir(parents=True, exist_ok=True)
        for old in stem.glob("*.npy"):
            old.unlink()
        wanted = [
            {"seed": None, "rows": None, "n_clusters": None}
            | dict(fit)
            | {"labels": str(stem / f"{number}.npy"), "assigned": str(stem / f"{number}-assigned.npy")}
            for number, fit in enumerate(fits)
        ]
        names = [package.split("==")[0] for package in peer.packages]
        job = {"packages": names, "vectors": str(vectors), "texts": str(texts), "report": str(stem / "report.json")}
        (stem / "job.json").write_text(json.dumps(job | {"fits": wanted}), encoding="utf-8")
        environment = dict(os.environ)
        if peer.environment:
            environment.pop("PYTHONPATH", None)
            environment["NUMBA_CACHE_DIR"] = str((caches or self.scratch / "numba" / peer.environment).resolve())
            default = str(self.environments / peer.environment / "bin" / "python")
            command = [self.pythons.get(peer.environment, default), str(HERE / "peer_worker.py")]
        else:
            command = [sys.executable, str(HERE / "peer_ours.py")]
        # Warnings say that a seed costs parallelism; they are known, and the same for every fit.
        environment["PYTHONWARNINGS"] = "ignore"
        subprocess.run([*command, peer.method, str(stem / "job.json")], env=environment, check=True)
        report: dict[str, Any] = json.loads((stem / "report.json").read_text(encoding="utf-8"))
        labels = [np.load(fit["labels"]).astype(np.int64) for fit in wanted]
        given = [Path(fit["assigned"]) for fit in wanted]
        return report, labels, [np.load(path).astype(np.int64) if path.exists() else None for path in given]
