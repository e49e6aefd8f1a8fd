"""A run folder made by hand, with every stage and with names, texts and titles that mean harm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planted.harbour import HOSTILE, make_results
from topicgpu import artifacts
from topicgpu.api import Run
from topicgpu.types import Clusters, Neighbors

__all__ = ["HOSTILE"]
STAGES = ("ingest", "segment", "embed", "repeats", "neighbors", "reduce", "cluster", "themes", "drift", "report")


def write_run(folder: Path, until: str = "report", **report: Any) -> Run:
    """Write the harbour run as far as a stage, with these keys of [report]."""
    made = make_results()
    segments, themes = made["segments"], made["themes"]
    n, rows = len(segments), segments.fingerprint
    vectors = made["embeddings"].vectors
    order = np.argsort(-(vectors @ vectors.T) + 9 * np.eye(n), axis=1)[:, :3]
    away = np.sort(np.take_along_axis(1 - vectors @ vectors.T, order, axis=1), axis=1).astype(np.float32)
    save: dict[str, Callable[[], list[str]]] = {
        "ingest": lambda: artifacts.save_sources(folder, made["sources"]),
        "segment": lambda: artifacts.save_segments(folder, segments, made["sources"]),
        "embed": lambda: artifacts.save_embeddings(folder, made["embeddings"]),
        "repeats": lambda: artifacts.save_repeats(folder, made["repeats"], segments),
        "neighbors": lambda: artifacts.save_neighbors(folder, Neighbors(order, away, "cosine", True, None, rows)),
        "reduce": lambda: artifacts.save_map(folder, made["map"], segments),
        "cluster": lambda: artifacts.save_clusters(
            folder, Clusters(themes.primary, np.ones(n, dtype=np.float32), "by hand", rows), segments
        ),
        "themes": lambda: artifacts.save_themes(folder, themes, segments),
        "drift": lambda: artifacts.save_drift(folder, made["drift"]),
        "report": lambda: [],
    }
    folder.mkdir()
    files: list[str] = []
    done = STAGES[: STAGES.index(until) + 1]
    for stage in done:
        files += save[stage]()
    config = made["config"].model_copy(update={"report": made["config"].report.model_copy(update=report)})
    manifest = made["manifest"] | {
        "schema": 2,
        "config": config.model_dump(mode="json", by_alias=True),
        "config_path": "../harbour.toml",
        "stages": {stage: made["manifest"]["stages"].get(stage, {}) for stage in done},
        "files": dict.fromkeys(files, ""),
        "device": made["manifest"]["device"] | {"warning": None},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Run(folder)


@pytest.fixture
def harbour_run(tmp_path: Path) -> Run:
    return write_run(tmp_path / "run")
