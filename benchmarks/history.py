"""
Is history that is known found, and none where the dates mean nothing?

    TOPICGPU_DATA=... python benchmarks/history.py --null acl=500 podcasts=500 beige=500 \\
        --out benchmarks/results/history-MACHINE.json

Three corpora (`history_corpora.py`), each with a configuration in `history/` whose themes were written before any
result was seen and not changed after. What is looked for is in `KNOWN`; the rank of each is its place among all
findings. The null (`history_null.py`) deals the dates out anew inside strata and counts the runs in which anything is
found; it goes on where it was stopped. Finished runs under --runs are used as they are.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch

import topicgpu
from history_corpora import CORPORA, write_corpus
from history_null import fix, null_run
from labelled import data_folder
from record import write_record
from topicgpu.config import Config
from topicgpu.types import Finding

HERE = Path(__file__).parent


class Known(NamedTuple):
    """A piece of history: the theme, what it does, and the years that may be named."""

    corpus: str
    theme: str
    kinds: tuple[str, ...]
    years: tuple[str, ...]


_UP, _DOWN = ("appears", "rises"), ("fades", "falls")
KNOWN = (
    Known("podcasts", "language_models", _UP, ("2022", "2023")),
    Known("acl", "language_models", _UP, ("2022", "2023")),
    Known("acl", "recurrent_networks", _DOWN, ("2018", "2019", "2020", "2021")),
    Known("beige", "tariffs", _UP, ("2018",)),
    Known("beige", "covid", _UP, ("2020",)),
)


def looked_for(run: topicgpu.Run, known: Known) -> dict[str, Any]:
    """Say where among the findings a piece of history is, and which steps of its share were found."""
    drift = run.drift
    own = [rank for rank, each in enumerate(drift.findings, start=1) if _is(each, known)]
    changes = drift.changes
    steps = [
        {
            "from": changes.from_[row],
            "to": changes.to[row],
            "effect": round(float(changes.effect[row]), 4),
            "p": float(changes.p[row]),
            "q": float(changes.q[row]),
            "found": bool(changes.found[row]),
        }
        for row in range(len(changes))
        if (changes.theme_id[row], changes.kind[row], changes.level[row]) == (known.theme, "prevalence", "period")
    ]
    sign = 1 if known.kinds == _UP else -1
    return {
        "part": "known",
        "corpus": known.corpus,
        "theme": known.theme,
        "rank": own[0] if own else None,
        "findings": len(drift.findings),
        "kind": drift.findings[own[0] - 1].kind if own else None,
        "sentence": drift.findings[own[0] - 1].sentence if own else None,
        "largest_steps": sorted(steps, key=lambda step: -sign * step["effect"])[:3],
    }


def _is(finding: Finding, known: Known) -> bool:
    named = any(year in finding.sentence for year in known.years)
    return finding.theme_id == known.theme and finding.kind in known.kinds and named


def null_runs(run: topicgpu.Run, number: int, done: Path) -> dict[str, Any]:
    """Count the runs in which anything is found; those that were made before are read."""
    lines = done.read_text(encoding="utf-8").splitlines() if done.exists() else []
    made = {line["run"]: line["found"] for line in map(json.loads, lines)}
    left = [index for index in range(number) if index not in made]
    if left:
        fixed = fix(run, Config.model_validate(run.manifest["config"]))
        for index in left:
            made[index] = null_run(fixed, index)
            with done.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"run": index, "found": made[index]}) + "\n")
    found = [made[index] for index in range(number)]
    kinds = sorted({kind for each in found for kind in each})
    return {
        "part": "null",
        "corpus": run.folder.name,
        "runs": number,
        "runs_with_a_finding": sum(bool(each) for each in found),
        "by_kind": {kind: sum(kind in each for each in found) for kind in kinds},
    }


def _finished(folder: Path) -> topicgpu.Run | None:
    if not (folder / "drift.json").exists():
        return None
    return topicgpu.Run(folder)


def rows(name: str, folder: Path, null: int) -> Iterator[dict[str, Any]]:
    """Run one corpus and say what was found in it."""
    write_corpus(name, data_folder(), folder / "corpus" / name)
    run = _finished(folder / name) or topicgpu.run(HERE / "history" / f"{name}.toml", folder / name)
    yield {
        "part": "corpus",
        "corpus": name,
        "sources": len(run.sources.source_id),
        "segments": len(run.segments),
        "themes": len(run.themes.themes),
        "unstable": [theme.theme_id for theme in run.themes.themes if theme.unstable],
        "drift_s": run.manifest["stages"]["drift"]["seconds"],
        "drift_peak_bytes": run.manifest["stages"]["drift"]["peak_memory_bytes"],
        "families": [asdict(family) for family in run.drift.families],
    }
    yield from (looked_for(run, known) for known in KNOWN if known.corpus == name)
    if null:
        yield null_runs(run, null, folder / f"{name}-null.jsonl")


def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file of results")
    parser.add_argument("--corpora", nargs="+", default=list(CORPORA), choices=list(CORPORA))
    parser.add_argument("--runs", type=Path, default=Path("runs/history"), help="folder for corpora and runs")
    parser.add_argument(
        "--null", nargs="*", default=[], metavar="CORPUS=N", help="runs of a corpus with dates that mean nothing"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)  # many small products: threads would wait for each other
    found = []
    null = {name: int(number) for name, _, number in (each.partition("=") for each in args.null)}
    for name in args.corpora:
        for row in rows(name, args.runs, null.get(name, 0)):
            print(json.dumps(row), flush=True)
            found.append(row)
    write_record(args.out, "history", {"corpora": args.corpora, "null": null}, found)


if __name__ == "__main__":
    main()
