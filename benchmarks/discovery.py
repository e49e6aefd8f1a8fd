"""
Themes that the estimator discovers with its defaults, on whole labelled sets, beside its peers.

    TOPICGPU_DATA=... python benchmarks/discovery.py --out benchmarks/results/discovery-MACHINE.json

`quality` rows are those of peers.py: `kept_*` of the rows that were given a theme, `left_out` the share that was not,
`assigned_*` of all rows, the others at the nearest mean of a group. Methods that peers.py has measured are in its own
record; Turftopic is added here by the same worker (`peers.py --set-up` makes its environment). `seeds` is how many fits
a mean is of.

`reject` rows: how well the estimator's `novelty` tells clinc150's out-of-scope queries from those in scope that it has
not seen, after a fit on four fifths of those in scope; and what share of either `predict` gives no theme. `fitted` is
the other case, all queries in one fit: the mean distance to a query's ten nearest, and the share without a theme.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from labelled import SAMPLE_SEED, embed_cached, load_case, read_rows
from peer_quality import FULL, SEEDS, SETS, SUBSAMPLES, quality
from peer_runs import ESTIMATOR, TURFTOPIC, Work
from record import write_record

Row = dict[str, Any]


def reject(data: Path, cache: Path) -> Iterator[Row]:
    """AUROC of the reject score, and shares without a theme, of queries in and out of scope."""
    from topicgpu import ThemeModel

    inside, _ = load_case(FULL["clinc150-intents"], data)
    rows = read_rows(data / "clinc150" / "clinc150.jsonl.gz")
    others = [row["text"] for row in rows if row["label"] == "oos"]
    vectors = np.concatenate([embed_cached(inside, cache), embed_cached(others, cache)])
    texts, outside = [*inside, *others], np.repeat([False, True], [len(inside), len(others)])
    order = np.random.default_rng(SAMPLE_SEED).permutation(np.flatnonzero(~outside))
    seen, unseen = np.sort(order[: len(order) * 4 // 5]), np.sort(order[len(order) * 4 // 5 :])
    model = ThemeModel(device="cpu").fit([texts[row] for row in seen], vectors[seen])
    new = np.concatenate([unseen, np.flatnonzero(outside)])
    some = [texts[row] for row in new]
    novelty, topics = model.novelty(some, vectors[new]), model.predict(some, vectors[new])
    yield {"case": "new", "n_fitted": len(seen)} | _told_apart(novelty, topics, outside[new])
    model = ThemeModel(device="cpu").fit(texts, vectors)
    distances = model.found_.neighbors.distances[:, :10].mean(axis=1)
    distances[~np.isfinite(distances)] = 0.0  # repeats: the query itself is in the fit
    yield {"case": "fitted", "n_fitted": len(texts)} | _told_apart(distances, model.labels_, outside)


def _told_apart(score: Any, topics: Any, outside: Any) -> Row:
    return {
        "n_inside": int((~outside).sum()),
        "n_outside": int(outside.sum()),
        "auroc": round(float(roc_auc_score(outside, score)), 4),
        "without_theme_inside": round(float((topics[~outside] < 0).mean()), 4),
        "without_theme_outside": round(float((topics[outside] < 0).mean()), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", choices=("quality", "reject"), help="default: both")
    parser.add_argument("--methods", nargs="+", choices=(ESTIMATOR, TURFTOPIC), default=(ESTIMATOR, TURFTOPIC))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, metavar="NAME")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="fits a set")
    parser.add_argument("--subsamples", type=int, default=SUBSAMPLES, help="draws of 90 %% a set")
    parser.add_argument("--environments", type=Path, default=Path("runs/peers"), help="folder of the environments")
    parser.add_argument("--python", nargs=2, action="append", default=[], metavar=("ENVIRONMENT", "PYTHON"))
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    parser.add_argument("--scratch", type=Path, default=Path("runs/peers-work"), help="files of the workers")
    options = parser.parse_args()
    if "TOPICGPU_DATA" not in os.environ:
        parser.error("set TOPICGPU_DATA to the folder that holds data/")
    data = Path(os.environ["TOPICGPU_DATA"]) / "data"
    work = Work(options.environments, options.scratch, dict(options.python))
    if options.part != "reject":
        for name in options.sets:
            for method in options.methods:
                seeds = SEEDS[: options.seeds]
                row = quality(work, FULL[name], method, data, options.cache, None, seeds, options.subsamples)
                put(options.out, {"part": "quality", "seeds": len(seeds)} | row)
    if options.part != "quality":
        for row in reject(data, options.cache):
            put(options.out, {"part": "reject"} | row)


def put(out: Path, row: Row) -> None:
    """Write the record with this row in the place of an older one of the same kind: hours of work outlive a stop."""
    key = ("part", "method", "set", "case")
    old = json.loads(out.read_text(encoding="utf-8"))["rows"] if out.exists() else []
    rows = [other for other in old if any(other.get(name) != row.get(name) for name in key)] + [row]
    rows.sort(key=lambda other: [str(other.get(name, "")) for name in key])
    print(row, flush=True)
    write_record(out, "discovery", {"encoder": "all-MiniLM-L6-v2", "sample_seed": SAMPLE_SEED}, rows)


if __name__ == "__main__":
    main()
