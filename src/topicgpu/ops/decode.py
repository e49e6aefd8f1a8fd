"""Which state each row of a sequence is in, given that neighbors in the sequence tend to share one.

A hidden Markov chain with the simplest transition: with probability `stay` a row keeps the state of the row before,
otherwise it draws one of the k states at random. `stay` is measured for each sequence before anything is smoothed: how
much more often than by chance neighbors agree. So smoothing switches itself off where order carries nothing, in a list
of unrelated items as in shuffled rows.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from topicgpu.errors import ShapeError
from topicgpu.types import Floats, Ints

# Agreement measured on few pairs of neighbors is mostly luck: it counts as if this many more pairs agreed by chance.
_PAIRS_OF_CHANCE = 10.0
_MOST = 0.95


class Decoded(NamedTuple):
    """Posteriors of the rows and the persistence of the sequences."""

    posterior: Floats  # (n, k), rows sum to 1
    stay: Floats  # (number of sequences,), in [0, 0.95]


def decode(log_evidence: Floats, lengths: Sequence[int]) -> Decoded:
    """
    Smooth evidence for k states along sequences of rows.

    Parameters
    ----------
    log_evidence : ndarray of float64, shape (n, k)
        Log-likelihood of each row under each state, up to a constant a row.
    lengths : sequence of int
        Rows of each sequence, in order; they add to n.

    Returns
    -------
    Decoded
        Posterior of each state for each row, and the probability of staying, for each sequence.

    Raises
    ------
    ShapeError
        If the lengths do not add to n.

    Notes
    -----
    Time and memory O(n k). All sequences advance together, row by row. `stay` is Cohen's kappa between the soft states
    of neighbors, a cautious estimate: noise in the evidence makes it smaller than the true persistence.

    References
    ----------
    .. [1] L. R. Rabiner, A tutorial on hidden Markov models, Proceedings of the IEEE, 1989: equations 19 to 27.
    .. [2] J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement, 1960.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    n = len(log_evidence)
    if sizes.sum() != n or (sizes < 1).any():
        raise ShapeError(f"lengths of decode must be positive and add to {n}; got {sizes.tolist()[:5]}...")
    evidence = np.exp(log_evidence - log_evidence.max(axis=1, keepdims=True))
    alone = evidence / evidence.sum(axis=1, keepdims=True)
    stay = _persistence(alone, sizes)
    return Decoded(_forward_backward(evidence, _steps(sizes), stay), stay)


def _persistence(states: Floats, sizes: Ints) -> Floats:
    starts = np.cumsum(sizes) - sizes
    stay = np.zeros(len(sizes))
    for sequence, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        rows = states[start : start + size]
        pairs = size - 1
        shares = rows.mean(axis=0)
        chance = float(shares @ shares)
        itself = float((rows * rows).sum(axis=1).mean())  # how far soft states can agree at all
        if pairs == 0 or itself - chance < 1e-9:
            continue
        agreement = float((rows[:-1] * rows[1:]).sum(axis=1).mean())
        kappa = (agreement - chance) / (itself - chance)
        stay[sequence] = kappa * pairs / (pairs + _PAIRS_OF_CHANCE)
    return stay.clip(0.0, _MOST)


def _steps(sizes: Ints) -> list[tuple[Ints, Ints]]:
    """For each step, the sequences that reach it and their rows; the longest first, so that each step is a prefix."""
    starts = np.cumsum(sizes) - sizes
    order = np.argsort(-sizes, kind="stable")
    reach = np.searchsorted(-sizes[order], -np.arange(sizes.max(initial=0)), side="left")
    return [(order[:count], starts[order[:count]] + step) for step, count in enumerate(reach)]


def _forward_backward(evidence: Floats, steps: list[tuple[Ints, Ints]], stay: Floats) -> Floats:
    k = evidence.shape[1]
    forward = np.empty_like(evidence)
    scale = np.empty((len(evidence), 1))
    for step, (sequences, rows) in enumerate(steps):
        keep = stay[sequences, None]
        prior = keep * forward[rows - 1] + (1 - keep) / k if step else np.full((len(rows), k), 1 / k)
        joint = prior * evidence[rows]
        scale[rows] = joint.sum(axis=1, keepdims=True)
        forward[rows] = joint / scale[rows]
    backward = np.ones_like(evidence)
    for sequences, rows in reversed(steps[1:]):
        keep = stay[sequences, None]
        message = evidence[rows] * backward[rows] / scale[rows]
        backward[rows - 1] = keep * message + (1 - keep) * message.mean(axis=1, keepdims=True)
    return forward * backward
