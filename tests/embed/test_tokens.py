"""Texts to token ids: all of them, in pieces that fit, with what belongs around each piece."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.embed.load import load_tokenizer
from topicgpu.embed.tokens import Tokens

WORDS = "the rocket of bread oven flour dough soil seed rain plant ship sail wind harbour".split()
PROMPT = "we win: "


@pytest.fixture(scope="module")
def tokenizer(tiny_model):
    return load_tokenizer(tiny_model)


@pytest.fixture(scope="module")
def bare(tiny_model):
    """The same without special tokens."""
    from tokenizers import processors

    tokenizer = load_tokenizer(tiny_model)
    tokenizer.backend_tokenizer.post_processor = processors.Sequence([])
    return tokenizer


@pytest.fixture(scope="module")
def ended(tiny_model):
    """The same with a special token at the end alone."""
    from tokenizers import processors

    tokenizer = load_tokenizer(tiny_model)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A [SEP]", special_tokens=[("[SEP]", tokenizer.convert_tokens_to_ids("[SEP]"))]
    )
    return tokenizer


@pytest.fixture(params=["tokenizer", "bare", "ended"])
def any_tokenizer(request):
    return request.getfixturevalue(request.param)


def ids(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False)


def around(tokenizer, prompt):
    """What must stand before and after each piece."""
    empty = tokenizer("")["input_ids"]
    before = [token for token in empty if token == tokenizer.convert_tokens_to_ids("[CLS]")]
    return before + ids(tokenizer, prompt), empty[len(before) :]


def words(count, seed=0):
    return " ".join(np.random.default_rng(seed).choice(WORDS, count))


@pytest.mark.parametrize("prompt", ["", PROMPT])
@pytest.mark.parametrize("limit", [16, 21, 50])
@pytest.mark.parametrize("count", [60, 61, 100, 257])
def test_windows_cover_each_token_once_and_are_alike_in_length(any_tokenizer, prompt, limit, count):
    tokens, text = Tokens(any_tokenizer, prompt), words(count)
    pieces = tokens.cut(tokens.tokenize([text]), limit, windows=True)
    before, after = around(any_tokenizer, prompt)
    bodies = []
    for piece in pieces.sequences:
        assert len(piece) <= limit
        assert piece[: len(before)].tolist() == before
        assert piece[len(piece) - len(after) :].tolist() == after
        bodies.append(piece[len(before) : len(piece) - len(after)].tolist())
    assert list(chain.from_iterable(bodies)) == ids(any_tokenizer, text)
    lengths = list(map(len, bodies))
    assert max(lengths) - min(lengths) <= 1
    assert len(bodies) == -(-count // (limit - len(before) - len(after)))  # no more than it takes
    assert pieces.text.tolist() == [0] * len(bodies)
    assert pieces.weight.tolist() == lengths
    assert tokens.n_around == len(before) + len(after)


@pytest.mark.parametrize("prompt", ["", PROMPT])
def test_truncation_keeps_the_beginning_as_the_tokenizer_does(any_tokenizer, prompt):
    tokens, text = Tokens(any_tokenizer, prompt), words(100)
    pieces = tokens.cut(tokens.tokenize([text]), 30, windows=False)
    expected = any_tokenizer(prompt + text, truncation=True, max_length=30)["input_ids"]
    any_tokenizer.backend_tokenizer.no_truncation()
    assert [piece.tolist() for piece in pieces.sequences] == [expected]


@pytest.mark.parametrize("windows", [True, False])
def test_a_text_at_the_limit_is_whole_and_one_over_it_is_not(tokenizer, windows):
    tokens = Tokens(tokenizer, PROMPT)
    fits, over = words(24), words(25)
    assert tokens.tokenize([fits, over]).lengths.tolist() == [29, 30]
    pieces = tokens.cut(tokens.tokenize([fits, over, fits]), 29, windows)
    assert pieces.text.tolist() == ([0, 1, 1, 2] if windows else [0, 1, 2])
    assert pieces.sequences[0].tolist() == tokenizer(PROMPT + fits)["input_ids"]
    assert pieces.weight.tolist() == ([1, 13, 12, 1] if windows else [1, 24, 1])


def test_counts_are_of_the_whole_text_with_special_tokens_and_prompt(tokenizer, bare, ended):
    texts = ["", "bread", words(700)]
    for tokens, counts in (
        (Tokens(tokenizer, ""), [2, 3, 702]),
        (Tokens(tokenizer, PROMPT), [5, 6, 705]),
        (Tokens(bare, ""), [0, 1, 700]),
        (Tokens(ended, PROMPT), [4, 5, 704]),
    ):
        assert tokens.tokenize(texts).lengths.tolist() == counts
    assert Tokens(tokenizer, "").tokenize([]).lengths.tolist() == []


def test_an_empty_text_has_its_special_tokens_or_one_that_stands_for_nothing(tokenizer, bare):
    for given_tokenizer, expected in ((tokenizer, tokenizer("")["input_ids"]), (bare, [bare.pad_token_id])):
        tokens = Tokens(given_tokenizer, "")
        pieces = tokens.cut(tokens.tokenize([""]), 16, windows=True)
        assert [piece.tolist() for piece in pieces.sequences] == [expected]
        assert pieces.text.tolist() == [0]


def test_a_prompt_that_the_first_word_joins_is_not_repeated(tokenizer):
    tokens = Tokens(tokenizer, "rock")
    text = "et " + words(40)
    pieces = tokens.cut(tokens.tokenize([text]), 16, windows=True)
    bodies = [piece[1:-1].tolist() for piece in pieces.sequences]
    assert list(chain.from_iterable(bodies)) == ids(
        tokenizer, "rock" + text
    )  # "rocket" is one token, and only in the first
    assert pieces.weight.sum() == 41


def test_blocks_of_texts_keep_their_order(tokenizer, monkeypatch):
    monkeypatch.setattr("topicgpu.embed.tokens._BLOCK", 3)
    tokens, texts = Tokens(tokenizer, ""), [words(number, number) for number in range(1, 9)]
    ragged = tokens.tokenize(texts)
    assert len(ragged) == 8
    assert [ragged[row].tolist() for row in range(8)] == [tokenizer(text)["input_ids"] for text in texts]


@given(st.lists(st.text(max_size=80), max_size=6), st.integers(6, 40), st.booleans())
def test_any_text_becomes_pieces_in_order_within_the_limit(tokenizer, texts, limit, windows):
    tokens = Tokens(tokenizer, "")
    ragged = tokens.tokenize(texts)
    pieces = tokens.cut(ragged, limit, windows)
    assert all(0 < len(piece) <= limit for piece in pieces.sequences)
    assert pieces.text.tolist() == sorted(pieces.text.tolist())
    assert set(pieces.text.tolist()) == set(range(len(texts)))
    if windows:
        bodies = [
            [token for at in np.flatnonzero(pieces.text == row) for token in pieces.sequences[at][1:-1].tolist()]
            for row in range(len(texts))
        ]
        assert bodies == [ids(tokenizer, text) for text in texts]
