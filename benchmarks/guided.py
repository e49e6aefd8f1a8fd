"""Guided themes against the nearest definition and BERTopic's zero-shot, and what each ingredient adds.

Definitions are those of definitions.toml. Accuracy counts every row that is about one of them, and "no theme"
as wrong; `forced` takes the likeliest theme even so. Intervals are 95 % from 1,000 resamples of rows, of whole reports
for the Beige Book. Strengths are calibrated on the other sets: the power that they are raised to is the one with the
least calibration error there. `part`: two fifths of the definitions left out, at random, three times.
"""

import argparse
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from labelled import SAMPLE_SEED, data_folder, embed_cached, load_model, prepare, read_rows
from record import write_record
from topicgpu.config import GuidedTheme, ThemesSection
from topicgpu.ops.decode import Decoded
from topicgpu.themes import context, evidence, guided, lexical
from topicgpu.types import Encode, Floats, Ints

RESAMPLES = 1000
DRAWS = 3
BINS = 15
POWERS = np.arange(0.2, 1.01, 0.05)
BACKGROUND = ThemesSection.model_fields["background"].default
Change = tuple[ModuleType, str, Any]


@dataclass(frozen=True)
class Case:
    """One labelled set with its definitions."""

    name: str
    rows: guided.Rows
    truth: Ints  # -1: about none of the definitions
    themes: tuple[GuidedTheme, ...]
    unit: Ints  # what is resampled


ABLATION: dict[str, list[Change]] = {
    "definition whole, not cut": [(evidence, "_PARTS", evidence.re.compile(r"(?!)"))],
    "nearest phrase only": [(evidence, "_BEST_PHRASES", 1)],
    "three nearest phrases": [(evidence, "_BEST_PHRASES", 3)],
    "no shared words": [(guided, "_WORDS_WEIGHT", 0.0)],
    "no terms from the corpus": [(guided, "_GROWN_WEIGHT", 0.0)],
    "no neighbors": [(context, "_NEIGHBOR_WEIGHT", 0.0)],
    "neighbors half": [(context, "_NEIGHBOR_WEIGHT", 0.5)],
    "neighbors twice": [(context, "_NEIGHBOR_WEIGHT", 2.0)],
    "no order": [(guided, "decode", lambda table, lengths: Decoded(context.softmax(table), np.ones((1, 1))))],
    "no background": [(guided, "phrase_evidence", lambda v, t, b, e: evidence.phrase_evidence(v, t, (), e))],
}


def cases(data: Path, vectors_folder: Path) -> Iterator[Case]:
    """The four sets: all English rows; of clinc150 the out-of-scope ones too; Beige Book reports in their order."""
    definitions = tomllib.loads(Path(__file__).with_name("definitions.toml").read_text(encoding="utf-8"))
    for name, entries in definitions.items():
        column = "domain" if name == "clinc150" else "label"
        rows = [row for row in read_rows(data / name / f"{name}.jsonl.gz") if row[column] is not None]
        rows = [row for row in rows if row.get("lang", "eng_Latn") == "eng_Latn"]
        labels = list(entries)
        truth = [-1 if row["label"] == "oos" else labels.index(row[column]) for row in rows]
        texts = [row["text"] for row in rows]
        vectors = embed_cached(texts, vectors_folder)
        source = [row["doc"] if name == "beige-book" else str(place) for place, row in enumerate(rows)]
        n = len(rows)
        graph = context.neighbor_graph(prepare(vectors, np.asarray(truth)).neighbors, np.arange(n))
        yield Case(
            name,
            guided.Rows(
                *(np.arange(n), vectors, tuple(texts), tuple(source), np.full(n, -1)),
                graph,
                np.zeros((0, 2), dtype=np.int64),
            ),
            np.asarray(truth),
            tuple(
                GuidedTheme(id=f"t{number}", name=entry[0], description=entry[1])
                for number, entry in enumerate(entries.values())
            ),
            np.unique(source, return_inverse=True)[1],
        )


@contextmanager
def changed(changes: list[Change]) -> Iterator[None]:
    """Set constants of modules for a while."""
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    for module, name, value in changes:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def posterior_of(case: Case, encode: Encode, picked: Ints | None = None, changes: Sequence[Change] = ()) -> Floats:
    """Posteriors before they are calmed."""
    themes = case.themes if picked is None else [case.themes[number] for number in picked]
    with changed([*changes, (guided, "_CALM", 1.0)]):
        return guided.guide(case.rows, themes, BACKGROUND, encode).posterior


def calmed(posterior: Floats, power: float) -> Floats:
    """Posteriors raised to a power."""
    raised = np.maximum(posterior, 1e-300) ** power
    return raised / raised.sum(axis=1, keepdims=True)


def right(posterior: Floats, truth: Ints, forced: bool = False) -> NDArray[np.bool_]:
    """Rows whose first theme is the label."""
    best = posterior[:, :-1].argmax(axis=1)
    given = forced | (posterior[:, :-1].max(axis=1) >= posterior[:, -1])
    return (best == truth) & given


def macro_f1(predicted: Ints, truth: Ints, n_themes: int) -> float:
    """Mean over the themes; of rows that are about one."""
    about = truth >= 0
    p, y = predicted[about], truth[about]
    return float(
        np.mean([2 * ((p == k) & (y == k)).sum() / max(1, (p == k).sum() + (y == k).sum()) for k in range(n_themes)])
    )


def calibration_error(posterior: Floats, truth: Ints) -> float:
    """Expected calibration error of the rank-1 strengths of rows that were given a theme."""
    given = posterior[:, :-1].max(axis=1) >= posterior[:, -1]
    strength, hit = posterior[given, :-1].max(axis=1), right(posterior, truth)[given]
    place = np.minimum((strength * BINS).astype(int), BINS - 1)
    return float(sum(abs((strength - hit)[place == b].sum()) for b in range(BINS)) / max(1, given.sum()))


def auroc(score: Floats, about: NDArray[np.bool_]) -> float:
    """How well a score tells rows about a theme from the others."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(about, score))


def interval(values: Floats, unit: Ints, rng: np.random.Generator) -> list[float]:
    """95 % of the mean over rows, units resampled."""
    sums, counts = np.bincount(unit, values), np.bincount(unit)
    sums, counts = sums[counts > 0], counts[counts > 0]
    means = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, len(sums), len(sums))
        means.append(sums[drawn].sum() / counts[drawn].sum())
    return [round(float(edge), 4) for edge in np.percentile(means, [2.5, 97.5])]


def nearest_definition(case: Case, encode: Encode) -> tuple[str, Ints, Floats]:
    """The best of the plain forms by accuracy, chosen with the labels in hand: a generous floor."""
    forms = {
        "name: definition": [f"{theme.name}: {theme.description}" for theme in case.themes],
        "definition": [theme.description for theme in case.themes],
        "name": [theme.name for theme in case.themes],
    }
    about, best = case.truth >= 0, ("", np.zeros(0, dtype=np.int64), np.zeros(0), -1.0)
    for form, texts in forms.items():
        cosines = case.rows.vectors @ encode(texts).T
        predicted = cosines.argmax(axis=1)
        accuracy = float((predicted == case.truth)[about].mean())
        if accuracy > best[3]:
            best = (form, predicted, cosines.max(axis=1), accuracy)
    return best[:3]


def bertopic_zero_shot(case: Case, encode: Encode, threshold: float) -> Ints:
    """BERTopic's own zero-shot step with the same vectors: the nearest definition where its cosine is high enough."""
    import pandas as pd
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder

    class Definitions(BaseEmbedder):  # type: ignore[misc]
        def embed(self, documents: list[str], verbose: bool = False) -> NDArray[np.float32]:
            return encode(list(documents))

    texts = [f"{theme.name}: {theme.description}" for theme in case.themes]
    model = BERTopic(
        embedding_model=Definitions(), zeroshot_topic_list=texts, zeroshot_min_similarity=threshold, verbose=False
    )
    documents = pd.DataFrame({"Document": case.rows.texts, "ID": range(len(case.truth)), "Topic": None, "Image": None})
    assigned = model._zeroshot_topic_modeling(documents, case.rows.vectors)[2]
    predicted = np.full(len(case.truth), -1, dtype=np.int64)
    predicted[assigned["Old_ID"].to_numpy()] = assigned["Topic"].to_numpy()
    return predicted


def subset_truth(truth: Ints, picked: Ints, n_themes: int) -> Ints:
    """Labels renumbered for a part of the definitions; -1 for the others'."""
    place = np.full(n_themes + 1, -1)
    place[picked] = np.arange(len(picked))
    return place[truth]


def measure(case: Case) -> tuple[dict[str, Any], Floats, list[tuple[Floats, Ints]]]:
    """One set: its figures, its posteriors, and those with a part of the definitions, beside the labels left."""
    model = load_model()
    lexical._words = cache(lexical._words)  # the same texts in every setting
    kept: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def encode(texts: Any) -> NDArray[np.float32]:
        key = tuple(texts)
        if key not in kept:
            kept[key] = model.encode(list(texts))
        return kept[key]

    rng = np.random.default_rng(SAMPLE_SEED)
    about, n_themes = case.truth >= 0, len(case.themes)
    form, nearest, cosine = nearest_definition(case, encode)
    posterior = posterior_of(case, encode)
    ours, floor = right(posterior, case.truth), nearest == case.truth
    parts: list[tuple[Floats, Ints]] = []
    rejects: dict[str, list[float]] = {"ours": [], "cosine": []}
    texts = [f"{theme.name}: {theme.description}" for theme in case.themes]
    cosines = case.rows.vectors @ encode(texts).T
    for _ in range(DRAWS):
        picked = np.sort(rng.choice(n_themes, round(0.6 * n_themes), replace=False))
        part = posterior_of(case, encode, picked)
        truth = subset_truth(case.truth, picked, n_themes)
        parts.append((part, truth))
        rejects["ours"].append(auroc(1 - part[:, -1], truth >= 0))
        rejects["cosine"].append(auroc(cosines[:, picked].max(axis=1), truth >= 0))
    best = posterior[:, :-1].argmax(axis=1)
    given = np.where(posterior[:, :-1].max(axis=1) >= posterior[:, -1], best, -1)
    row = {
        "set": case.name,
        "rows": int(about.sum()),
        "out_of_scope": int((~about).sum()),
        "themes": n_themes,
        "nearest_form": form,
        "nearest_accuracy": float(floor[about].mean()),
        "nearest_macro_f1": macro_f1(nearest, case.truth, n_themes),
        "accuracy": float(ours[about].mean()),
        "macro_f1": macro_f1(given, case.truth, n_themes),
        "given_a_theme": float((given >= 0)[about].mean()),
        "forced_accuracy": float(right(posterior, case.truth, forced=True)[about].mean()),
        "forced_macro_f1": macro_f1(best, case.truth, n_themes),
        "gain": float((ours[about].astype(float) - floor[about]).mean()),
        "gain_interval": interval((ours[about].astype(float) - floor[about]), case.unit[about], rng),
        "part_agree": float(np.mean([right(p, t)[p[:, :-1].max(axis=1) >= p[:, -1]].mean() for p, t in parts])),
        "part_reject_auroc": float(np.mean(rejects["ours"])),
        "part_reject_auroc_cosine": float(np.mean(rejects["cosine"])),
    }
    if (~about).any():
        row |= {
            "out_of_scope_auroc": auroc(1 - posterior[:, -1], about),
            "out_of_scope_auroc_cosine": auroc(cosine, about),
        }
    for threshold in (0.0, 0.3, 0.7):  # 0.7 is BERTopic's default
        peer = bertopic_zero_shot(case, encode, threshold)
        row[f"bertopic_accuracy_from_{threshold}"] = float((peer == case.truth)[about].mean())
        row[f"bertopic_macro_f1_from_{threshold}"] = macro_f1(peer, case.truth, n_themes)
    for setting, changes in ABLATION.items():
        other = posterior_of(case, encode, changes=changes)
        without = right(other, case.truth, forced=True)[about].astype(float)
        with_it = right(posterior, case.truth, forced=True)[about]
        row[f"forced without: {setting}"] = {
            "gain": round(float((with_it - without).mean()), 4),
            "interval": interval(with_it - without, case.unit[about], rng),
            "reject_auroc": round(auroc(1 - other[:, -1], about), 4) if (~about).any() else None,
        }
    if case.name == "beige-book":
        shuffle = np.random.default_rng(SAMPLE_SEED).permutation(len(case.truth))
        graph = sparse.csr_array(case.rows.graph[shuffle][:, shuffle])
        mixed = replace(
            case.rows,
            vectors=case.rows.vectors[shuffle],
            texts=tuple(case.rows.texts[place] for place in shuffle),
            graph=graph,
        )
        alone = posterior_of(replace(case, rows=mixed), encode)
        row["forced_accuracy_shuffled"] = float(right(alone, case.truth[shuffle], forced=True).mean())
    print({key: value for key, value in row.items() if not isinstance(value, dict)}, flush=True)
    return row, posterior, parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"))
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    sets = list(cases(data_folder(), arguments.cache))
    with ProcessPoolExecutor(len(sets), get_context("spawn")) as pool:
        measured = list(pool.map(measure, sets))
    results = [row for row, _, _ in measured]
    full = {case.name: posterior for case, (_, posterior, _) in zip(sets, measured, strict=True)}
    parts = {case.name: part for case, (_, _, part) in zip(sets, measured, strict=True)}
    for row in results:
        name = row["set"]
        errors = {
            float(power): np.mean(
                [
                    calibration_error(calmed(p, power), t)
                    for case in sets
                    if case.name != name
                    for p, t in [(full[case.name], case.truth), *parts[case.name]]
                ]
            )
            for power in POWERS
        }
        power = min(errors, key=lambda value: errors[value])
        truth = next(case.truth for case in sets if case.name == name)
        row["power_from_other_sets"] = round(power, 2)
        row["calibration_error"] = calibration_error(calmed(full[name], power), truth)
        row["part_calibration_error"] = float(np.mean([calibration_error(calmed(p, power), t) for p, t in parts[name]]))
        row["shipped_calibration_error"] = calibration_error(calmed(full[name], guided._CALM), truth)
    settings = {"sample_seed": SAMPLE_SEED, "draws": DRAWS, "resamples": RESAMPLES, "encoder": "all-MiniLM-L6-v2"}
    rounded = [
        {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()} for row in results
    ]
    write_record(arguments.out, "guided", settings, rounded)


if __name__ == "__main__":
    main()
