"""Smoothing along sequences, against every path of states there is."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicgpu.errors import ShapeError
from topicgpu.ops.decode import decode


def every_path(log_evidence, lift):
    """Posteriors by summing the weight of all k ** n paths."""
    n, k = log_evidence.shape
    posterior = np.zeros((n, k))
    for path in product(range(k), repeat=n):
        weight = np.exp(sum(log_evidence[row, state] for row, state in enumerate(path)))
        for before, after in pairwise(path):
            weight *= lift[before, after]
        for row, state in enumerate(path):
            posterior[row, state] += weight
    return posterior / posterior.sum(axis=1, keepdims=True)


def evidence_of(states, k, strength, rng):
    evidence = rng.normal(size=(len(states), k))
    evidence[np.arange(len(states)), states] += strength
    return evidence


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.integers(1, 4), st.floats(0.1, 5), st.integers(0, 10_000))
def test_posteriors_are_those_of_all_paths(n, k, strength, seed):
    rng = np.random.default_rng(seed)
    evidence = evidence_of(np.arange(n) // 3 % k, k, strength, rng)
    decoded = decode(evidence, [n])
    np.testing.assert_allclose(decoded.posterior, every_path(evidence, decoded.lift), atol=1e-12)


def test_a_row_in_the_middle_of_a_run_is_moved_towards_it():
    states = np.repeat([0, 1, 0, 1], 8)
    evidence = evidence_of(states, 2, 3.0, np.random.default_rng(0))
    evidence[12] = [0.2, 0.0]  # alone it would be 0, in the middle of a run of 1
    decoded = decode(evidence, [32])
    assert decoded.lift[0, 0] > 1 > decoded.lift[0, 1]
    assert decoded.posterior[12].argmax() == 1


def test_states_that_follow_each_other_in_turn_are_learned():
    states = np.arange(300) % 3
    evidence = evidence_of(states, 3, 3.0, np.random.default_rng(1))
    evidence[100] = 0.0
    decoded = decode(evidence, [30] * 10)
    assert decoded.lift.argmax(axis=1).tolist() == [1, 2, 0]
    assert decoded.posterior[100].argmax() == 100 % 3
    assert decoded.posterior[100].max() > 0.9


def test_the_lift_of_clear_states_is_the_shrunken_ratio_of_counts():
    states = np.repeat([0, 1], 20)
    evidence = np.where(np.eye(2)[states] == 1, 0.0, -200.0)
    pairs = np.array([[19, 1], [0, 19]])
    chance = np.outer(pairs.sum(axis=1), pairs.sum(axis=0)) / 39
    same, other = (38 + 10) / (np.trace(chance) + 10), (1 + 10) / (39 - np.trace(chance) + 10)
    kind = np.array([[same, other], [other, same]])
    np.testing.assert_allclose(decode(evidence, [40]).lift, (pairs + 10 * kind) / (chance + 10), atol=1e-9)


def test_a_state_that_a_row_cannot_be_in_stays_impossible():
    evidence = np.zeros((20, 3))
    evidence[:, 0] = 2.0
    evidence[7, 0] = -np.inf
    assert decode(evidence, [20]).posterior[7, 0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_order_is_used_where_it_carries_something_and_only_there(seed):
    rng = np.random.default_rng(seed)
    states = np.repeat(rng.integers(0, 5, 100), 10)
    evidence = evidence_of(states, 5, 3.0, rng)
    shuffled = evidence[rng.permutation(len(evidence))]
    assert np.diag(decode(evidence, [1000]).lift).min() > 2
    np.testing.assert_allclose(decode(shuffled, [1000]).lift, 1, atol=0.35)


def test_smoothing_finds_more_of_the_true_states_and_rows_alone_no_less():
    rng = np.random.default_rng(3)
    states = np.repeat(rng.integers(0, 4, 60), 12)
    evidence = evidence_of(states, 4, 1.5, rng)
    right = (decode(evidence, [len(states)]).posterior.argmax(axis=1) == states).mean()
    alone = (evidence.argmax(axis=1) == states).mean()
    assert right > alone + 0.05
    order = rng.permutation(len(states))
    shuffled = (decode(evidence[order], [len(states)]).posterior.argmax(axis=1) == states[order]).mean()
    assert shuffled > alone - 0.02


def test_long_sequences_and_strong_evidence_do_not_underflow():
    rng = np.random.default_rng(0)
    states = np.repeat(rng.integers(0, 3, 2000), 10)
    evidence = -1000.0 * rng.random((20_000, 3))
    evidence[np.arange(20_000), states] = 0.0
    posterior, lift = decode(evidence, [20_000])
    np.testing.assert_allclose(posterior.sum(axis=1), 1, atol=1e-9)
    assert (posterior >= 0).all()
    assert np.diag(lift).min() > 2
    assert (posterior.argmax(axis=1) == states).mean() > 0.99


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(0, 1000))
@settings(deadline=None)
def test_many_sequences_share_their_lifts_and_nothing_else(lengths, seed):
    rng = np.random.default_rng(seed)
    evidence = evidence_of(np.arange(sum(lengths)) // 4 % 3, 3, 2.0, rng)
    together = decode(evidence, lengths)
    start = 0
    for length in lengths:
        rows = slice(start, start := start + length)
        np.testing.assert_allclose(together.posterior[rows], every_path(evidence[rows], together.lift), atol=1e-12)


def test_only_differences_within_a_row_matter():
    rng = np.random.default_rng(1)
    evidence = evidence_of(np.arange(20) // 5, 4, 2.0, rng)
    moved = evidence + 1e4 * rng.normal(size=(20, 1))
    np.testing.assert_allclose(decode(moved, [12, 8]).posterior, decode(evidence, [12, 8]).posterior, atol=1e-9)


def test_one_row_and_no_rows():
    one = decode(np.log([[0.2, 0.3, 0.5]]), [1])
    np.testing.assert_allclose(one.posterior, [[0.2, 0.3, 0.5]])
    assert (one.lift == 1).all()
    none = decode(np.zeros((0, 3)), [])
    assert none.posterior.shape == (0, 3)


@pytest.mark.parametrize("lengths", [[2], [4], [3, 0], [4, -1], []])
def test_lengths_must_cover_the_rows(lengths):
    with pytest.raises(ShapeError, match="lengths of decode must be positive and add to 3"):
        decode(np.zeros((3, 2)), lengths)
