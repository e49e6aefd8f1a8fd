"""
Where subjects change: this project's passages against no boundaries, even spacing, TextTiling and its kin.

    python benchmarks/passages.py --data DATA --out benchmarks/results/passages-2core.json

Pk and WindowDiff (lower is better; k is half the mean length of a subject) and the F1 of boundaries (matched within two
sentences, one to one), means over texts with bootstrap intervals. They belong together: few boundaries buy a low Pk.
All methods but TextTiling read the same sentence vectors; those with a threshold have their authors' default. Even
spacing is told the true number of boundaries.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from labelled import load_model
from record import write_record
from subjects import Talk, load_subjects, second_reading
from topicgpu.ops.fuzzy_graph import fuzzy_graph
from topicgpu.ops.terms import STOP_WORDS
from topicgpu.ops.words import count_words
from topicgpu.segment.passages import find_passages
from topicgpu.types import Ints

Vectors = NDArray[np.float32]
Boundaries = NDArray[np.bool_]
_TOLERANCE = 2  # sentences
_RESAMPLES = 2000


def none(talk: Talk, vectors: Vectors) -> Boundaries:
    return np.zeros(len(talk.begins), dtype=bool)


def even(talk: Talk, vectors: Vectors) -> Boundaries:
    n, found = len(talk.begins), np.zeros(len(talk.begins), dtype=bool)
    found[np.round(np.linspace(0, n, talk.begins.sum() + 2)[1:-1]).astype(int)] = True
    return found


def texttiling(talk: Talk, vectors: Vectors) -> Boundaries:
    """NLTK's class on the words, a paragraph a sentence, since it puts boundaries between paragraphs alone."""
    from nltk.tokenize.texttiling import TextTilingTokenizer

    found = np.zeros(len(talk.begins), dtype=bool)
    text = "\n\n".join(" ".join(sentence.split()) for sentence in talk.sentences)
    try:
        tiles = TextTilingTokenizer(stopwords=STOP_WORDS).tokenize("\n\n" + text)
    except (ValueError, IndexError):  # it can't tile short texts
        return found
    at = 0
    for tile in tiles[:-1]:
        at += sum(1 for part in tile.split("\n\n") if part.strip())
        found[min(at, len(found) - 1)] = True
    return found


def texttiling_vectors(talk: Talk, vectors: Vectors, width: int = 6) -> Boundaries:
    """Depths of the similarity of the mean vectors of the sentences before and after; Hearst's cut: mean + sd / 2."""
    n = len(vectors)
    total = np.concatenate([np.zeros((1, vectors.shape[1])), vectors.cumsum(axis=0)])
    alike = np.ones(n)
    for at in range(1, n):
        before, after = total[at] - total[max(0, at - width)], total[min(n, at + width)] - total[at]
        alike[at] = before @ after / max(np.linalg.norm(before) * np.linalg.norm(after), 1e-9)
    depth = np.zeros(n)
    for at in range(1, n):
        left = right = at
        while left > 1 and alike[left - 1] >= alike[left]:
            left -= 1
        while right < n - 1 and alike[right + 1] >= alike[right]:
            right += 1
        depth[at] = alike[left] + alike[right] - 2 * alike[at]
    limit = depth[1:].mean() + depth[1:].std() / 2
    peaks = [depth[at] == depth[max(1, at - width // 2) : at + width // 2 + 1].max() for at in range(n)]
    return (depth > limit) & np.array(peaks)


def communities_viterbi(
    talk: Talk, vectors: Vectors, k: int = 10, scale: float = 10.0, price: float = 8.0
) -> Boundaries:
    """Leiden's communities of the sentences, with edges to the next sentence, as the states of a Viterbi pass."""
    labels = _communities(vectors, k)
    centred = vectors - vectors.mean(axis=0)
    share = np.minimum([count_words(text) for text in talk.sentences], 20) / 20
    centres = np.stack([(centred[labels == label] * share[labels == label, None]).sum(axis=0) for label in set(labels)])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True) + 1e-9
    evidence = scale * (centred @ centres.T) * share[:, None]
    best, back = evidence[0], np.zeros(evidence.shape, dtype=np.int64)
    for at in range(1, len(evidence)):
        other = int(best.argmax())
        stays = best >= best[other] - price
        back[at] = np.where(stays, np.arange(len(best)), other)
        best = np.where(stays, best, best[other] - price) + evidence[at]
    states = np.empty(len(evidence), dtype=np.int64)
    states[-1] = best.argmax()
    for at in range(len(evidence) - 1, 0, -1):
        states[at - 1] = back[at, states[at]]
    return np.diff(states, prepend=states[0]) != 0


def _communities(vectors: Vectors, k: int) -> Ints:
    from graspologic_native import leiden_csr

    n = len(vectors)
    distance = np.maximum(1 - vectors @ vectors.T, 0)
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(k, n - 1)]
    graph = fuzzy_graph(nearest, np.take_along_axis(distance, nearest, axis=1))
    beside = sparse.diags_array([np.ones(n - 1)] * 2, offsets=[1, -1], shape=(n, n))
    graph = sparse.csr_array(graph + beside)
    edges = graph.indptr.astype(np.int64), graph.indices.astype(np.int32), graph.data
    _, found = leiden_csr(*edges, n, resolution=1.0, iterations=2, seed=0)
    return np.array([found[row] for row in range(n)], dtype=np.int64)


def passages(talk: Talk, vectors: Vectors) -> Boundaries:
    n_words = np.array([count_words(text) for text in talk.sentences], dtype=np.int64)
    return np.diff(find_passages(talk.sentences, vectors, n_words, talk.turns), prepend=0) > 0


def passages_words_only(talk: Talk, vectors: Vectors) -> Boundaries:
    """Without turns, questions and cue phrases."""
    n_words = np.array([count_words(text) for text in talk.sentences], dtype=np.int64)
    mute = ["word"] * len(talk.sentences)
    return np.diff(find_passages(mute, vectors, n_words, np.zeros_like(talk.turns)), prepend=0) > 0


METHODS: dict[str, Callable[[Talk, Vectors], Boundaries]] = {
    "none": none,
    "even, number known": even,
    "TextTiling (NLTK)": texttiling,
    "TextTiling on vectors": texttiling_vectors,
    "communities, Viterbi": communities_viterbi,
    "passages, words only": passages_words_only,
    "passages": passages,
}


def scores(truth: Boundaries, found: Boundaries) -> tuple[float, float, float, float]:
    """Pk, WindowDiff, F1, and boundaries found for each true one."""
    n = len(truth)
    window = min(max(1, round(n / (truth.sum() + 1) / 2)), n - 1)
    true, seen = truth.cumsum(), found.cumsum()
    true, seen = true[window:] - true[:-window], seen[window:] - seen[:-window]
    return (
        float(((true > 0) != (seen > 0)).mean()),
        float((true != seen).mean()),
        f1(truth, found),
        found.sum() / truth.sum(),
    )


def f1(truth: Boundaries, found: Boundaries) -> float:
    ones, others = np.flatnonzero(truth).tolist(), np.flatnonzero(found).tolist()
    matched = i = j = 0
    while i < len(ones) and j < len(others):
        if abs(ones[i] - others[j]) <= _TOLERANCE:
            matched, i, j = matched + 1, i + 1, j + 1
        elif ones[i] < others[j]:
            i += 1
        else:
            j += 1
    return 2 * matched / max(len(ones) + len(others), 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    sets = load_subjects(options.data)
    model = load_model()
    rows: list[dict[str, Any]] = []
    for name, talks in sets.items():
        vectors = [model.encode(talk.sentences) for talk in talks]
        shape = {
            "set": name,
            "texts": len(talks),
            "sentences": sum(len(talk.sentences) for talk in talks),
            "boundaries": int(sum(talk.begins.sum() for talk in talks)),
        }
        found = {}
        for method, find in METHODS.items():
            started = time.perf_counter()
            found[method] = [find(talk, v) for talk, v in zip(talks, vectors, strict=True)]
            rows.append(shape | summary(method, talks, found[method], time.perf_counter() - started))
            print(rows[-1], flush=True)
        if name == "speech":
            other = [talk.begins for talk in second_reading(options.data)]
            rows.append(shape | summary("second reader", talks, other, None))
    settings = {"encoder": "all-MiniLM-L6-v2", "tolerance_sentences": _TOLERANCE, "resamples": _RESAMPLES}
    write_record(options.out, "passages", settings, rows)


def summary(method: str, talks: list[Talk], found: list[Boundaries], seconds: float | None) -> dict[str, Any]:
    table = np.array([scores(talk.begins, one) for talk, one in zip(talks, found, strict=True)])
    draws = np.random.default_rng(0).integers(0, len(table), (_RESAMPLES, len(table)))
    low, high = np.quantile(table[draws].mean(axis=1), [0.025, 0.975], axis=0)
    row: dict[str, Any] = {"method": method}
    if len(talks) < 10:  # few enough to name
        row["by_text"] = {talk.name: np.round(of, 4).tolist() for talk, of in zip(talks, table, strict=True)}
    for column, measure in enumerate(("pk", "windowdiff", "f1", "found_per_true")):
        row[measure] = round(float(table[:, column].mean()), 4)
        row[f"{measure}_interval"] = [round(float(low[column]), 4), round(float(high[column]), 4)]
    return row | {"seconds": None if seconds is None else round(seconds, 2)}


if __name__ == "__main__":
    main()
