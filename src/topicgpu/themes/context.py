"""What the segments around one add to it: those of its passage, those that are most like it, its twin elsewhere."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from scipy import sparse

from topicgpu.types import Floats, Ints, Neighbors

_PASSAGE_WEIGHT = 0.5  # of the mean evidence of a row's passage, beside its own
_NEIGHBORS = (6, 15)  # one in fifty rows, but no fewer and no more: further ones are about other things
_NEIGHBOR_WEIGHT = 1.0  # of all neighbors together, beside a row's own evidence
_DOUBT = 0.1  # of what neighbors say: their word alone excludes nothing
_STEPS = 5


def with_passages(evidence: Floats, source_of: Sequence[str], passage_of: Ints) -> Floats:
    """
    Let rows share evidence with their passage.

    Parameters
    ----------
    evidence : ndarray of float64, shape (n, k)
        Of each row alone.
    source_of : sequence of str, length n
        Source of each row; equal ones stand together.
    passage_of : ndarray of int64, shape (n,)
        Passage of each row within its source; -1: not known.

    Returns
    -------
    ndarray of float64, shape (n, k)
        Up to half from the mean of the passage: that half times the reliability of the source's passage means,
        1 - 1 / F by the analysis of variance, so that rows in no order share nothing.
    """
    mixed = evidence.copy()
    row = 0
    for _, group in groupby(source_of):
        rows = slice(row, row := row + len(list(group)))
        known = passage_of[rows] >= 0
        own, passages = evidence[rows][known], np.unique(passage_of[rows][known], return_inverse=True)[1]
        means, reliability = _passage_means(own, passages)
        mixed[rows][known] += _PASSAGE_WEIGHT * reliability * (means[passages] - own)
    return mixed


def _passage_means(evidence: Floats, passages: Ints) -> tuple[Floats, float]:
    """Means (p, k), and how far they can be told from means of rows at random."""
    sizes = np.bincount(passages)
    means = np.zeros((len(sizes), evidence.shape[1]))
    np.add.at(means, passages, evidence)
    means /= sizes[:, None]
    n, p = len(evidence), len(sizes)
    within = float(((evidence - means[passages]) ** 2).sum()) / max(n - p, 1)
    between = float((sizes[:, None] * (means - evidence.mean(axis=0)) ** 2).sum()) / max(p - 1, 1) if p > 1 else 0.0
    return means, max(0.0, 1 - within / between) if between > 0 and n > p else 0.0


def neighbor_graph(neighbors: Neighbors, rows: Ints) -> sparse.csr_array:
    """
    Weigh the nearest neighbors of some rows among themselves.

    Parameters
    ----------
    neighbors : Neighbors
        Of all rows.
    rows : ndarray of int64, shape (n,)
        Those that count.

    Returns
    -------
    csr_array of float64, shape (n, n)
        Cosines of rows of which one is among the other's nearest, 6 in a small corpus and 15 from 750 rows on, each row
        divided by its sum; a row without neighbors is empty. Never dense: O(n k).
    """
    n = len(rows)
    k = int(np.clip(n // 50, *_NEIGHBORS))
    place = np.full(len(neighbors) + 1, -1, dtype=np.int64)
    place[rows] = np.arange(n)
    found = place[neighbors.indices[rows, :k]]  # -1 looks up the last place, which is nobody's
    weight = np.where(found >= 0, np.maximum(1 - neighbors.distances[rows, :k], 0), 0).astype(np.float64)
    of, at = np.nonzero(weight)
    graph = sparse.csr_array((weight[of, at], (of, found[of, at])), shape=(n, n))
    graph = graph.maximum(graph.T)
    sums: Floats = np.asarray(graph.sum(axis=1))
    return sparse.csr_array(sparse.diags_array(1 / np.where(sums > 0, sums, 1)) @ graph)


def with_neighbors(log_evidence: Floats, graph: sparse.csr_array) -> Floats:
    """
    Let rows heed what the rows most like them are about.

    Parameters
    ----------
    log_evidence : ndarray of float64, shape (n, k)
        Of each row; -inf where it can't be in a state.
    graph : csr_array, shape (n, n)
        Weights of the neighbors, rows summing to 1 or 0.

    Returns
    -------
    ndarray of float64, shape (n, k)
        The log-evidence plus the logarithm of the neighbors' mean posterior.

    Notes
    -----
    Five steps of mean-field inference in a field where neighbors tend to share a state; O(n k neighbors) each.

    References
    ----------
    .. [1] P. Krähenbühl, V. Koltun, Efficient inference in fully connected CRFs, NeurIPS, 2011: the same update.
    """
    alone = np.asarray(graph.sum(axis=1) == 0)
    field = log_evidence
    for _ in range(_STEPS):
        said = (1 - _DOUBT) * (graph @ softmax(field)) + _DOUBT / log_evidence.shape[1]
        said[alone] = 1.0
        field = log_evidence + _NEIGHBOR_WEIGHT * np.log(said)
    return field


def shared_by_twins(table: Floats, twins: Ints) -> Floats:
    """
    Give rows that say the same in two languages the same figures.

    Parameters
    ----------
    table : ndarray of float64, shape (n, k)
        Of each row.
    twins : ndarray of int64, shape (m, 2)
        A translation and the row that it translates, which may have several.

    Returns
    -------
    ndarray of float64, shape (n, k)
        The mean of each such group in all of its rows.
    """
    group = np.arange(len(table))
    group[twins[:, 0]] = twins[:, 1]
    members = np.flatnonzero(np.bincount(group, minlength=len(table))[group] > 1)
    sums = np.zeros_like(table)
    np.add.at(sums, group[members], table[members])
    shared = table.copy()
    shared[members] = (sums / np.maximum(np.bincount(group, minlength=len(table)), 1)[:, None])[group[members]]
    return shared


def softmax(log_evidence: Floats) -> Floats:
    """
    Turn log-evidence into posteriors under equal shares.

    Parameters
    ----------
    log_evidence : ndarray of float64, shape (n, k)
        Up to a constant a row; at least one finite.

    Returns
    -------
    ndarray of float64, shape (n, k)
        Rows add to 1.
    """
    weights = np.exp(log_evidence - log_evidence.max(axis=1, keepdims=True))
    posterior: Floats = weights / weights.sum(axis=1, keepdims=True)
    return posterior
