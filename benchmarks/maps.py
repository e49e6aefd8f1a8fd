"""
How long the first map of a fresh process takes, and how well it keeps neighbors: ours against scikit-learn's t-SNE.

    TOPICGPU_DATA=... python benchmarks/maps.py --out benchmarks/results/maps-MACHINE.json
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from labelled import CASES, embed_cached, load_case, prepare
from record import write_record

SIZES = (100, 800, 2000, 5000)
CASE = next(case for case in CASES if case.name == "clinc150-intents")
NEAREST, SEED = 15, 0


def one_map(method: str, vectors_path: Path, n: int) -> dict[str, Any]:
    """Measure in this process, which must not have imported any of the libraries before."""
    from sklearn.manifold import trustworthiness

    vectors = np.load(vectors_path)[:n]
    problem = prepare(vectors, np.zeros(n, dtype=np.int64))
    started, cpu = time.perf_counter(), time.process_time()
    if method == "ours":
        from topicgpu.config import MapSection
        from topicgpu.reduce import layout_map

        xy = layout_map(problem.embeddings, problem.neighbors, MapSection(), SEED).xy
    else:
        from sklearn.manifold import TSNE

        xy = TSNE(perplexity=min(30, n // 4), init="pca", random_state=SEED).fit_transform(vectors)
    times = {"wall_s": round(time.perf_counter() - started, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    kept = trustworthiness(vectors, xy, n_neighbors=NEAREST, metric="cosine")
    return {"method": method, "n": n} | times | {"trustworthiness": round(float(kept), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "VECTORS", "N"), help="measure one map and print it")
    options = parser.parse_args()
    if options.one:
        method, path, n = options.one
        print(json.dumps(one_map(method, Path(path), int(n))))
        return
    if options.out is None or "TOPICGPU_DATA" not in os.environ:
        raise SystemExit("give --out FILE, and set TOPICGPU_DATA to the folder that holds data/")
    texts, _ = load_case(CASE, Path(os.environ["TOPICGPU_DATA"]) / "data")
    path = options.cache / "map.npy"
    options.cache.mkdir(parents=True, exist_ok=True)
    np.save(path, embed_cached(texts, options.cache))
    rows = []
    for n in SIZES:
        for method in ("ours", "t-SNE"):
            command = [sys.executable, __file__, "--one", method, str(path), str(n)]
            printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            rows.append(json.loads(printed.splitlines()[-1]))
            print(rows[-1], flush=True)
    settings = {"set": CASE.name, "seed": SEED, "trustworthiness_of_nearest": NEAREST}
    write_record(options.out, "maps", settings | {"threads": os.environ.get("OMP_NUM_THREADS", "all")}, rows)


if __name__ == "__main__":
    main()
