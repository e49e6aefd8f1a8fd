"""A model in a folder: the same assignments after loading, no code in the files, the old or the new one."""

import json

import numpy as np
import pytest

from planted.talk import encode, talk
from topicgpu.config import GuidedTheme
from topicgpu.errors import ModelError, RunFolderError
from topicgpu.model import ThemeModel

TEXTS, TRUTH = talk()
NEW, _ = talk((6, 6, 6), seed=7)


@pytest.fixture(scope="module")
def model():
    guided = [GuidedTheme(id="bread", name="Bread", description="bread dough flour oven", exclude=("ship sail",))]
    model = ThemeModel(encode, guided=guided).fit(TEXTS, timestamps=[2020] * 45 + [2021] * 45)
    model.set_topic_labels({0: "Space"})
    return model


@pytest.fixture
def loaded(model, tmp_path):
    model.save(tmp_path / "model")
    return ThemeModel.load(tmp_path / "model", encode)


def test_assignments_after_loading_are_the_same_to_the_byte(model, loaded):
    for texts in (TEXTS, NEW, ["quite other words"]):
        assert loaded.transform(texts).tobytes() == model.transform(texts).tobytes()
        assert loaded.predict(texts).tobytes() == model.predict(texts).tobytes()
    assert loaded.topics_ == model.topics_
    assert loaded.theme_ids_ == model.theme_ids_


def test_tables_after_loading_are_the_same(model, loaded):
    assert loaded.get_topic_info().equals(model.get_topic_info())
    assert loaded.topics_over_time().equals(model.topics_over_time())
    assert loaded.themes_.themes == model.themes_.themes


def test_arguments_after_loading_are_the_same(model, loaded):
    mine, theirs = model.get_params(), loaded.get_params()
    guided = theirs.pop("guided")
    assert [GuidedTheme(**theme) for theme in guided] == mine.pop("guided")
    assert theirs == mine


def test_a_loaded_model_can_be_changed_and_saved_again(model, loaded, tmp_path):
    loaded.reduce_topics(nr_topics=2)
    loaded.save(tmp_path / "model")
    assert ThemeModel.load(tmp_path / "model", encode).topics_ == loaded.topics_ != model.topics_
    assert len(list((tmp_path / "model").iterdir())) == 2


def test_a_folder_holds_json_and_safetensors_and_nothing_else(model, loaded, tmp_path):
    names = sorted(path.suffix for path in (tmp_path / "model").iterdir())
    assert names == [".json", ".safetensors"]
    json.loads((tmp_path / "model/model.json").read_text(encoding="utf-8"))


def test_a_model_of_vectors_alone(tmp_path):
    model = ThemeModel().fit(encode(TEXTS))
    model.save(tmp_path)
    assert ThemeModel.load(tmp_path).transform(encode(NEW)).tobytes() == model.transform(encode(NEW)).tobytes()


def test_an_encoder_that_was_an_object_has_to_be_handed_in_for_new_texts(model, tmp_path):
    model.save(tmp_path)
    loaded = ThemeModel.load(tmp_path)
    assert loaded.predict(TEXTS).tolist() == model.topics_
    assert loaded.predict(NEW, encode(NEW)).tolist() == model.predict(NEW).tolist()
    with pytest.raises(ModelError, match="hand it in"):
        loaded.predict(NEW)
    loaded.save(tmp_path)
    with pytest.raises(ModelError, match="class function"):
        ThemeModel.load(tmp_path).predict(NEW)


def test_a_kill_between_the_files_leaves_the_old_model(model, tmp_path, monkeypatch):
    model.save(tmp_path)
    other = ThemeModel(encode).fit(TEXTS[:60])

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("topicgpu.model.saving.write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        other.save(tmp_path)
    assert ThemeModel.load(tmp_path, encode).topics_ == model.topics_


def test_a_model_goes_to_the_device_of_the_machine_that_loads_it(tmp_path):
    model = ThemeModel(encode, device="cpu").fit(TEXTS)
    model.save(tmp_path)
    assert "device" not in json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))["params"]
    assert ThemeModel.load(tmp_path, encode, device="cpu").device == "cpu"


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(RunFolderError, match=r"holds no model\.json"):
        ThemeModel.load(tmp_path)
    (tmp_path / "model.json").write_text('{"format": "topicgpu.ThemeModel", "version": 99}', encoding="utf-8")
    with pytest.raises(RunFolderError, match="99"):
        ThemeModel.load(tmp_path)


def test_a_damaged_model_is_refused(model, tmp_path):
    model.save(tmp_path)
    path = tmp_path / "model.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(data | {"texts": ["other"] * 90}), encoding="utf-8")
    with pytest.raises(RunFolderError, match="not those"):
        ThemeModel.load(tmp_path)
    del data["themes"]
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(RunFolderError, match="damaged"):
        ThemeModel.load(tmp_path)
    next(tmp_path.glob("*.safetensors")).write_bytes(b"x")
    with pytest.raises(RunFolderError):
        ThemeModel.load(tmp_path)


def test_another_revision_of_a_named_encoder_is_refused(tiny_model, tmp_path):
    model = ThemeModel(str(tiny_model)).fit(TEXTS)
    model.save(tmp_path)
    assert ThemeModel.load(tmp_path).transform(NEW).tobytes() == model.transform(NEW).tobytes()
    data = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    data["encoder"]["revision"] = "0" * 64
    (tmp_path / "model.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ValueError, match="fitted with those of 000000000000"):
        ThemeModel.load(tmp_path).predict(NEW)


def test_pickling_works_for_those_who_pool_processes(model):
    import pickle

    plain = ThemeModel().fit(encode(TEXTS))
    assert np.array_equal(pickle.loads(pickle.dumps(plain)).labels_, plain.labels_)
