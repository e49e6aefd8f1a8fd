"""The paths in a configuration: absolute in use, as seen from the run folder where they are kept, else names alone."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from topicgpu.errors import ConfigError

# Every key that may hold a path, and what it holds where it does not.
_PATH_KEYS = (
    ("corpus", "path", ()),
    ("themes", "labels", ("",)),
    ("themes", "namer", ("",)),
    ("embedding", "model", ("",)),
    ("embedding", "cache", ("", "auto", "off")),
)


def anchor_paths(data: dict[str, Any], base: Path) -> None:
    """
    Make the paths of a configuration absolute, in place.

    Parameters
    ----------
    data : dict
        As read from TOML or JSON.
    base : Path
        Folder that relative paths in it are relative to.

    Raises
    ------
    ConfigError
        If one is no path.
    """
    for section, key, value in _paths(data):
        # A name like owner/name is an id unless such a folder stands beside the configuration.
        if key == "model" and not value.startswith((".", "~", "/")) and not (base / value).is_dir():
            continue
        data[section][key] = _absolute(f"{section}.{key}", value, base)


def relative_paths(data: dict[str, Any], base: Path) -> None:
    """
    Make the absolute paths of a configuration relative to a folder, in place: what `anchor_paths` undoes.

    Parameters
    ----------
    data : dict
        As `Config.model_dump` gives it.
    base : Path
        The folder.
    """
    for section, key, value in _paths(data):
        if Path(value).is_absolute():
            data[section][key] = relative_path(value, base)


def name_paths(data: dict[str, Any]) -> None:
    """
    Call every file and folder of a configuration by its own name alone, in place.

    Parameters
    ----------
    data : dict
        As `Config.model_dump` gives it, or a manifest has it.
    """
    for section, key, value in _paths(data):
        if key != "model" or value.startswith((".", "~", "/")):
            data[section][key] = Path(value).name


def relative_path(path: str, base: Path) -> str:
    """
    Write a path as seen from a folder.

    Parameters
    ----------
    path : str
        Absolute.
    base : Path
        The folder.

    Returns
    -------
    str
        Beginning with `./` or `../`, so that no id of a model is taken for it.
    """
    seen = os.path.relpath(path, base.resolve())
    return seen if seen.startswith("..") else f"./{seen}"


def _paths(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for section, key, others in _PATH_KEYS:
        table = data.get(section)
        value = table.get(key) if isinstance(table, dict) else None
        if isinstance(value, str) and value not in others:
            yield section, key, value


def _absolute(key: str, text: str, base: Path) -> str:
    try:
        return str((base / Path(text).expanduser()).resolve())
    except (RuntimeError, ValueError) as error:  # ~nobody, a null character
        raise ConfigError(f"{key} = {text!r}: is not a path ({error}).") from None
