"""
How long for the 15 nearest of every row, and how many of them are right, beside libraries that do the same?

    for package in scikit-learn faiss-cpu usearch pynndescent; do
        python -m venv PEERS/$package && PEERS/$package/bin/pip install $package
    done
    TOPICGPU_DATA=... python benchmarks/neighbors.py --peers PEERS --vectors CACHE --rows 20000 100000 \\
        --out benchmarks/results/neighbors-MACHINE.json

Each way runs in a fresh process of its own environment: the first time holds imports and compiling, the warm one is
that of the second call. Recall is the share of places, of 1,000 rows, with a row as near as the true k-th in float64.
Up to 60,000 rows are MiniLM vectors of the labelled sets; more rows are vectors of the static tier.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from labelled import CASES, SAMPLE_SEED, embed_cached, load_case
from neighbors_run import WAYS
from record import write_record

K, JUDGED, TIE, LONGEST_S = 15, 1000, 1e-6, 900
SETS = ("banking77", "clinc150-intents", "acl-workshops", "beige-book", "sib200")
TALK = ("changelog-podcasts", "state-of-the-union", "acl-abstracts", "beige-book")
Vectors = NDArray[np.float32]


def load_vectors(rows: int, data: Path, cache: Path) -> tuple[str, Vectors]:
    """Distinct rows, sampled with a fixed seed, and the tier that they are of."""
    if rows <= 60_000:
        texts = [load_case(replace(case, limit=10**9), data)[0] for case in CASES if case.name in SETS]
        tier, vectors = "model", np.concatenate([embed_cached(some, cache) for some in texts])
    else:
        tier, vectors = "static", _static(data, cache / "static.npy")
    if len(vectors) < rows:
        raise SystemExit(f"there are {len(vectors)} vectors of the tier {tier}; --rows {rows} needs more")
    kept = np.sort(np.random.default_rng(SAMPLE_SEED).permutation(len(vectors))[:rows])
    return tier, np.ascontiguousarray(vectors[kept])


def _static(data: Path, path: Path) -> Vectors:
    from topicgpu.config import EmbeddingSection
    from topicgpu.device import resolve_device
    from topicgpu.embed import load_encoder
    from topicgpu.embed.locate import locate_model

    if not path.exists():
        files = [file for folder in TALK for file in sorted((data / folder).glob("*.jsonl.gz"))]
        lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
        texts = list(dict.fromkeys(json.loads(line)["text"] for line in lines))
        config = EmbeddingSection(tier="static")
        model = locate_model(config.model, download=False, announce=print)
        np.save(path, load_encoder(config, model, resolve_device("cpu"), print).encode(texts))
    vectors: Vectors = np.load(path)
    return vectors[np.linalg.norm(vectors, axis=1) > 0.5]


def judge(vectors: Vectors, found: NDArray[np.int64]) -> float:
    """Recall of a sample of rows; a row itself, a row twice and no row are never right."""
    sample = np.random.default_rng(SAMPLE_SEED).permutation(len(vectors))[:JUDGED]
    right = 0
    for part in np.array_split(sample, 20):
        scores = vectors[part].astype(np.float64) @ vectors.astype(np.float64).T
        scores[np.arange(len(part)), part] = -np.inf
        needed = -np.partition(-scores, K - 1, axis=1)[:, K - 1] - TIE
        for row, own, limit, given in zip(scores, part, needed, found[part], strict=True):
            others = list(dict.fromkeys(given[(given != own) & (given >= 0)].tolist()))[:K]
            right += int((row[others] >= limit).sum())
    return right / (len(sample) * K)


def run(name: str, peers: Path, vectors: Vectors, scratch: Path, runs: int) -> dict[str, Any]:
    """Seconds, peak memory and recall of one way, or why there are none."""
    package = WAYS[name][0]
    python = sys.executable if package == "topicgpu" else str(peers / package / "bin" / "python")
    source, target = scratch / "vectors.npy", scratch / "indices.npy"
    program = str(Path(__file__).with_name("neighbors_run.py"))
    try:
        done = subprocess.run(
            [python, program, name, str(source), str(target), str(K), str(runs)],
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"way": name, "missing": f"over {LONGEST_S} s"}
    if done.returncode:
        return {"way": name, "missing": done.stderr.strip().splitlines()[-1]}
    recall = None if name == "product alone" else round(judge(vectors, np.load(target)), 4)
    return {"way": name, "recall": recall, **json.loads(done.stdout.splitlines()[-1])}


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Recall against warm seconds, a panel for each number of rows."""
    points = [row for row in rows if row.get("recall") is not None and row["warm_s"] is not None]
    chart = (
        alt.Chart(alt.Data(values=points))
        .mark_point(filled=True, size=90)
        .encode(
            x=alt.X("warm_s:Q", scale=alt.Scale(type="log"), title="seconds, warm"),
            y=alt.Y("recall:Q", scale=alt.Scale(zero=False), title="recall"),
            color=alt.Color("way:N", sort=list(WAYS), title=None),
            shape=alt.Shape("way:N", sort=list(WAYS), title=None),
        )
        .properties(width=320, height=240)
        .facet(column=alt.Column("rows:Q", title="rows"))
        .resolve_scale(x="independent")
    )
    chart.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True, help="folder of the peers' environments, see above")
    parser.add_argument("--vectors", type=Path, required=True, help="folder where vectors are kept")
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), metavar="WAY")
    parser.add_argument("--runs", type=int, default=3, help="calls in each process; the first is cold")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write; the plot lies beside it")
    options = parser.parse_args()
    results = []
    for rows in options.rows:
        tier, vectors = load_vectors(rows, Path(os.environ["TOPICGPU_DATA"]) / "data", options.vectors)
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "vectors.npy", vectors)
            for name in options.ways:
                found = run(name, options.peers, vectors, Path(folder), options.runs)
                results.append({"rows": rows, "tier": tier, **found})
                print(results[-1], flush=True)
    settings = {"k": K, "judged": JUDGED, "tie": TIE, "seed": SAMPLE_SEED, "runs": options.runs}
    write_record(options.out, "neighbors", settings, results)
    plot(results, options.out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
