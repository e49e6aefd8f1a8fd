"""The int8 tier: near float32, the same in any company, made once, and refused where it would lose too much."""

import numpy as np
import pytest
import torch

import topicgpu
from topicgpu.config import DEFAULT_MODEL, EmbeddingSection
from topicgpu.device import Device, resolve_device
from topicgpu.embed import Encoder, Int8Encoder, int8, load_encoder, quantize
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ConfigError, ModelError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")
TEXTS = [
    "the rocket is in orbit",
    "",
    "bread",
    "we plant the seed in the garden. " * 60,
    "xylophone 42",
    "a ship to sail",
]


def load(folder, announce=lambda text: None, tier="int8", **settings):
    config = EmbeddingSection(model=str(folder), tier=tier, **settings)
    return load_encoder(config, locate_model(str(folder), False, pytest.fail), resolve_device("cpu"), announce)


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return load(tiny_model)


def test_vectors_are_near_those_of_float32(encoder, tiny_model):
    assert isinstance(encoder, Int8Encoder)
    exact, rough = load(tiny_model, tier="model").encode(TEXTS), encoder.encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(rough, axis=1), 1, atol=1e-6)
    assert (exact * rough).sum(axis=1).min() > 0.98
    assert np.abs(exact - rough).max() > 1e-4  # else nothing was quantized
    assert (encoder.info.tier, encoder.info.precision, encoder.info.device) == ("int8", "int8", "cpu")
    facts = encoder.facts
    assert facts["long_texts"] == 1
    assert facts["forward_passes"] > 0
    assert "; 2 attentions fused" in facts["layout"]
    assert float(facts["layout"].split("cosine to float32 ")[1][:4]) > 0.98


def test_a_vector_does_not_depend_on_the_other_texts(encoder):
    together = encoder.encode(TEXTS)
    for row, text in enumerate(TEXTS):
        assert (encoder.encode([text])[0] == together[row]).all()
    assert (encoder.encode(TEXTS[::-1])[::-1] == together).all()


def test_a_model_is_quantized_once_and_a_damaged_one_again(tiny_model, tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path))
    told = []
    first = load(tiny_model, told.append).encode(TEXTS)
    (path,) = (tmp_path / "onnx").iterdir()
    assert told == [f"Quantizing {tiny_model.name} to 8 bits into {tmp_path / 'onnx'} (once)."]
    with monkeypatch.context() as patch:
        patch.setattr(int8, "quantize", lambda *_: pytest.fail("quantized again"))
        assert (load(tiny_model, pytest.fail).encode(TEXTS) == first).all()
    path.write_bytes(path.read_bytes()[:-9] + b"damaged!!")
    told.clear()
    assert (load(tiny_model, told.append).encode(TEXTS) == first).all()
    assert told[0] == f"{path} is damaged and is made again."


def test_a_model_that_loses_too_much_is_refused(tiny_model, tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path))
    monkeypatch.setattr(int8, "_LEAST_COSINE", 1.1)
    with pytest.raises(
        ModelError, match=r"in 8 bits its vectors have a mean cosine of \d\.\d{3} to .*set embedding.tier"
    ):
        load(tiny_model).encode(["bread"])
    assert not list(tmp_path.rglob("*.onnx"))


def test_a_model_that_cannot_be_exported_is_one_sentence(tiny_model, tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path))

    def refuse(*_, **__):
        raise torch.onnx.errors.UnsupportedOperatorError("aten::odd", 17, None)

    monkeypatch.setattr(torch.onnx, "export", refuse)
    with pytest.raises(ModelError, match=r"can't be exported to ONNX \(.*aten::odd.*set embedding.tier to model"):
        load(tiny_model).encode(["bread"])


def test_what_the_tier_needs_is_said_before_anything_is_computed(tiny_model, monkeypatch):
    gpu = Device("auto", "cuda:0", "a GPU", "the first", None)
    config = EmbeddingSection(model=str(tiny_model), tier="int8")
    files = locate_model(str(tiny_model), False, pytest.fail)
    with pytest.raises(ConfigError, match="runs on the CPU, not on cuda:0"):
        Int8Encoder(config, files, gpu, pytest.fail)
    monkeypatch.setattr(int8, "_NEEDS", ("onnx", "not_a_package"))
    with pytest.raises(ConfigError, match=r"needs not_a_package, not installed: pip install 'topicgpu\[onnx\]'"):
        load(tiny_model)


def test_the_exporter_leaves_the_model_as_it_was(tiny_model, tmp_path):
    config = EmbeddingSection(model=str(tiny_model), device="cpu")
    model = Encoder(config, locate_model(str(tiny_model), False, pytest.fail), resolve_device("cpu")).forward._model
    before = model.config._attn_implementation
    assert quantize.quantize(model, tmp_path / "int8.onnx") == 2
    assert model.config._attn_implementation == before


def test_a_run_keeps_its_vectors_apart_from_those_of_float32(small_config, tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    exact = topicgpu.run(small_config, tmp_path / "exact")
    settings = ["embedding.tier=int8"]
    rough = topicgpu.run(small_config, tmp_path / "rough", set=settings)
    assert rough.manifest["embedding"]["from_cache"] == 0
    assert rough.manifest["encoder"]["tier"] == "int8"
    assert (exact.embeddings.vectors * rough.embeddings.vectors).sum(axis=1).mean() > 0.98
    assert np.abs(exact.embeddings.vectors - rough.embeddings.vectors).max() > 1e-5
    again = topicgpu.run(small_config, tmp_path / "again", set=settings)
    assert again.manifest["embedding"]["forward_passes"] == 0
    assert (again.embeddings.vectors == rough.embeddings.vectors).all()


def test_the_default_model_in_8_bits():
    config = EmbeddingSection(tier="int8")
    encoder = load_encoder(
        config, locate_model(DEFAULT_MODEL, False, pytest.fail), resolve_device("cpu"), lambda text: None
    )
    vectors = encoder.encode(["A man is eating food.", "A man is eating a piece of bread."])
    assert vectors[0] @ vectors[1] == pytest.approx(0.755, abs=0.03)
    assert "6 attentions fused" in encoder.facts["layout"]
