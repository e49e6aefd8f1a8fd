"""How well a method's groups fit the labels, as they come and with every row assigned, and how far they agree."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from labelled import CASES, SAMPLE_SEED, Case, embed_cached, load_case
from peer_runs import KMEANS, KMEANS_TRUE, PEERS, Work
from peer_worker import Vectors
from topicgpu.types import Ints

SETS = ("banking77", "clinc150-intents", "acl-workshops", "beige-book", "sib200")
SEEDS, SUBSAMPLES, SHARE = (0, 1, 2, 3, 4), 5, 0.9
FULL = {case.name: replace(case, limit=None) for case in CASES if case.name in SETS}


def quality(
    work: Work,
    case: Case,
    name: str,
    data: Path,
    cache: Path,
    our_number: int | None,
    seeds: Sequence[int] = SEEDS,
    subsamples: int = SUBSAMPLES,
) -> dict[str, Any]:
    """One method on one set: means over the seeds, and the agreement of seeds and of subsamples."""
    texts, truth = load_case(case, data)
    vectors, files = embed_cached(texts, cache), work.scratch / PEERS[name].method / case.name
    files.mkdir(parents=True, exist_ok=True)
    np.save(files / "vectors.npy", vectors)
    (files / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    n_clusters = {KMEANS: our_number, KMEANS_TRUE: int(truth.max()) + 1}.get(name)
    parts = []
    for number in range(0 if PEERS[name].lays_out else subsamples):
        rng = np.random.default_rng([SAMPLE_SEED, number])
        parts.append(np.sort(rng.permutation(len(truth))[: round(SHARE * len(truth))]))
        np.save(files / f"rows-{number}.npy", parts[-1])
    fits: list[dict[str, Any]] = [{"seed": seed, "n_clusters": n_clusters} for seed in seeds]
    fits += [
        {"seed": seeds[0], "n_clusters": n_clusters, "rows": str(files / f"rows-{number}.npy")}
        for number in range(len(parts))
    ]
    report, found, by_itself = work.run(name, files / "vectors.npy", files / "texts.json", fits)
    n = len(seeds)
    whole = [assign(vectors, labels) for labels in found[:n]]
    part = [assign(vectors[rows], labels) for rows, labels in zip(parts, found[n:], strict=True)]
    own = [labels for labels in by_itself[:n] if labels is not None]
    row = {"set": case.name, "n": len(truth), "n_true": int(truth.max()) + 1, "method": name}
    row |= {"levels": report["fits"][0]["levels"]}
    row |= as_it_comes(truth, found[:n]) | scores("assigned", truth, whole)
    row |= scores("own", truth, own) if len(own) == n else {}
    row |= {"agreement_seeds": _round(agreement(whole))} if n > 1 else {}
    row |= {"agreement_subsamples": _round(agreement(part, parts))} if parts else {}
    return row | {"library": report["library"]}


def as_it_comes(truth: Ints, found: Sequence[Ints]) -> dict[str, float]:
    """AMI and ARI of the rows that a method kept, beside the share that it left out; means over the seeds."""
    kept = [labels >= 0 for labels in found]
    pairs = [(truth[rows], labels[rows]) for rows, labels in zip(kept, found, strict=True)]
    return {
        "n_clusters": float(np.mean([len(np.unique(labels)) for _, labels in pairs])),
        "left_out": _round(1 - np.mean(kept)),
        # Of no rows at all scikit-learn says 1; what kept none has found nothing.
        "kept_ami": _mean([adjusted_mutual_info_score(*pair) if len(pair[0]) else 0.0 for pair in pairs]),
        "kept_ari": _mean([adjusted_rand_score(*pair) if len(pair[0]) else 0.0 for pair in pairs]),
    }


def scores(what: str, truth: Ints, found: Sequence[Ints]) -> dict[str, float]:
    """Means over the seeds of AMI and ARI, all rows counted."""
    ami = [adjusted_mutual_info_score(truth, labels) for labels in found]
    return {
        f"{what}_ami": _mean(ami),
        f"{what}_ami_sd": _round(np.std(ami, ddof=1) if len(ami) > 1 else 0.0),
        f"{what}_ari": _mean([adjusted_rand_score(truth, labels) for labels in found]),
    }


def assign(vectors: Vectors, labels: Ints) -> Ints:
    """Give rows without a group the one whose mean vector has the largest cosine with them; one group if none is."""
    groups = np.unique(labels[labels >= 0])
    if not len(groups):
        return np.zeros_like(labels)
    means = np.stack([vectors[labels == group].mean(axis=0) for group in groups])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    whole, out = labels.copy(), np.flatnonzero(labels < 0)
    whole[out] = groups[(vectors[out] @ means.T).argmax(axis=1)]
    return whole


def agreement(found: Sequence[Ints], rows: Sequence[Ints] | None = None) -> float:
    """Mean ARI of all pairs, on the rows that both have; `rows` are ascending, None where all have all."""
    pairs = []
    for one, other in combinations(range(len(found)), 2):
        first, second = found[one], found[other]
        if rows is not None:
            _, left, right = np.intersect1d(rows[one], rows[other], assume_unique=True, return_indices=True)
            first, second = first[left], second[right]
        pairs.append(adjusted_rand_score(first, second))
    return float(np.mean(pairs))


def means(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each method's means over the sets, for methods that ran on all of them."""
    names = ("left_out", "kept_ami", "kept_ari", "assigned_ami", "assigned_ari", "own_ami", "own_ari")
    names += ("agreement_seeds", "agreement_subsamples")
    table = []
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        if {row["set"] for row in mine} == set(SETS):
            shown = [name for name in names if all(name in row for row in mine)]
            table.append({"method": method} | {name: _mean([row[name] for row in mine]) for name in shown})
    return table


def _mean(values: Sequence[float]) -> float:
    return _round(np.mean(values))


def _round(value: Any) -> float:
    return round(float(value), 4)
