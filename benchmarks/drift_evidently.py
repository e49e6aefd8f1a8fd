"""
Evidently's ways to find drift of embeddings, in an environment of its own: vectors in and verdicts out, as files.

    PEER/bin/python benchmarks/drift_evidently.py JOB.npz VERDICTS.json

Needs NumPy, pandas and evidently, nothing of topicgpu. JOB.npz holds `vectors` (n, d), `later` (n,) bool and `ends`
(r,), the row after the last of each replication. Each method runs with its defaults; "model", the default one, decides
by a bootstrap where the reference has fewer than 1,000 rows, as `EmbeddingsDriftMetric` does.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from evidently.legacy.metrics.data_drift import embedding_drift_methods as methods

METHODS = {
    "model": lambda n: methods.model(bootstrap=n < 1000),
    "mmd": lambda n: methods.mmd(),
    "mmd, bootstrap": lambda n: methods.mmd(bootstrap=True),
    "distance": lambda n: methods.distance(),
    "ratio": lambda n: methods.ratio(),
}


def main() -> None:
    job = np.load(sys.argv[1])
    verdicts: dict[str, list[bool]] = {name: [] for name in METHODS}
    seconds = dict.fromkeys(METHODS, 0.0)
    for first, last in zip([0, *job["ends"][:-1]], job["ends"], strict=True):
        vectors, later = job["vectors"][first:last], job["later"][first:last]
        for name, make in METHODS.items():
            before, after = (
                pd.DataFrame(vectors[~later]),
                pd.DataFrame(vectors[later]),
            )  # a method adds a column to them
            started = time.perf_counter()
            verdicts[name].append(bool(make(len(before))(after, before)[1]))
            seconds[name] += time.perf_counter() - started
    result = {"library": f"evidently {version('evidently')}", "verdicts": verdicts, "seconds": seconds}
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
