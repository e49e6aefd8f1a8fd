"""Where passages begin: on vectors whose subjects are known."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.segment.test_cut import joined, tokens

from topicgpu.config import SegmentSection
from topicgpu.errors import ConfigError, ShapeError
from topicgpu.segment import segment
from topicgpu.segment.passages import _best_partition, _graph, _prices, find_passages

DIMENSION = 256


def talk(lengths, noise=1.5, seed=0, subjects=0):
    """Unit vectors of sentences: each subject has a direction of its own, and each sentence strays from it."""
    rng = np.random.default_rng(seed)
    directions = np.random.default_rng(subjects).standard_normal((len(lengths), DIMENSION)) / np.sqrt(DIMENSION)
    strays = noise * rng.standard_normal((sum(lengths), DIMENSION)) / np.sqrt(DIMENSION)
    vectors = np.repeat(directions, lengths, axis=0) + strays
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def passages(vectors, texts=None, n_words=None, turns=None):
    n = len(vectors)
    return find_passages(
        texts or ["word"] * n,
        vectors,
        np.full(n, 20) if n_words is None else n_words,
        np.zeros(n, dtype=np.int64) if turns is None else turns,
    )


def begins(numbers):
    return (np.flatnonzero(np.diff(numbers)) + 1).tolist()


def test_passages_begin_where_subjects_change():
    for seed in range(5):
        assert begins(passages(talk([20, 35, 12, 40], seed=seed))) == [20, 55, 67]


def test_a_subject_that_comes_back_is_another_passage():
    again = np.concatenate([talk([25, 25]), talk([25, 1], seed=1)[:25]])
    assert begins(passages(again)) == [25, 50]


def test_one_subject_is_one_passage():
    assert [begins(passages(talk([120], seed=seed))) for seed in range(6)] == [[]] * 6


def test_order_without_meaning_makes_fewer_passages():
    """Chance puts sentences on one subject side by side, so some stay."""
    found, by_chance = 0, 0
    for seed in range(6):
        vectors = talk([30, 30, 30, 30], seed=seed)
        found += len(begins(passages(vectors)))
        by_chance += len(begins(passages(vectors[np.random.default_rng(seed).permutation(120)])))
    assert found == 18
    assert by_chance <= 9


def test_a_short_digression_is_no_passage():
    subject, aside = talk([40]), talk([2], subjects=3)
    assert begins(passages(np.concatenate([subject[:20], aside, subject[20:]]))) == []


def test_the_length_of_a_source_changes_nothing():
    subjects = [talk([30, 30], seed=seed) for seed in range(12)]
    alone = [begins(passages(vectors)) for vectors in subjects]
    assert alone == [[30]] * 12
    together = begins(passages(np.concatenate(subjects)))
    assert np.abs(np.array(together) - np.arange(30, 720, 30)).max() <= 1


def test_sentences_that_no_encoder_serves_are_no_evidence():
    vectors = talk([20, 20])
    silent = np.zeros((7, DIMENSION), dtype=np.float32)
    assert begins(passages(np.concatenate([vectors[:10], silent, vectors[10:]]))) == [27]
    assert begins(passages(np.zeros((50, DIMENSION), dtype=np.float32))) == []


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_a_few_sentences_are_one_passage(n):
    assert passages(talk([n])).tolist() == [0] * n


def test_equal_sentences_are_one_passage():
    assert begins(passages(np.repeat(talk([1]), 80, axis=0))) == []


def test_what_is_known_beside_the_words_changes_the_price():
    n_words = np.array([50, 5, 5, 5])
    plain = _prices(["a"] * 4, n_words, np.zeros(4, dtype=np.int64))
    assert len(set(plain)) == 1
    cued = _prices(["a", "So let's talk about roofs.", "a", "a"], n_words, np.zeros(4, dtype=np.int64))
    assert cued[1] < plain[1]
    assert cued[2] == plain[2]
    dialogue = _prices(["a", "b", "c", "d?"], n_words, np.array([0, 1, 1, 2]))
    assert dialogue[2] > dialogue[1]  # inside a turn
    assert dialogue[3] == dialogue[1]  # one asks, the other comes after a long turn
    assert _prices(["a", "b", "c", "d"], n_words, np.array([0, 1, 1, 2]))[3] > dialogue[3]


def test_columns_of_other_lengths_raise():
    with pytest.raises(ShapeError, match="one length; got \\[2, 3\\]"):
        find_passages(["a", "b"], talk([3]), np.ones(3, dtype=np.int64), np.zeros(3, dtype=np.int64))


def worth(graph, price, starts, resolution):
    """The quality of a partition by its definition, edge by edge."""
    bounds = [*starts, len(price)]
    weights = graph.weights.toarray()
    total = 0.0
    for start, stop in pairwise(bounds):
        for one in range(start, stop):
            for other in range(start, stop):
                total += weights[one, other] - resolution * graph.expectation[one] * graph.expectation[other]
        total -= price[start] if start else 0
    return total


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 9), st.integers(0, 10_000))
def test_no_partition_is_better(n, seed):
    from topicgpu.segment.passages import _RESOLUTION

    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((n, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    graph = _graph(vectors, rng.integers(1, 30, n))
    price = rng.uniform(0, 0.5, n)
    found = _best_partition(graph, price)
    every = [(0, *inner) for size in range(n) for inner in combinations(range(1, n), size)]
    best = max(worth(graph, price, starts, _RESOLUTION) for starts in every)
    assert worth(graph, price, found.tolist(), _RESOLUTION) == pytest.approx(best, abs=1e-6)


def test_segments_end_with_their_passage():
    words = [f"{'roof' if n < 30 else 'goat'} {n} is said about as long as this one here." for n in range(60)]
    sources = joined([(" ".join(words), "speech", None)])

    def encode(texts, languages):
        assert languages == ["en"] * len(texts)
        one, other = talk([1, 1], noise=0)
        return np.stack([one if text.startswith("roof") else other for text in texts])

    segments = segment(sources, tokens, SegmentSection(), 10_000, encode)
    assert sorted(set(segments.passage)) == [0, 1]
    for text, passage in zip(segments.text, segments.passage, strict=True):
        assert ("goat" in text, "roof" in text) == (passage == 1, passage == 0)
    by_length = segment(sources, tokens, SegmentSection(method="length"), 10_000)
    assert set(by_length.passage) == {-1}
    assert any("goat" in text and "roof" in text for text in by_length.text) or len(by_length) == len(segments)


def test_passages_need_an_encoder():
    with pytest.raises(ConfigError, match="needs an encoder"):
        segment(joined([("Some words.", "speech", None)]), tokens, SegmentSection(), 100)


def test_each_turn_may_be_one_segment():
    parts = [
        ("Yes.", "speech", "Ann"),
        (" ".join(["A long answer it is."] * 60), "speech", "Bob"),
        ("Well.", "item", None),
    ]
    segments = segment(joined(parts, between="\n\n"), tokens, SegmentSection(method="turn"), 10_000)
    assert segments.text == tuple(words for words, _, _ in parts)
    assert segments.speaker == ("Ann", "Bob", None)
    limited = segment(joined(parts, between="\n\n"), tokens, SegmentSection(method="turn"), 500)
    assert limited.n_tokens.max() <= 500
    assert len(limited) > 3


def cut_by_passage(sources):
    """Sentences with "goat" are on one subject, all others on another."""
    one, other = talk([1, 1], noise=0)

    def encode(texts, languages):
        return np.array([other if "goat" in text else one for text in texts], dtype=np.float32).reshape(-1, DIMENSION)

    return segment(sources, tokens, SegmentSection(), 10_000, encode)


def test_each_list_item_is_a_passage_of_its_own():
    item = "This item is as long as a sentence may well be and has no other near it at all, so it stands alone."
    parts = [(f"{item} {n}", "item", None) for n in range(6)]
    assert cut_by_passage(joined(parts)).passage.tolist() == list(range(6))
    between = [("Some speech before.", "speech", None), *parts[:2], ("Some speech after.", "speech", None)]
    assert cut_by_passage(joined(between, between="\n\n")).passage.tolist() == [0, 1, 2, 3]


def test_a_heading_or_a_stage_direction_makes_no_dialogue():
    from topicgpu.segment.runs import find_runs

    sources = joined(
        [("A talk begins here.", "speech", "Ann"), ("It goes on there.", "speech", "Ann")], "\n[applause]\n"
    )
    runs = find_runs(sources, 0, [0, 1], SegmentSection())
    assert [(run.rows, run.turn) for run in runs] == [([0], 0), ([1], 0)]
    sources = joined([("A talk begins here.", "speech", "Ann"), ("It goes on there.", "speech", "Bob")], "\nBob: ")
    assert [run.turn for run in find_runs(sources, 0, [0, 1], SegmentSection())] == [0, 1]
    sources = joined([("Who is there?", "speech", None), ("It is me.", "speech", None)], "\n>> ")
    assert [run.turn for run in find_runs(sources, 0, [0, 1], SegmentSection())] == [0, 1]


def test_turns_that_adjoin_are_joined_only_where_they_are_captions_or_pages():
    from dataclasses import replace

    sources = joined([("What made you leave?", "speech", None), ("Ten years were enough.", "speech", None)], "\n\n")
    assert len(cut_by_passage(sources)) == 1
    plain = replace(sources, turns=replace(sources.turns, locator=(None, None)))
    assert cut_by_passage(plain).text == ("What made you leave?", "Ten years were enough.")
