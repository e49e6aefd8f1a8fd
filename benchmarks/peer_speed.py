"""How long from vectors to labels, and how much memory: cold with empty and with kept caches, and warm."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from labelled import CASES, SAMPLE_SEED, embed_cached, load_case, load_static, read_rows
from peer_runs import PEERS, Work

SIZES = (5_000, 13_000, 25_000, 50_000, 100_000, 200_000)
OF_THE_MODEL = 60_000  # above it the vectors are of the static tier, which embeds any number of texts in seconds
MANY = 25_000  # above it one run a figure
LAID_OUT = 100_000  # UMAP not beyond it
MODEL_SETS = ("banking77", "clinc150-intents", "acl-workshops", "beige-book", "sib200")


def prepare(n: int, data: Path, cache: Path, scratch: Path) -> tuple[Path, Path]:
    """Files of n vectors and their texts: the labelled sets mixed, or all texts of data/ with the static tier."""
    files = scratch / f"rows-{n}"
    vectors, texts = files / "vectors.npy", files / "texts.json"
    if not vectors.exists():
        files.mkdir(parents=True, exist_ok=True)
        if n <= OF_THE_MODEL:
            cases = [replace(case, limit=None) for case in CASES if case.name in MODEL_SETS]
            parts = [load_case(case, data)[0] for case in cases]
            said = [text for part in parts for text in part]
            rows = np.concatenate([embed_cached(part, cache) for part in parts])
            keep = _sample(len(said), n)
            said, rows = [said[row] for row in keep], rows[keep]
        else:
            # Not the sets of translations, whose texts the model does not serve.
            read = [read_rows(path) for path in sorted(data.glob("*/*.jsonl.gz")) if path.parent.name not in _OTHERS]
            said = [row["text"] for part in read for row in part if row["text"].strip()]
            said = [said[row] for row in _sample(len(said), n)]
            rows = load_static().encode(said)
        texts.write_text(json.dumps(said), encoding="utf-8")
        np.save(vectors, rows)
    return vectors, texts


_OTHERS = ("sib200", "xquad-paragraphs")


def _sample(n: int, wanted: int) -> Any:
    if n < wanted:
        raise SystemExit(f"data/ has {n} texts for {wanted} rows")
    return np.sort(np.random.default_rng(SAMPLE_SEED).permutation(n)[:wanted])


def speed(
    work: Work, name: str, n: int, files: tuple[Path, Path], our_number: int | None, runs: int, cold_runs: int
) -> list[dict[str, Any]]:
    """Rows for empty caches, and for kept ones with the second fit of each process as the warm figure."""
    if n > LAID_OUT and PEERS[name].lays_out:
        return []
    runs, cold_runs = (runs, cold_runs) if n <= MANY else (1, min(cold_runs, 1))
    caches, fit = work.scratch / "numba" / f"cold-{PEERS[name].environment}", {"n_clusters": our_number}
    rows, head = [], {"n": n, "vectors": "model" if n <= OF_THE_MODEL else "static", "method": name}
    for state, times, fits in (("empty", cold_runs, [fit]), ("kept", runs, [fit, fit])):
        reports = []
        for _ in range(times):
            if state == "empty":
                shutil.rmtree(caches, ignore_errors=True)
            report, found, _ = work.run(name, *files, fits, caches)
            reports.append(report | {"n_clusters": len(np.unique(found[0][found[0] >= 0]))})
        if reports:
            rows.append(head | {"caches": state, "runs": times} | _medians(reports))
    return rows


def _medians(reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """First fits with the import of the library before them; second fits alone."""
    first = [report["fits"][0] for report in reports]
    second = [report["fits"][1] for report in reports if len(report["fits"]) > 1]
    figures = {
        "import_s": [report["import_s"] for report in reports],
        "cold_s": [report["import_s"] + fit["seconds"] for report, fit in zip(reports, first, strict=True)],
        "warm_s": [fit["seconds"] for fit in second],
        "warm_whole_s": [fit["whole_s"] for fit in second if fit["whole_s"] != fit["seconds"]],
        "held_mb": [report["held_mb"] for report in reports],
        "grown_mb": [report["grown_mb"] for report in reports],
    }
    row: dict[str, Any] = {name: round(float(np.median(values)), 3) for name, values in figures.items() if values}
    return row | {"n_clusters": reports[0]["n_clusters"], "library": reports[0]["library"]}


def exponents(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slope of log time over log n of the warm fits, from 13,000 rows on, where constants no longer rule."""
    warm = [row for row in rows if row["n"] >= 13_000 and "warm_s" in row]
    table = []
    for method in dict.fromkeys(row["method"] for row in warm):
        sizes = [row["n"] for row in warm if row["method"] == method]
        seconds = [row["warm_s"] for row in warm if row["method"] == method]
        if len(sizes) > 1:
            slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
            table.append({"method": method, "sizes": [min(sizes), max(sizes)], "exponent": round(float(slope), 2)})
    return table
