"""The distiller: which tokens count, how frequent they are thought to be, and rows whose sums follow the model."""

import numpy as np
import pytest
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from topicgpu.config import EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder
from topicgpu.embed.distill import distill, draw_sequences, fit_rows, read_vocabulary
from topicgpu.embed.load import load_tokenizer
from topicgpu.embed.locate import locate_model


@pytest.fixture(scope="module")
def encoder(tiny_model):
    config = EmbeddingSection(model=str(tiny_model), device="cpu")
    return Encoder(config, locate_model(str(tiny_model), False, pytest.fail), resolve_device("cpu"))


def wrapped(model):
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(model), pad_token="<pad>", unk_token="<unk>")


def test_special_and_unused_tokens_are_no_words_and_ascii_comes_first():
    tokens = ["<pad>", "<unk>", "[unused1]", "<0x0A>", "!", "é", "the", "rocket", "##s"]
    tokenizer = wrapped(models.WordPiece({token: number for number, token in enumerate(tokens)}, unk_token="<unk>"))
    vocabulary = read_vocabulary(tokenizer)
    assert vocabulary.ids.tolist() == [4, 5, 6, 7, 8]
    assert vocabulary.share.sum() == pytest.approx(1)
    by_share = vocabulary.ids[np.argsort(-vocabulary.share)]
    assert [tokens[number] for number in by_share] == ["!", "##s", "the", "rocket", "é"]


def test_a_unigram_model_states_its_shares():
    tokenizer = wrapped(models.Unigram([("<pad>", 0.0), ("<unk>", 0.0), ("rare", -5.0), ("often", -2.0)], unk_id=1))
    vocabulary = read_vocabulary(tokenizer)
    assert vocabulary.ids.tolist() == [2, 3]
    assert vocabulary.share[1] / vocabulary.share[0] == pytest.approx(np.exp(3))


def test_sequences_are_drawn_by_share_at_the_stated_lengths_and_always_the_same():
    share = np.array([0.7, 0.2, 0.1])
    drawn = draw_sequences(share)
    lengths = [len(rows) for rows in drawn]
    assert (len(drawn), min(lengths), max(lengths)) == (3000, 3, 40)
    assert np.bincount(np.concatenate(drawn)) / sum(lengths) == pytest.approx(share, abs=0.01)
    assert all((a == b).all() for a, b in zip(drawn, draw_sequences(share), strict=True))


def test_rows_fitted_to_a_model_that_sums_give_its_vectors_back():
    """Where a text's vector is a weighted sum of fixed rows, turned and moved, the table is that sum again."""
    random = np.random.default_rng(1)
    v, d = 300, 16
    share = 1 / (np.arange(v) + 2.7)
    share /= share.sum()
    alone = random.normal(size=(v, d)).astype(np.float32) + 2
    turn = np.linalg.qr(random.normal(size=(d, d)))[0]
    inner = (alone - alone.mean(0)) * (3e-4 / (3e-4 + share))[:, None]
    drawn = draw_sequences(share)
    sums = np.array([inner[rows].sum(0) for rows in drawn])
    model = (sums / np.linalg.norm(sums, axis=1, keepdims=True)) @ turn * 0.5 + 0.1
    rows, empty = fit_rows(alone, share, drawn, model.astype(np.float32), np.full(d, 0.1, dtype=np.float32))
    tests = [random.choice(v, 12, p=share) for _ in range(200)]
    wanted = np.array([inner[row].sum(0) for row in tests])
    found = np.array([rows[row].sum(0) for row in tests], dtype=np.float64)
    for vectors in (wanted, found):
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = np.triu_indices(200, 1)
    assert np.corrcoef((wanted @ wanted.T)[pairs], (found @ found.T)[pairs])[0, 1] > 0.98
    assert np.linalg.norm(rows[:, 0]) > np.linalg.norm(rows[:, -1])  # principal components: the first say most
    assert empty.shape == (d,)


def test_a_table_has_a_row_a_token_and_one_for_none(encoder, tiny_model):
    tokenizer = load_tokenizer(tiny_model)
    table = distill(encoder, tokenizer)
    assert (table.shape, table.dtype) == ((len(tokenizer) + 1, 32), np.float32)
    assert np.isfinite(table).all()
    words = tokenizer.convert_tokens_to_ids(["rocket", "bread"])
    assert (np.abs(table[[*words, -1]]).max(axis=1) > 0).all()
    assert not table[tokenizer.all_special_ids].any()
    assert distill(encoder, tokenizer).tobytes() == table.tobytes()
