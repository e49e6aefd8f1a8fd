"""Which parts of the guided themes earn their place? Labelled sets, definitions written from the label names alone.

Each setting is scored twice: with all definitions, and with two fifths of them left out at random, so that many rows
are about nothing that is defined. Rows without a label (or out of scope) are about no theme.
"""

import argparse
import gzip
import json
import tomllib
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from labelled import SAMPLE_SEED, embed_cached, load_model
from record import write_record
from topicgpu.config import GuidedTheme, ThemesSection
from topicgpu.themes import guided

DRAWS = 6  # of the definitions that are left out
REPORTS = 260  # whole reports of the Beige Book, in their order
OUT_OF_SCOPE = 300
QUERIES = 2500

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "no order": {"order": False},
    "no shared words": {"_WORDS_WEIGHT": 0.0},
    "shared words twice": {"_WORDS_WEIGHT": 0.6},
    "nearest phrase": {"_BEST_PHRASES": 1},
    "three phrases": {"_BEST_PHRASES": 3},
    "no theme from 1.25": {"_NO_THEME_FROM": 1.25},
    "no theme from 1.5": {"_NO_THEME_FROM": 1.5},
    "no theme from 2": {"_NO_THEME_FROM": 2.0},
    "no theme from 2.25": {"_NO_THEME_FROM": 2.25},
    "sharpness 1": {"_SHARPNESS": 1.0},
    "sharpness 4": {"_SHARPNESS": 4.0},
}

Rows = list[tuple[str, str | None, str]]  # text, label, sequence


def read(data: Path, name: str) -> list[dict[str, Any]]:
    """All rows of a set."""
    with gzip.open(data / name / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def beige_book(data: Path, rng: np.random.Generator) -> Rows:
    """Whole reports of at least six passages, most of them labelled."""
    reports = [list(group) for _, group in groupby(read(data, "beige-book"), key=lambda row: row["doc"])]
    full = [rows for rows in reports if len(rows) >= 6 and np.mean([row["label"] is not None for row in rows]) >= 0.8]
    picked = rng.choice(len(full), REPORTS, replace=False)
    return [(row["text"], row["label"], row["doc"]) for index in picked for row in full[index]]


def sib200(data: Path, _rng: np.random.Generator) -> Rows:
    """All English sentences; each stands alone."""
    rows = [row for row in read(data, "sib200") if row["lang"] == "eng_Latn"]
    return [(row["text"], row["label"], row["id"]) for row in rows]


def clinc150(data: Path, rng: np.random.Generator) -> Rows:
    """Queries of the ten domains, and some that are out of scope; each stands alone."""
    rows = read(data, "clinc150")
    inside = [row for row in rows if row["label"] != "oos"]
    outside = [row for row in rows if row["label"] == "oos"][:OUT_OF_SCOPE]
    picked = [inside[index] for index in rng.choice(len(inside), QUERIES, replace=False)]
    return [(row["text"], row["domain"], row["id"]) for row in [*picked, *outside]]


def score(predicted: Sequence[str | None], truth: Sequence[str | None]) -> dict[str, float]:
    """Of the rows given a theme, the part that agrees; of those about one, the part given one; and the accuracy."""
    given = [(p, t) for p, t in zip(predicted, truth, strict=True) if p is not None]
    about = [p for p, t in zip(predicted, truth, strict=True) if t is not None]
    return {
        "agree": float(np.mean([p == t for p, t in given])),
        "given": float(np.mean([p is not None for p in about])),
        "accuracy": float(np.mean([p == t for p, t in zip(predicted, truth, strict=True)])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder data/ of TOPICGPU_DATA")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"))
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    definitions = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    encoder = load_model()
    background = ThemesSection.model_fields["background"].default
    results = []
    for name, sample in (("beige-book", beige_book), ("sib200", sib200), ("clinc150", clinc150)):
        rows = sample(arguments.data, np.random.default_rng(SAMPLE_SEED))
        texts, labels, sequences = zip(*rows, strict=True)
        vectors = embed_cached(list(texts), arguments.cache)
        entries = definitions[name]
        themes = [
            GuidedTheme(id=f"t{number}", **{key: value for key, value in entry.items() if key != "label"})
            for number, entry in enumerate(entries)
        ]
        rng = np.random.default_rng(SAMPLE_SEED)
        size = round(0.6 * len(themes))
        subsets = [np.arange(len(themes))]
        subsets += [np.sort(rng.choice(len(themes), size, replace=False)) for _ in range(DRAWS)]
        for setting, changes in SETTINGS.items():
            order = changes.get("order", True)
            constants = {key: value for key, value in changes.items() if key != "order"}
            before = {key: getattr(guided, key) for key in constants}
            vars(guided).update(constants)
            scores = []
            for subset in subsets:
                names = [entries[index]["label"] for index in subset]
                posterior = guided.guided_posterior(
                    vectors,
                    texts,
                    sequences if order else [str(row) for row in range(len(texts))],
                    np.full(len(texts), -1),  # rows of these sets come without passages
                    [themes[index] for index in subset],
                    background,
                    encoder.encode,
                )
                states = [*names, None]
                predicted = [states[state] for state in posterior.argmax(axis=1)]
                scores.append(score(predicted, [label if label in names else None for label in labels]))
            vars(guided).update(before)
            row: dict[str, Any] = {"set": name, "rows": len(rows), "setting": setting}
            row |= {f"all_{key}": round(value, 3) for key, value in scores[0].items()}
            for key in scores[0]:
                row[f"part_{key}"] = round(float(np.mean([one[key] for one in scores[1:]])), 3)
            results.append(row)
            print(row, flush=True)
    settings = {"sample_seed": SAMPLE_SEED, "draws": DRAWS, "left_out": 0.4, "encoder": "all-MiniLM-L6-v2"}
    write_record(arguments.out, "guided", settings, results)


if __name__ == "__main__":
    main()
