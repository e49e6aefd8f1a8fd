"""Whose a run folder is, and what it remembers."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from topicgpu.config import Config, anchor_paths, change_config, validate_config
from topicgpu.errors import RunFolderError
from topicgpu.manifest import SCHEMA, Record
from topicgpu.store import read_json

MANIFEST = "manifest.json"
HALF_WRITTEN = ".tmp"  # before `store` renames it


def read_manifest(folder: Path) -> dict[str, Any]:
    """
    Read the manifest of a run folder.

    Parameters
    ----------
    folder : Path
        Of the run.

    Returns
    -------
    dict
        Plain data.

    Raises
    ------
    RunFolderError
        If the folder is not a run's, or another version of topicgpu wrote it.
    """
    if not (folder / MANIFEST).is_file():
        raise RunFolderError(f"{folder}: is not a run folder (no {MANIFEST}); make one with: topicgpu run CONFIG.")
    manifest: dict[str, Any] = read_json(folder / MANIFEST)
    if not isinstance(manifest, dict) or "topicgpu_version" not in manifest:
        raise RunFolderError(f"{folder}: is not a run folder (its {MANIFEST} is not topicgpu's); choose another place.")
    if manifest["schema"] != SCHEMA:
        raise RunFolderError(
            f"{folder}: was written by topicgpu {manifest['topicgpu_version']} with schema {manifest['schema']}, "
            f"not {SCHEMA}; run again into another folder."
        )
    return manifest


def read_records(folder: Path, config_path: str) -> dict[str, Record]:
    """
    Read what a run folder remembers of each stage.

    Parameters
    ----------
    folder : Path
        Of the run; it need not be there.
    config_path : str
        What the run is made from.

    Returns
    -------
    dict
        Stage to record; empty for a new folder.

    Raises
    ------
    RunFolderError
        If the folder holds another run, or anything else.
    """
    if not (folder / MANIFEST).is_file():
        if folder.exists() and (not folder.is_dir() or any(map(_is_foreign, folder.iterdir()))):
            raise RunFolderError(f"{folder}: is there and is not a run folder; choose another place with --out.")
        return {}
    manifest = read_manifest(folder)
    holder, wanted = origin_of(folder, manifest), Path(config_path).resolve()
    # A configuration takes over the run of the folder it lies in: run FOLDER, init FOLDER, run FOLDER/topicgpu.toml.
    if holder not in (str(wanted), str(wanted.parent)):
        raise RunFolderError(f"{folder}: holds the run of {holder}, not of {config_path}; choose another --out.")
    return {name: Record(**record) for name, record in manifest["stages"].items()}


def origin_of(folder: Path, manifest: Mapping[str, Any]) -> str:
    """
    Say what a run was made from.

    Parameters
    ----------
    folder : Path
        Of the run.
    manifest : mapping
        As `read_manifest` gives it.

    Returns
    -------
    str
        Path of a configuration or of sources, absolute: the manifest has it as seen from the run folder.
    """
    return str((folder.resolve() / str(manifest["config_path"])).resolve())


def read_config(folder: Path, manifest: Mapping[str, Any], changes: Sequence[str] = ()) -> Config:
    """
    Read the configuration of a run.

    Parameters
    ----------
    folder : Path
        Of the run.
    manifest : mapping
        As `read_manifest` gives it.
    changes : sequence of str
        `key=value` in TOML syntax; relative paths in them are relative to the working folder.

    Returns
    -------
    Config
        With absolute paths: the manifest has them as seen from the run folder. Patterns of `ingest.redact` are sealed.

    Raises
    ------
    ConfigError
        If a change is impossible.
    """
    data = deepcopy(manifest["config"])
    anchor_paths(data, folder.resolve())
    return validate_config(change_config(data, changes), str(folder / MANIFEST))


def check_masked(folder: Path, config: Config) -> None:
    """
    Raise unless a run masked already what another one masks that goes on from it.

    Parameters
    ----------
    folder : Path
        Of the earlier run; it need not be there.
    config : Config
        Of the later one.

    Raises
    ------
    RunFolderError
        If not: names that its themes have, and answers that a language model gave, may hold what is masked now.
    """
    if not config.ingest.redact or not (folder / MANIFEST).is_file():
        return
    earlier = read_config(folder, read_manifest(folder)).ingest.model_dump()["redact"]
    new = [name for name, sealed in config.ingest.model_dump()["redact"].items() if sealed not in earlier.values()]
    if new:
        raise RunFolderError(
            f"{folder}: was made without the pattern {new[0]!r} of ingest.redact, so that names of its themes may hold "
            "what it masks; take another --out, and no --update from there, or delete the folder."
        )


def finished_file(folder: Path, stage: str, name: str) -> Path:
    """
    Locate a file of another run, of which this one reads.

    Parameters
    ----------
    folder : Path
        Of that run.
    stage : str
        That wrote the file.
    name : str
        Of the file.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    RunFolderError
        If the folder is not a run's, or the stage is not finished there.
    """
    manifest = read_manifest(folder)
    if stage not in manifest["stages"] or not (folder / name).is_file():
        raise RunFolderError(
            f"{folder}: its stage {stage} is not finished; finish that run first: "
            f"topicgpu run {origin_of(folder, manifest)} --out {folder}."
        )
    return folder / name


def _is_foreign(path: Path) -> bool:
    return path.name != ".lock" and path.suffix != HALF_WRITTEN


def nearest_folder(folder: Path) -> Path:
    """
    Find what is there already of the way to a run folder.

    Parameters
    ----------
    folder : Path
        Of the run; it need not be there.

    Returns
    -------
    Path
        The folder itself, or the nearest one above it.
    """
    return next(path for path in [folder, *folder.absolute().parents] if path.exists())
