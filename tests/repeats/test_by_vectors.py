import numpy as np
import pytest

from topicgpu.repeats.by_vectors import pairs_by_vectors
from topicgpu.repeats.order import Side

D = 64


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def meanings(n, n_subjects, seed):
    """Texts that share a subject with many others, so that the nearest of each is only alike."""
    rng = np.random.default_rng(seed)
    subjects = rng.normal(size=(n_subjects, D))
    return subjects[rng.integers(n_subjects, size=n)] + 0.8 * rng.normal(size=(n, D))


def spoken(meaning, language, seed):
    """What an encoder makes of them: much of a vector is the language, and a translation is not the same vector."""
    rng = np.random.default_rng([language, seed])
    return unit(
        meaning + 0.25 * rng.normal(size=meaning.shape) + 12 * np.random.default_rng(language).normal(size=D) / 8
    )


def side(n, texts=None, source=None):
    return Side(texts or ["no figures"] * n, [source or str(place) for place in range(n)])


def found(left, right, left_side=None, right_side=None):
    pairs = pairs_by_vectors(left, right, left_side or side(len(left)), right_side or side(len(right)), "cpu")
    return {(row, other) for row, other, _ in pairs}


@pytest.mark.parametrize(("n", "seed"), [(300, 0), (300, 1), (120, 2)])
def test_translations_are_found_and_what_is_only_alike_is_not(n, seed):
    meaning = meanings(2 * n, 10, seed)
    pairs = found(spoken(meaning[:n], 1, seed), spoken(meaning[n // 2 : n // 2 + n], 2, seed))
    right = {(row, row - n // 2) for row in range(n // 2, n)}
    # Here texts of two languages come as near as those of one, so that the share of false pairs is what the rule says.
    assert len(pairs - right) <= 0.1 * len(pairs)
    assert len(pairs & right) > 0.9 * len(right)


@pytest.mark.parametrize("seed", range(5))
def test_without_translations_nothing_is_found(seed):
    meaning = meanings(600, 10, seed)
    assert len(found(spoken(meaning[:300], 1, seed), spoken(meaning[300:], 2, seed))) <= 1


def test_numbers_that_differ_speak_against_a_pair():
    meaning = meanings(100, 5, 0)
    left, right = spoken(meaning, 1, 0), spoken(meaning, 2, 0)
    texts = [f"{1000 + 7 * row} of them" for row in range(100)]
    others = [f"{1000 + 7 * row + (row < 50)} davon" for row in range(100)]
    pairs = found(left, right, side(100, texts), side(100, others))
    assert min(row for row, _ in pairs) == 50
    assert len(pairs) > 45


def test_in_order_one_row_may_be_the_twin_of_two():
    """The left language cuts every fifth text in two halves; each is near the whole."""
    meaning = meanings(60, 6, 0)
    rng = np.random.default_rng(1)
    halves, whole = [], []
    for row, text in enumerate(meaning):
        part = 1.1 * rng.normal(size=D)
        for half in (text + part, text - part) if row % 5 == 0 else (text,):
            halves.append(half)
            whole.append(row)
    left, right = spoken(np.array(halves), 1, 0), spoken(meaning, 2, 0)
    apart = found(left, right)
    ordered = found(left, right, side(len(left), source="a"), side(60, source="b"))
    assert apart < ordered
    assert all(whole[row] == other for row, other in ordered)
    twins = [other for _, other in ordered]
    assert any(twins.count(other) == 2 for other in twins)


def test_a_handful_of_rows_says_nothing():
    meaning = meanings(7, 2, 0)
    assert found(spoken(meaning, 1, 0), spoken(meaning, 2, 0)) == set()


def test_rows_that_are_all_the_same_pair_nothing():
    same = unit(np.ones((20, D)))
    with np.errstate(invalid="raise"):
        assert found(same, same) == set()
