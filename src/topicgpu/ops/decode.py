"""Which state each row of a sequence is in, given which states tend to follow each other.

A chain with one number a pair of states: its lift, how much more often than by chance the one stands before the other.
Lifts are learned from the sequences themselves, all together. Where order carries nothing, in a list of unrelated items
as in shuffled rows, they come out at about 1 and the rows stay as they are: smoothing switches itself off.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import ShapeError
from topicgpu.types import Floats, Ints

# Pairs that each lift is believed to have been seen in already, at the rate of its kind: few pairs are mostly luck.
_PAIRS_BEFORE = 10.0
_ROUNDS = 5


class Decoded(NamedTuple):
    """Posteriors of the rows, and what was learned about their order."""

    posterior: Floats  # (n, k), rows sum to 1
    lift: Floats  # (k, k): of a row's state (first axis) for the next row's; 1 is chance


def decode(log_evidence: Floats, lengths: Sequence[int]) -> Decoded:
    """
    Smooth evidence for k states along sequences of rows.

    Parameters
    ----------
    log_evidence : ndarray of float64, shape (n, k)
        Log-likelihood of each row under each state, up to a constant a row; -inf where a row can't be in a state.
    lengths : sequence of int
        Rows of each sequence, in order; they add to n.

    Returns
    -------
    Decoded
        Posterior of each state for each row, and the lifts.

    Raises
    ------
    ShapeError
        If the lengths do not add to n.

    Notes
    -----
    Five rounds of expectation maximisation, each O(n k^2); all sequences advance together, row by row. A lift is
    (N + c p) / (E + c): the expected number N of such pairs over the number E by chance, drawn towards the lift p of
    its kind (the same state again, or another one), which is drawn towards 1 in the same way; c = 10 pairs. Shares of
    the states play no part, so a state does not win because it is frequent.

    References
    ----------
    .. [1] L. R. Rabiner, A tutorial on hidden Markov models, Proceedings of the IEEE, 1989: equations 19 to 27, 37.
    .. [2] W. DuMouchel, Bayesian data mining in large frequency tables, The American Statistician, 1999: shrunken
       ratios of observed to expected counts.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    n, k = log_evidence.shape
    if sizes.sum() != n or (sizes < 1).any():
        raise ShapeError(f"lengths of decode must be positive and add to {n}; got {sizes.tolist()[:5]}...")
    evidence = np.exp(log_evidence - log_evidence.max(axis=1, keepdims=True, initial=-np.inf))
    posterior, lift = evidence / evidence.sum(axis=1, keepdims=True), np.ones((k, k))
    if (sizes > 1).any():
        steps = _steps(sizes)
        followers = np.setdiff1d(np.arange(n), np.cumsum(sizes) - sizes)
        for _ in range(_ROUNDS):
            posterior, pairs = _forward_backward(evidence, steps, followers, lift)
            lift = _shrunken(pairs)
        posterior, _ = _forward_backward(evidence, steps, followers, lift)
    return Decoded(posterior, lift)


def _shrunken(pairs: Floats) -> Floats:
    by_chance = np.outer(pairs.sum(axis=1), pairs.sum(axis=0)) / pairs.sum()
    same = np.eye(len(pairs), dtype=bool)
    kind = np.where(same, _ratio(pairs[same].sum(), by_chance[same].sum()), 1.0)
    if len(pairs) > 1:
        kind[~same] = _ratio(pairs[~same].sum(), by_chance[~same].sum())
    lift: Floats = (pairs + _PAIRS_BEFORE * kind) / (by_chance + _PAIRS_BEFORE)
    return lift


def _ratio(seen: float, by_chance: float) -> float:
    return float((seen + _PAIRS_BEFORE) / (by_chance + _PAIRS_BEFORE))


def _steps(sizes: Ints) -> list[Ints]:
    """For each step, the rows that the sequences which reach it are at; the longest first, so each step is a prefix."""
    starts = np.cumsum(sizes) - sizes
    order = np.argsort(-sizes, kind="stable")
    reach = np.searchsorted(-sizes[order], -np.arange(sizes.max(initial=0)), side="left")
    return [starts[order[:count]] + step for step, count in enumerate(reach)]


def _forward_backward(
    evidence: Floats, steps: Sequence[NDArray[np.int64]], followers: Ints, lift: Floats
) -> tuple[Floats, Floats]:
    """Posteriors (n, k), and the expected number of each pair of successive states (k, k)."""
    forward, backward = np.empty_like(evidence), np.ones_like(evidence)
    scale = np.empty((len(evidence), 1))
    for step, rows in enumerate(steps):
        joint = evidence[rows] * (forward[rows - 1] @ lift) if step else evidence[rows]
        scale[rows] = joint.sum(axis=1, keepdims=True)
        forward[rows] = joint / scale[rows]
    for rows in reversed(steps[1:]):
        backward[rows - 1] = (evidence[rows] * backward[rows] / scale[rows]) @ lift.T
    pairs = lift * (forward[followers - 1].T @ (evidence[followers] * backward[followers] / scale[followers]))
    posterior = forward * backward
    return posterior / posterior.sum(axis=1, keepdims=True), pairs
