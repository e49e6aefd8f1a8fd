"""From a TOML file, a folder or plain data to a checked configuration; what is wrong is one sentence."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from topicgpu.config.paths import anchor_paths
from topicgpu.config.sections import Config
from topicgpu.errors import ConfigError


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """
    Read a configuration file, or make the default one for a folder of sources.

    Parameters
    ----------
    path : Path
        A TOML file, or a folder of sources.
    overrides : sequence of str
        `key=value` in TOML syntax, for example `embedding.device=cpu`; a bare word is a string. Relative paths in
        them are relative to the working folder; those in the file are relative to the file.

    Returns
    -------
    Config
        With absolute corpus path.

    Raises
    ------
    ConfigError
        If the file can't be read, or a key or value is impossible.
    """
    path = Path(path)
    if path.is_dir() or path.suffix.lower() != ".toml":
        data: dict[str, Any] = {"name": _as_name(path.resolve().stem), "corpus": {"path": str(path.absolute())}}
    else:
        data = _read_toml(path)
        data.setdefault("name", _as_name(path.stem))
        corpus = data.setdefault("corpus", {})
        if isinstance(corpus, dict):
            corpus.setdefault("path", ".")
        anchor_paths(data, path.resolve().parent)
    return validate_config(change_config(data, overrides), where=str(path))


def change_config(data: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """
    Apply `key=value` changes to a configuration that is plain data.

    Parameters
    ----------
    data : mapping
        As read from TOML or JSON.
    overrides : sequence of str
        In TOML syntax; relative paths are relative to the working folder.

    Returns
    -------
    dict
        The changed data, not yet checked.

    Raises
    ------
    ConfigError
        If a change is not of the form `key=value`.
    """
    changes: dict[str, Any] = {}
    for override in overrides:
        _set_key(changes, override)
    anchor_paths(changes, Path.cwd())
    return _merged(data, changes)


def validate_config(data: Mapping[str, Any], where: str) -> Config:
    """
    Check plain data against the configuration's keys, types and limits.

    Parameters
    ----------
    data : mapping
        As read from TOML or JSON.
    where : str
        Named at the start of an error.

    Returns
    -------
    Config
        The checked configuration.

    Raises
    ------
    ConfigError
        One sentence for the first problem: key, value and fix.
    """
    try:
        # Strict, so that `true` is no number and "40" neither; JSON, so that lists may be tuples and strings paths.
        return Config.model_validate_json(json.dumps(dict(data), default=str), strict=True)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_first_problem(error)}") from error


def _as_name(text: str) -> str:
    cleaned = re.sub(r"[^\w .-]", "-", text).lstrip(" .-")
    return cleaned[:100] or "run"


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file or folder; give a TOML file or a folder of sources.") from None
    except OSError as error:
        raise ConfigError(f"{path}: can't be read ({error.strerror}).") from error
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text; a configuration is a TOML file.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}.") from None


def _set_key(data: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {override}: must be key=value, for example --set embedding.device=cpu.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, last = key.strip().split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {override}: {parent} is not a table.")
    data[last] = value


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


# What pydantic says in words of Python or JSON, in words of TOML.
_REASONS = {
    "bool_type": "should be true or false",
    "dict_type": "should be a table",
    "missing": "is required",
    "model_type": "should be a table",
    "path_type": "should be a string",
    "string_type": "should be a string",
    "tuple_type": "should be a list",
}
_SHOWN = 80  # characters of a wrong value: what is wrong with a longer one is told by the reason


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"]) or "the file"
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}; {_known_keys(problem['loc'])}."
    reason = _REASONS.get(problem["type"]) or problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if isinstance(problem["input"], dict | list):
        return f"{key}: {reason}."
    value = repr(problem["input"])
    value = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}… ({len(str(problem['input'])):,} characters)"
    return f"{key} = {value}: {reason[0].lower()}{reason[1:]}."


def _known_keys(location: tuple[int | str, ...]) -> str:
    model: type[BaseModel] = Config
    for part in location[:-1]:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            candidates = [annotation, *get_args(annotation)]
            model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    names = [field.alias or name for name, field in model.model_fields.items()]
    return f"known keys here are {', '.join(names)}"
