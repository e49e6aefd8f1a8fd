"""Vectors equal those of sentence-transformers, whatever the texts, the batches and their order."""

import json
import shutil

import numpy as np
import pytest

from conftest import WORDS
from topicgpu.config import DEFAULT_MODEL, EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ModelError

pytestmark = pytest.mark.slow

LENGTHS = [1, 1, 2, 3, 7, 20, 40, 60, 60, 61, 100, 126, 127, 200, 253, 254, 255, 256, 300, 700, 1999]
ODD = [
    "",
    " ",
    "\n\n",
    "🙂",
    "🚀🚀🚀 🙂",
    "?!",
    "the\x00 rocket",
    "Zürich – naïve café",
    "機械学習は楽しい",
    "الصاروخ في المدار",
    "a" * 300,
]


def texts():
    rng = np.random.default_rng(0)
    return ODD + [" ".join(rng.choice(WORDS[:30], length)) for length in LENGTHS]


@pytest.fixture(scope="module")
def library():
    return pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")


@pytest.fixture(scope="module")
def minilm():
    try:
        return locate_model(DEFAULT_MODEL, False, pytest.fail).folder
    except ModelError as error:
        pytest.skip(f"the default encoder is not on this machine: {error}")


@pytest.fixture(scope="module")
def modernbert(tiny_model, tmp_path_factory):
    """A ModernBERT that looks 16 tokens far in two of three layers, pooled by its first token."""
    import torch
    from transformers import ModernBertConfig, ModernBertModel

    folder = shutil.copytree(tiny_model, tmp_path_factory.mktemp("modern") / "bert")
    torch.manual_seed(0)
    config = ModernBertConfig(
        **{"vocab_size": json.loads((tiny_model / "config.json").read_text())["vocab_size"], "hidden_size": 32},
        **{"num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 64, "initializer_range": 0.3},
        **{"local_attention": 32, "global_attn_every_n_layers": 3, "max_position_embeddings": 2048},
        **{"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3},
    )
    ModernBertModel(config).save_pretrained(folder)
    modules = [
        {"idx": number, "name": str(number), **module}
        for number, module in enumerate(json.loads((folder / "modules.json").read_text()))
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    pooling = {"word_embedding_dimension": 32, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    return folder


def load(folder, **settings):
    config = EmbeddingSection(model=str(folder), device="cpu", long_texts="truncate", **settings)
    return Encoder(config, locate_model(str(folder), False, pytest.fail), resolve_device("cpu"))


@pytest.mark.parametrize("name", ["minilm", "modernbert"])
def test_vectors_are_those_of_sentence_transformers(name, request, library):
    folder, given = request.getfixturevalue(name), texts()
    peer = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    expected = peer.encode(given, batch_size=8)
    for budget in (0, 64, 700):
        encoder = load(folder, batch_tokens=budget)
        assert encoder.info.max_tokens == peer.max_seq_length
        np.testing.assert_allclose(encoder.encode(given), expected, atol=1e-5)
    assert encoder.forward.layout.packed
    order = np.random.default_rng(1).permutation(len(given))
    mixed = encoder.encode([given[row] for row in order] + given[:5])
    np.testing.assert_allclose(mixed, expected[[*order, *range(5)]], atol=1e-5)
    np.testing.assert_allclose(encoder.encode(given[-1:]), expected[-1:], atol=1e-5)


def test_prompts_are_those_of_sentence_transformers(modernbert, tmp_path, library):
    folder = shutil.copytree(modernbert, tmp_path / "model")
    prompts = {"query": "the market of: ", "passage": "the rain in "}
    settings = {"prompts": prompts, "default_prompt_name": "passage", "similarity_fn_name": "cosine"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True, "include_prompt": False}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    path = folder / "tokenizer_config.json"  # the library measures a prompt by the special tokens that are declared
    path.write_text(json.dumps({**json.loads(path.read_text()), "cls_token": "[CLS]", "sep_token": "[SEP]"}))
    peer = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    given = ["the rocket is in orbit", "bread " * 300, "🙂"]
    np.testing.assert_allclose(load(folder).encode(given), peer.encode(given), atol=1e-5)
    query = load(folder, prompt="query").encode(given)
    np.testing.assert_allclose(query, peer.encode(given, prompt_name="query"), atol=1e-5)
