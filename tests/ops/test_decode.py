"""Smoothing along sequences, against every path of states there is."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicgpu.errors import ShapeError
from topicgpu.ops.decode import decode


def every_path(log_evidence, stay):
    """Posteriors by summing the joint probability of all k ** n paths."""
    n, k = log_evidence.shape
    posterior = np.zeros((n, k))
    for path in product(range(k), repeat=n):
        weight = 1 / k * np.exp(sum(log_evidence[row, state] for row, state in enumerate(path)))
        for before, after in pairwise(path):
            weight *= stay * (before == after) + (1 - stay) / k
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
    np.testing.assert_allclose(decoded.posterior, every_path(evidence, decoded.stay[0]), atol=1e-12)


def test_persistence_moves_a_posterior_towards_its_neighbors():
    states = np.repeat([0, 1, 0, 1], 8)
    evidence = evidence_of(states, 2, 3.0, np.random.default_rng(0))
    evidence[12] = [0.2, 0.0]  # alone it would be 0, in the middle of a run of 1
    decoded = decode(evidence, [32])
    assert decoded.stay[0] > 0.3
    np.testing.assert_allclose(decoded.posterior[:10], by_matrices(evidence, decoded.stay[0])[:10], atol=1e-9)
    assert decoded.posterior[12].argmax() == 1


def by_matrices(evidence, stay):
    """The same posteriors by matrices in place of paths: forward and backward messages, unscaled."""
    n, k = evidence.shape
    step = stay * np.eye(k) + (1 - stay) / k
    likelihood = np.exp(evidence)
    forward, backward = np.empty((n, k)), np.ones((n, k))
    forward[0] = likelihood[0] / k
    for row in range(1, n):
        forward[row] = forward[row - 1] @ step * likelihood[row]
    for row in range(n - 2, -1, -1):
        backward[row] = step @ (likelihood[row + 1] * backward[row + 1])
    joint = forward * backward
    return joint / joint.sum(axis=1, keepdims=True)


def test_stay_of_clear_states_is_shrunken_kappa():
    states = np.repeat([0, 1], 20)
    evidence = np.where(np.eye(2)[states] == 1, 0.0, -200.0)
    kappa = (38 / 39 - 0.5) / 0.5
    assert decode(evidence, [40]).stay[0] == pytest.approx(kappa * 39 / (39 + 10), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_order_is_used_where_it_carries_something_and_only_there(seed):
    rng = np.random.default_rng(seed)
    states = np.repeat(rng.integers(0, 5, 100), 10)
    evidence = evidence_of(states, 5, 3.0, rng)
    shuffled = evidence[rng.permutation(len(evidence))]
    assert decode(evidence, [1000]).stay[0] > 0.6
    assert decode(shuffled, [1000]).stay[0] < 0.1


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
    posterior, stay = decode(evidence, [20_000])
    np.testing.assert_allclose(posterior.sum(axis=1), 1, atol=1e-9)
    assert (posterior >= 0).all()
    assert stay[0] == pytest.approx(0.85, abs=0.15)
    assert (posterior.argmax(axis=1) == states).mean() > 0.99


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(0, 1000))
@settings(deadline=None)
def test_many_sequences_are_each_decoded_as_if_alone(lengths, seed):
    rng = np.random.default_rng(seed)
    evidence = evidence_of(np.arange(sum(lengths)) // 4 % 3, 3, 2.0, rng)
    together = decode(evidence, lengths)
    start = 0
    for place, length in enumerate(lengths):
        alone = decode(evidence[start : start + length], [length])
        np.testing.assert_allclose(together.posterior[start : start + length], alone.posterior, atol=1e-12)
        assert together.stay[place] == pytest.approx(alone.stay[0], abs=1e-12)
        start += length


def test_only_differences_within_a_row_matter():
    rng = np.random.default_rng(1)
    evidence = evidence_of(np.arange(20) // 5, 4, 2.0, rng)
    moved = evidence + 1e4 * rng.normal(size=(20, 1))
    np.testing.assert_allclose(decode(moved, [12, 8]).posterior, decode(evidence, [12, 8]).posterior, atol=1e-9)


def test_one_row_and_no_rows():
    one = decode(np.log([[0.2, 0.3, 0.5]]), [1])
    np.testing.assert_allclose(one.posterior, [[0.2, 0.3, 0.5]])
    assert one.stay.tolist() == [0.0]
    none = decode(np.zeros((0, 3)), [])
    assert none.posterior.shape == (0, 3)
    assert len(none.stay) == 0


@pytest.mark.parametrize("lengths", [[2], [4], [3, 0], [4, -1], []])
def test_lengths_must_cover_the_rows(lengths):
    with pytest.raises(ShapeError, match="lengths of decode must be positive and add to 3"):
        decode(np.zeros((3, 2)), lengths)
