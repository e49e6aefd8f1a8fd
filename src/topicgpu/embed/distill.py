"""A table of token vectors distilled from a model: no corpus, no network, only the model's own vocabulary.

Each token goes through the model alone, as in model2vec (Minish, 2024). What a sum of such rows lacks is how the model
weighs tokens that stand together. So a linear map is fitted from sums of rows to the model's own vectors of token
sequences drawn at random, after SIF weights (Arora et al., 2017). A rotation onto principal components, damped,
comes last, so that the first numbers of a vector say most.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.embed.encoder import Encoder
from topicgpu.types import Floats

SIF = 3e-4  # a token of this share of all text weighs half
_SEQUENCES, _SHORTEST, _LONGEST = 3000, 3, 40
_RIDGE = 0.03
_DAMPING = 0.25  # power of the singular values that is taken out
_SEED = 0
_NO_WORD = re.compile(r"\[.+\]|<.+>")  # [unused12], <0x0A>


class Vocabulary(NamedTuple):
    """Tokens that stand in texts, and how large a share of them each is thought to be."""

    ids: NDArray[np.int64]
    share: Floats


def distill(encoder: Encoder, tokenizer: Any) -> NDArray[np.float32]:
    """
    Distill a table of token vectors from a model.

    Parameters
    ----------
    encoder : Encoder
        The model.
    tokenizer : transformers.PreTrainedTokenizerBase
        Its tokenizer, of v tokens.

    Returns
    -------
    ndarray of float32, shape (v + 1, d)
        A text's vector is the sum of its tokens' rows, brought to length 1. Special tokens have rows of zeros; the last
        row is for texts without any other.

    Notes
    -----
    Costs v + 3000 short sequences through the model, once. The same model gives the same table on every run of one
    machine; devices differ in the last bits.
    """
    vocabulary = read_vocabulary(tokenizer)
    alone = encoder.encode_tokens([[token] for token in vocabulary.ids.tolist()])
    drawn = draw_sequences(vocabulary.share)
    vectors = encoder.encode_tokens([vocabulary.ids[rows].tolist() for rows in drawn])
    rows, empty = fit_rows(alone, vocabulary.share, drawn, vectors, encoder.encode_tokens([[]])[0])
    table = np.zeros((len(tokenizer) + 1, rows.shape[1]), dtype=np.float32)
    table[vocabulary.ids], table[-1] = rows, empty
    return table


def read_vocabulary(tokenizer: Any) -> Vocabulary:
    """
    List a tokenizer's tokens and how frequent each is thought to be.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
        Any.

    Returns
    -------
    Vocabulary
        A unigram model states log-probabilities. Other vocabularies are in the order in which training added them, the
        most frequent first, so that Zipf's law (with Mandelbrot's shift) gives the shares; only their single characters
        stand in the order of their codes, before the words: those of ASCII count as the most frequent tokens, others as
        the rarest.
    """
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    special = set(tokenizer.all_special_ids)
    ids = np.array(
        [i for i, token in enumerate(tokens) if token and i not in special and not _NO_WORD.fullmatch(token)],
        dtype=np.int64,
    )
    scores = _unigram_scores(tokenizer)
    if scores is None:
        share = np.empty(len(ids))
        share[sorted(range(len(ids)), key=lambda row: _rank(tokens[ids[row]]))] = 1 / (np.arange(len(ids)) + 2.7)
    else:
        share = np.exp([scores[tokens[i]] for i in ids])
    return Vocabulary(ids, share / share.sum())


def _rank(token: str) -> int:
    """0 for single characters of ASCII, 2 for other single ones, 1 for all else; the order within stays."""
    bare = token.removeprefix("##")
    return 1 if len(bare) > 1 else 0 if bare.isascii() else 2


def _unigram_scores(tokenizer: Any) -> dict[str, float] | None:
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    return dict(model["vocab"]) if model["type"] == "Unigram" else None


def draw_sequences(share: Floats) -> list[NDArray[np.int64]]:
    """
    Draw sequences of tokens by their shares.

    Parameters
    ----------
    share : ndarray of float64, shape (v,)
        Of each token.

    Returns
    -------
    list of ndarray of int64
        Rows of `share`; lengths are spread evenly over their logarithm.
    """
    random = np.random.default_rng(_SEED)
    lengths = np.exp(random.uniform(np.log(_SHORTEST), np.log(_LONGEST + 1), _SEQUENCES)).astype(np.int64)
    flat = random.choice(len(share), size=int(lengths.sum()), p=share)
    return np.split(flat, np.cumsum(lengths)[:-1])


def fit_rows(
    alone: NDArray[np.float32],
    share: Floats,
    drawn: Sequence[NDArray[np.int64]],
    vectors: NDArray[np.float32],
    empty: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """
    Fit token rows whose sums point where the model's vectors do.

    Parameters
    ----------
    alone : ndarray of float32, shape (v, d)
        The model's vector of each token alone.
    share : ndarray of float64, shape (v,)
        Of each token in texts.
    drawn : sequence of ndarray of int64, length n
        Sequences of rows of `alone`.
    vectors : ndarray of float32, shape (n, d)
        The model's vector of each sequence.
    empty : ndarray of float32, shape (d,)
        The model's vector of no token.

    Returns
    -------
    (ndarray of float32, ndarray of float32)
        Rows, shape (v, d), and the row of texts without a token, shape (d,).
    """
    centered = alone.astype(np.float64) - alone.mean(axis=0)
    weighted = centered / np.sqrt((centered**2).sum(axis=1).mean()) * (SIF / (SIF + share))[:, None]
    sums = np.array([weighted[rows].sum(axis=0) for rows in drawn])
    sums /= np.linalg.norm(sums, axis=1, keepdims=True)
    middle = vectors.mean(axis=0, dtype=np.float64)
    gram = sums.T @ sums
    gram += _RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    rows = weighted @ np.linalg.solve(gram, sums.T @ (vectors - middle))
    _, lengths, axes = np.linalg.svd(rows, full_matrices=False)
    turn = axes.T * (np.maximum(lengths, 1e-9 * lengths[0]) / lengths[0]) ** -_DAMPING
    return (rows @ turn).astype(np.float32), ((empty - middle) @ turn).astype(np.float32)
