"""What others would say of the same replication: tests in which each segment has a vote of its own."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from topicgpu.types import Floats

Sides = NDArray[np.bool_]  # True: later

_DRAWS = 199


def chi_square(segments: Floats, later: Sides, theme: int) -> float:
    """
    Test frequencies of a theme over time, as BERTopic's `topics_over_time` counts them: segments of each period.

    `segments` (S, K + 1) of each source and theme. The p of Pearson's test with Yates's correction, which is SciPy's
    default, of the table theme or not by before or after.
    """
    table = np.stack([segments[~later].sum(axis=0), segments[later].sum(axis=0)])
    table = np.column_stack([table[:, theme], table.sum(axis=1) - table[:, theme]])
    return float(stats.chi2_contingency(table).pvalue) if (table.sum(axis=0) > 0).all() else 1.0


def permuted_segments(segments: Floats, later: Sides, theme: int) -> float:
    """
    Permute the segments' periods: the share of a theme then is hypergeometric, so this is Fisher's exact test.

    `segments` (S, K + 1).
    """
    before, after = segments[~later].sum(axis=0), segments[later].sum(axis=0)
    table = [[side[theme], side.sum() - side[theme]] for side in (before, after)]
    return float(stats.fisher_exact(np.asarray(table, dtype=np.int64)).pvalue)


def permuted_vectors(rng: np.random.Generator, vectors: Floats, later: Sides) -> float:
    """Permute the segments' periods and measure the energy distance of the theme's vectors each time; `later` (n,)."""
    distances = np.sqrt(np.maximum(2 - 2 * vectors @ vectors.T, 0.0))
    sides = np.tile(later, (_DRAWS + 1, 1))
    sides[1:] = rng.permuted(sides[1:], axis=1)
    # With the sizes fixed, the energy distance is a quadratic form of the weights +1/n after and -1/m before.
    weights = np.where(sides, 1 / later.sum(), -1 / (~later).sum())
    energy = -np.einsum("dn,dn->d", weights @ distances, weights)
    return float((energy >= energy[0] * (1 - 1e-9)).mean())


def log_odds(terms: Floats, later: Sides) -> float:
    """
    Take the z of the log odds for evidence: the smallest p of all terms, by Bonferroni.

    `terms` (S, V) segments that say each. An informative Dirichlet prior as large as the smaller side.
    """
    before, after = terms[~later].sum(axis=0), terms[later].sum(axis=0)
    both = before + after
    prior = both / both.sum() * min(before.sum(), after.sum())
    used = prior > 0

    def odds(counts: Floats) -> Floats:
        weights = counts[used] + prior[used]
        return np.asarray(np.log(weights / (weights.sum() - weights)))

    variance = 1 / (after[used] + prior[used]) + 1 / (before[used] + prior[used])
    z = np.abs(odds(after) - odds(before)) / np.sqrt(variance)
    return float(min(1.0, 2 * stats.norm.sf(z.max()) * used.sum()))


def evidently(python: str, scratch: Path, cases: Sequence[tuple[Floats, Sides]]) -> tuple[str, dict[str, list[bool]]]:
    """
    Run evidently's methods in their environment, on (vectors, later) of each replication.

    Returns its name and version, and each method's verdicts.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    job, answer = scratch / "job.npz", scratch / "verdicts.json"
    vectors = np.concatenate([rows for rows, _ in cases]).astype(np.float32)
    ends = np.cumsum([len(rows) for rows, _ in cases])
    np.savez(job, vectors=vectors, later=np.concatenate([later for _, later in cases]), ends=ends)
    worker = Path(__file__).with_name("drift_evidently.py")
    subprocess.run([python, "-W", "ignore", worker, job, answer], check=True)
    result = json.loads(answer.read_text(encoding="utf-8"))
    return result["library"], result["verdicts"]
