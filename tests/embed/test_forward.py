"""Tiny random models of many kinds: packed where the proof holds, padded where not, and equal to sequences alone."""

from functools import cache

import numpy as np
import pytest
import torch
import transformers
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from topicgpu.embed import forward
from topicgpu.embed.forward import PAD_TO, Forward, runs_of
from topicgpu.embed.load import load_model

V = 200
SMALL = {"vocab_size": V, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
GROUPED = {**SMALL, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 1024, "pad_token_id": 199}
PACKED = {
    "bert": ("BertConfig", SMALL),
    "xlm-roberta": ("XLMRobertaConfig", {**SMALL, "max_position_embeddings": 514, "pad_token_id": 1}),
    "modernbert": (
        "ModernBertConfig",
        {
            **SMALL,
            "num_hidden_layers": 4,
            "local_attention": 32,  # shorter than the texts
            "global_attn_every_n_layers": 3,
            "initializer_range": 0.3,  # large enough that a leak shows
            "max_position_embeddings": 1024,
            **{"pad_token_id": 0, "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2},
        },
    ),
    "qwen3": ("Qwen3Config", GROUPED),
    "distilbert": ("DistilBertConfig", {"vocab_size": V, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}),
}
PADDED = {
    "mpnet": ("MPNetConfig", {**SMALL, "pad_token_id": 1}),
    "deberta": ("DebertaV2Config", SMALL),
    "gemma2": ("Gemma2Config", GROUPED),  # caps its attention's scores, which torch's own attention can't
}
KINDS = {**PACKED, **PADDED}
POOLINGS = ["mean", "cls", "max", "lasttoken"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    @cache
    def save(kind):
        name, settings = KINDS[kind]
        folder = tmp_path_factory.mktemp(kind)
        torch.manual_seed(0)
        transformers.AutoModel.from_config(getattr(transformers, name)(**settings)).save_pretrained(folder)
        return folder

    return save


def make(folder, pooling="mean", skip=0, precision="float32", **options):
    pad = transformers.AutoConfig.from_pretrained(folder).pad_token_id or 0
    return Forward(load_model(folder, precision, "cpu"), pooling, skip, pad, precision, **options)


def sequences(*lengths):
    rng = np.random.default_rng(len(lengths))
    return [rng.integers(3, 190, length, dtype=np.int32) for length in lengths]


@cache
def reference(folder):
    """The model as transformers gives it."""
    return transformers.AutoModel.from_pretrained(folder).eval()


def alone(folder, sequence, pooling="mean", skip=0):
    """One sequence without padding."""
    with torch.no_grad():
        hidden = reference(folder)(input_ids=torch.tensor(sequence)[None].long()).last_hidden_state[0]
    pooled = {"mean": hidden[skip:].mean(0), "max": hidden[skip:].amax(0), "cls": hidden[0], "lasttoken": hidden[-1]}
    return pooled[pooling].numpy()


GIVEN = sequences(150, 77, 77, 9, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_gives_the_vectors_of_its_sequences_alone(saved, kind):
    model = load_model(saved(kind), "float32", "cpu")
    for pooling in POOLINGS:
        made = Forward(model, pooling, 0, model.config.pad_token_id or 0, "float32")
        assert made.layout.packed == (kind in PACKED), pooling
        expected = [alone(saved(kind), sequence, pooling) for sequence in GIVEN]
        np.testing.assert_allclose(made(GIVEN), expected, atol=1e-5)


def test_what_is_said_of_the_layout(saved):
    assert make(saved("bert")).layout.reason.startswith("sequences without padding; equal to single ones to ")
    for kind in PADDED:
        assert make(saved(kind)).layout == (
            False,
            0,
            "batches are padded, since this kind of model has an attention of its own",
        )


def test_positions_begin_where_the_kind_of_model_begins_them(saved):
    assert {kind: make(saved(kind)).layout.first_position for kind in PACKED} == {
        **dict.fromkeys(PACKED, 0),
        "xlm-roberta": 2,
    }


def _leaking_attend(module, query, key, value, attention_mask, scaling=None, **options):
    mask = None if forward._RUNS.get() is not None else attention_mask
    return sdpa_attention_forward(module, query, key, value, mask, scaling=scaling, **options)


@pytest.fixture
def broken(monkeypatch):
    """Put something else for the packed attention, or for its mask."""

    def put(name, function):
        monkeypatch.setattr(forward, name, function)

    yield put
    monkeypatch.undo()
    forward.register_attention()


@pytest.mark.parametrize("kind", PACKED)
def test_an_attention_that_leaks_is_found_and_its_batches_are_padded(saved, broken, kind):
    broken("_attend", _leaking_attend)
    made = make(saved(kind))
    assert made.layout == (
        False,
        0,
        "batches are padded, since this model's attention can't be kept inside sequences",
    )
    np.testing.assert_allclose(made(GIVEN), [alone(saved(kind), sequence) for sequence in GIVEN], atol=1e-5)


@pytest.mark.parametrize("kind", ["modernbert", "qwen3"])
def test_a_mask_that_is_left_out_is_found(saved, broken, kind):
    right = forward._mask
    broken("_mask", lambda *arguments, **options: None if forward._RUNS.get() else right(*arguments, **options))
    made = make(saved(kind))
    assert not made.layout.packed
    np.testing.assert_allclose(made(GIVEN), [alone(saved(kind), sequence) for sequence in GIVEN], atol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "qwen3", "mpnet"])
@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_leading_tokens_that_are_left_out(saved, kind, pooling):
    given = sequences(30, 12, 5, 4)
    expected = [alone(saved(kind), sequence, pooling, skip=3) for sequence in given]
    np.testing.assert_allclose(make(saved(kind), pooling, skip=3)(given), expected, atol=1e-5)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_low_precision_is_proved_too_and_pooled_in_float32(saved, precision):
    made = make(saved("bert"), precision=precision)
    assert made.layout.packed
    result = made(GIVEN)
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result, make(saved("bert"))(GIVEN), atol=0.05)


def test_a_compiled_model_gets_padded_batches(saved):
    made = make(saved("bert"), compiled=True)
    assert not made.layout.packed
    assert "torch.compile" in made.layout.reason
    np.testing.assert_allclose(made(GIVEN), [alone(saved("bert"), sequence) for sequence in GIVEN], atol=1e-5)


def test_padded_batches_have_few_widths(saved, monkeypatch):
    widths = set()
    made = make(saved("mpnet"))
    run = made._last_hidden
    monkeypatch.setattr(made, "_last_hidden", lambda sent: widths.add(sent["input_ids"].shape[1]) or run(sent))
    for length in range(1, 40):
        made(sequences(length))
    assert widths == {PAD_TO, 2 * PAD_TO, 3 * PAD_TO}


def test_a_model_of_few_positions_is_proved_within_them(tmp_path):
    torch.manual_seed(0)
    config = transformers.XLMRobertaConfig(**SMALL, max_position_embeddings=22, pad_token_id=1)
    transformers.XLMRobertaModel(config).save_pretrained(tmp_path)
    made = make(tmp_path)
    assert made.layout[:2] == (True, 2)
    given = sequences(20, 20, 3)
    np.testing.assert_allclose(made(given), [alone(tmp_path, sequence) for sequence in given], atol=1e-5)


def test_passes_are_counted_and_the_proof_is_none(saved):
    made = make(saved("bert"))
    assert made.passes == 0
    made(GIVEN)
    made(GIVEN[:1])
    assert made.passes == 2


def test_runs_are_neighbors_of_one_length():
    assert runs_of(sequences(5, 5, 3, 1, 1, 1)) == [(2, 5), (1, 3), (3, 1)]
