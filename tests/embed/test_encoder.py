"""A tiny encoder with random weights, against transformers by hand; and the real one where its package is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from planted.tables import Row, tables
from topicgpu.config import DEFAULT_MODEL, EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder, embed, serves
from topicgpu.embed.forward import Forward
from topicgpu.embed.locate import locate_model
from topicgpu.embed.pooling import pool
from topicgpu.errors import ConfigError, DeviceError, ModelError

TEXTS = [
    "the rocket is in orbit",
    "bread",
    "",
    "we plant the seed in the garden and the rain is in the soil of the garden. " * 3,
    "the ship is to sail in the wind, and the anchor is in the harbour!",
    "xylophone 42",
    "the team is to win the match",
]


def load(folder, **settings):
    config = EmbeddingSection(model=str(folder), device="cpu", **settings)
    return Encoder(config, locate_model(str(folder), False, pytest.fail), resolve_device("cpu"))


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return load(tiny_model)


@pytest.fixture
def changed(tiny_model, tmp_path):
    """The tiny encoder with one of its JSON files changed."""

    def copy(**files):
        folder = Path(shutil.copytree(tiny_model, tmp_path / "model"))
        for name, content in files.items():
            path = folder / f"{name}.json"
            old = json.loads(path.read_text()) if path.is_file() else {}
            path.write_text(json.dumps({**old, **content}))
        return folder

    return copy


def by_hand(folder, text, pooling="mean"):
    """One text at a time, without padding, as transformers' own pages show it."""
    from transformers import AutoModel, AutoTokenizer

    inputs = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.no_grad():
        hidden = AutoModel.from_pretrained(folder)(**inputs).last_hidden_state[0]
    pooled = {"mean": hidden.mean(0), "cls": hidden[0], "max": hidden.max(0).values, "lasttoken": hidden[-1]}[pooling]
    return (pooled / pooled.norm()).numpy()


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "lasttoken"])
def test_vectors_are_those_of_transformers(tiny_model, changed, pooling):
    folder = changed()
    (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode": pooling}))
    vectors = load(folder).encode(TEXTS)
    expected = [by_hand(tiny_model, text, pooling) for text in TEXTS]
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_pooling_leaves_padding_out():
    hidden = torch.tensor([[[1.0, -5.0], [3.0, -7.0], [99.0, 99.0]], [[2.0, 4.0], [8.0, 0.0], [5.0, 2.0]]])
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    assert pool(hidden, mask, "mean").tolist() == [[2.0, -6.0], [5.0, 2.0]]
    assert pool(hidden, mask, "max").tolist() == [[3.0, -5.0], [8.0, 4.0]]
    assert pool(hidden, mask, "cls").tolist() == [[1.0, -5.0], [2.0, 4.0]]
    assert pool(hidden, mask, "lasttoken").tolist() == [[3.0, -7.0], [5.0, 2.0]]


def test_rows_are_unit_vectors_in_the_order_of_the_texts(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1])[::-1], vectors, atol=1e-5)
    assert (vectors @ vectors.T - np.eye(len(TEXTS))).max() < 0.999


def test_the_budget_of_a_batch_changes_nothing(tiny_model, encoder):
    np.testing.assert_allclose(load(tiny_model, batch_tokens=64).encode(TEXTS), encoder.encode(TEXTS), atol=1e-5)


def test_equal_texts_are_computed_once(encoder):
    told = []
    vectors = encoder.encode(["bread", "soil", "bread"], progress=lambda done, of, _: told.append((done, of)))
    assert (vectors[0] == vectors[2]).all()
    assert told[-1] == (2, 2)


def test_progress_ends_with_all_texts(tiny_model):
    told = []
    load(tiny_model, batch_tokens=64).encode(TEXTS, progress=lambda done, of, _: told.append((done, of)))
    assert len(told) > 1
    assert told[-1] == (len(TEXTS), len(TEXTS))
    assert told == sorted(told)


def test_no_texts(encoder):
    assert encoder.encode([]).shape == (0, 32)
    assert encoder.count_tokens([]).shape == (0,)


def test_tokens_are_counted_as_they_are_read(encoder, monkeypatch):
    lengths = []
    forward = Forward.__call__
    monkeypatch.setattr(Forward, "__call__", lambda self, ids: lengths.extend(map(len, ids)) or forward(self, ids))
    encoder.encode(TEXTS)
    assert sorted(encoder.count_tokens(TEXTS).tolist()) == sorted(lengths)
    assert encoder.count_tokens(["", "bread", "bread of flour."]).tolist() == [2, 3, 6]


def test_a_text_is_truncated_only_over_the_limit(tiny_model):
    encoder = load(tiny_model, long_texts="truncate")
    limit = encoder.info.max_tokens
    fits, over = " ".join(["bread"] * (limit - 2)), " ".join(["bread"] * (limit - 1))
    longer, other = f"{over} soil", f"{' '.join(['bread'] * (limit - 3))} soil"
    assert encoder.count_tokens([fits, over]).tolist() == [limit, limit + 1]
    vectors = encoder.encode([fits, over, longer, other])
    np.testing.assert_allclose(vectors[1:3], vectors[[0, 0]], atol=1e-5)
    assert abs(vectors[3] - vectors[0]).max() > 1e-3


def test_a_long_text_is_the_mean_of_its_windows_weighted_by_their_tokens(tiny_model, encoder):
    from transformers import AutoModel, AutoTokenizer

    text = "the rocket is in orbit and bread is in the oven of the garden, " * 23 + "rain"
    tokenizer, model = AutoTokenizer.from_pretrained(tiny_model), AutoModel.from_pretrained(tiny_model)
    start, *body, end = tokenizer(text)["input_ids"]
    total = np.zeros(32)
    windows = np.array_split(np.array(body), -(-len(body) // (encoder.info.max_tokens - 2)))
    for window in windows:
        with torch.no_grad():
            hidden = model(input_ids=torch.tensor([[start, *window, end]])).last_hidden_state[0].mean(0)
        total += len(window) * (hidden / hidden.norm()).numpy()
    assert len(windows) == 3
    assert len({len(window) for window in windows}) == 2
    fresh = load(tiny_model, batch_tokens=130)  # so that the windows are in different batches
    vectors = fresh.encode(["bread", text, "the soil of the garden"])
    np.testing.assert_allclose(vectors[1], total / np.linalg.norm(total), atol=1e-5)
    np.testing.assert_allclose(vectors[[0, 2]], encoder.encode(["bread", "the soil of the garden"]), atol=1e-5)
    assert fresh.facts["long_texts"] == 1
    assert abs(vectors[1] - load(tiny_model, long_texts="truncate").encode([text])[0]).max() > 1e-3


def test_a_prompt_is_read_before_each_text_and_counted(changed, encoder):
    folder = changed(
        config_sentence_transformers={"prompts": {"passage": "the soil of "}, "default_prompt_name": "passage"}
    )
    prompted = load(folder)
    assert prompted.info.prompt == "the soil of "
    np.testing.assert_allclose(prompted.encode(["bread"]), encoder.encode(["the soil of bread"]), atol=1e-5)
    assert prompted.count_tokens(["bread"]).tolist() == [6]
    configured = load(folder, prompt="rain in ")
    np.testing.assert_allclose(configured.encode(["bread"]), encoder.encode(["rain in bread"]), atol=1e-5)


def test_a_prompt_that_is_read_but_not_pooled(changed, tiny_model):
    from transformers import AutoModel, AutoTokenizer

    folder = changed(
        config_sentence_transformers={"prompts": {"query": "the soil of "}, "default_prompt_name": "query"}
    )
    settings = {"pooling_mode_mean_tokens": True, "include_prompt": False}
    (folder / "1_Pooling/config.json").write_text(json.dumps(settings))
    inputs = AutoTokenizer.from_pretrained(folder)("the soil of bread and flour", return_tensors="pt")
    with torch.no_grad():
        hidden = AutoModel.from_pretrained(folder)(**inputs).last_hidden_state[0, 4:]  # [CLS] the soil of
    expected = (hidden.mean(0) / hidden.mean(0).norm()).numpy()
    np.testing.assert_allclose(load(folder).encode(["bread and flour"])[0], expected, atol=1e-5)


def test_a_prompt_that_leaves_no_room_is_refused(tiny_model):
    words = rf"{tiny_model}: prompt and special tokens are 12 tokens, and the encoder reads 12; set embedding\.prompt "
    with pytest.raises(ConfigError, match=words):
        load(tiny_model, prompt="rain " * 10, max_tokens=12)
    assert load(tiny_model, prompt="rain " * 10, max_tokens=13).encode(["bread " * 3]).shape == (1, 32)


def test_the_first_numbers_are_kept_and_are_unit_vectors_again(tiny_model, encoder):
    short = load(tiny_model, dimension=8)
    assert short.info.dimension == 8
    kept = encoder.encode(TEXTS)[:, :8]
    np.testing.assert_allclose(short.encode(TEXTS), kept / np.linalg.norm(kept, axis=1, keepdims=True), atol=1e-5)


def test_what_is_said_of_the_encoder(tiny_model, encoder):
    info = encoder.info
    assert (info.model, info.found_in, info.languages) == (tiny_model.name, "folder", ("en",))
    assert (info.dimension, info.max_tokens, info.pooling, info.pooling_stated) == (32, 128, "mean", True)
    assert (info.precision, info.device, len(info.revision)) == ("float32", "cpu", 64)
    assert load(tiny_model, languages=("en", "de")).info.languages == ("en", "de")


@pytest.mark.parametrize(("limit", "expected"), [(None, 512), (64, 64), (4000, 512)])
def test_the_smallest_limit_counts(changed, limit, expected):
    assert load(changed(sentence_bert_config={"max_seq_length": limit})).info.max_tokens == expected


@pytest.mark.parametrize(("kind", "pad", "fewer"), [("XLMRoberta", 0, 65), ("Camembert", 0, 65), ("MPNet", 1, 64)])
def test_kinds_whose_positions_begin_later_have_fewer(changed, kind, pad, fewer):
    import transformers

    folder = changed(sentence_bert_config={"max_seq_length": None})
    settings = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=120, max_position_embeddings=66, pad_token_id=pad, **settings
    )
    getattr(transformers, f"{kind}Model")(config).save_pretrained(folder)
    narrow = load(folder)
    assert narrow.info.max_tokens == fewer
    assert narrow.encode(["bread " * (fewer - 2), "bread " * 200]).shape == (2, 32)


def test_bfloat16_is_near_float32(tiny_model, encoder):
    low = load(tiny_model, precision="bfloat16")
    assert low.info.precision == "bfloat16"
    vectors = low.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert (vectors * encoder.encode(TEXTS)).sum(axis=1).min() > 0.999


@pytest.mark.parametrize("content", [b"", b"x" * 100, None])
def test_damaged_weights(changed, content):
    weights = changed() / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000] if content is None else content)
    broken = load(weights.parent)  # weights are loaded when the first text is embedded
    assert broken.count_tokens(["bread"]).tolist() == [3]
    with pytest.raises(ModelError, match=r"can't be loaded as an encoder: Error while deserializing header"):
        broken.encode(["bread"])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"num_hidden_layers": 3}, r"\(16 are missing or of another shape, first encoder\.layer\.2\."),
        ({"hidden_size": 64}, r"\(\d+ are missing or of another shape, first embeddings\."),
    ],
)
def test_weights_that_are_not_there_are_never_made_up(changed, config, words):
    folder = changed(config=config)
    with pytest.raises(ModelError, match=rf"its weights do not fit its config\.json {words}"):
        load(folder).encode(["bread"])


def test_a_model_that_does_not_fit_into_memory(tiny_model, monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("transformers.PreTrainedModel.to", full)
    with pytest.raises(DeviceError, match=rf"^cpu has too little memory for {tiny_model}; set embedding\.precision"):
        load(tiny_model).encode(["bread"])


def test_an_encoder_needs_no_pooler(changed, encoder):
    from safetensors.numpy import load_file, save_file

    weights = changed() / "model.safetensors"
    kept = {name: array for name, array in load_file(weights).items() if not name.startswith("pooler.")}
    save_file(kept, weights, metadata={"format": "pt"})
    np.testing.assert_allclose(load(weights.parent).encode(TEXTS), encoder.encode(TEXTS), atol=1e-6)


def test_a_kind_of_model_that_is_not_known(changed):
    folder = changed(config={"model_type": "abacus", "architectures": None})
    with pytest.raises(ModelError, match=r"can't be loaded as an encoder: .*model type `abacus`"):
        load(folder)


def test_a_tokenizer_without_padding(changed):
    folder = changed(tokenizer_config={"pad_token": None})
    with pytest.raises(ModelError, match="its tokenizer has no padding token; choose an encoder that has one"):
        load(folder)


def test_languages_that_are_served():
    assert serves(("en", "de"), "de")
    assert not serves(("en",), "zh")
    assert serves(("en",), "und")
    assert serves((), "zh")
    assert serves(("en",), "en-US")  # a declared region once took a whole source out
    assert serves(("zh-cn",), "zh-Hans")
    assert not serves(("en",), "de-AT")


def test_rows_in_other_languages_stay_zero(encoder, monkeypatch):
    segments = tables([Row("a"), Row("a", served=False), Row("a")], {"a": "2024"}).segments
    asked, prepare = [], encoder.prepare
    monkeypatch.setattr(encoder, "prepare", lambda texts: asked.extend(texts) or prepare(texts))
    made = embed(segments, encoder)
    assert asked == ["segment 0", "segment 2"]
    assert made.served.tolist() == [True, False, True]
    assert (made.vectors[1] == 0).all()
    np.testing.assert_allclose(made.vectors[[0, 2]], encoder.encode(asked[:2]), atol=1e-6)
    assert (made.encoder, made.revision) == (encoder.info.model, encoder.info.revision)
    assert (made.languages, made.rows) == (("en",), segments.fingerprint)


def test_where_no_row_is_served_the_encoder_is_not_asked(tiny_model):
    segments = tables([Row("a", served=False)] * 2, {"a": "2024"}).segments
    encoder = load(tiny_model)
    made = embed(segments, encoder, pytest.fail)
    assert encoder.facts == {"forward_passes": 0, "tokens": 0, "long_texts": 0}
    assert not made.served.any()
    assert made.vectors.shape == (2, 32)
    assert not made.vectors.any()


def test_progress_of_segments_is_done_total_and_tokens(tiny_model):
    segments = tables([Row("a")] * 300, {"a": "2024"}).segments
    told = []
    encoder = load(tiny_model, batch_tokens=256)
    embed(segments, encoder, lambda *numbers: told.append(numbers))
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == (300, 300, int(encoder.count_tokens(segments.text).sum()))
    assert encoder.facts["tokens"] == told[-1][2]
    assert encoder.facts["forward_passes"] == len(told)


def test_the_real_encoder_gives_the_known_similarity():
    try:
        real = load_default()
    except ModelError as error:
        pytest.skip(f"the default encoder is not on this machine: {error}")
    vectors = real.encode(["A man is eating food.", "A man is eating a piece of bread."])
    assert vectors[0] @ vectors[1] == pytest.approx(0.755, abs=0.002)
    assert (real.info.dimension, real.info.max_tokens, real.info.languages) == (384, 256, ("en",))


def load_default():
    config = EmbeddingSection(device="cpu")
    return Encoder(config, locate_model(DEFAULT_MODEL, False, pytest.fail), resolve_device("cpu"))
