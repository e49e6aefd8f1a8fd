"""The static tier: sums of table rows, no forward pass once the table is there, never cut, never cached."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import topicgpu
from topicgpu.cli import main
from topicgpu.config import EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import StaticEncoder, load_encoder
from topicgpu.embed.forward import Forward
from topicgpu.embed.load import load_tokenizer
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ConfigError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")
TEXTS = ["the rocket is in orbit", "", "orbit in is rocket the", "bread " * 3000, "[PAD]", "\U0001f680", "bread"]


def load(folder, announce=lambda text: None, **settings):
    config = EmbeddingSection(model=str(folder), tier="static", **settings)
    return load_encoder(config, locate_model(str(folder), False, pytest.fail), resolve_device("cpu"), announce)


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return load(tiny_model)


def test_a_vector_is_the_unit_sum_of_its_tokens_rows(encoder, tiny_model):
    vectors = encoder.encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    table, tokenizer = encoder.table.numpy(), load_tokenizer(tiny_model)
    for text, vector in zip(TEXTS, vectors, strict=True):
        total = table[tokenizer(text, add_special_tokens=False)["input_ids"]].sum(axis=0)
        total = total if total.any() else table[-1]
        np.testing.assert_allclose(vector, total / np.linalg.norm(total), atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-6)
    np.testing.assert_allclose(vectors[3], vectors[6], atol=1e-4)
    assert (vectors[1] == vectors[4]).all()
    assert encoder.encode([]).shape == (0, 32)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_a_text_has_the_same_vector_in_any_company(encoder, texts):
    vectors = encoder.encode(texts)
    for row, text in enumerate(texts):
        np.testing.assert_allclose(encoder.encode([text])[0], vectors[row], atol=1e-6)


def test_texts_are_never_cut_and_the_manifest_says_what_made_the_vectors(encoder, tiny_model):
    info = encoder.info
    assert (info.tier, info.long_texts, info.precision, info.device) == ("static", "whole", "float32", "cpu")
    assert info.model == f"{tiny_model.name} (static table)"
    assert info.languages == ("en",)
    assert encoder.count_tokens([TEXTS[3], ""]).tolist() == [3000, 0]


def test_fewer_dimensions_are_the_first_of_all(encoder, tiny_model):
    small = load(tiny_model, dimension=8).encode(TEXTS)
    whole = encoder.encode(TEXTS)[:, :8]
    np.testing.assert_allclose(small, whole / np.linalg.norm(whole, axis=1, keepdims=True), atol=1e-5)


def test_more_dimensions_than_the_model_has_are_refused(tiny_model):
    with pytest.raises(ConfigError, match=r"embedding\.dimension = 33: the model's vectors have only 32 numbers\."):
        load(tiny_model, dimension=33)


def test_a_table_is_distilled_once_and_a_damaged_one_again(tiny_model, tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path))
    told = []
    first = load(tiny_model, told.append).encode(TEXTS)
    (path,) = (tmp_path / "tables").iterdir()
    assert told == [f"Distilling a static table from {tiny_model.name} to {path} (once)."]
    monkeypatch.setattr(Forward, "__call__", lambda *_: pytest.fail("a forward pass"))
    assert (load(tiny_model, pytest.fail).encode(TEXTS) == first).all()
    monkeypatch.undo()
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path))
    whole = path.read_bytes()
    for damaged in (whole[:-5] + b"12345", whole[:1000], b""):
        path.write_bytes(damaged)
        told.clear()
        assert (load(tiny_model, told.append).encode(TEXTS) == first).all()
        assert told[0] == f"{path} is damaged and is made again."
        assert path.read_bytes() == whole


@pytest.mark.parametrize(("setting", "same"), [({"prompt": "rain: "}, False), ({"max_tokens": 40}, True)])
def test_only_what_changes_rows_makes_another_table(tiny_model, setting, same):
    assert (load(tiny_model, **setting).info.revision == load(tiny_model).info.revision) is same


def test_a_run_with_the_static_tier(small_config, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    settings = ["embedding.tier=static"]
    run = topicgpu.run(small_config, tmp_path / "run", set=settings)
    facts = run.manifest
    assert facts["encoder"]["tier"] == "static"
    assert "from_cache" not in facts["embedding"]
    assert facts["embedding"]["tokens"] > 0
    report = run.report().read_text(encoding="utf-8")
    assert "(static table)" in report
    assert "1,000,000 tokens" not in report
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["tables"]
    again = topicgpu.run(small_config, tmp_path / "again", set=settings)
    assert (again.embeddings.vectors == run.embeddings.vectors).all()
    before = topicgpu.run(small_config, tmp_path / "run").embeddings.vectors
    assert np.abs(before - run.embeddings.vectors).max() > 0.01
    capsys.readouterr()
    for option in (["--shard", "0/2"], ["--join"]):
        assert main(["embed", str(tmp_path / "again"), *option]) == 2
        assert "leave --shard and --join out" in capsys.readouterr().err


def test_the_first_use_is_announced(small_config, tmp_path, monkeypatch):
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    told = []
    topicgpu.run(small_config, tmp_path / "run", set=["embedding.tier=static"], listener=told.append)
    notes = [event.message for event in told if event.kind == "note"]
    assert len(notes) == 1
    assert notes[0].startswith("Distilling a static table")


def test_the_static_encoder_is_an_encoder_like_others(encoder):
    assert isinstance(encoder, StaticEncoder)
    windows = list(encoder.encode_windows(f"the rocket {number}" for number in range(3000)))
    assert [start for start, _ in windows] == [0, 1024]
    assert sum(len(vectors) for _, vectors in windows) == 3000
